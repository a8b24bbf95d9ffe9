"""Money that came and went. What is a fact is added and never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only, attach
from clinic.core.types import Instant, JsonText
from clinic.payments.models.guards import RECEIPTS_WITHOUT_GAPS, REFUNDS_WITHIN_PAYMENT


class Payment(PublicId, Base):
    """Money that arrived for an order: through the payment service, or at the desk.

    ``is_surplus``: the order was paid already; the money waits to be given back. ``cents`` may be
    nothing (a code of a hundred percent). ``reference`` is the number on the terminal's slip.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("method IN ('stripe', 'cash', 'terminal', 'none')", name="method"),
        CheckConstraint("cents >= 0", name="cents"),
        CheckConstraint("(method = 'stripe') = (session_id IS NOT NULL)", name="session"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    method: Mapped[str] = mapped_column(String(10))
    session_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    intent_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    charge_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    discount_cents: Mapped[int]
    tax_cents: Mapped[int]
    is_surplus: Mapped[bool]
    receipt_url: Mapped[str | None] = mapped_column(String(2000))
    reference: Mapped[str | None] = mapped_column(String(40))
    recorded_by: Mapped[str] = mapped_column(String(200))
    paid_at: Mapped[datetime] = mapped_column(Instant)


class Refund(PublicId, Base):
    """Money on its way back. Its public id stands in the payment service's metadata.

    ``source``: ``staff``, ``policy`` (a cancellation), ``external`` (made outside this system).
    """

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint(
            "state IN ('requested', 'pending', 'succeeded', 'failed', 'canceled')", name="state"
        ),
        CheckConstraint("source IN ('staff', 'policy', 'external')", name="source"),
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint(
            "(settled_at IS NULL) = (state IN ('requested', 'pending'))", name="settled"
        ),
        Index("ix_refunds_state", "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    stripe_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    cents: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    source: Mapped[str] = mapped_column(String(10))
    reason_sealed: Mapped[str | None] = mapped_column(String)
    requested_by: Mapped[str] = mapped_column(String(200))
    submission: Mapped[str | None] = mapped_column(String(64), unique=True)
    submitted: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)

    reason = EncryptedText("reason_sealed")


class Dispute(Base):
    """A payment that the buyer contests with the bank. A warning moves no money."""

    __tablename__ = "disputes"
    __table_args__ = (CheckConstraint("cents >= 0", name="cents"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), index=True)
    stripe_id: Mapped[str] = mapped_column(String(255), unique=True)
    cents: Mapped[int]
    status: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(60))
    evidence_due_at: Mapped[datetime | None] = mapped_column(Instant)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class LedgerEntry(Base):
    """What moved, once: a kind and its reference stand once in the book. In: positive cents."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("kind", "reference"),
        CheckConstraint(
            "kind IN ('payment', 'refund', 'refund-returned', 'dispute', 'dispute-returned')",
            name="kind",
        ),
        CheckConstraint(
            "CASE WHEN kind IN ('refund', 'dispute') THEN cents <= 0 ELSE cents >= 0 END",
            name="sign",
        ),
        Index("ix_ledger_entries_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(255))
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))


class Entitlement(Base):
    """What a paid order gives a right to: one session. Gone while all the money went back."""

    __tablename__ = "entitlements"

    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    granted_at: Mapped[datetime] = mapped_column(Instant)
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)


class Receipt(PublicId, Base):
    """A numbered document about a payment or, with a refund, about money given back.

    Numbers have no gaps. ``facts`` is JSON: what the document said when it was issued.
    """

    __tablename__ = "receipts"
    __table_args__ = (CheckConstraint("number >= 1", name="number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"), index=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"), unique=True)
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"), unique=True)
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    facts: Mapped[Any] = mapped_column(JsonText)
    issued_at: Mapped[datetime] = mapped_column(Instant)


append_only(Payment.__table__)
append_only(LedgerEntry.__table__)
append_only(Receipt.__table__)
attach(Refund.__table__, REFUNDS_WITHIN_PAYMENT)
attach(Receipt.__table__, RECEIPTS_WITHOUT_GAPS)
