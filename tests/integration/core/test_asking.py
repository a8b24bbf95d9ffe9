"""Batches of questions to PostgreSQL share the driver's book of prepared statements."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from psycopg import errors

from clinic.core.asking import Question
from clinic.core.db import db
from clinic.core.postgresql import BoundedConnection
from tests.support.apps import running_app
from tests.support.databases import Databases

ADD: Question = (b"INSERT INTO heartbeats (part, beat_at) VALUES ($1, now())", ["a"])
COUNT: Question = (b"SELECT count(*) FROM heartbeats WHERE part = $1", ["a"])
NO_STATEMENT: Question = (b"SELECT nothing FROM nowhere WHERE part = $1", ["a"])
PREPARED = "SELECT count(*) FROM pg_prepared_statements"


@pytest.fixture
def app(databases: Databases, tmp_path: Path) -> Iterator[Flask]:
    url = databases.fresh("postgresql")
    with running_app(database_url=url, data_dir=tmp_path) as made:
        yield made
    databases.drop(url)


@pytest.fixture
def connection(app: Flask) -> Iterator[BoundedConnection]:
    with app.app_context():
        url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with BoundedConnection.connect(url) as made:
            yield made


def scalar(connection: psycopg.Connection[Any], statement: str) -> Any:
    found = connection.execute(statement.encode()).fetchone()
    return found[0] if found else None


class TestBatch:
    def test_begins_a_transaction_and_may_end_it(self, connection: BoundedConnection) -> None:
        assert connection.asker.ask([ADD, COUNT]) == [[], [(1,)]]
        connection.rollback()
        assert connection.asker.ask([COUNT, ADD], and_commit=True) == [[(0,)], []]
        connection.rollback()
        assert connection.asker.ask([COUNT]) == [[(1,)]]

    def test_is_prepared_anew_after_whatever_made_the_driver_forget(
        self, connection: BoundedConnection
    ) -> None:
        for _ in range(3):
            connection.asker.ask([ADD, COUNT])
            assert scalar(connection, PREPARED) == 3
            connection.rollback()
        connection.asker.ask([COUNT], and_commit=True)
        connection.execute("CREATE TABLE passing (id int)")
        connection.execute("DROP TABLE passing")
        assert scalar(connection, PREPARED) == 0
        assert connection.asker.ask([COUNT]) == [[(0,)]]

    def test_forgets_what_was_asked_long_ago(self, connection: BoundedConnection) -> None:
        connection.autocommit = True
        connection.prepared_max = 2
        for number in range(5):
            connection.asker.ask([(b"SELECT $1 + %d" % number, [1]), COUNT])
        assert scalar(connection, PREPARED) == 2

    @pytest.mark.parametrize(
        "wrong", [NO_STATEMENT, (b"SELECT 1 / $1", [0])], ids=["text", "value"]
    )
    def test_does_nothing_after_what_fails(
        self, connection: BoundedConnection, wrong: Question
    ) -> None:
        with pytest.raises((errors.UndefinedTable, errors.DivisionByZero)):
            connection.asker.ask([ADD, wrong, ADD], and_commit=True)
        connection.rollback()
        assert connection.asker.ask([COUNT]) == [[(0,)]]

    def test_that_fails_leaves_nothing_prepared(self, connection: BoundedConnection) -> None:
        connection.autocommit = True
        for _ in range(3):
            with pytest.raises(errors.DivisionByZero):
                connection.asker.ask([(b"SELECT 1 / $1", [0])])
        assert scalar(connection, PREPARED) == 0

    def test_is_refused_once_where_the_server_has_forgotten(
        self, connection: BoundedConnection
    ) -> None:
        connection.autocommit = True
        connection.asker.ask([COUNT])
        connection.pgconn.exec_(b"DEALLOCATE ALL")
        with pytest.raises(errors.InvalidSqlStatementName):
            connection.asker.ask([COUNT])
        assert connection.asker.ask([COUNT]) == [[(0,)]]

    def test_is_asked_as_it_is_where_nothing_is_to_be_prepared(
        self, connection: BoundedConnection
    ) -> None:
        connection.prepare_threshold = None
        connection.execute("SELECT 'other' WHERE %s = 'a'", ["a"])
        assert connection.asker.ask([ADD, COUNT]) == [[], [(1,)]]
        assert scalar(connection, PREPARED) == 0

    def test_is_not_sent_where_a_value_cannot_be(self, connection: BoundedConnection) -> None:
        with pytest.raises(psycopg.DataError):
            connection.asker.ask([ADD, (COUNT[0], ["\0"])])
        assert connection.asker.ask([COUNT]) == [[(0,)]]

    def test_says_why_a_server_ended_the_connection(self, connection: BoundedConnection) -> None:
        pid = scalar(connection, "SELECT pg_backend_pid()")
        end: Question = (b"SELECT pg_terminate_backend($1)", [pid])
        with pytest.raises(errors.AdminShutdown):
            connection.asker.ask([ADD, end, COUNT])
        assert connection.closed

    def test_leaves_no_answer_behind_when_it_is_interrupted(
        self, connection: BoundedConnection
    ) -> None:
        connection.autocommit = True
        pid = scalar(connection, "SELECT pg_backend_pid()")
        before = signal.signal(signal.SIGALRM, _interrupt)
        ending = threading.Thread(target=_interrupt_sleep, args=(connection.info.dsn, pid))
        ending.start()
        try:
            with pytest.raises(KeyboardInterrupt):
                connection.asker.ask([COUNT, (b"SELECT pg_sleep($1)", [60]), ADD])
        finally:
            ending.join()
            signal.signal(signal.SIGALRM, before)
        for _ in range(2):  # the second finds prepared what the first has
            assert connection.asker.ask([COUNT]) == [[(0,)]]


def _interrupt(*_given: object) -> None:
    raise KeyboardInterrupt


def _interrupt_sleep(dsn: str, pid: int) -> None:
    """Send the signal once that backend sleeps."""
    asking = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND pid = %d"
    with psycopg.connect(dsn, autocommit=True) as other:
        while not scalar(other, asking % pid):
            pass
    os.kill(os.getpid(), signal.SIGALRM)
