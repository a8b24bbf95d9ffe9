"""Which orders a list shows. Pure."""

from collections.abc import Mapping
from enum import StrEnum

from clinic.payments.rules.states import Status


class Show(StrEnum):
    """The lists there are."""

    TASKS = "tasks"
    OPEN = "open"
    PAID = "paid"
    SCHEDULED = "scheduled"
    RECORDED = "recorded"
    RELEASED = "released"
    CLOSED = "closed"
    ALL = "all"


SHOWN: Mapping[Show, tuple[Status, ...]] = {
    Show.OPEN: (Status.AWAITING, Status.PROCESSING),
    Show.PAID: (Status.PAID,),
    Show.SCHEDULED: (Status.SCHEDULED,),
    Show.RECORDED: (Status.RECORDED,),
    Show.RELEASED: (Status.RELEASED,),
    Show.CLOSED: (Status.CANCELLED, Status.EXPIRED),
    Show.ALL: (),
}


def read_show(text: str) -> Show:
    """The list of an address; what needs a person where it names none."""
    return Show(text) if text in list(Show) else Show.TASKS
