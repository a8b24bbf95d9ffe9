"""The worker's sign of life: ``/readyz`` tells by it whether anybody does the background work."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.db import current_connection, db, housekeeping
from clinic.core.schema import Base
from clinic.core.types import Instant

FRESH = timedelta(seconds=30)


class Heartbeat(Base):
    """When a part of the system was last alive."""

    __tablename__ = "heartbeats"

    part: Mapped[str] = mapped_column(String(40), primary_key=True)
    beat_at: Mapped[datetime] = mapped_column(Instant)


_INSERTS: dict[str, Any] = {"postgresql": postgresql.insert, "sqlite": sqlite.insert}


@housekeeping
def beat(*, part: str, now: datetime) -> None:
    """Say that ``part`` is alive at ``now``; several may say so for the first time at once."""
    connection = current_connection()
    insert = _INSERTS[connection.dialect.name](Heartbeat).values(part=part, beat_at=now)
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=[Heartbeat.part], set_={"beat_at": insert.excluded.beat_at}
        )
    )


def is_alive(*, part: str, now: datetime) -> bool:
    """Whether ``part`` gave a sign of life in the last 30 seconds."""
    last = db.session.scalar(select(Heartbeat.beat_at).where(Heartbeat.part == part))
    return last is not None and now - last <= FRESH
