"""The link to a patient's forms is sent again, because somebody at the desk was asked for it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from clinic.core import audit
from clinic.core.db import transaction
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.intake.operations.links import add_link
from clinic.intake.queries.status import find_waiting
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient
from clinic.people.models import Patient
from clinic.people.operations.locking import lock_record
from clinic.people.queries import list_guardian_addresses
from clinic.people.rules.ages import is_minor

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
def send_form_link(*, patient: str, today: date, actor: Actor, now: datetime) -> None:
    """Mail a new link to a patient's forms (public id), to a child's guardians for a child.

    Pressed twice within a minute it is sent once. Raises NotFound, NothingToFill and NoAddress.
    """
    person = lock_record(patient)
    about = f"patient:{person.public_id}"
    if find_waiting(about=about) is None:
        raise NothingToFill
    addresses = _addresses(person, today)
    if not addresses:
        raise NoAddress
    for number, email in enumerate(addresses):
        token = add_link(patient_id=person.id, now=now)
        post_message(
            kind=TO_FILL,
            recipient=Recipient(
                name=f"{person.given_name} {person.family_name}",
                email=email,
                patient=person.public_id,
            ),
            context={"link": f"/intake/{token}"},
            about=about,
            now=now,
            valid_until=now + SENT_WITHIN,
            once_key=f"forms:{person.public_id}:{number}:{now:%Y%m%d%H%M}",
        )
    audit.record(action="form.link-sent", actor=actor, now=now, subject=about)


def _addresses(person: Patient, today: date) -> Sequence[str]:
    if person.email is not None:
        return [person.email]
    if not is_minor(birth_date=person.birth_date, today=today):
        return []
    return list_guardian_addresses(patient_id=person.id)
