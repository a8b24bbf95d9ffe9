"""What was done about orders and money, in the trail's words."""

from flask_babel import gettext as _


def money_words() -> dict[str, str]:
    """Actions of orders, their documents and the manager's money pages."""
    return {
        "document.unreadable": _("Could not open a document whose file is missing or damaged"),
        "money.exported": _("Took a copy of the book"),
        "numbers.exported": _("Took a copy of the numbers"),
        "order.amount-accepted": _("Accepted another amount as enough"),
        "order.cancelled": _("Cancelled an order"),
        "order.card-declined": _("Had a card declined"),
        "order.card-notice": _("Read the notice about paying by card"),
        "order.checkout-opened": _("Went on to the payment page"),
        "order.checkout-refused": _("Was refused the payment page"),
        "order.dispute-ended": _("Ended a dispute"),
        "order.dispute-lost": _("Lost a dispute"),
        "order.disputed": _("Contested a payment"),
        "order.expired": _("Let an order run out"),
        "order.note": _("Wrote a note about an order"),
        "order.ordered": _("Ordered"),
        "order.paid": _("Paid an order"),
        "order.paid-late": _("Paid an order late"),
        "order.paid-otherwise": _("Paid otherwise than asked"),
        "order.paid-twice": _("Paid a second time"),
        "order.payment-failed": _("A payment failed"),
        "order.pending": _("A payment waits for the bank"),
        "order.recorded": _("Recorded a lab visit"),
        "order.refund-asked": _("Asked for a refund"),
        "order.refund-failed": _("A refund failed"),
        "order.refund-outside": _("A refund was made in Stripe"),
        "order.refund-pending": _("A refund waits for the bank"),
        "order.refunded": _("Gave money back"),
        "order.released": _("Released a report"),
        "order.scheduled": _("Booked a lab time"),
        "order.seen": _("Looked at an order"),
        "order.task-closed": _("Settled what needed a person"),
        "order.task-opened": _("Put something on a person’s list"),
        "order.visit-moved": _("Moved a bought visit"),
        "orders.listed": _("Looked at the orders"),
        "product.saved": _("Changed what is sold"),
        "receipt.read": _("Read a receipt"),
        "report.read": _("Read a released report"),
        "task.settled": _("Settled what needed a person"),
    }
