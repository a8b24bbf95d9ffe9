"""The table of documents; their contents lie encrypted in files (`clinic.documents.vault`)."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant

_KINDS = (
    "('card-front', 'card-back', 'referral', 'imaging-report', 'exam-report', "
    "'ultrasound-report', 'gait-report', 'other', 'gait-data')"
)
_TYPES = "('image/jpeg', 'image/png', 'application/pdf', 'application/x-c3d', 'text/plain')"


class Document(PublicId, Base):
    """A file of a patient. ``about`` is what it belongs to, ``visit:...`` for one.

    ``file_key`` is the key of this one file, itself sealed by the key ring: a new ring seals it
    anew and the file stays as it is; without it nobody opens the file, nor any copy of it.
    ``sha256`` and ``size`` are of the content as kept.
    """

    __tablename__ = "documents"
    __table_args__ = (
        CheckConstraint(f"kind IN {_KINDS}", name="kind"),
        CheckConstraint(f"media_type IN {_TYPES}", name="media_type"),
        CheckConstraint(
            "(kind = 'gait-data') = (media_type IN ('application/x-c3d', 'text/plain'))",
            name="lab_file",
        ),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("length(sha256) = 64", name="sha256"),
        CheckConstraint("(file_key_sealed IS NULL) = (removed_at IS NOT NULL)", name="removed"),
        Index(
            "uq_documents_same",
            "patient_id",
            "about",
            "kind",
            "sha256",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
        Index("ix_documents_about", "about"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(60))
    name_sealed: Mapped[str] = mapped_column(String)
    file_key_sealed: Mapped[str | None] = mapped_column(String)
    media_type: Mapped[str] = mapped_column(String(20))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    added_at: Mapped[datetime] = mapped_column(Instant)
    added_by: Mapped[str] = mapped_column(String(200))
    added_by_kind: Mapped[str] = mapped_column(String(10))
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_by: Mapped[str | None] = mapped_column(String(200))

    name = EncryptedText("name_sealed")
    file_key = EncryptedText("file_key_sealed")
