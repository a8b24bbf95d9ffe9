"""Codes of orders, their steps and tasks, in the desk's words."""

from typing import Any

from flask_babel import gettext as _

from clinic.payments.rules.states import Status
from clinic.web.filters import money

TROUBLE = frozenset(
    {"task-opened", "payment-failed", "paid-twice", "paid-otherwise", "disputed", "refund-failed"}
)
KEY_STEPS = frozenset(
    {
        "ordered",
        "paid",
        "amount-accepted",
        "scheduled",
        "recorded",
        "released",
        "refunded",
        "cancelled",
    }
)


def status_words(status: str) -> str:
    """What the clinic granted."""
    words = {
        Status.AWAITING: _("Awaiting payment"),
        Status.PROCESSING: _("With the bank"),
        Status.PAID: _("Paid, no lab time"),
        Status.SCHEDULED: _("Lab time booked"),
        Status.RECORDED: _("Recorded"),
        Status.RELEASED: _("Report released"),
        Status.CANCELLED: _("Cancelled"),
        Status.EXPIRED: _("Run out"),
    }
    return str(words[Status(status)])


def payment_words(payment: str) -> str:
    """What of the money is here."""
    words = {
        "unpaid": _("Unpaid"),
        "pending": _("Pending"),
        "paid": _("Paid"),
        "partly-refunded": _("Partly refunded"),
        "refunded": _("Refunded"),
    }
    return str(words.get(payment, payment))


def dispute_words(status: str) -> str:
    """How a dispute stands with the bank."""
    words = {
        "needs_response": _("answer it in Stripe"),
        "under_review": _("the bank decides"),
        "won": _("won, the money stays"),
        "lost": _("lost, the money is gone"),
        "warning_needs_response": _("a question, answer it in Stripe"),
        "warning_under_review": _("a question, the bank decides"),
        "warning_closed": _("a question, closed"),
        "prevented": _("prevented"),
    }
    return str(words.get(status, status.replace("_", " ")))


def task_words(code: str) -> tuple[str, str]:
    """What is the matter, and what can be done."""
    words = {
        "paid-unbooked": (
            _("Paid, but no lab time"),
            _(
                "No time was chosen for a week, or it was taken or cancelled. Offer one, or give"
                " the money back."
            ),
        ),
        "amount-mismatch": (
            _("The payment does not fit the order"),
            _("Amount or currency differ. Look at it in Stripe; accept what came, or refund it."),
        ),
        "duplicate-payment": (_("Paid twice"), _("Give one of the two payments back.")),
        "refund-failed": (
            _("A refund failed"),
            _("The bank sent it back. Ask the patient for another way, or try again."),
        ),
        "dispute-open": (
            _("The payment is disputed"),
            _("Answer with evidence in Stripe before the day it is due."),
        ),
        "dispute-lost": (_("A dispute was lost"), _("The money is gone. Talk with the patient.")),
        "external-refund": (
            _("Refunded outside of this desk"),
            _("Somebody gave money back in Stripe. See whether the visit still stands."),
        ),
        "paid-after-cancel": (
            _("Paid after it was cancelled"),
            _("Give the money back, or take the order up again with the patient."),
        ),
        "fraud-warning": (_("The card may be stolen"), _("Consider a refund before a dispute.")),
        "visit-without-payment": (
            _("A visit without its payment"),
            _("The order was cancelled, the visit came back. Settle the payment."),
        ),
    }
    words |= _words_without_order()
    found = words.get(code, (code, _("Look at it in Stripe.")))
    return str(found[0]), str(found[1])


def _words_without_order() -> dict[str, tuple[str, str]]:
    return {
        "unknown-order": (
            _("Money that no order here explains"),
            _("Look at it in Stripe: does another system use the same account?"),
        ),
        "event-failed": (
            _("Something the payment service told us could not be acted on"),
            _("Run “flask reconcile”, and report the fault."),
        ),
        "payout-failed": (
            _("Stripe could not pay out to the clinic’s bank"),
            _("Look at it in Stripe."),
        ),
        "key-refused": (
            _("Stripe refuses the clinic’s key"),
            _("Nobody can pay online. Whoever runs the server must replace STRIPE_API_KEY."),
        ),
    }


def step_words(step: str, details: dict[str, Any], currency: str) -> str:
    """One line of the story."""
    cents = details.get("cents")
    amount = money(int(cents), currency=currency) if isinstance(cents, int) else ""
    words = {
        "ordered": _("Order placed, %(amount)s", amount=amount),
        "card-notice": _("Notice about paying by card read"),
        "checkout-opened": _("Sent to the payment page"),
        "checkout-refused": _("The payment page was refused"),
        "paid": _("Payment received, %(amount)s", amount=amount),
        "paid-late": _("Paid late, %(amount)s", amount=amount),
        "paid-twice": _("Paid a second time, %(amount)s", amount=amount),
        "paid-otherwise": _("Paid, but otherwise than asked: %(amount)s", amount=amount),
        "amount-accepted": _("%(amount)s accepted as enough", amount=amount),
        "pending": _("The bank takes its time"),
        "payment-failed": _("The payment failed"),
        "task-opened": _("On a person’s list: %(task)s", task=_task(details)),
        "task-closed": _("Taken off the list: %(task)s", task=_task(details)),
        "visit-moved": _("The lab visit was moved"),
        "refund-asked": _("Refund of %(amount)s asked for", amount=amount),
        "refund-pending": _("Refund of %(amount)s on its way", amount=amount),
        "refunded": _("Refund of %(amount)s arrived", amount=amount),
        "refund-failed": _("Refund of %(amount)s failed", amount=amount),
        "refund-outside": _("Refund of %(amount)s made outside of this desk", amount=amount),
        "disputed": _("Disputed with the bank, %(amount)s", amount=amount),
        "card-declined": _("A card was declined"),
        "dispute-ended": _("The dispute is over; the money stays"),
        "dispute-lost": _("The dispute was lost"),
        "note": _("Note"),
        "scheduled": _("Lab time booked"),
        "recorded": _("Recorded in the lab"),
        "released": _("Report released"),
        "cancelled": _("Cancelled"),
        "expired": _("Run out unpaid"),
    }
    if step == "paid" and details.get("visit") == "cancelled":
        return str(_("The lab visit was cancelled: paid, and without a time"))
    return str(words.get(step, step))


def _task(details: dict[str, Any]) -> str:
    return task_words(str(details.get("task", "")))[0]
