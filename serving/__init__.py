"""How the product's processes share memory: a server forks the background worker.

Started by itself, the worker loads what the server beside it has loaded already: 80 MB. So where a
preloaded server runs that nothing tells apart from it (``likeness``), the worker is forked from
that server's memory (``forks``), and the process that somebody started stays as its stand-in of a
few MB (``asking``, ``stand_in``): it hands on signals, ends with it, and begins anew alone when
the server is gone. Everywhere else the worker runs in its own process.
Decision: docs/decisions/0095-one-memory-for-server-and-worker.md.
"""
