"""Referrals and authorisations: who sent a patient, for how long and for how many visits."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant


class Referral(PublicId, Base):
    """From ``begins`` to ``ends`` (both included; None: open) so many visits are covered.

    Without ``visits`` any number is. A wrong one is ended, never removed.
    """

    __tablename__ = "referrals"
    __table_args__ = (
        CheckConstraint("ends IS NULL OR ends >= begins", name="span"),
        CheckConstraint("visits IS NULL OR visits > 0", name="visits"),
        CheckConstraint("(removed_at IS NULL) = (removed_by IS NULL)", name="removed"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    referrer_sealed: Mapped[str] = mapped_column(String)
    begins: Mapped[date]
    ends: Mapped[date | None]
    visits: Mapped[int | None]
    added_at: Mapped[datetime] = mapped_column(Instant)
    added_by: Mapped[str] = mapped_column(String(200))
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    removed_by: Mapped[str | None] = mapped_column(String(200))

    referrer = EncryptedText("referrer_sealed")
