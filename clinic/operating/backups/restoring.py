"""Putting a backup into an empty database: everything, or nothing.

Schema, rows and the migrations since the backup are one transaction on both engines. Uploads lie in
their folder before it is kept, so a row never waits for its file; they go again if it is not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, table, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from clinic.core import audit
from clinic.core.bulk import driver_error, load, one_deed
from clinic.core.errors import Refusal
from clinic.core.migrations import list_revisions, migrate_within
from clinic.core.values import Actor
from clinic.documents import vault
from clinic.messaging.models import Message
from clinic.messaging.rules import ASKED_FOR, State
from clinic.operating.backups.checking import Checked, check_backup, refuse_occupied
from clinic.operating.backups.checking import refuse_other_documents as refuse_others
from clinic.operating.backups.files import copy_file, is_as_kept, read_rows, settle
from clinic.operating.backups.manifest import KeptTable
from clinic.operating.backups.papers import FOLDER
from clinic.operating.backups.shapes import Shape

HELD = "held back: a backup was restored before it went out"
DEAD = ASKED_FOR | {"staff-reset", "staff-set-up"}
"""What they carry, a code or a link, is not in a backup."""


class CannotRestore(Refusal):
    """The database refused what is in the backup. It is as it was."""

    code = "cannot-restore"


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back. ``held`` messages wait for a person to send them again, or not."""

    checked: Checked
    held: int
    dropped: int
    verdict: audit.Verdict


def restore_backup(
    *, folder: Path, actor: Actor, now: datetime, sends_waiting: bool = False
) -> Restored:
    """Check the backup, fill the empty database and the folder of uploads with it, verify.

    Messages that were due at ``now`` may have gone out after the backup: they are held back, or,
    with ``sends_waiting``, left as they were. Sessions and codes are not in a backup, so everybody
    signs in anew. Raises what ``check_backup`` and ``refuse_occupied`` raise, and CannotRestore;
    then nothing is changed.
    """
    checked = check_backup(folder=folder)
    refuse_occupied(now=now)
    refuse_others(checked)
    with _copied_documents(checked):
        held, dropped = _fill(checked, now, sends_waiting=sends_waiting)
    manifest = checked.manifest
    audit.record_look(
        action="backup.restored",
        actor=actor,
        now=now,
        details={"made_at": manifest.made_at, "rows": manifest.rows, "held": held},
    )
    while audit.seal_entries():
        pass
    verdict = audit.verify(now=now, expected_head=manifest.audit_head)
    return Restored(checked, held, dropped, verdict)


class _copied_documents:  # noqa: N801 - reads as the block that it opens
    """Uploads in their folder; those that were put there go again if the block fails."""

    def __init__(self, checked: Checked) -> None:
        self._checked = checked
        self._made: list[Path] = []

    def __enter__(self) -> None:
        """Copy what is not there yet: a file of this backup may be, if one was killed before."""
        try:
            self._copy()
        except BaseException:
            self.__exit__(BaseException)
            raise

    def _copy(self) -> None:
        folder = vault.folder()
        for file in self._checked.list_documents():
            path = file.path.removeprefix(f"{FOLDER}/")
            if is_as_kept(folder, replace(file, path=path)):
                continue
            (folder / path).unlink(missing_ok=True)  # half copied
            self._made.append(folder / path)
            copy_file(self._checked.folder / file.path, folder, path)
        if self._made:
            settle(folder)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Take them away again after a failure."""
        for path in self._made if kind else ():
            path.unlink(missing_ok=True)


def _fill(checked: Checked, now: datetime, *, sends_waiting: bool) -> tuple[int, int]:
    try:
        with one_deed() as connection:
            migrate_within(connection, checked.manifest.revision)
            for kept in checked.manifest.tables:
                _load(connection, checked.folder, kept)
            _refuse_torn(connection)
            migrate_within(connection, list_revisions()[-1])
            return (0, 0) if sends_waiting else _hold_back(connection, now)
    except (DBAPIError, driver_error()) as error:
        said = str(error).strip().splitlines()[0]
        raise CannotRestore(
            f"The database refused what is in the backup, and is as it was: {said}"
        ) from error


def _load(connection: Connection, folder: Path, kept: KeptTable) -> None:
    engine = connection.dialect.name
    shape = Shape(kept.name, tuple((name, kind) for name, kind in kept.columns), ())
    spellings = shape.spellings(engine)
    rows = read_rows(folder, kept.file.path)
    load(connection, kept.name, shape.names, _spelled(rows, spellings) if spellings else rows)
    there = connection.scalar(select(func.count()).select_from(table(kept.name)))
    if there != kept.rows:
        raise CannotRestore(f"Of {kept.rows} rows the table {kept.name} took {there}.")
    if engine == "postgresql":
        _go_on_numbering(connection, kept)


def _spelled(rows: Iterable[list[Any]], spellings: list[tuple[int, Any]]) -> Iterator[list[Any]]:
    for row in rows:
        for place, spell in spellings:
            if row[place] is not None:
                row[place] = spell(row[place])
        yield row


def _go_on_numbering(connection: Connection, kept: KeptTable) -> None:
    if "id" not in {name for name, _ in kept.columns}:
        return
    connection.exec_driver_sql(
        f"SELECT setval(s, greatest(%s, (SELECT coalesce(max(id), 0) + 1 FROM {kept.name})), false)"  # noqa: S608 - a table of ours
        " FROM pg_get_serial_sequence(%s, 'id') AS s WHERE s IS NOT NULL",
        (kept.next_id or 1, kept.name),
    )


def _refuse_torn(connection: Connection) -> None:
    """SQLite looks at references when all is in; after that, as it always does."""
    if connection.dialect.name != "sqlite":
        return
    torn = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchmany(1)
    if torn:
        raise CannotRestore(f"A row of {torn[0][0]} refers to one that is not in the backup.")
    connection.exec_driver_sql("PRAGMA defer_foreign_keys = OFF")


def _hold_back(connection: Connection, now: datetime) -> tuple[int, int]:
    """Let nothing go out that may have gone out already; what is due later has not."""
    due = (Message.state == State.DUE.value) & (Message.due_at <= now)
    is_dead = Message.kind.in_(DEAD)
    dead = update(Message).where(due, is_dead)
    dropped = connection.execute(
        dead.values(state=State.DROPPED.value, last_error=HELD, lease=None, context_sealed=None)
    )
    held = connection.execute(
        update(Message).where(due).values(state=State.FAILED.value, last_error=HELD, lease=None)
    )
    return held.rowcount, dropped.rowcount
