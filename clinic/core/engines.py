"""The habits of the two engines: how connections open, begin and give up.

SQLite: the driver's own transaction control is off (``isolation_level=None``), we say BEGIN; a
writer says BEGIN IMMEDIATE, so that it never upgrades a read transaction and never meets "database
is locked" halfway. PostgreSQL: every wait is bounded, so that a page answers within three seconds;
the server bounds its own, ``clinic.core.postgresql`` those for a server that hangs.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, make_url
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError

WRITER = "clinic_writer"
"""Execution option of a connection that will write: it begins IMMEDIATE on SQLite."""

BEGIN_WITHIN_MS = "clinic_begin_within_ms"
"""Execution option of a writer that has queued: how long it may still wait for its BEGIN."""

SQLITE_BUSY_MS = 2_000
OURS_ALONE = 0o600
FOR_OTHERS = 0o007
PG_CONNECT_SECONDS = 2
PG_LOCK_MS = 1_200
PG_STATEMENT_MS = 15_000
PG_IDLE_MS = 15_000


def engine_options(database_url: str) -> dict[str, Any]:
    """Arguments of ``create_engine`` for this database."""
    if database_url.startswith("sqlite"):
        return {"connect_args": {"timeout": SQLITE_BUSY_MS / 1000, "isolation_level": None}}
    settings = {
        "lock_timeout": PG_LOCK_MS,
        "statement_timeout": PG_STATEMENT_MS,
        "idle_in_transaction_session_timeout": PG_IDLE_MS,
        "timezone": "UTC",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {
        "pool_size": 8,
        "max_overflow": 24,
        "pool_timeout": 2,
        "connect_args": {
            "connect_timeout": PG_CONNECT_SECONDS,
            "options": options,
            "application_name": "clinic",
        },
    }


def prepare_engine(engine: Engine) -> None:
    """Teach the engine our habits; call once, before its first connection."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _keep_to_ourselves)
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        from clinic.core.postgresql import prepare_postgresql

        prepare_postgresql(engine)


def sqlite_file(database_url: str) -> Path | None:
    """The SQLite file behind the address; None for other engines."""
    url = make_url(database_url)
    return Path(url.database) if url.drivername.startswith("sqlite") and url.database else None


def wrapped(error: Any, dialect: Dialect, connection: DBAPIConnection | None) -> DBAPIError:
    """A driver's error as the toolkit raises it, without statement and values.

    It says whether the driver's ``connection`` it came from is gone with it.
    """
    kinds: Any = dialect.loaded_dbapi.Error
    is_gone = dialect.is_disconnect(error, connection, None)
    told: DBAPIError = DBAPIError.instance(
        None, None, error, kinds, connection_invalidated=is_gone, dialect=dialect
    )
    return told


def _keep_to_ourselves(_dialect: Any, _record: Any, args: list[Any], _options: Any) -> None:
    """Let nobody else on the machine read the file, whatever the folder allows.

    SQLite gives the files beside it the same rights. A group that an operator has let in stays.
    """
    path = Path(args[0])
    with suppress(OSError):  # it is there; where it cannot be made, SQLite says so
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, OURS_ALONE))
    for file in (path, *(path.with_name(f"{path.name}-{part}") for part in ("wal", "shm"))):
        with suppress(OSError):  # not there, or another user's: nothing of ours to close
            mode = file.stat().st_mode
            if mode & FOR_OTHERS:
                file.chmod(mode & ~FOR_OTHERS)


def _open_sqlite(dbapi_connection: Any, _record: Any) -> None:
    cursor = dbapi_connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",
        f"busy_timeout={SQLITE_BUSY_MS}",
        "temp_store=MEMORY",
        "cache_size=-4000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    options = connection.get_execution_options()
    begin = "BEGIN IMMEDIATE" if options.get(WRITER, False) else "BEGIN"
    patience = options.get(BEGIN_WITHIN_MS)
    if patience is None:
        connection.exec_driver_sql(begin)
        return
    connection.exec_driver_sql(f"PRAGMA busy_timeout={int(patience)}")
    try:
        connection.exec_driver_sql(begin)
    finally:
        connection.exec_driver_sql(f"PRAGMA busy_timeout={SQLITE_BUSY_MS}")
