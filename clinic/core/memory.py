"""How much memory a process keeps, and how much of it processes share.

glibc gives every thread that allocates a pool of its own, and keeps what is freed for later. With
eight threads in each of two processes that is 20 MB which nobody uses.
"""

import ctypes
import gc

M_ARENA_MAX = -8
"""A name of ``mallopt(3)``."""
POOLS = 1


def settle_memory() -> None:
    """Say that what was loaded so far lives as long as the process; give back what is free.

    No collection looks at it again, and workers that are forked afterwards share it
    (`gunicorn --preload`). Threads to come allocate from one pool: they take turns anyway.
    """
    # A month of slots is thousands of small objects: collecting after every 700 finds nothing.
    gc.set_threshold(10_000)
    gc.collect()
    gc.freeze()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim"):  # glibc alone has both
        libc.mallopt(M_ARENA_MAX, POOLS)
        libc.malloc_trim(0)
