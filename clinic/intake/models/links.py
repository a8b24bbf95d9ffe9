"""The ways to a form that ask for no account: a link in a mail, a code for the clinic's tablet."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant

MOST_ATTEMPTS = 5


class FormLink(PublicId, Base):
    """Opens a patient's forms together with the birth date; stored as a hash.

    Kind ``mail`` works until it expires, ``kiosk`` once. ``helper`` is the member of staff who
    sits beside the patient. After five wrong birth dates it opens nothing.
    """

    __tablename__ = "form_links"
    __table_args__ = (
        CheckConstraint("kind IN ('mail', 'kiosk')", name="kind"),
        CheckConstraint(f"attempts BETWEEN 0 AND {MOST_ATTEMPTS}", name="attempts"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(5))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    helper: Mapped[str | None] = mapped_column(String(200))
    attempts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class FormSession(PublicId, Base):
    """A browser that proved the link and the birth date; it opens this patient's forms only.

    ``author`` and ``relation`` say who fills in for a child; NULL is the patient.
    """

    __tablename__ = "form_sessions"
    __table_args__ = (
        CheckConstraint("kind IN ('mail', 'kiosk')", name="kind"),
        CheckConstraint("(author IS NULL) = (relation IS NULL)", name="author"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("form_links.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    kind: Mapped[str] = mapped_column(String(5))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    helper: Mapped[str | None] = mapped_column(String(200))
    author: Mapped[str | None] = mapped_column(String(200))
    relation: Mapped[str | None] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class KeptPage(PublicId, Base):
    """A page that came when its sender's session had ended: what was typed, sealed, for an hour.

    The browser holds the token; ``holder`` says for whom the page was drawn, as a keyed hash, and
    nobody else is given it back.
    """

    __tablename__ = "kept_pages"
    __table_args__ = (
        CheckConstraint("section >= 1", name="section"),
        CheckConstraint("expires_at > created_at", name="ends"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey("form_assignments.id"), index=True)
    section: Mapped[int]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    holder: Mapped[str] = mapped_column(String(32))
    sent_sealed: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)

    sent = EncryptedText("sent_sealed")
