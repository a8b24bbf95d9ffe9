"""Reads about documents. Nothing here tells whether somebody may read: `rules.READERS` does."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clinic.core.crypto import CannotOpen
from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.types import is_public_id
from clinic.documents import vault
from clinic.documents.models import Document
from clinic.documents.rules import Kind, MediaType
from clinic.people.models import Patient


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A document that is there; ``patient`` is the record's public id, ``size`` in bytes."""

    public_id: str
    patient: str
    kind: Kind
    about: str
    name: str
    media_type: MediaType
    size: int
    sha256: str
    added_at: datetime
    added_by: str
    by_patient: bool

    @property
    def served_as(self) -> str:
        """The media type that a browser is told: of a lab's files none that it would open."""
        if self.kind is Kind.GAIT_DATA:
            return "application/octet-stream"
        return self.media_type.value


def get_document(*, public_id: str) -> StoredDocument:
    """The document of that id; NotFound for one that is not there, or no more."""
    if not is_public_id(public_id):
        raise NotFound
    found = _list(Document.public_id == public_id)
    if not found:
        raise NotFound
    return found[0]


def list_documents(*, about: str) -> list[StoredDocument]:
    """What belongs to this visit, order or response, the oldest first."""
    return _list(Document.about == about)


def list_newest_documents(
    *, patient: str, kinds: Collection[Kind], limit: int
) -> list[StoredDocument]:
    """The newest of a patient's documents of these kinds, the newest first."""
    wanted = (
        select(Document, Patient.public_id)
        .join(Patient, Patient.id == Document.patient_id)
        .where(
            Patient.public_id == patient,
            Document.removed_at.is_(None),
            Document.kind.in_([kind.value for kind in kinds]),
        )
        .order_by(Document.added_at.desc(), Document.id.desc())
        .limit(limit)
    )
    return [_stored(row, owner) for row, owner in db.session.execute(wanted)]


def list_patient_documents(*, patient: str) -> list[StoredDocument]:
    """Everything of a patient (public id), the oldest first."""
    return _list(Patient.public_id == patient)


def read_document(*, document: StoredDocument) -> Iterator[bytes]:
    """The content, piece by piece; CannotOpen where the file is missing or was altered."""
    wanted = select(Document).where(
        Document.public_id == document.public_id, Document.removed_at.is_(None)
    )
    row = db.session.scalar(wanted)
    key = row.file_key if row is not None else None
    if key is None:
        raise CannotOpen("the document was removed")
    return vault.read_file(public_id=document.public_id, key=key, size=document.size)


def _list(*conditions: object) -> list[StoredDocument]:
    wanted = (
        select(Document, Patient.public_id)
        .join(Patient, Patient.id == Document.patient_id)
        .where(Document.removed_at.is_(None), *conditions)  # type: ignore[arg-type]
        .order_by(Document.added_at, Document.id)
    )
    return [_stored(row, patient) for row, patient in db.session.execute(wanted)]


def _stored(row: Document, patient: str) -> StoredDocument:
    return StoredDocument(
        public_id=row.public_id,
        patient=patient,
        kind=Kind(row.kind),
        about=row.about,
        name=row.name or "",
        media_type=MediaType(row.media_type),
        size=row.size,
        sha256=row.sha256,
        added_at=row.added_at,
        added_by=row.added_by,
        by_patient=row.added_by_kind in {"patient", "public"},
    )
