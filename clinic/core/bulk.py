"""The whole database at once: read as of one moment, or written as one transaction.

Both take as long as they take, where everything else is bounded. Reading holds up nobody: SQLite's
write-ahead log and PostgreSQL's snapshots let others write meanwhile.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy.engine import Connection

from clinic.core.db import db
from clinic.core.engines import WRITER
from clinic.core.locks import file_lock

FETCHED = 2_000
QUEUE_SECONDS = 10.0
_UNBOUNDED = ("statement_timeout", "idle_in_transaction_session_timeout", "lock_timeout")


@contextmanager
def one_moment() -> Iterator[Connection]:
    """A connection on which every read sees the database of one moment, and nothing is written."""
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if not is_sqlite:
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            if is_sqlite:  # the moment is that of the first read
                connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
            else:
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
                _unbound(connection)
            yield connection


@contextmanager
def one_deed() -> Iterator[Connection]:
    """A connection on which everything that is written is kept together, or not at all.

    References between rows are looked at by the end of it on SQLite, by the end of each statement
    on PostgreSQL. Raises LockTaken when others write and do not let go.
    """
    with ExitStack() as held:
        if db.engine.dialect.name == "sqlite":
            queue = Path(f"{db.engine.url.database}.queue")
            held.enter_context(file_lock(queue, wait_seconds=QUEUE_SECONDS))
        opened = held.enter_context(db.engine.connect())
        connection = opened.execution_options(**{WRITER: True})
        with connection.begin():
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
            else:
                _unbound(connection)
            yield connection


def _unbound(connection: Connection) -> None:
    for name in _UNBOUNDED:
        connection.exec_driver_sql(f"SET LOCAL {name} = 0")


def driver_error() -> type[Exception]:
    """What ``stream`` and ``load`` raise when the database fails or refuses."""
    found: type[Exception] = db.engine.dialect.loaded_dbapi.Error
    return found


def stream(connection: Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """Rows as the driver gives them, without keeping more than some thousands at a time."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        yield from driver.execute(query)
        return
    with driver.cursor(name="clinic_stream") as cursor:
        cursor.itersize = FETCHED
        cursor.execute(query)
        yield from cursor


def load(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows of plain numbers and texts, as the engine spells them, in their order."""
    driver: Any = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        driver.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608
        return
    with driver.cursor() as cursor, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)
