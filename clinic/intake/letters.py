"""What messages about forms need, asked by the worker just before it sends one."""

from datetime import datetime, timedelta

from clinic.core.errors import NotFound
from clinic.intake.queries.safety.stories import get_event
from clinic.intake.queries.status import find_waiting
from clinic.messaging.delivery import date_at_clinic
from clinic.messaging.queries import Parcel
from clinic.messaging.rules import Letter
from clinic.people.queries import is_former_guardians

KINDS = ("forms-to-fill", "forms-reminder")
REMINDS_WITHIN = timedelta(hours=26)


def prepare_forms(*, parcel: Parcel, now: datetime) -> Letter | None:
    """A message about the forms of a visit; None when none is open any more.

    A reminder is not sent long before the visit: it was moved, and has another one. What a
    guardian gave their address for is not told there once the child is of age.
    """
    waiting = find_waiting(about=parcel.about)
    if waiting is None:
        return None
    patient, due_at = waiting
    if parcel.kind == "forms-reminder" and (due_at is None or due_at - now > REMINDS_WITHIN):
        return None
    today = date_at_clinic(now)
    if is_former_guardians(email=parcel.recipient.email, patient=patient, today=today):
        return None
    return Letter(words={})


def prepare_alert(*, parcel: Parcel, now: datetime) -> Letter | None:
    """That somebody is needed; None once a clinician has closed what it is about. In doubt they are
    called."""
    del now
    try:
        event = get_event(public_id=parcel.about.partition(":")[2])
    except NotFound:
        return Letter()
    return Letter() if event.is_open else None
