"""Ports for servers of tests: picked here, bound a moment later by a process that is told of them.

The kernel gives the ports of its own range to everybody who asks it for any, so one picked there
may be gone when it is needed. These lie below that range, and each worker of a run has its own.
"""

import itertools
import os
import random
import socket

FIRST, EACH, WORKERS = 18_000, 3_000, 4
APART = 8
"""The demo takes the next ones too, for what stands beside the clinic."""
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
_begin = random.Random(os.getpid()).randrange(0, EACH, APART)
_steps = itertools.count(_begin, APART)


def free_port() -> int:
    """A port of this machine that nobody listens on, and that no other test is given meanwhile."""
    while True:
        port = FIRST + _worker * EACH + next(_steps) % EACH
        with socket.socket() as trying:
            trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trying.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
