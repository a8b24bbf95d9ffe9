"""Whatever can be busy: a practitioner, a room, a treadmill, a patient."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.schema import Base
from clinic.core.types import Instant


class Resource(Base):
    """One row for each thing that two visits cannot have at once.

    Rooms and equipment are described here; a practitioner's and a patient's row only stands for
    them in the table of claims.
    """

    __tablename__ = "resources"
    __table_args__ = (
        CheckConstraint("kind IN ('practitioner', 'room', 'equipment', 'patient')", name="kind"),
        CheckConstraint("(kind = 'patient') = (patient_id IS NOT NULL)", name="patient"),
        CheckConstraint(
            "(kind IN ('room', 'equipment')) = (slug IS NOT NULL AND location_id IS NOT NULL)",
            name="place",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    slug: Mapped[str | None] = mapped_column(String(64), unique=True)
    name: Mapped[str | None] = mapped_column(String(200))
    location_id: Mapped[int | None] = mapped_column(ForeignKey("locations.id"), index=True)
    patient_id: Mapped[int | None] = mapped_column(ForeignKey("patients.id"), unique=True)
    position: Mapped[int]
    retired_at: Mapped[datetime | None] = mapped_column(Instant)
