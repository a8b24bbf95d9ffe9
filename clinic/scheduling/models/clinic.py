"""The clinic itself, its locations and the days it is closed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.schema import Base
from clinic.core.types import Instant, JsonText


class Clinic(Base):
    """One row: name, zone and policy. ``version`` counts every change of configuration.

    ``direct_access`` is the state whose rule counts visits without a referral.
    """

    __tablename__ = "clinic"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("hold_minutes > 0 AND payment_hold_minutes > 0", name="hold_lasts"),
        CheckConstraint(
            "cancellation_notice_hours >= 0 AND undo_seconds >= 0"
            " AND online_limit_per_service_and_day > 0",
            name="policy",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(200))
    time_zone: Mapped[str] = mapped_column(String(64))
    phone: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    cancellation_notice_hours: Mapped[int]
    hold_minutes: Mapped[int]
    payment_hold_minutes: Mapped[int]
    undo_seconds: Mapped[int]
    online_limit_per_service_and_day: Mapped[int]
    direct_access: Mapped[str | None] = mapped_column(String(2))


class MessagePolicy(Base):
    """One row beside the clinic's: what is told of visits. Without it the usual policy holds."""

    __tablename__ = "message_policy"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("message_days > 0", name="message_days"),
        CheckConstraint("practitioner_digest IN ('off', 'daily', 'hourly')", name="digest"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    reminder_hours: Mapped[Any] = mapped_column(JsonText)
    message_days: Mapped[int]
    practitioner_digest: Mapped[str] = mapped_column(String(6))


class TelehealthPolicy(Base):
    """One row beside the clinic's: requests and video visits. Without it the usual policy holds."""

    __tablename__ = "telehealth_policy"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint(
            "request_urgent_minutes > 0 AND request_soon_minutes > 0"
            " AND request_answer_hours >= 0 AND request_offer_hours > 0",
            name="requests",
        ),
        CheckConstraint("join_opens_minutes > 0", name="join_opens_minutes"),
        CheckConstraint(
            "meeting_address = '' OR substr(meeting_address, 1, 8) = 'https://'",
            name="meeting_address",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    request_urgent_minutes: Mapped[int]
    request_soon_minutes: Mapped[int]
    request_answer_hours: Mapped[int]
    request_offer_hours: Mapped[int]
    join_opens_minutes: Mapped[int]
    meeting_address: Mapped[str] = mapped_column(String(300))


class Location(Base):
    """Where visits happen. Without a zone of its own the clinic's counts."""

    __tablename__ = "locations"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    address: Mapped[str] = mapped_column(String(500))
    directions: Mapped[str | None] = mapped_column(String(500))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    position: Mapped[int]
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class Closure(Base):
    """A day, or part of one in local minutes, on which a location (or every one) is closed."""

    __tablename__ = "closures"
    __table_args__ = (
        CheckConstraint("(starts_minute IS NULL) = (ends_minute IS NULL)", name="both_ends"),
        CheckConstraint(
            "starts_minute >= 0 AND starts_minute < ends_minute AND ends_minute <= 1440",
            name="minutes",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    date: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("locations.id"), index=True)
    starts_minute: Mapped[int | None]
    ends_minute: Mapped[int | None]
    position: Mapped[int]
