"""The worker lives from the memory of a server beside it, and outlives that server."""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import psutil
import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core import audit, clock
from clinic.core.audit import AuditEntry, AuditSeal
from clinic.core.db import db, transaction
from clinic.core.values import SYSTEM
from tests.support.server import Server, running_server, running_worker
from tests.support.timing import eventually

STARTED = re.compile(r"worker (\d+) started")
OF_BOTH = {"BASE_URL": "http://127.0.0.1:1", "LOG_LEVEL": "INFO"}


@transaction
def deed() -> None:
    audit.record(action="a.deed", actor=SYSTEM, now=clock.now())


class Working:
    """A worker that somebody started, wherever its work is done."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path, app: Flask) -> None:
        self.process, self._log, self._app = process, log, app
        self._seen = 0

    def begins(self, *, alone: bool) -> int:
        """The process that does the work, once a next one has begun: itself, or another."""
        eventually(lambda: len(self._started) > self._seen)
        self._seen = len(self._started)
        assert (self._started[-1] == self.process.pid) is alone, self._log.read_text()
        self._seals()
        assert self.process.poll() is None
        return self._started[-1]

    @property
    def _started(self) -> list[int]:
        return [int(pid) for pid in STARTED.findall(self._log.read_text())]

    def _seals(self) -> None:
        with self._app.app_context():
            deed()
            eventually(lambda: self._count(AuditSeal) == self._count(AuditEntry))

    def _count(self, model: type[AuditEntry | AuditSeal]) -> int:
        db.session.rollback()
        return db.session.scalar(select(func.count()).select_from(model)) or 0


Start = Callable[..., Working]


@pytest.fixture
def start(app: Flask, settings: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as running:

        def begin(**differing: str) -> Working:
            told, place = (
                settings | OF_BOTH | differing,
                tmp_path / str(len(list(tmp_path.iterdir()))),
            )
            place.mkdir()
            process = running.enter_context(running_worker(told, log_dir=place))
            return Working(process, place / "worker.log", app)

        yield begin


@pytest.fixture
def serve(settings: dict[str, str], tmp_path: Path) -> Iterator[Callable[[], Server]]:
    with ExitStack() as running:

        def begin() -> Server:
            server = running_server(settings | OF_BOTH, log_dir=tmp_path, workers=1)
            return running.enter_context(server)

        yield begin


def is_gone(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


class TestWorker:
    def test_moves_in_with_a_server_and_goes_on_alone_when_that_is_gone(
        self, start: Start, serve: Callable[[], Server]
    ) -> None:
        worker = start()
        worker.begins(alone=True)
        server = serve()
        hosted = worker.begins(alone=False)
        assert "GET /healthz 200" in server.log.read_text()
        assert psutil.Process(worker.process.pid).cmdline()[-1] == "worker"
        assert psutil.Process(hosted).name() == "clinic-worker"
        kept = psutil.Process(hosted).net_connections(kind="inet")
        assert [one for one in kept if one.status == psutil.CONN_LISTEN] == []
        server.kill()
        worker.begins(alone=True)
        assert is_gone(hosted)
        worker.process.send_signal(signal.SIGTERM)
        assert worker.process.wait(timeout=60) == 0

    def test_ends_with_the_process_that_was_started(
        self, start: Start, serve: Callable[[], Server]
    ) -> None:
        serve()
        asked, killed = start(), start()
        first = asked.begins(alone=False)
        second = killed.begins(alone=False)
        asked.process.send_signal(signal.SIGINT)
        assert asked.process.wait(timeout=60) == 0
        eventually(lambda: is_gone(first))
        assert not is_gone(second)
        killed.process.kill()
        eventually(lambda: is_gone(second))

    def test_begins_anew_when_its_work_was_killed_and_stays_out_of_what_is_unlike_it(
        self, start: Start, serve: Callable[[], Server]
    ) -> None:
        serve()
        worker = start()
        os.kill(worker.begins(alone=False), signal.SIGKILL)
        worker.begins(alone=True)
        start(SOMETHING="else").begins(alone=True)
