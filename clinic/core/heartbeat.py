"""The worker's sign of life: ``/readyz`` tells by it whether anybody does the background work."""

from datetime import datetime, timedelta

from sqlalchemy import String, select
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.db import Base, db, housekeeping
from clinic.core.types import Instant

FRESH = timedelta(seconds=30)


class Heartbeat(Base):
    """When a part of the system was last alive."""

    __tablename__ = "heartbeats"

    part: Mapped[str] = mapped_column(String(40), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(Instant)


@housekeeping
def beat(*, part: str, now: datetime) -> None:
    """Say that ``part`` is alive at ``now``."""
    db.session.merge(Heartbeat(part=part, beat_at=now))


def is_alive(*, part: str, now: datetime) -> bool:
    """Whether ``part`` gave a sign of life in the last 30 seconds."""
    last = db.session.scalar(select(Heartbeat.beat_at).where(Heartbeat.part == part))
    return last is not None and now - last <= FRESH
