"""Occurrences, the seats in them, and the appointments and holds that sit there."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant, JsonText


class Occurrence(Base):
    """A service given by a practitioner at a time: it owns the claims on people and rooms.

    ``starts_at``/``ends_at`` are the visit, ``busy_from``/``busy_until`` the same with buffers.
    State: ``held`` (only holds sit in it), ``booked``, ``released`` (nobody; it claims nothing).
    """

    __tablename__ = "occurrences"
    __table_args__ = (
        UniqueConstraint("id", "capacity"),
        CheckConstraint("starts_at < ends_at", name="visit"),
        CheckConstraint("busy_from <= starts_at AND ends_at <= busy_until", name="buffers"),
        CheckConstraint("capacity >= 1", name="capacity"),
        CheckConstraint("state IN ('held', 'booked', 'released')", name="state"),
        Index("ix_occurrences_starts_at", "starts_at"),
        Index(
            "ix_occurrences_practitioner_live",
            "practitioner_id",
            "ends_at",
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), index=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    busy_from: Mapped[datetime] = mapped_column(Instant)
    busy_until: Mapped[datetime] = mapped_column(Instant)
    capacity: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))


class OccurrenceResource(Base):
    """The rooms and equipment an occurrence takes, kept when its claims are gone."""

    __tablename__ = "occurrence_resources"

    occurrence_id: Mapped[int] = mapped_column(ForeignKey("occurrences.id"), primary_key=True)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resources.id"), primary_key=True, index=True
    )
    position: Mapped[int]


class Series(PublicId, Base):
    """Visits booked in one go; ``rule`` is what was asked for."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    rule: Mapped[Any] = mapped_column(JsonText)
    created_at: Mapped[datetime] = mapped_column(Instant)


class Appointment(PublicId, Base):
    """A patient's seat in an occurrence. ``version`` counts its changes.

    A seat of None was given by staff beyond capacity. ``reminders_planned``: the reminders for its
    present time are posted. ``patient_zone`` is the patient's own clock, where they told it.
    ``price_cents`` is the service's price when it was booked; None for visits from before that was
    kept. ``is_sold``: an order bought it, so its patient may move it also where patients do not
    book this service by themselves.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        CheckConstraint(
            "status IN ('booked', 'arrived', 'checked-in', 'fulfilled', 'cancelled', 'noshow')",
            name="status",
        ),
        CheckConstraint("review IN ('none', 'needed', 'cleared')", name="review"),
        CheckConstraint("(series_id IS NULL) = (series_number IS NULL)", name="series"),
        CheckConstraint("version >= 1", name="version"),
        Index(
            "ix_appointments_unplanned",
            "id",
            sqlite_where=text("NOT reminders_planned"),
            postgresql_where=text("NOT reminders_planned"),
        ),
        Index(
            "ix_appointments_review_needed",
            "id",
            sqlite_where=text("review = 'needed'"),
            postgresql_where=text("review = 'needed'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    occurrence_id: Mapped[int] = mapped_column(ForeignKey("occurrences.id"), index=True)
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    status: Mapped[str] = mapped_column(String(10))
    confirmed: Mapped[bool] = mapped_column(default=False)
    review: Mapped[str] = mapped_column(String(8), default="none")
    version: Mapped[int] = mapped_column(default=1)
    patient_state: Mapped[str | None] = mapped_column(String(2))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), index=True)
    series_number: Mapped[int | None]
    override_by: Mapped[str | None] = mapped_column(String(200))
    override_reason_sealed: Mapped[str | None] = mapped_column(String)
    late_cancelled: Mapped[bool] = mapped_column(default=False)
    link_version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    reminders_planned: Mapped[bool] = mapped_column(default=False, server_default=false())
    patient_zone: Mapped[str | None] = mapped_column(String(64))
    price_cents: Mapped[int | None]
    is_sold: Mapped[bool] = mapped_column(default=False, server_default=false())

    override_reason = EncryptedText("override_reason_sealed")


class VisitFollowing(Base):
    """That a visit was booked as the next one after another: booked again, or at its check-out."""

    __tablename__ = "visit_followings"
    __table_args__ = (CheckConstraint("appointment_id <> follows_id", name="another"),)

    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), primary_key=True)
    follows_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), index=True)


class AppointmentChange(PublicId, Base):
    """One step in an appointment's life; rows are only ever added.

    ``undoes_id`` names the step that this one takes back.
    """

    __tablename__ = "appointment_changes"
    __table_args__ = (Index("ix_appointment_changes_at", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_name: Mapped[str] = mapped_column(String(200))
    step: Mapped[str] = mapped_column(String(12))
    from_status: Mapped[str | None] = mapped_column(String(10))
    to_status: Mapped[str] = mapped_column(String(10))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("appointment_changes.id"), unique=True)
    details: Mapped[Any] = mapped_column(JsonText)
    reason_sealed: Mapped[str | None] = mapped_column(String)

    reason = EncryptedText("reason_sealed")


append_only(AppointmentChange.__table__)


class Hold(PublicId, Base):
    """A time kept for a visitor until ``expires_at``; then it frees itself, whoever cleans up.

    ``visitor`` is a keyed hash of the browser's random id. Once booked it names the appointment.
    """

    __tablename__ = "holds"

    id: Mapped[int] = mapped_column(primary_key=True)
    visitor: Mapped[str] = mapped_column(String(64), index=True)
    occurrence_id: Mapped[int] = mapped_column(ForeignKey("occurrences.id"), index=True)
    patient_state: Mapped[str | None] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)
    released_at: Mapped[datetime | None] = mapped_column(Instant)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), unique=True)


class Seat(Base):
    """A taken seat: 1 to the capacity of its occurrence, by one appointment or one hold."""

    __tablename__ = "seats"
    __table_args__ = (
        ForeignKeyConstraint(
            ["occurrence_id", "capacity"], ["occurrences.id", "occurrences.capacity"]
        ),
        CheckConstraint("number BETWEEN 1 AND capacity", name="within_capacity"),
        CheckConstraint("(hold_id IS NULL) <> (appointment_id IS NULL)", name="one_holder"),
        CheckConstraint("(hold_id IS NULL) = (expires_at IS NULL)", name="hold_expires"),
        Index(
            "ix_seats_expires_at",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL"),
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
    )

    occurrence_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    capacity: Mapped[int]
    hold_id: Mapped[int | None] = mapped_column(ForeignKey("holds.id"), unique=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), unique=True)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)
