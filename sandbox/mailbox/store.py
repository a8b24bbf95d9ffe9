"""The last few hundred mails, in one SQLite file."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

MOST_MAILS = 300


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as it came."""

    id: int
    received_at: datetime
    recipients: tuple[str, ...]
    content: EmailMessage


class Store:
    """Keeps mails in a file that only its owner can read; the oldest go first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.touch(mode=0o600)
        with self._open() as connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS mails (id INTEGER PRIMARY KEY AUTOINCREMENT,"
                " received_at TEXT NOT NULL, recipients TEXT NOT NULL, content BLOB NOT NULL)"
            )

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=5)) as connection, connection:
            yield connection

    def add(self, content: bytes, *, recipients: list[str]) -> None:
        """Keep one more mail."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._open() as connection:
            connection.execute(
                "INSERT INTO mails (received_at, recipients, content) VALUES (?, ?, ?)",
                (now, " ".join(recipients), content),
            )
            connection.execute(
                "DELETE FROM mails WHERE id <= (SELECT max(id) FROM mails) - ?", (MOST_MAILS,)
            )

    def list(self) -> list[Mail]:
        """Every mail, the newest first."""
        with self._open() as connection:
            return [_mail(row) for row in connection.execute(f"{_SELECT} ORDER BY id DESC")]

    def find(self, ident: int) -> Mail | None:
        """One mail, or None when it is gone."""
        with self._open() as connection:
            row = connection.execute(f"{_SELECT} WHERE id = ?", (ident,)).fetchone()
        return _mail(row) if row else None


_SELECT = "SELECT id, received_at, recipients, content FROM mails"


def _mail(row: tuple[int, str, str, bytes]) -> Mail:
    content: Any = message_from_bytes(row[3], policy=default)
    return Mail(row[0], datetime.fromisoformat(row[1]), tuple(row[2].split()), content)
