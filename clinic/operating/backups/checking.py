"""What must be right about a backup, and about where it goes, before anything is changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, inspect, select, table
from sqlalchemy.engine import Connection

from clinic.core.bulk import one_moment
from clinic.core.crypto import Keyring, keyring
from clinic.core.errors import Refusal
from clinic.core.heartbeat import is_alive
from clinic.core.migrations import find_revision, list_revisions
from clinic.documents import vault
from clinic.operating.backups.files import is_as_kept, read_rows
from clinic.operating.backups.manifest import (
    NAME,
    KeptFile,
    Manifest,
    UnknownFormat,
    proof_of,
    read_manifest,
)
from clinic.operating.backups.papers import FOLDER
from clinic.operating.backups.shapes import LEFT_OUT

NAMED = 5
"""So many faults or tables are named; the rest is counted."""
NO_CLINIC = LEFT_OUT | {"alembic_version"}
"""Tables that may have rows in a database that holds no clinic."""


class NoBackup(Refusal):
    """The folder holds no whole backup that this code can read."""

    code = "no-backup"


class KeysMissing(Refusal):
    """What is in the backup does not open with this key ring."""

    code = "keys-missing"


class BackupDamaged(Refusal):
    """Files are missing or are not as they were written."""

    code = "backup-damaged"


class NotEmpty(Refusal):
    """There is a clinic here already."""

    code = "not-empty"


@dataclass(frozen=True, slots=True)
class Checked:
    """A backup that is whole and can be opened."""

    folder: Path
    manifest: Manifest

    def list_documents(self) -> Iterator[KeptFile]:
        """The uploads, one after the other."""
        for path, size, sha256 in read_rows(self.folder, self.manifest.documents.file.path):
            yield KeptFile(path, size, sha256)


def check_backup(*, folder: Path) -> Checked:
    """Look at the manifest, the keys and every byte.

    Raises NoBackup, KeysMissing, BackupDamaged.
    """
    manifest = _read(folder)
    _refuse_unknown_revision(manifest)
    _refuse_wrong_keys(manifest, keyring())
    if not manifest.is_genuine(keyring()):
        raise BackupDamaged(f"{NAME} was changed after the backup was made. Nothing was restored.")
    checked = Checked(folder, manifest)
    faults = list(_list_faults(checked))
    if faults:
        raise BackupDamaged(
            f"The backup is damaged: {_some(faults)} missing or changed. Nothing was restored; "
            "take another backup, or another copy of this one."
        )
    return checked


def _read(folder: Path) -> Manifest:
    try:
        return read_manifest(folder / NAME)
    except FileNotFoundError as error:
        raise NoBackup(
            f"{folder} holds no whole backup: there is no {NAME}, which is written last. "
            "A backup that was interrupted has none."
        ) from error
    except UnknownFormat as error:
        raise NoBackup(
            f"This backup has format {error}, which this version does not know. "
            "Restore it with the version that made it, or a later one."
        ) from error
    except (OSError, ValueError) as error:
        raise NoBackup(f"{folder / NAME} cannot be read: {error}") from error


def _refuse_unknown_revision(manifest: Manifest) -> None:
    known = list_revisions()
    if manifest.revision in known:
        return
    if manifest.revision > known[-1]:
        raise NoBackup(
            f"This backup was made by a newer version ({manifest.product}, revision "
            f"{manifest.revision}); this code ends at {known[-1]}. Restore it with that version or "
            "a later one."
        )
    raise NoBackup(f"This backup is at revision {manifest.revision}, which is none of this code's.")


def _refuse_wrong_keys(manifest: Manifest, ring: Keyring) -> None:
    needed = {name: proof for name, proof in manifest.keys.items() if proof is not None}
    missing = [name for name in needed if proof_of(name, ring) is None]
    if missing:
        raise KeysMissing(
            f"CLINIC_KEYS lacks the key {_some(missing)}, with which texts in this backup are "
            "sealed. Put back the keys of the day of the backup; nothing was restored."
        )
    others = [name for name, proof in needed.items() if proof_of(name, ring) != proof]
    if others:
        raise KeysMissing(
            f"CLINIC_KEYS has another key under the name {_some(others)} than the one with which "
            "texts in this backup are sealed. Put back the keys of the day of the backup; nothing "
            "was restored."
        )


def _list_faults(checked: Checked) -> Iterator[str]:
    manifest, folder = checked.manifest, checked.folder
    files = [*(one.file for one in manifest.tables), manifest.documents.file]
    for file in files:
        if not is_as_kept(folder, file):
            yield file.path
    if is_as_kept(folder, manifest.documents.file):
        for file in checked.list_documents():
            if not is_as_kept(folder, file):
                yield file.path


def refuse_occupied(*, now: datetime) -> None:
    """Raise NotEmpty where the database or the folder of uploads holds a clinic, or one is run."""
    with one_moment() as connection:
        tables = set(inspect(connection).get_table_names())
        filled = _list_filled(connection, tables - NO_CLINIC)
        is_migrated = find_revision(connection) is not None
    if filled:
        raise NotEmpty(
            f"The database holds a clinic already ({_some(filled)}). A backup goes into an empty "
            "database only: make a new one, or move the old one aside."
        )
    if tables and not is_migrated:
        raise NotEmpty("The database holds tables that are not the product's own.")
    if "heartbeats" in tables and is_alive(part="worker", now=now):
        raise NotEmpty("A worker runs on this database. Stop it, and the app, before restoring.")


def _list_filled(connection: Connection, names: set[str]) -> list[str]:
    found = []
    for name in sorted(names):
        count = connection.scalar(select(func.count()).select_from(table(name)))
        if count:
            found.append(f"{name}: {count}")
    return found


def refuse_other_documents(checked: Checked) -> None:
    """Raise NotEmpty where the folder of uploads holds files that are not the backup's."""
    ours = {file.path for file in checked.list_documents()}
    others = [one for one in vault.list_all() if f"{FOLDER}/{vault.place_of(one)}" not in ours]
    if others:
        raise NotEmpty(
            f"{vault.folder()} holds {len(others)} uploads that are not of this backup. "
            "Move that folder aside first."
        )


def _some(found: list[str]) -> str:
    rest = len(found) - NAMED
    named = ", ".join(found[:NAMED])
    return f"{named} and {rest} more" if rest > 0 else named
