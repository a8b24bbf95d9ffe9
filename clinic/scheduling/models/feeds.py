"""Addresses under which a calendar program finds somebody's visits."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant


class CalendarFeed(PublicId, Base):
    """A secret address, kept as a hash; a practitioner's or a patient's, one that works at most."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        CheckConstraint("(practitioner_id IS NULL) <> (patient_id IS NULL)", name="owner"),
        Index(
            "uq_calendar_feeds_practitioner",
            "practitioner_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index(
            "uq_calendar_feeds_patient",
            "patient_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("practitioners.id"))
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
