"""What a buyer is told by mail: posted with the deed, worded when it is sent."""

from collections.abc import Sequence
from datetime import datetime

from clinic.core.db import db
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.messaging.operations import post_message
from clinic.messaging.queries import Posted
from clinic.messaging.repeats import Draft
from clinic.payments.models import Order
from clinic.payments.queries.links import order_path
from clinic.people.models import Patient
from clinic.people.recipients import recipient_of

KINDS = (
    "order-paid",
    "order-pending",
    "order-payment-failed",
    "order-refunded",
    "order-cancelled",
    "order-link",
    "order-choose-time",
)
STANDING = ("order-pending", "order-payment-failed", "order-cancelled", "order-link")
"""Of these the newest alone says how the order stands; the others stay true beside them."""


def tell_buyer(kind: str, order: Order, *, actor: Actor, now: datetime) -> None:
    """Post one of ``KINDS`` to whoever ordered, if there is an address."""
    del actor
    for draft in _drafts(kind, order):
        post_message(
            kind=draft.kind,
            recipient=draft.recipient,
            context=draft.context,
            about=draft.about,
            now=now,
        )


def retell_order(*, told: Posted, now: datetime) -> Sequence[Draft]:
    """What the buyer was told of an order, by the link and to the address of today; NotFound."""
    del now
    return _drafts(told.kind, lock_row(Order, told.about.partition(":")[2]))


def _drafts(kind: str, order: Order) -> Sequence[Draft]:
    if order.contact_email is None:
        return ()
    person = db.session.get_one(Patient, order.patient_id)
    recipient = recipient_of(person, email=order.contact_email)
    link = order_path(public_id=order.public_id, link_version=order.link_version)
    return [Draft(kind, recipient, {"link": link}, f"order:{order.public_id}")]
