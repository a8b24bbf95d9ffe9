"""What is declined about orders and money, each with a sentence a patient can read."""

from clinic.core.errors import Refusal


class RefundTooMuch(Refusal):
    """More than is left of what was paid; ``left_cents`` says how much is."""

    code = "refund-too-much"
    status = 409
    message = "This is more than is left of the payment."


class SubmissionMismatch(Refusal):
    """The same key came with another request."""

    code = "idempotency-mismatch"
    status = 422
    message = "This Idempotency-Key was used for another request."


class WrongOrderState(Refusal):
    """The order stands where this does not lead on."""

    code = "wrong-state"
    status = 409
    message = "The order is not in a state that allows this."


class OrderClosed(Refusal):
    """The order can no longer be paid."""

    code = "order-closed"
    status = 409
    message = "This order can no longer be paid. You have not been charged for it."


class PaymentPending(Refusal):
    """A payment is on its way with the bank: a second one is not taken."""

    code = "payment-pending"
    status = 409
    message = (
        "Your payment is on its way. Please do not pay again; we write to you when it is here."
    )


class AlreadyPaid(Refusal):
    """Nothing is due any more."""

    code = "already-paid"
    status = 409
    message = "This is paid already."


class OrderDisputed(Refusal):
    """The payment is contested with the bank; until that is decided nothing is granted."""

    code = "order-disputed"
    status = 409
    message = "The payment of this order is being looked at by the bank. Please call us."


class NothingOwed(Refusal):
    """There is nothing that a payment could be asked for."""

    code = "nothing-owed"
    status = 409
    message = "There is nothing to pay for this."
