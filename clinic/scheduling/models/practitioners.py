"""Practitioners: what they do, what they are licensed for, when they work."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.schema import Base
from clinic.core.types import Instant, JsonText


class Practitioner(Base):
    """A person who sees patients.

    Changes in their calendar are told to ``email``, those up to ``digest_until`` have been.
    """

    __tablename__ = "practitioners"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), unique=True)
    position: Mapped[int]
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
    email: Mapped[str | None] = mapped_column(String(254))
    digest_until: Mapped[datetime | None] = mapped_column(Instant)


class Licence(Base):
    """A licence of one state for a period; without a state it covers none for telehealth."""

    __tablename__ = "licences"
    __table_args__ = (CheckConstraint("valid_from <= valid_to", name="period"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), index=True)
    state: Mapped[str | None] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(40))
    number: Mapped[str | None] = mapped_column(String(40))
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    position: Mapped[int]


class Hours(Base):
    """Weekly hours at a location, in local wall minutes. ``days`` is a bit mask, Monday = 1."""

    __tablename__ = "hours"
    __table_args__ = (
        CheckConstraint("days BETWEEN 1 AND 127", name="days"),
        CheckConstraint(
            "starts_minute >= 0 AND starts_minute < ends_minute AND ends_minute <= 1440",
            name="minutes",
        ),
        CheckConstraint("valid_from <= valid_to", name="period"),
        CheckConstraint(
            "every_weeks = 1 OR (every_weeks > 1 AND valid_from IS NOT NULL)", name="every_weeks"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), index=True)
    location_id: Mapped[int] = mapped_column(ForeignKey("locations.id"), index=True)
    days: Mapped[int]
    starts_minute: Mapped[int]
    ends_minute: Mapped[int]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    every_weeks: Mapped[int]
    position: Mapped[int]


class HourException(Base):
    """Other hours on one date at one location, or none; without a location and hours: off.

    ``windows`` is a list of ``[starts_minute, ends_minute]``.
    """

    __tablename__ = "hour_exceptions"
    __table_args__ = (
        UniqueConstraint("practitioner_id", "date", "location_id"),
        Index(
            "uq_hour_exceptions_everywhere",
            "practitioner_id",
            "date",
            unique=True,
            sqlite_where=text("location_id IS NULL"),
            postgresql_where=text("location_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"))
    date: Mapped[date]
    location_id: Mapped[int | None] = mapped_column(ForeignKey("locations.id"), index=True)
    windows: Mapped[Any] = mapped_column(JsonText)
    position: Mapped[int]
