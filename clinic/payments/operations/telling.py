"""What a buyer is told by mail: posted with the deed, worded when it is sent."""

from datetime import datetime

from clinic.core.db import db
from clinic.core.values import Actor
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient
from clinic.payments.models import Order
from clinic.payments.queries.links import order_path
from clinic.people.models import Patient

KINDS = (
    "order-paid",
    "order-pending",
    "order-payment-failed",
    "order-refunded",
    "order-cancelled",
    "order-link",
    "order-choose-time",
)


def tell_buyer(kind: str, order: Order, *, actor: Actor, now: datetime) -> None:
    """Post one of ``KINDS`` to whoever ordered, if there is an address."""
    del actor
    if order.contact_email is None:
        return
    person = db.session.get_one(Patient, order.patient_id)
    post_message(
        kind=kind,
        recipient=Recipient(
            name=f"{person.given_name} {person.family_name}",
            email=order.contact_email,
            patient=person.public_id,
        ),
        context={"link": order_path(public_id=order.public_id, link_version=order.link_version)},
        about=f"order:{order.public_id}",
        now=now,
    )
