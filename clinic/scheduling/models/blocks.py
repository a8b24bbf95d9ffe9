"""Time that staff keep free of visits: lunch, a meeting, a room under repair."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant


class Block(PublicId, Base):
    """A practitioner or a room is not to be had; its claims keep visits out by the one rule.

    It keeps its own times, as visits do: claims of the past are removed.
    """

    __tablename__ = "blocks"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint(
            "kind IN ('lunch', 'meeting', 'paperwork', 'training', 'away', 'repair', 'other')",
            name="kind",
        ),
        Index("ix_blocks_starts_at", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(10))
    made_by: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
