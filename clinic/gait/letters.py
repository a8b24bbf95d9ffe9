"""What messages of the lab say, asked by the worker just before it sends one."""

from datetime import datetime

from clinic.gait.operations.releasing import RELEASED
from clinic.messaging.queries import Parcel
from clinic.messaging.rules import Letter
from clinic.payments.queries.orders import get_order
from clinic.payments.rules.states import Status

KINDS = (RELEASED,)


def prepare_report(*, parcel: Parcel, now: datetime) -> Letter | None:
    """That a report is there, and nothing of it; None when it was taken back meanwhile."""
    del now
    kind, _colon, public_id = parcel.about.partition(":")
    if kind != "order":  # somebody else's report, which has no order that could be taken back
        return Letter(words={})
    order = get_order(public_id)
    return Letter(words={}) if order.status == Status.RELEASED else None
