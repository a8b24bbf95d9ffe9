"""Making a backup while the clinic goes on working.

The folder is made beside its place and renamed as the last step; where its place is an empty
folder already, the manifest comes last. So what has a manifest is whole, and what was interrupted
has none.
"""

import os
import secrets
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from clinic.core.audit import AuditSeal
from clinic.core.bulk import one_moment, stream
from clinic.core.crypto import keyring
from clinic.core.errors import Refusal
from clinic.core.migrations import find_revision, list_revisions
from clinic.core.schema import Base
from clinic.operating.backups import manifest as manifests
from clinic.operating.backups.files import open_private, settle, write_rows
from clinic.operating.backups.manifest import KeptDocuments, KeptTable, Manifest
from clinic.operating.backups.papers import Papers
from clinic.operating.backups.shapes import LEFT_OUT, Shape, key_of, list_shapes

MOMENTS = 5
"""So many moments are tried before a document without a file is believed to have none."""
PYPROJECT = Path(__file__).resolve().parents[3] / "pyproject.toml"


class NoPlace(Refusal):
    """The folder is there already, or cannot be made."""

    code = "no-place"


class CannotBackUp(Refusal):
    """The database is not in a state of which a backup would be of use."""

    code = "cannot-back-up"


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, and the names of keys that it needs and this ring has no more."""

    manifest: Manifest
    lost_keys: list[str]


def make_backup(*, place: Path, now: datetime) -> Made:
    """Write the whole clinic into a new folder, for its owner's eyes only.

    The database is as of one moment. Each document of that moment has its file. Keys are never
    written. Raises NoPlace where the folder is there and not empty, CannotBackUp when the schema is
    not that of this code or the database is damaged, OSError when the disk is full; then nothing
    is left.
    """
    _refuse_taken(place)
    with one_moment() as connection:
        _refuse_other_revision(connection)
    work = _work_of(place.absolute())
    try:
        _begin(work)
        papers = Papers(work)
        papers.copy_all()
        signed = _write_moment(work, papers, now).signed(keyring())
        os.sync()
        _publish(signed, work, place)
    except BaseException:
        # Whatever ends it, at whatever step: a signal may come between the two lines of any block.
        _take_away(work, place.absolute())
        raise
    lost = [name for name, proof in signed.keys.items() if proof is None]
    return Made(signed, lost)


def _refuse_taken(place: Path) -> None:
    try:
        is_taken = place.exists() and (not place.is_dir() or any(place.iterdir()))
    except OSError as error:
        raise NoPlace(f"{place} cannot be looked into: {error.strerror}.") from error
    if is_taken:
        raise NoPlace(f"{place} is there and not empty. Name a folder that is not there yet.")


def _work_of(place: Path) -> Path:
    """The folder to write in: the place itself where that is an empty folder, else a neighbour."""
    return place if place.is_dir() else place.parent / f".{place.name}.part-{secrets.token_hex(4)}"


def _begin(work: Path) -> None:
    try:
        if work.is_dir():
            work.chmod(0o700)
        else:
            work.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            work.mkdir(mode=0o700)
    except OSError as error:
        raise NoPlace(f"{work.parent} cannot be written: {error.strerror}.") from error


def _take_away(work: Path, place: Path) -> None:
    """Remove everything that was written, but not a folder that was there before."""
    if work != place:
        shutil.rmtree(work, ignore_errors=True)
        return
    for left in work.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()


def _publish(signed: Manifest, work: Path, place: Path) -> None:
    part = work / f"{manifests.NAME}.part"
    with open_private(part) as file:
        file.write(signed.to_text().encode())
        file.flush()
        os.fsync(file.fileno())
    part.rename(work / manifests.NAME)
    settle(work)
    if work != place.absolute():
        work.rename(place.absolute())
        settle(place.absolute().parent)


def _write_moment(work: Path, papers: Papers, now: datetime) -> Manifest:
    for moment in range(1, MOMENTS + 1):
        with one_moment() as connection:
            missing = papers.find_missing(connection)
            if not missing or moment == MOMENTS:
                documents = papers.finish(connection, missing)
                return _write_tables(work, connection, documents, now)
    raise AssertionError("unreachable")


def _write_tables(
    work: Path, connection: Connection, documents: KeptDocuments, now: datetime
) -> Manifest:
    revision = _refuse_other_revision(connection)
    _refuse_damaged(connection)
    keys: set[str] = set()
    tables = [_write_table(work, connection, shape, keys) for shape in list_shapes(Base.metadata)]
    ring = keyring()
    return Manifest(
        product=product_version(),
        engine=connection.dialect.name,
        revision=revision,
        made_at=now.isoformat(),
        audit_head=_head(connection),
        active_key=ring.active,
        tables=tables,
        left_out=sorted(LEFT_OUT),
        documents=documents,
        keys={name: manifests.proof_of(name, ring) for name in sorted({*keys, ring.active})},
    )


def _refuse_other_revision(connection: Connection) -> str:
    found, ours = find_revision(connection), list_revisions()[-1]
    if found != ours:
        raise CannotBackUp(
            f"The database is at revision {found or 'none'}, this code at {ours}. Make the backup "
            "with the version that the clinic runs, before it is exchanged, or run "
            "flask --app wsgi db upgrade first."
        )
    return ours


def _refuse_damaged(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        says = connection.exec_driver_sql("PRAGMA integrity_check(3)").scalars().all()
        if says != ["ok"]:
            raise CannotBackUp(f"The database file is damaged: {'; '.join(says)}")


def _write_table(work: Path, connection: Connection, shape: Shape, keys: set[str]) -> KeptTable:
    rows = stream(connection, shape.query(connection.dialect.name))
    noted = _noting_keys(rows, shape.keyed, keys) if shape.keyed else rows
    file, count = write_rows(work, f"tables/{shape.table}.jsonl.gz", noted)
    columns = [list(column) for column in shape.columns]
    return KeptTable(shape.table, columns, count, _next_id(connection, shape), file)


def _noting_keys(
    rows: Iterator[tuple[Any, ...]], places: tuple[int, ...], keys: set[str]
) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        keys.update(key_of(row[place]) for place in places if row[place] is not None)
        yield row


def _next_id(connection: Connection, shape: Shape) -> int | None:
    """Where PostgreSQL's numbering goes on; SQLite's is that of the rows."""
    if connection.dialect.name == "sqlite" or "id" not in shape.names:
        return None
    sequence = connection.exec_driver_sql(
        "SELECT pg_get_serial_sequence(%s, 'id')", (shape.table,)
    ).scalar()
    if sequence is None:
        return None
    last, is_called = connection.exec_driver_sql(
        f"SELECT last_value, is_called FROM {sequence}"  # noqa: S608 - what the server just named
    ).one()
    return int(last) + int(is_called)


def _head(connection: Connection) -> str | None:
    newest = select(AuditSeal.seq, AuditSeal.hash).order_by(AuditSeal.seq.desc()).limit(1)
    found = connection.execute(newest).one_or_none()
    return f"{found.seq}:{found.hash.hex()}" if found else None


def product_version() -> str:
    """The version of this code."""
    told: str = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]["version"]
    return told
