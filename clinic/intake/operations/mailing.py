"""The link to a patient's forms is sent again, because somebody at the desk was asked for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from clinic.core import audit
from clinic.core.db import transaction
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.intake.operations.links import LINK_OUTLIVES, add_link
from clinic.intake.queries.status import find_waiting
from clinic.messaging.operations import post_message
from clinic.messaging.queries import Posted
from clinic.messaging.repeats import Draft, NothingToRepeat
from clinic.people.models import Patient
from clinic.people.operations.locking import lock_record
from clinic.people.queries import list_addresses
from clinic.people.recipients import recipient_of

TO_FILL = "forms-to-fill"
SENT_WITHIN = timedelta(days=2)


class NothingToFill(Refusal):
    """Every form was handed in or taken back."""

    code = "nothing-to-fill-in"
    message = "No form waits to be filled in."


class NoAddress(Refusal):
    """Neither the patient nor, for a child, a guardian has an e-mail address."""

    code = "no-address"
    status = 422
    message = "There is no e-mail address to send it to. Make a code for the tablet instead."


@transaction
def send_form_link(*, patient: str, actor: Actor, now: datetime) -> None:
    """Mail a new link to a patient's forms (public id), to a child's guardians for a child.

    Pressed twice within a minute it is sent once. Raises NotFound, NothingToFill and NoAddress.
    """
    person = lock_record(patient)
    about = f"patient:{person.public_id}"
    if find_waiting(about=about) is None:
        raise NothingToFill
    addresses = list_addresses(person=person, now=now)
    if not addresses:
        raise NoAddress
    for number, email in enumerate(addresses):
        token = add_link(patient_id=person.id, now=now)
        post_message(
            kind=TO_FILL,
            recipient=recipient_of(person, email=email),
            context={"link": f"/intake/{token}"},
            about=about,
            now=now,
            valid_until=now + SENT_WITHIN,
            once_key=f"forms:{person.public_id}:{number}:{now:%Y%m%d%H%M}",
        )
    audit.record(action="form.link-sent", actor=actor, now=now, subject=about)


def retell_forms(*, told: Posted, now: datetime) -> Sequence[Draft]:
    """The forms that wait of what a message asked for, each address with a new link.

    A visit's link ends a day after it began, as the first one did. Raises NothingToRepeat.
    """
    waiting = find_waiting(about=told.about)
    if waiting is None:
        raise NothingToRepeat(NothingToFill.message)
    patient, due_at = waiting
    is_visits = due_at is not None and told.about.startswith("appointment:")
    until = due_at if is_visits and due_at is not None and due_at > now else now + SENT_WITHIN
    person = lock_record(patient)
    return [
        Draft(
            kind=TO_FILL,
            recipient=recipient_of(person, email=email),
            context={"link": f"/intake/{_link(person, until, now, is_visits=is_visits)}"},
            about=told.about,
            valid_until=until,
        )
        for email in list_addresses(person=person, now=now)
    ]


def _link(person: Patient, until: datetime, now: datetime, *, is_visits: bool) -> str:
    if not is_visits:
        return add_link(patient_id=person.id, now=now)
    return add_link(patient_id=person.id, now=now, expires_at=until + LINK_OUTLIVES)
