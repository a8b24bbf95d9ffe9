"""Uploads in a backup: the encrypted files as they are, one for each document that still has one.

A file is written before its row and removed after it. So what is there before the moment of the
snapshot is copied first; what came until that moment is copied after it; only a document that was
removed within those seconds has no file any more, and then another moment is taken.
"""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import Connection

from clinic.documents import vault
from clinic.documents.models import Document
from clinic.operating.backups.files import copy_file, write_rows
from clinic.operating.backups.manifest import KeptDocuments, KeptFile

FOLDER = "documents"
LIST = "documents.jsonl.gz"


class Papers:
    """The copies of uploads in a backup that is being made; one line in memory for each."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, KeptFile] = {}

    def copy_all(self) -> None:
        """Copy whatever is there."""
        for public_id in vault.list_all():
            self._copy(public_id)

    def find_missing(self, connection: Connection) -> list[str]:
        """Copy what the snapshot's documents still lack; those whose file is gone."""
        return [one for one in _live(connection) if one not in self._kept and not self._copy(one)]

    def finish(self, connection: Connection, missing: list[str]) -> KeptDocuments:
        """Write the list of the snapshot's documents, and let go of what is not among them."""
        wanted = set(_live(connection)) - set(missing)
        for public_id in sorted(self._kept.keys() - wanted):
            (self._folder / self._kept.pop(public_id).path).unlink()
        found = [self._kept[public_id] for public_id in sorted(wanted)]
        rows = ([file.path, file.size, file.sha256] for file in found)
        listed, count = write_rows(self._folder, LIST, rows)
        return KeptDocuments(count, sum(file.size for file in found), missing, listed)

    def _copy(self, public_id: str) -> bool:
        path = f"{FOLDER}/{vault.place_of(public_id)}"
        try:
            self._kept[public_id] = copy_file(vault.path_of(public_id), self._folder, path)
        except FileNotFoundError:
            return False
        return True


def _live(connection: Connection) -> Iterator[str]:
    live = (
        select(Document.public_id)
        .where(Document.removed_at.is_(None))
        .order_by(Document.public_id)
        .execution_options(yield_per=1000)
    )
    yield from connection.scalars(live)
