"""Keeping and removing documents.

A file is written before its row and removed after it. What a killed process leaves between the two
is a file without a row, which nobody can open: the worker removes it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from clinic.core import audit
from clinic.core.db import after_commit, db, transaction, violates
from clinic.core.errors import NotFound, Refusal
from clinic.core.rows import lock_row
from clinic.core.types import new_public_id
from clinic.core.values import Actor
from clinic.documents import vault
from clinic.documents.models import Document
from clinic.documents.rules import ABOUT, MOST_OF_ONE_THING, Kind, clean_name
from clinic.documents.sifting import Sifted, sift
from clinic.people.models import Patient


class TooManyFiles(Refusal):
    """The visit, order or response has as many files as it may."""

    code = "too-many-files"
    status = 409
    message = "There are already 20 files here. Please remove one first."


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
    and what ``sift`` raises; then nothing is kept.
    """
    if not ABOUT.fullmatch(new.about):
        raise ValueError(f"a document is about a visit, an order or a response, not {new.about!r}")
    sifted = sift(content=new.content)
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
    row.name = clean_name(new.name, media_type=sifted.media_type)
    row.file_key = key
    db.session.add(row)
    _record("document.added", row, new.patient, actor, now)
    return public_id


@transaction
def remove_document(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Forget the document's key and then its file; that it was there stays on record.

    No copy of the file, in a backup either, opens after that. Raises NotFound, the second time too.
    """
    row = lock_row(Document, public_id)
    if row.removed_at is not None:
        raise NotFound
    patient = db.session.scalar(select(Patient.public_id).where(Patient.id == row.patient_id))
    row.file_key, row.removed_at, row.removed_by = None, now, actor.name[:200]
    _record("document.removed", row, patient or "", actor, now)
    after_commit(lambda: vault.remove_file(public_id=public_id))


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
