"""`make run`: all of it starts with one word and ends with one key, and nothing is lost."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from sqlite3 import connect

import psutil
import pytest

from tests.support.ports import free_port
from tests.support.server import (
    ROOT,
    process_environment,
    running_process,
    wait_for,
)
from tests.support.timing import assert_takes

COMMAND = [sys.executable, str(ROOT / "tools" / "run_demo.py")]
Process = subprocess.Popen[bytes]
PARTS = 6
"""gunicorn, its two processes, the worker, the mailbox and the payment service"""


class Demo:
    """One data directory and port; `start` may be called again when the last run has ended."""

    def __init__(self, home: Path, runs: ExitStack) -> None:
        self.data_dir = home / "demo"
        self.log = home / "run.log"
        self.port = free_port()
        self._runs = runs

    def start(self, *, ready: bool = True) -> Process:
        """Start it; what an earlier run said is forgotten."""
        self.log.unlink(missing_ok=True)
        environ = process_environment({"DATA_DIR": str(self.data_dir), "PORT": str(self.port)})
        process = self._runs.enter_context(running_process(COMMAND, environ=environ, log=self.log))
        if ready:
            address = f"http://127.0.0.1:{self.port}/readyz"
            wait_for(address, process=process, log=self.log, within_seconds=120)
            self.hear("Ctrl-C stops it")
        return process

    def visits(self) -> int:
        with closing(connect(self.data_dir / "clinic.sqlite3")) as connection:
            found: int = connection.execute("SELECT count(*) FROM appointments").fetchone()[0]
        return found

    def hear(self, words: str) -> None:
        deadline = time.monotonic() + 60
        while words not in self.said():
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with ExitStack() as runs:
        yield Demo(tmp_path, runs)


@pytest.fixture(scope="module")
def one_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that is filled by whoever comes first."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture
def demo_again(one_home: Path) -> Iterator[Demo]:
    """A demo that may have run before: for what does not depend on it."""
    with ExitStack() as runs:
        yield Demo(one_home, runs)


def end(process: Process, number: signal.Signals) -> list[psutil.Process]:
    """Signal the demo, wait for its end; what is left of the processes it had started."""
    started = all_parts(process)
    os.kill(process.pid, number)
    process.wait(timeout=60)
    _, left = psutil.wait_procs(started, timeout=60)
    return list(left)


def all_parts(process: Process) -> list[psutil.Process]:
    """What the demo has started, once all of it is there: one process may answer before another."""
    started: list[psutil.Process] = []
    deadline = time.monotonic() + 60
    while len(started) < PARTS:
        assert time.monotonic() < deadline, f"these are all: {started}"
        time.sleep(0.05)
        started = psutil.Process(process.pid).children(recursive=True)
    return started


class TestRunDemo:
    def test_starts_loads_once_and_stops_at_ctrl_c(self, demo: Demo) -> None:
        first = demo.start()
        assert end(first, signal.SIGINT) == []
        assert first.returncode == 0
        assert f"http://localhost:{demo.port}" in demo.said()
        assert "admin@example.com" in demo.said()
        assert re.search(r"e-mail and text message lands at http://localhost:\d+", demo.said())
        visits = demo.visits()
        assert visits > 100

        def took() -> float:
            began = time.monotonic()
            again = demo.start()
            seconds = time.monotonic() - began
            assert demo.visits() == visits
            assert demo.said().count("admin@example.com") == 1
            assert end(again, signal.SIGTERM) == []
            return seconds

        assert_takes(took, less_than=5)

    def test_stops_the_rest_when_one_part_dies(self, demo_again: Demo) -> None:
        process = demo_again.start()
        started = all_parts(process)
        worker = next(child for child in started if "worker" in child.cmdline())
        worker.kill()
        assert process.wait(timeout=60) == 1
        assert psutil.wait_procs(started, timeout=60)[1] == []
        assert "The worker ended by itself" in demo_again.said()

    def test_takes_everything_along_when_it_is_killed(self, demo_again: Demo) -> None:
        assert end(demo_again.start(), signal.SIGKILL) == []

    def test_says_plainly_that_its_port_is_taken(self, demo_again: Demo) -> None:
        with socket.socket() as other:
            other.bind(("127.0.0.1", demo_again.port))
            other.listen()
            assert demo_again.start(ready=False).wait(timeout=60) == 1
        assert f"Port {demo_again.port} is taken" in demo_again.said()
        assert "Traceback" not in demo_again.said()
