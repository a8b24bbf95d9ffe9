"""What a patient has bought, as lines that lead to each order's own page."""

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from clinic.payments.queries.orders import OrderSeen
from clinic.payments.rules.states import Status
from clinic.web.filters import full_date


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order: what, when, how it stands."""

    title: str
    day: str
    word: str
    icon: str
    href: str


def present_own_orders(orders: Sequence[OrderSeen], *, zone: str) -> tuple[OwnOrder, ...]:
    """Orders, the newest first."""
    return tuple(
        OwnOrder(
            title=one.title,
            day=full_date(one.created_at.astimezone(ZoneInfo(zone)).date()),
            word=_word(one.status)[0],
            icon=_word(one.status)[1],
            href=f"/gait/orders/{one.public_id}",
        )
        for one in orders
    )


def _word(status: str) -> tuple[str, str]:
    words = {
        Status.AWAITING: (_("Not paid yet"), "hourglass"),
        Status.PROCESSING: (_("Payment on its way"), "hourglass"),
        Status.PAID: (_("Paid"), "check"),
        Status.SCHEDULED: (_("Lab time booked"), "calendar"),
        Status.RECORDED: (_("Report being written"), "form"),
        Status.RELEASED: (_("Report ready to read"), "page"),
        Status.CANCELLED: (_("Cancelled"), "cross"),
        Status.EXPIRED: (_("Not paid in time"), "cross"),
    }
    found = words[Status(status)]
    return str(found[0]), found[1]
