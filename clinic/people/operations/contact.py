"""A patient's wishes about being contacted, kept with who said so."""

from datetime import datetime

from clinic.core import audit, hooks
from clinic.core.db import db, transaction
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.people.models import ContactChoice, Patient
from clinic.people.operations.locking import lock_record
from clinic.people.rules.contact import SMS

LONGEST_NAME = 200


class NoPhone(Refusal):
    """There is no number that a text could go to."""

    code = "no-phone"
    message = "There is no phone number on record that a text message could go to."


@transaction
def choose_contact(
    *, patient: str, channel: str, is_wanted: bool, actor: Actor, now: datetime
) -> None:
    """Keep whether this patient wants to hear from us by a channel; twice is once.

    A text message is wanted at the number of this moment. Raises NotFound and NoPhone.
    """
    person = lock_record(patient)
    keep_choice(person=person, channel=channel, is_wanted=is_wanted, actor=actor, now=now)


def keep_choice(
    *, person: Patient, channel: str, is_wanted: bool, actor: Actor, now: datetime
) -> None:
    """The same for a record at hand, inside the operation that has it; raises NoPhone."""
    address = person.phone if channel == SMS and is_wanted else None
    if channel == SMS and is_wanted and address is None:
        raise NoPhone
    known = db.session.get(ContactChoice, (person.id, channel))
    if known is not None and (known.is_wanted, known.address) == (is_wanted, address):
        return
    choice = known or ContactChoice(patient_id=person.id, channel=channel)
    choice.is_wanted, choice.address = is_wanted, address
    choice.at, choice.by = now, actor.name[:LONGEST_NAME]
    db.session.add(choice)
    audit.record(
        action="patient.contact-wanted" if is_wanted else "patient.contact-unwanted",
        actor=actor,
        now=now,
        subject=f"patient:{person.public_id}",
        details={"channel": channel},
    )
    hooks.contact_chosen.announce(person.id)
