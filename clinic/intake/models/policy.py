"""What the clinic decided about danger and patterns."""

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.schema import Base


class ClinicalPolicyRow(Base):
    """One row, written with the clinic's file. Without it the usual policy holds."""

    __tablename__ = "clinical_policy"
    __table_args__ = (
        CheckConstraint("id = 1", name="one_row"),
        CheckConstraint("escalation_minutes > 0", name="escalation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    escalation_minutes: Mapped[int]
    patterns_to_consider: Mapped[bool]
