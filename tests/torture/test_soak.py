"""Hours in minutes: the same load for long, and processes that must not grow.

Only with ``SOAK_MINUTES`` (``make soak``). Two of the four server processes are left alive, and
everything else is killed now and then as in the torture.
"""

import os
import time
from collections.abc import Callable
from statistics import median
from threading import Event, Thread

import psutil
import pytest

from tests.support.databases import ENGINE_KINDS, EngineKind
from tests.torture.chaos import Chaos
from tests.torture.house import House
from tests.torture.test_torture import assert_told_truly, tell, torture

MINUTES = float(os.environ.get("SOAK_MINUTES", "0"))
GROWTH = 1.10
FEW_FILES = 8
"""Connections that come and go: no growth in that measure."""


class Scales(Thread):
    """Weighs the same processes again and again: resident bytes and open files of each."""

    def __init__(self, pids: list[int]) -> None:
        super().__init__(name="scales", daemon=True)
        self.processes = [psutil.Process(pid) for pid in pids]
        self.bytes: list[list[int]] = [[] for _ in pids]
        self.files: list[list[int]] = [[] for _ in pids]
        self.ended = Event()

    def run(self) -> None:
        """Weigh every second."""
        while not self.ended.wait(1):
            for number, process in enumerate(self.processes):
                self.bytes[number].append(process.memory_info().rss)
                self.files[number].append(process.num_fds())

    def growth(self) -> list[tuple[float, int]]:
        """For each process how many times its memory, and how many files more, from the second
        fifth of the time (it has warmed up) to the last."""
        found = []
        for weights, files in zip(self.bytes, self.files, strict=True):
            fifth = len(weights) // 5
            early, late = slice(fifth, 2 * fifth), slice(-fifth, None)
            times = median(weights[late]) / median(weights[early])
            found.append((times, int(median(files[late]) - median(files[early]))))
        return found


if MINUTES:

    @pytest.mark.parametrize("kind", ENGINE_KINDS)
    class TestSoak:
        def test_neither_loses_nor_grows(
            self,
            fresh_house: Callable[..., House],
            kind: EngineKind,
            capsys: pytest.CaptureFixture[str],
        ) -> None:
            house = fresh_house(kind)
            house.serve()
            house.start_worker()
            house.start_worker()
            chaos = Chaos(house, seed=int(time.monotonic()), pause=5.0, spares=2)
            scales = Scales(house.serving_pids[:2])
            scales.start()
            try:
                ledger = torture(house, chaos, seed=1, seconds=MINUTES * 60 / len(ENGINE_KINDS))
            finally:
                scales.ended.set()
                scales.join()
            growth = scales.growth()
            tell(capsys, f"{kind}: {ledger.summary}; {dict(chaos.done)}; growth {growth}")
            assert_told_truly(house, ledger)
            for times, files in growth:
                assert times < GROWTH, f"memory grew {times:.2f} times"
                assert files <= FEW_FILES, f"{files} more open files"
