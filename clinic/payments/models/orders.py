"""Orders, the attempts to pay them, their story, and what a person must look at."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant, JsonText


class Order(PublicId, Base):
    """What somebody buys, at the price of that moment.

    ``status`` is what the clinic granted, ``payment`` what the payment service holds of the money.
    ``paid_cents`` and ``refunded_cents`` count all that came in and all that went back for good.
    ``about`` names what is paid where it is no product (``appointment:...``). Until ``expires_at``
    it can be paid; an order sent as a link (``is_link``) outlives the page of a single attempt.
    ``submission`` is a keyed hash of the request that made it, ``submitted`` of what was asked.
    """

    __tablename__ = "orders"
    __table_args__ = (
        CheckConstraint("kind IN ('product', 'balance')", name="kind"),
        CheckConstraint(
            "status IN ('awaiting-payment', 'processing', 'paid', 'scheduled', 'recorded',"
            " 'released', 'cancelled', 'expired')",
            name="status",
        ),
        CheckConstraint(
            "payment IN ('unpaid', 'pending', 'paid', 'partly-refunded', 'refunded')",
            name="payment",
        ),
        CheckConstraint(
            "status NOT IN ('paid', 'scheduled', 'recorded', 'released')"
            " OR payment NOT IN ('unpaid', 'pending')",
            name="granted_is_paid",
        ),
        CheckConstraint("total_cents >= 0", name="total"),
        CheckConstraint("refunded_cents BETWEEN 0 AND paid_cents", name="refunded"),
        CheckConstraint("version >= 1", name="version"),
        Index("ix_orders_status", "status", "created_at", "id"),
        Index("ix_orders_about", "about"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    product: Mapped[str | None] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    about: Mapped[str | None] = mapped_column(String(80))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patients.id"), index=True)
    contact_email: Mapped[str | None] = mapped_column(String(254))
    status: Mapped[str] = mapped_column(String(20))
    payment: Mapped[str] = mapped_column(String(20))
    disputed: Mapped[bool] = mapped_column(default=False)
    total_cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    price_version: Mapped[int | None]
    paid_cents: Mapped[int] = mapped_column(default=0)
    refunded_cents: Mapped[int] = mapped_column(default=0)
    is_link: Mapped[bool] = mapped_column(default=False)
    expires_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    submission: Mapped[str | None] = mapped_column(String(64), unique=True)
    submitted: Mapped[str | None] = mapped_column(String(64))
    link_version: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)


class CheckoutAttempt(Base):
    """One page of the payment service for an order; its key is written before we call.

    State: ``calling`` (we do not know yet what became of the call), ``open``, ``processing`` (paid
    by a method that takes days), ``complete``, ``failed``, ``expired``, ``refused``. One at a time
    may still bring money.
    """

    __tablename__ = "checkout_attempts"
    __table_args__ = (
        UniqueConstraint("order_id", "number"),
        CheckConstraint(
            "state IN ('calling', 'open', 'processing', 'complete', 'failed', 'expired',"
            " 'refused')",
            name="state",
        ),
        CheckConstraint("number >= 1", name="number"),
        CheckConstraint(
            "state IN ('calling', 'refused') OR session_id IS NOT NULL", name="session"
        ),
        Index(
            "uq_checkout_attempts_live",
            "order_id",
            unique=True,
            sqlite_where=text("state IN ('calling', 'open', 'processing')"),
            postgresql_where=text("state IN ('calling', 'open', 'processing')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    number: Mapped[int]
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    state: Mapped[str] = mapped_column(String(12))
    session_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    intent_id: Mapped[str | None] = mapped_column(String(255), index=True)
    url: Mapped[str | None] = mapped_column(String(2000))
    cents: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)


class OrderStep(PublicId, Base):
    """One line of an order's story; rows are only ever added. ``words`` are what people typed."""

    __tablename__ = "order_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_name: Mapped[str] = mapped_column(String(200))
    step: Mapped[str] = mapped_column(String(30))
    status: Mapped[str] = mapped_column(String(20))
    payment: Mapped[str] = mapped_column(String(20))
    details: Mapped[Any] = mapped_column(JsonText)
    words_sealed: Mapped[str | None] = mapped_column(String)

    words = EncryptedText("words_sealed")


class OrderTask(PublicId, Base):
    """What a person must look at. ``reference`` tells apart tasks of one code.

    Open until somebody, or what happened since, closes it; then ``closed_by`` says who.
    """

    __tablename__ = "order_tasks"
    __table_args__ = (
        CheckConstraint("(closed_at IS NULL) = (closed_by IS NULL)", name="closed"),
        Index(
            "uq_order_tasks_open",
            "code",
            "reference",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
        Index("ix_order_tasks_order_id", "order_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    code: Mapped[str] = mapped_column(String(30))
    reference: Mapped[str] = mapped_column(String(255))
    details: Mapped[Any] = mapped_column(JsonText)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_by: Mapped[str | None] = mapped_column(String(200))
    note_sealed: Mapped[str | None] = mapped_column(String)

    note = EncryptedText("note_sealed")


class RefundPolicy(Base):
    """What is given back when; a new row at every change, the last one holds."""

    __tablename__ = "refund_policies"

    id: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[Any] = mapped_column(JsonText)
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by: Mapped[str] = mapped_column(String(200))


append_only(OrderStep.__table__)
append_only(RefundPolicy.__table__)
