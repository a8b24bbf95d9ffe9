"""Promises of speed, asked so that a busy machine does not break them, and waiting for events."""

import os
import time
from collections.abc import Callable

TRIES = 3


def eventually(holds: Callable[[], bool], *, within_seconds: float = 60) -> float:
    """Seconds until it holds; AssertionError when it does not in time.

    The end is for what never comes. How soon it must come is asked by `assert_takes`.
    """
    began = time.monotonic()
    while not holds():
        assert time.monotonic() - began < within_seconds, "it never came to hold"
        time.sleep(0.02)
    return time.monotonic() - began


def assert_takes(measure: Callable[[], float], *, less_than: float) -> None:
    """AssertionError unless `measure` says less seconds than that, of a few times it is asked.

    Whatever else the machine does at the moment makes a thing slower, never faster: the least
    counts, and where several want each core, each has as much less of it.
    """
    said: list[float] = []
    for _ in range(TRIES):
        said.append(measure())
        if said[-1] < less_than * _wanting_a_core():
            return
    raise AssertionError(f"took {min(said):.2f} s, not less than {less_than} s")


def _wanting_a_core() -> float:
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def taken(work: Callable[[], object]) -> float:
    """The seconds that the work takes."""
    began = time.monotonic()
    work()
    return time.monotonic() - began
