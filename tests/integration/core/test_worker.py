"""The background worker: duties in an app, and the real process."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from clinic.core import audit, clock
from clinic.core.audit import AuditEntry, AuditSeal
from clinic.core.db import db, in_transaction, transaction
from clinic.core.heartbeat import Heartbeat, is_alive
from clinic.core.values import SYSTEM
from clinic.core.worker import add_duty, run_worker
from tests.support.databases import Databases
from tests.support.server import Process, running_worker
from tests.support.timing import assert_takes, eventually, taken

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """A worker in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(app,), kwargs={"stop": stop})
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=60)
    assert not thread.is_alive()


@transaction
def deed() -> None:
    audit.record(action="a.deed", actor=SYSTEM, now=clock.now())


def unsealed(app: Flask) -> int:
    with app.app_context():
        entries = db.session.scalar(select(func.count()).select_from(AuditEntry)) or 0
        return entries - (db.session.scalar(select(func.count()).select_from(AuditSeal)) or 0)


class TestRunWorker:
    def test_does_each_duty_again_and_again(self, app: Flask) -> None:
        seen: list[datetime] = []

        def work(*, now: datetime) -> None:
            assert not in_transaction()
            assert db.session.scalar(select(1)) == 1
            seen.append(now)

        add_duty(app, name="mine", every_seconds=0.02, work=work)
        with working(app):
            eventually(lambda: len(seen) > 3)
        assert all(instant.tzinfo is not None for instant in seen)

    def test_lets_no_fault_stop_the_others_or_itself(
        self, app: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        tries, others = [], []
        patient = "Ann Lee, born 1980-02-29"

        def fail(*, now: datetime) -> None:
            tries.append(now)
            if len(tries) < 3:
                raise ValueError(patient)

        add_duty(app, name="failing", every_seconds=0.02, work=fail)
        add_duty(app, name="other", every_seconds=0.02, work=lambda *, now: others.append(now))
        with caplog.at_level("INFO"), working(app):
            eventually(lambda: len(tries) > 4 and len(others) > 4)
        assert "duty failing failed, 1 in a row: ValueError" in caplog.text
        assert "duty failing works again" in caplog.text
        assert "Ann Lee" not in caplog.text

    def test_lets_nobody_wait_with_a_duty_that_stands_apart(self, app: Flask) -> None:
        outside, others = threading.Event(), []

        def wait(*, now: datetime) -> None:
            outside.wait(60)

        add_duty(app, name="apart", every_seconds=0.02, work=wait, is_apart=True)
        add_duty(app, name="other", every_seconds=0.02, work=lambda *, now: others.append(now))
        with working(app):
            eventually(lambda: len(others) > 4)
            assert not outside.is_set()
            outside.set()

    def test_goes_on_when_the_database_comes_back(
        self, app: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        with app.app_context():

            @transaction
            def rename(old: str, new: str) -> None:
                db.session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

            rename("audit_entries", "lost")
            with working(app):
                eventually(lambda: "duty sealing failed" in caplog.text)
                rename("lost", "audit_entries")
                deed()
                eventually(lambda: unsealed(app) == 0)

    def test_takes_each_name_once(self, app: Flask) -> None:
        with pytest.raises(ValueError, match="already"):
            add_duty(app, name="sealing", every_seconds=1, work=lambda *, now: now)


class TestProcess:
    def test_seals_within_a_second_and_shows_that_it_lives(
        self, app: Flask, settings: dict[str, str], tmp_path: Path
    ) -> None:
        def lives() -> bool:
            with app.app_context():
                return is_alive(part="worker", now=clock.now())

        assert not lives()

        def waited() -> float:
            with app.app_context():
                deed()
            return eventually(lambda: unsealed(app) == 0)

        with running_worker(settings, log_dir=tmp_path):
            eventually(lives)
            assert_takes(waited, less_than=1)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_ends_within_two_seconds(
        self, app: Flask, settings: dict[str, str], tmp_path: Path, number: signal.Signals
    ) -> None:
        def end(process: Process) -> None:
            os.kill(process.pid, number)
            assert process.wait(timeout=60) == 0

        def took() -> float:
            began = clock.now()
            with running_worker(settings, log_dir=tmp_path) as process:
                eventually(lambda: self.has_beaten(app, since=began))
                return taken(lambda: end(process))

        assert_takes(took, less_than=2)

    def has_beaten(self, app: Flask, *, since: datetime | None = None) -> bool:
        with app.app_context():
            if since is not None:
                fresh = select(Heartbeat.part).where(Heartbeat.beat_at >= since)
                return db.session.scalar(fresh) is not None
            return is_alive(part="worker", now=clock.now())

    def test_shares_its_work_with_others(
        self, app: Flask, settings: dict[str, str], tmp_path: Path
    ) -> None:
        for name in "abc":
            (tmp_path / name).mkdir()
        with (
            running_worker(settings, log_dir=tmp_path / "a") as first,
            running_worker(settings, log_dir=tmp_path / "b"),
            running_worker(settings, log_dir=tmp_path / "c"),
        ):
            eventually(lambda: self.has_beaten(app))
            with app.app_context():
                for number in range(60):
                    deed()
                    if number == 30:
                        first.kill()
            eventually(lambda: unsealed(app) == 0)
        with app.app_context():
            assert audit.verify(now=clock.now()).fault is None
        logs = "".join((tmp_path / name / "worker.log").read_text() for name in "abc")
        told = [line for line in logs.splitlines() if "Error" in line or "Traceback" in line]
        assert [line for line in told if "the database does not answer" not in line] == []

    @pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
    def test_outlives_its_database(
        self, app: Flask, databases: Databases, settings: dict[str, str], tmp_path: Path
    ) -> None:
        """Its connections are cut and new ones refused for a while; then it goes on."""
        name = settings["DATABASE_URL"].partition("?")[0].rpartition("/")[2]
        with running_worker(settings, log_dir=tmp_path) as process:
            eventually(lambda: self.has_beaten(app))
            databases.postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
            databases.postgres.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608
                f" WHERE datname = '{name}'"
            )
            log = tmp_path / "worker.log"
            eventually(lambda: "the database does not answer" in log.read_text())
            assert process.poll() is None
            databases.postgres.run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            with app.app_context():
                db.engine.dispose()
                deed()
            eventually(lambda: unsealed(app) == 0)
