"""What patients come for, who does it and what it needs."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.schema import Base
from clinic.core.types import Instant, JsonText


class Service(Base):
    """A kind of visit: its length, buffers, grid, notice, horizon and price."""

    __tablename__ = "services"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("buffer_before >= 0 AND buffer_after >= 0", name="buffers"),
        CheckConstraint("grid_minutes BETWEEN 1 AND 1440", name="grid"),
        CheckConstraint("min_notice_seconds >= 0 AND horizon_days >= 0", name="window"),
        CheckConstraint("modality IN ('in_person', 'telehealth')", name="modality"),
        CheckConstraint("price_cents >= 0", name="price"),
        CheckConstraint("capacity >= 1", name="capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    minutes: Mapped[int]
    buffer_before: Mapped[int]
    buffer_after: Mapped[int]
    grid_minutes: Mapped[int]
    min_notice_seconds: Mapped[int]
    horizon_days: Mapped[int]
    modality: Mapped[str] = mapped_column(String(12))
    online: Mapped[bool]
    price_cents: Mapped[int]
    capacity: Mapped[int]
    safety_screen: Mapped[bool]
    forms: Mapped[Any] = mapped_column(JsonText)
    position: Mapped[int]
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class ServiceNeed(Base):
    """One option of one group of needs: a visit takes one resource of each group."""

    __tablename__ = "service_needs"

    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True)
    group_number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    resource_id: Mapped[int] = mapped_column(
        ForeignKey("resources.id"), primary_key=True, index=True
    )
    position: Mapped[int]


class ServicePractitioner(Base):
    """Who does what."""

    __tablename__ = "service_practitioners"

    practitioner_id: Mapped[int] = mapped_column(ForeignKey("practitioners.id"), primary_key=True)
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"), primary_key=True, index=True)
    position: Mapped[int]
