"""The one rule against double booking: no two live claims of one resource overlap.

PostgreSQL keeps it by an exclusion constraint, SQLite by triggers: an insert that would overlap is
skipped (``RETURNING`` answers no row, as ``ON CONFLICT DO NOTHING`` does), an update is refused.
Overbookings by staff stand outside the rule. Claims exist for now and the future only.
"""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.schema import Base
from clinic.core.triggers import attach
from clinic.core.types import Instant

_OVERLAP = (
    "EXISTS (SELECT 1 FROM claims WHERE resource_id = NEW.resource_id AND NOT overbooked"
    " AND starts_at < NEW.ends_at AND ends_at > NEW.starts_at{others})"
)

_ONE_OWNER = (
    "(CASE WHEN occurrence_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN appointment_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN block_id IS NULL THEN 0 ELSE 1 END) = 1"
)

NO_OVERLAP_DDL = {
    "postgresql": [
        (
            "ALTER TABLE claims ADD CONSTRAINT claims_no_overlap EXCLUDE USING gist"
            " (int4range(resource_id, resource_id, '[]') WITH =,"
            " tstzrange(starts_at, ends_at) WITH &&) WHERE (NOT overbooked)"
        )
    ],
    "sqlite": [
        (
            "CREATE TRIGGER claims_no_overlap_insert BEFORE INSERT ON claims"
            f" WHEN NOT NEW.overbooked AND {_OVERLAP.format(others='')}"
            " BEGIN SELECT RAISE(IGNORE); END"
        ),
        (
            "CREATE TRIGGER claims_no_overlap_update BEFORE UPDATE OF resource_id, starts_at,"
            " ends_at, overbooked ON claims WHEN NOT NEW.overbooked"
            f" AND {_OVERLAP.format(others=' AND id <> NEW.id')}"
            " BEGIN SELECT RAISE(ABORT, 'claims_no_overlap'); END"
        ),
    ],
}


class Claim(Base):
    """A resource is busy for a half-open period, buffers included, for one occurrence,
    patient or block.

    ``expires_at`` is set while the claim belongs to a hold.
    """

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="period"),
        CheckConstraint(_ONE_OWNER, name="one_owner"),
        # Covers what the rule and the diary read, so that neither visits the table.
        Index(
            "ix_claims_resource_time",
            "resource_id",
            "starts_at",
            "ends_at",
            "overbooked",
            "expires_at",
        ),
        Index(
            "ix_claims_expires_at",
            "expires_at",
            sqlite_where=text("expires_at IS NOT NULL"),
            postgresql_where=text("expires_at IS NOT NULL"),
        ),
        Index("ix_claims_ends_at", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int] = mapped_column(ForeignKey("resources.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    occurrence_id: Mapped[int | None] = mapped_column(ForeignKey("occurrences.id"), index=True)
    appointment_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"), index=True)
    block_id: Mapped[int | None] = mapped_column(ForeignKey("blocks.id"), index=True)
    overbooked: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None] = mapped_column(Instant)


attach(Claim.__table__, NO_OVERLAP_DDL)
