"""What the desk's lists of orders share: the ways to see them, and the record of who looked."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.values import Role
from clinic.gait.presenters.desk_places import DESK_ORDERS
from clinic.gait.rules.lists import Show
from clinic.payments.queries.orders import OrderSeen, count_tasks
from clinic.web.access import current_actor

VIEWERS = (Role.ADMIN, Role.FRONT_DESK, Role.GAIT_LAB)


@dataclass(frozen=True, slots=True)
class Tab:
    """A way to see the list."""

    text: str
    href: str
    is_current: bool


def tabs(show: Show) -> tuple[Tab, ...]:
    """The lists there are; this one is shown."""
    words = {
        Show.TASKS: _("Needs a person (%(count)s)", count=count_tasks()),
        Show.OPEN: _("Unpaid"),
        Show.PAID: _("Paid, no time"),
        Show.SCHEDULED: _("Lab time booked"),
        Show.RECORDED: _("Recorded"),
        Show.RELEASED: _("Released"),
        Show.CLOSED: _("Closed"),
        Show.ALL: _("All"),
    }
    return tuple(
        Tab(str(text), f"{DESK_ORDERS}?show={one}", one is show) for one, text in words.items()
    )


def record_list(show: Show, orders: Sequence[OrderSeen]) -> None:
    """Put on record whom a list showed."""
    record_look(
        action="orders.listed",
        actor=current_actor(),
        now=now(),
        details={"show": show.value},
        seen=[f"patient:{one.patient}" for one in orders],
    )
