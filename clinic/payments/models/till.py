"""The desk's till: cash that moved without an order, and each count of the drawer."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant, JsonText


class TillMovement(PublicId, Base):
    """Cash put into the drawer (positive) or taken out (negative), and what for.

    ``day`` is the clinic's date. A slip is put right by another movement, never by a change.
    """

    __tablename__ = "till_movements"
    __table_args__ = (CheckConstraint("cents <> 0", name="cents"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(index=True)
    cents: Mapped[int]
    reason_sealed: Mapped[str] = mapped_column(String)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(String(200))
    submission: Mapped[str | None] = mapped_column(String(64), unique=True)

    reason = EncryptedText("reason_sealed")


class TillClosing(PublicId, Base):
    """A day's till as somebody closed it: what should be in the drawer, and what was.

    ``number`` counts the closings of a day: counted again, or after another payment, it is a new
    row and the last one holds. ``start_cents`` lay there in the morning, ``cash_cents`` came in
    (less what went back), ``moved_cents`` are the movements; ``banked_cents`` of what was counted
    leave the drawer. ``sums`` is JSON: cents by means, as they stood.
    """

    __tablename__ = "till_closings"
    __table_args__ = (
        UniqueConstraint("day", "number"),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint("counted_cents >= 0", name="counted"),
        CheckConstraint("banked_cents BETWEEN 0 AND counted_cents", name="banked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
    number: Mapped[int]
    start_cents: Mapped[int]
    cash_cents: Mapped[int]
    moved_cents: Mapped[int]
    counted_cents: Mapped[int]
    banked_cents: Mapped[int]
    sums: Mapped[Any] = mapped_column(JsonText)
    note_sealed: Mapped[str | None] = mapped_column(String)
    closed_at: Mapped[datetime] = mapped_column(Instant)
    closed_by: Mapped[str] = mapped_column(String(200))
    submission: Mapped[str | None] = mapped_column(String(64), unique=True)

    note = EncryptedText("note_sealed")


append_only(TillMovement.__table__)
append_only(TillClosing.__table__)
