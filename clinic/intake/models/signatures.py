"""Signatures: rows that are only ever added, each proven by a keyed digest of all it is about."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant


class Signature(PublicId, Base):
    """Somebody's typed name under one version of a response.

    ``signer`` is the name as it was typed, ``intent`` the sentence that was agreed to, ``author``
    who filled the form in. ``proof`` is an HMAC, by the key called ``key_name``, of the row
    together with the form, the answers and the patient that it is about (``rules.signed.Signed``).
    """

    __tablename__ = "signatures"
    __table_args__ = (
        CheckConstraint("source IN ('patient', 'guardian', 'staff')", name="source"),
        CheckConstraint(
            "length(definition_sha256) = 64 AND length(answers_sha256) = 64 "
            "AND length(shown_sha256) = 64 AND length(proof) = 64",
            name="digests",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    response_version_id: Mapped[int] = mapped_column(
        ForeignKey("response_versions.id"), unique=True
    )
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    language: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(8))
    author: Mapped[str] = mapped_column(String(200))
    signed_at: Mapped[datetime] = mapped_column(Instant)
    actor_kind: Mapped[str] = mapped_column(String(10))
    session: Mapped[str | None] = mapped_column(String(64))
    definition_sha256: Mapped[str] = mapped_column(String(64))
    answers_sha256: Mapped[str] = mapped_column(String(64))
    shown_sha256: Mapped[str] = mapped_column(String(64))
    key_name: Mapped[str] = mapped_column(String(64))
    proof: Mapped[str] = mapped_column(String(64))
    signer_sealed: Mapped[str] = mapped_column(Text)
    intent_sealed: Mapped[str] = mapped_column(Text)

    signer = EncryptedText("signer_sealed")
    intent = EncryptedText("intent_sealed")


append_only(Signature.__table__)
