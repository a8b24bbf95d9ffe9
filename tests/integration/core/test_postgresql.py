"""Connections to PostgreSQL whose server goes, or stays and says nothing."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import OperationalError

from clinic.core.clock import now
from clinic.core.db import db, insert_later, transaction
from clinic.core.errors import Unavailable
from clinic.core.heartbeat import Heartbeat, beat
from clinic.core.waiting import wait_at_most
from tests.support import page_clinic
from tests.support.apps import running_app
from tests.support.databases import Databases
from tests.support.timing import assert_takes, taken

INSERT = insert(Heartbeat.__table__).inline()  # type: ignore[arg-type]
INSERT_AFTER = insert(Heartbeat.__table__).inline()  # type: ignore[arg-type]


@pytest.fixture
def app(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    url = databases.fresh("postgresql")
    with running_app(database_url=url, data_dir=tmp_path) as made:
        yield made
    databases.drop(url)


def backend() -> int:
    """The process that serves this session."""
    return int(db.session.scalar(text("SELECT pg_backend_pid()")) or 0)


@contextmanager
def hanging(pid: int) -> Iterator[None]:
    """A process that is there and does nothing."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def wait_for_the_end(pid: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    raise AssertionError("the backend lives on")


class TestConnection:
    def test_is_replaced_unasked_when_its_server_has_gone(self, app: Flask) -> None:
        with app.app_context():
            first = backend()
            db.session.remove()
            os.kill(first, signal.SIGTERM)
            wait_for_the_end(first)
            assert backend() != first

    def test_is_kept_while_its_server_lives(self, app: Flask) -> None:
        with app.app_context():
            first = backend()
            db.session.remove()
            assert backend() == first

    def test_gives_up_on_a_server_that_does_not_answer(self, app: Flask) -> None:
        with app.app_context():
            pid = backend()
            wait_at_most(0.5)
            try:
                with hanging(pid), pytest.raises(OperationalError, match="does not answer"):
                    db.session.scalar(select(1))
            finally:
                wait_at_most(None)
            db.session.rollback()
            assert backend() != pid

    def test_waits_no_longer_for_many_answers_than_for_one(self, app: Flask) -> None:
        with app.app_context():
            backend()
            wait_at_most(1.0)
            try:
                db.session.execute(text("SELECT pg_sleep(0.6)"))
                with pytest.raises(OperationalError, match="does not answer"):
                    db.session.execute(text("SELECT pg_sleep(0.6)"))
            finally:
                wait_at_most(None)
            db.session.rollback()
            assert backend()

    def test_turns_a_writer_away_from_a_server_that_does_not_answer(self, app: Flask) -> None:
        with app.app_context():
            beat(part="a", now=now())
            pid = backend()
            db.session.remove()
            wait_at_most(0.5)
            try:
                with hanging(pid), pytest.raises(Unavailable):
                    beat(part="b", now=now())
            finally:
                wait_at_most(None)
            assert db.session.scalar(select(func.count()).select_from(Heartbeat)) == 1


class TestPage:
    def test_says_503_within_three_seconds_when_the_server_hangs(self, app: Flask) -> None:
        with app.app_context():
            page_clinic.load()
            db.session.remove()
        visitor = app.test_client()

        def refused() -> None:
            assert visitor.get("/book").status_code == 503

        def took() -> float:
            with app.app_context():
                pid = backend()
                db.session.remove()
            with hanging(pid):
                return taken(refused)

        assert_takes(took, less_than=3)
        assert visitor.get("/book").status_code == 200


class TestRowsWrittenLater:
    def test_that_the_database_refuses_undo_all(self, app: Flask) -> None:
        @transaction
        def write() -> None:
            db.session.add(Heartbeat(part="a", beat_at=now()))
            for _ in range(2):
                insert_later(INSERT, {"part": "twice", "beat_at": now()})
            insert_later(INSERT_AFTER, {"part": "after", "beat_at": now()})

        with app.app_context():
            with pytest.raises(Exception, match="pk_heartbeats") as refused:
                write()
            assert refused.value.orig.sqlstate == "23505"  # type: ignore[attr-defined]
            assert db.session.scalar(select(func.count()).select_from(Heartbeat)) == 0
            beat(part="b", now=now())
            assert db.session.scalar(select(func.count()).select_from(Heartbeat)) == 1
