"""What the payment service told us, as it came."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.types import Instant


class StripeEvent(PublicId, Base):
    """One event: stored once whatever how often it comes, done in the commit of its effect.

    State: ``due``, ``done``, ``aside`` (nothing of ours, or given up; a task says so). Whoever acts
    on it takes it by a ``lease`` until ``next_try_at``. ``object_id`` is what it is about there.
    """

    __tablename__ = "stripe_events"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'done', 'aside')", name="state"),
        CheckConstraint("(state = 'due') = (done_at IS NULL)", name="done"),
        Index(
            "ix_stripe_events_due",
            "next_try_at",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
        Index("ix_stripe_events_order_id", "order_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(String(255), unique=True)
    kind: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str] = mapped_column(String(255))
    api_version: Mapped[str | None] = mapped_column(String(40))
    body_sealed: Mapped[str] = mapped_column(String)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    state: Mapped[str] = mapped_column(String(10))
    outcome: Mapped[str | None] = mapped_column(String(120))
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None] = mapped_column(String(22))
    next_try_at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)

    body = EncryptedText("body_sealed")
