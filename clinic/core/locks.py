"""Locks that die with their holder.

A named lock is held across transactions: by an ``flock`` on a file beside the SQLite database, by
a session's advisory lock on PostgreSQL. Kernel and server free it when the process dies, so nothing
ever waits for a corpse.
"""

import fcntl
import hashlib
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from clinic.core.engines import PG_CONNECT_SECONDS, prepare_engine
from clinic.core.errors import Busy

_POLL_SECONDS = (0.0005, 0.003)
_LOCK_FILES = 512
_guard = threading.Lock()
_lock_engines: dict[tuple[int, str], Engine] = {}


class LockTaken(Busy):
    """Somebody else holds the lock and did not let go in time."""


@contextmanager
def file_lock(path: Path, *, wait_seconds: float) -> Iterator[None]:
    """Hold ``path`` exclusively among all threads and processes of this machine.

    Raises LockTaken when it is not free within ``wait_seconds``.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _flock_within(handle, wait_seconds)
        yield
    finally:
        os.close(handle)


def _flock_within(handle: int, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise LockTaken from None
            time.sleep(random.uniform(*_POLL_SECONDS))  # noqa: S311 - jitter, not a secret
        else:
            return


@contextmanager
def named_lock(engine: Engine, name: str, *, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock ``name`` for the database behind ``engine``; raises LockTaken in time.

    Two names may share a lock (one in 512 on SQLite): they then only wait for each other.
    """
    digest = hashlib.sha256(name.encode()).digest()
    if engine.dialect.name == "sqlite":
        folder = Path(f"{engine.url.database}.locks")
        folder.mkdir(mode=0o700, exist_ok=True)
        slot = int.from_bytes(digest[:4], "big") % _LOCK_FILES
        with file_lock(folder / f"{slot:03d}", wait_seconds=wait_seconds):
            yield
        return
    key = int.from_bytes(digest[:8], "big", signed=True)
    with _lock_engine(engine).connect() as connection:
        _advisory_lock_within(connection, key, wait_seconds)
        try:
            yield
        finally:
            _release(connection, key)


def _lock_engine(engine: Engine) -> Engine:
    """A pool of its own: a lock's holder must never wait for the pool its work draws from."""
    place = (os.getpid(), engine.url.render_as_string(hide_password=False))
    with _guard:
        if place not in _lock_engines:
            made = _lock_engines[place] = create_engine(
                engine.url,
                isolation_level="AUTOCOMMIT",
                pool_size=2,
                max_overflow=30,
                pool_timeout=2,
                connect_args={"connect_timeout": PG_CONNECT_SECONDS},
            )
            prepare_engine(made)
        return _lock_engines[place]


def dispose_lock_engines() -> None:
    """Close every pooled lock connection of this process (tests drop databases under them)."""
    with _guard:
        for held in _lock_engines.values():
            held.dispose()
        _lock_engines.clear()


def _advisory_lock_within(connection: Connection, key: int, wait_seconds: float) -> None:
    deadline = time.monotonic() + wait_seconds
    pause = 0.002
    while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
        if time.monotonic() >= deadline:
            raise LockTaken
        time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret
        pause = min(pause * 2, 0.1)


def _release(connection: Connection, key: int) -> None:
    try:
        connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})
    except SQLAlchemyError:
        # The work under the lock is done and known. A connection that cannot unlock must not
        # return to the pool; closing it frees the lock.
        connection.invalidate()
