"""What only a person can decide: the codes of the list, and when one of them is over."""

from enum import StrEnum


class Task(StrEnum):
    """A code that the API, the desk and the documentation share (docs/payments.md)."""

    PAID_UNBOOKED = "paid-unbooked"
    AMOUNT_MISMATCH = "amount-mismatch"
    DUPLICATE_PAYMENT = "duplicate-payment"
    REFUND_FAILED = "refund-failed"
    DISPUTE_OPEN = "dispute-open"
    DISPUTE_LOST = "dispute-lost"
    EXTERNAL_REFUND = "external-refund"
    PAID_AFTER_CANCEL = "paid-after-cancel"
    FRAUD_WARNING = "fraud-warning"
    VISIT_WITHOUT_PAYMENT = "visit-without-payment"
    UNKNOWN_ORDER = "unknown-order"
    EVENT_FAILED = "event-failed"
    PAYOUT_FAILED = "payout-failed"
    KEY_REFUSED = "key-refused"
