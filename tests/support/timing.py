"""Promises of speed, asked so that a busy machine does not break them, and waiting for events."""

import time
from collections.abc import Callable

TRIES = 3


def eventually(holds: Callable[[], bool], *, within_seconds: float = 60) -> float:
    """Seconds until it holds; AssertionError when it does not in time.

    The end is for what never comes. How soon it must come is asked by `at_best`.
    """
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within_seconds, "it never came to hold"
        time.sleep(0.02)
    return time.monotonic() - began


def at_best(measure: Callable[[], float], *, within: float) -> float:
    """The least that `measure` says, which is asked again while it is not below `within`.

    Whatever else the machine does at the moment makes a thing slower, never faster.
    """
    least = measure()
    for _ in range(TRIES - 1):
        if least < within:
            break
        least = min(least, measure())
    return least


def taken(work: Callable[[], object]) -> float:
    """The seconds that the work takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began
