"""What the payment service says of its objects, in our words: frozen, and only what we act on."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeFacts:
    """The charge that brought the money."""

    charge_id: str
    refunded_cents: int
    is_disputed: bool
    receipt_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentFacts:
    """What the session collects money with. ``order`` is the id in its metadata."""

    intent_id: str
    status: str
    received_cents: int
    currency: str
    order: str | None
    charge: ChargeFacts | None

    @property
    def is_dead(self) -> bool:
        """Whether a delayed payment will bring nothing any more."""
        return self.status in {"requires_payment_method", "canceled"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionFacts:
    """A page of the payment service: whose it is, where it stands, what it asked and got.

    ``orders`` are the order ids that it names (reference and metadata).
    """

    session_id: str
    status: str
    payment_status: str
    orders: frozenset[str]
    attempt: int | None
    subtotal_cents: int | None
    total_cents: int
    discount_cents: int
    tax_cents: int
    shipping_cents: int
    currency: str
    is_live: bool
    url: str | None
    created_at: datetime
    expires_at: datetime
    intent: IntentFacts | None
    intent_id: str | None

    @property
    def is_paid(self) -> bool:
        """Whether nothing more is due."""
        return self.status == "complete" and self.payment_status in {"paid", "no_payment_required"}

    @property
    def is_waiting(self) -> bool:
        """Whether the buyer is done and the bank is not."""
        return self.status == "complete" and not self.is_paid


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundFacts:
    """A refund there. ``ours`` is our public id of it, None when it was not made by us."""

    stripe_id: str
    cents: int
    status: str
    ours: str | None
    created_at: datetime
    intent_id: str | None
    charge_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFacts:
    """A dispute there."""

    stripe_id: str
    cents: int
    status: str
    reason: str | None
    due_at: datetime | None
    created_at: datetime
    intent_id: str | None
    charge_id: str | None

    @property
    def is_warning(self) -> bool:
        """Whether it is only a bank's question: no money moves."""
        return self.status.startswith("warning")

    @property
    def is_open(self) -> bool:
        """Whether it is not decided."""
        return self.status not in {"won", "lost", "warning_closed", "prevented"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFacts:
    """An event whose signature is right: what happened to which object, and what it hangs on."""

    event_id: str
    kind: str
    object_id: str
    object_kind: str
    api_version: str | None
    is_live: bool
    session_id: str | None
    intent_id: str | None
    order: str | None


def takes_money(status: str) -> bool:
    """Whether a dispute in this state keeps its money from us: open for good, or lost."""
    return not status.startswith("warning") and status not in {"won", "prevented"}


def mismatch(facts: SessionFacts, *, total_cents: int, currency: str) -> str | None:
    """Why what was paid is not what was asked, None when it is.

    The subtotal must be our total; a discount or a tax may stand between it and what was received.
    """
    if facts.currency != currency:
        return "currency"
    asked = facts.total_cents + facts.discount_cents - facts.tax_cents - facts.shipping_cents
    subtotal = asked if facts.subtotal_cents is None else facts.subtotal_cents
    if subtotal != total_cents or asked != subtotal or facts.discount_cents < 0:
        return "amount"
    if facts.intent is not None and facts.intent.charge is not None:
        if facts.intent.currency != currency:
            return "currency"
        if facts.intent.received_cents != facts.total_cents:
            return "received"
    return None


def received_cents(facts: SessionFacts) -> int:
    """What came in."""
    if facts.payment_status == "no_payment_required":
        return 0
    if facts.intent is not None and facts.intent.received_cents > 0:
        return facts.intent.received_cents
    return facts.total_cents
