"""The waitlist: who waits for which times, what was offered, and what became of it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant

_OPEN_ENTRY = "status IN ('waiting', 'offered')"
_WAITING = "status = 'waiting'"
_OPEN_OFFER = "status = 'open'"


class WaitlistPolicy(Base):
    """One row beside the clinic's: the waitlist. Without it the usual policy holds."""

    __tablename__ = "waitlist_policy"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("waitlist_offer_minutes BETWEEN 15 AND 2880", name="offer_minutes"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    waitlist_offer_minutes: Mapped[int]


class WaitlistEntry(PublicId, Base):
    """Somebody waits for a time of a service between two local dates, both included.

    ``days`` are seven bits, Monday the lowest; ``ends_at`` is the instant at which the last date is
    over. ``lapses`` counts the offers in a row that nobody answered. ``version`` counts changes.
    A patient has one open entry for a service.
    """

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        CheckConstraint(
            "status IN ('waiting', 'offered', 'booked', 'expired', 'withdrawn')", name="status"
        ),
        CheckConstraint("from_date <= to_date", name="range"),
        CheckConstraint("days BETWEEN 1 AND 127", name="days"),
        CheckConstraint("lapses BETWEEN 0 AND 3", name="lapses"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("(status = 'booked') = (appointment_id IS NOT NULL)", name="appointment"),
        CheckConstraint(f"({_OPEN_ENTRY}) = (closed_at IS NULL)", name="closed"),
        Index(
            "uq_waitlist_entries_open",
            "patient_id",
            "service_id",
            unique=True,
            sqlite_where=text(_OPEN_ENTRY),
            postgresql_where=text(_OPEN_ENTRY),
        ),
        Index(
            "ix_waitlist_entries_waiting",
            "service_id",
            "joined_at",
            "id",
            sqlite_where=text(_WAITING),
            postgresql_where=text(_WAITING),
        ),
        Index(
            "ix_waitlist_entries_ends_at",
            "ends_at",
            sqlite_where=text(_OPEN_ENTRY),
            postgresql_where=text(_OPEN_ENTRY),
        ),
        Index("ix_waitlist_entries_status", "status", "joined_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(String(10))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    practitioner_id: Mapped[int | None] = mapped_column(ForeignKey("practitioners.id"))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("locations.id"))
    state: Mapped[str | None] = mapped_column(String(2))
    patient_zone: Mapped[str | None] = mapped_column(String(64))
    language: Mapped[str | None] = mapped_column(String(35))
    from_date: Mapped[date]
    to_date: Mapped[date]
    ends_at: Mapped[datetime] = mapped_column(Instant)
    days: Mapped[int]
    lapses: Mapped[int] = mapped_column(default=0)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), unique=True)
    version: Mapped[int] = mapped_column(default=1)
    link_version: Mapped[int] = mapped_column(default=1)
    joined_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class WaitlistWindow(Base):
    """A time of day that suits, in minutes of the location's wall day."""

    __tablename__ = "waitlist_windows"
    __table_args__ = (
        CheckConstraint(
            "starts_minute >= 0 AND starts_minute < ends_minute AND ends_minute <= 1440",
            name="minutes",
        ),
    )

    entry_id: Mapped[int] = mapped_column(
        ForeignKey("waitlist_entries.id"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    starts_minute: Mapped[int]
    ends_minute: Mapped[int]


class WaitlistOffer(PublicId, Base):
    """A time that is held for an entry until ``expires_at``, and what became of it.

    The hold is there as long as the offer is open, and is nobody else's; an entry has at most one
    open offer. The time is the offer's own, because old holds are forgotten.
    """

    __tablename__ = "waitlist_offers"
    __table_args__ = (
        CheckConstraint(
            "status IN ('open', 'taken', 'declined', 'lapsed', 'withdrawn')", name="status"
        ),
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint("offered_at < expires_at AND expires_at <= starts_at", name="expires"),
        CheckConstraint(f"({_OPEN_OFFER}) = (hold_id IS NOT NULL)", name="held"),
        CheckConstraint(f"({_OPEN_OFFER}) = (closed_at IS NULL)", name="closed"),
        Index(
            "uq_waitlist_offers_open",
            "entry_id",
            unique=True,
            sqlite_where=text(_OPEN_OFFER),
            postgresql_where=text(_OPEN_OFFER),
        ),
        Index(
            "ix_waitlist_offers_expires_at",
            "expires_at",
            sqlite_where=text(_OPEN_OFFER),
            postgresql_where=text(_OPEN_OFFER),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("waitlist_entries.id"), index=True)
    status: Mapped[str] = mapped_column(String(10))
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("holds.id"), unique=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    offered_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class WaitlistChange(PublicId, Base):
    """One step in an entry's life; rows are only ever added."""

    __tablename__ = "waitlist_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("waitlist_entries.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_name: Mapped[str] = mapped_column(String(200))
    step: Mapped[str] = mapped_column(String(12))
    from_status: Mapped[str | None] = mapped_column(String(10))
    to_status: Mapped[str] = mapped_column(String(10))


append_only(WaitlistChange.__table__)
