"""Orders, money, and what the payment service told us."""

from clinic.payments.models.inbox import StripeEvent
from clinic.payments.models.money import (
    Dispute,
    Entitlement,
    LedgerEntry,
    Payment,
    Receipt,
    Refund,
)
from clinic.payments.models.orders import (
    CheckoutAttempt,
    Order,
    OrderStep,
    OrderTask,
    RefundPolicy,
)
from clinic.payments.models.till import TillClosing, TillMovement

__all__ = [
    "CheckoutAttempt",
    "Dispute",
    "Entitlement",
    "LedgerEntry",
    "Order",
    "OrderStep",
    "OrderTask",
    "Payment",
    "Receipt",
    "Refund",
    "RefundPolicy",
    "StripeEvent",
    "TillClosing",
    "TillMovement",
]
