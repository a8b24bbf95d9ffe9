"""Keeping and removing documents.

A file is written before its row and removed after it. What a killed process leaves between the two
is a file without a row, which nobody can open: the worker removes it.
"""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from clinic.core import audit
from clinic.core.crypto import CannotOpen
from clinic.core.db import after_commit, db, transaction
from clinic.core.errors import NotFound, Refusal
from clinic.core.rows import lock_row
from clinic.core.schema import violates
from clinic.core.types import new_public_id
from clinic.core.values import Actor
from clinic.documents import vault
from clinic.documents.models import Document
from clinic.documents.queries import StoredDocument, read_document
from clinic.documents.rules import ABOUT, MOST_OF_ONE_THING, Kind, clean_name
from clinic.documents.sifting import Sifted, sift, sift_lab_file
from clinic.people.models import Patient

log = logging.getLogger(__name__)

NAMED_WITHIN = timedelta(hours=1)


class TooManyFiles(Refusal):
    """The visit, order or response has as many files as it may."""

    code = "too-many-files"
    status = 409
    message = "There are already 20 files here. Please remove one first."


class DocumentUnreadable(Refusal):
    """The row is there and its file is not, or does not open: the clinic's own fault."""

    code = "document-unreadable"
    status = 503
    message = (
        "This file is on record, but it cannot be opened: it is missing on the server, or damaged. "
        "Whoever runs the server can bring it back from a backup. If it is needed now, ask whoever "
        "sent it for another copy and add that."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """An upload as it came: ``patient`` is a public id, ``about`` ``visit:...`` or the like."""

    patient: str
    kind: Kind
    about: str
    name: str
    content: bytes


def store_document(*, new: NewDocument, actor: Actor, now: datetime) -> str:
    """Look through an upload, encrypt it and keep it; answers its public id.

    The same content for the same thing twice is one document. Not to be called inside another
    operation. Raises NotFound for an unknown patient, TooManyFiles, NoRoom when the disk is full,
    and what ``sift`` raises, of a lab's own file ``sift_lab_file``; then nothing is kept.
    """
    if not ABOUT.fullmatch(new.about):
        raise ValueError(f"a document is about a visit, an order or a response, not {new.about!r}")
    sifted = _sifted(new)
    public_id, key = new_public_id(), vault.new_file_key()
    vault.write_file(public_id=public_id, key=key, content=sifted.content)
    kept = ""
    try:
        kept = _keep(public_id=public_id, key=key, new=new, sifted=sifted, actor=actor, now=now)
    except IntegrityError as error:  # two at once: the other one's row is there now
        if not violates(error, "uq_documents_same"):
            raise
        kept = _find_same(new, sifted) or ""
    finally:
        if kept != public_id:
            vault.remove_file(public_id=public_id)
    return kept


def _sifted(new: NewDocument) -> Sifted:
    if new.kind is Kind.GAIT_DATA:
        return sift_lab_file(content=new.content, name=new.name)
    return sift(content=new.content)


@transaction
def _keep(
    *, public_id: str, key: str, new: NewDocument, sifted: Sifted, actor: Actor, now: datetime
) -> str:
    patient = db.session.scalar(select(Patient.id).where(Patient.public_id == new.patient))
    if patient is None:
        raise NotFound
    same = _find_same(new, sifted)
    if same is not None:
        return same
    live = (Document.about == new.about, Document.removed_at.is_(None))
    if (db.session.scalar(select(func.count()).where(*live)) or 0) >= MOST_OF_ONE_THING:
        raise TooManyFiles
    row = Document(
        public_id=public_id,
        patient_id=patient,
        kind=new.kind.value,
        about=new.about,
        media_type=sifted.media_type.value,
        size=len(sifted.content),
        sha256=sifted.sha256,
        added_at=now,
        added_by=actor.name[:200],
        added_by_kind=actor.kind,
    )
    row.name = clean_name(new.name, media_type=sifted.media_type, ending=sifted.ending)
    row.file_key = key
    db.session.add(row)
    _record("document.added", row, new.patient, actor, now)
    return public_id


@transaction
def name_document(*, public_id: str, patient: str, kind: Kind, actor: Actor, now: datetime) -> None:
    """Say what a file is that the same person handed in within the hour without saying it.

    It was kept as `Kind.OTHER` until now. Where the same file is there as that kind already, this
    one goes. Raises NotFound for a file that is not theirs to name any more.
    """
    row = lock_row(Document, public_id)
    owner = db.session.scalar(select(Patient.public_id).where(Patient.id == row.patient_id))
    mine = (row.added_by, row.added_by_kind) == (actor.name[:200], actor.kind)
    if row.removed_at is not None or owner != patient or not mine or not _is_unnamed(row, now):
        raise NotFound
    if kind is Kind.OTHER:
        return
    same = select(Document.id).where(
        Document.patient_id == row.patient_id,
        Document.about == row.about,
        Document.kind == kind.value,
        Document.sha256 == row.sha256,
        Document.removed_at.is_(None),
    )
    if db.session.scalar(same) is not None:
        row.file_key, row.removed_at, row.removed_by = None, now, actor.name[:200]
        _record("document.removed", row, patient, actor, now)
        after_commit(lambda: vault.remove_file(public_id=public_id))
        return
    row.kind = kind.value
    _record("document.named", row, patient, actor, now)


def _is_unnamed(row: Document, now: datetime) -> bool:
    return row.kind == Kind.OTHER.value and now - row.added_at <= NAMED_WITHIN


@transaction
def remove_document(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Forget the document's key and then its file; that it was there stays on record.

    No copy of the file alone opens after that; a backup from before keeps row and file. Raises
    NotFound, the second time too.
    """
    row = lock_row(Document, public_id)
    if row.removed_at is not None:
        raise NotFound
    patient = db.session.scalar(select(Patient.public_id).where(Patient.id == row.patient_id))
    row.file_key, row.removed_at, row.removed_by = None, now, actor.name[:200]
    _record("document.removed", row, patient or "", actor, now)
    after_commit(lambda: vault.remove_file(public_id=public_id))


def open_document(
    *,
    document: StoredDocument,
    actor: Actor,
    now: datetime,
    action: str = "document.read",
    details: Mapping[str, Any] | None = None,
) -> Iterator[bytes]:
    """The content, piece by piece, with the look put on record as ``action``.

    Raises DocumentUnreadable where the file is missing, altered or sealed with a key that is gone;
    that is on record too, because somebody must bring the file back.
    """
    told = {"document": document.public_id, "kind": document.kind.value, **(details or {})}
    subject = f"patient:{document.patient}"
    try:
        content = read_document(document=document)
    except CannotOpen as error:
        log.error("a document cannot be opened: %s", error)  # noqa: TRY400 - says all there is
        audit.record_look(
            action="document.unreadable", actor=actor, now=now, subject=subject, details=told
        )
        raise DocumentUnreadable from error
    audit.record_look(action=action, actor=actor, now=now, subject=subject, details=told)
    return content


def remove_unclaimed_files(*, now: datetime) -> int:
    """Remove files older than an hour that no row keeps a key of; answers how many."""
    removed = 0
    for public_id in vault.list_files(before=now - vault.UNFINISHED_FOR):
        kept = select(Document.id).where(
            Document.public_id == public_id, Document.removed_at.is_(None)
        )
        if db.session.scalar(kept) is None:
            vault.remove_file(public_id=public_id)
            removed += 1
    return removed


def _find_same(new: NewDocument, sifted: Sifted) -> str | None:
    wanted = (
        select(Document.public_id)
        .join(Patient, Patient.id == Document.patient_id)
        .where(
            Patient.public_id == new.patient,
            Document.about == new.about,
            Document.kind == new.kind.value,
            Document.sha256 == sifted.sha256,
            Document.removed_at.is_(None),
        )
    )
    return db.session.scalar(wanted)


def _record(action: str, row: Document, patient: str, actor: Actor, now: datetime) -> None:
    audit.record(
        action=action,
        actor=actor,
        now=now,
        subject=f"patient:{patient}",
        details={"document": row.public_id, "kind": row.kind, "about": row.about},
    )
