"""What staff say that a visit costs its patient, in place of the service's price."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant


class VisitCharge(PublicId, Base):
    """What is due for a visit from now on (a co-payment, nothing at all), with the reason.

    Rows are only ever added; the last one of a visit holds.
    """

    __tablename__ = "visit_charges"
    __table_args__ = (CheckConstraint("cents >= 0", name="cents"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), index=True)
    cents: Mapped[int]
    reason_sealed: Mapped[str] = mapped_column(String)
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by: Mapped[str] = mapped_column(String(200))

    reason = EncryptedText("reason_sealed")


append_only(VisitCharge.__table__)
