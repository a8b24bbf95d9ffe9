"""Telling a patient once more of a visit, when the message did not arrive or was lost."""

from datetime import datetime

from sqlalchemy import func, select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound, Refusal
from clinic.core.values import Actor
from clinic.messaging.models import Message
from clinic.messaging.rules import State
from clinic.people.models import Patient
from clinic.people.queries.contact import get_contact_ways
from clinic.scheduling.operations.telling import patient_addresses, tell_patient
from clinic.scheduling.queries.telling import list_tellable
from clinic.scheduling.rules.telling import KINDS, TELLABLE


class NothingToRepeat(Refusal):
    """It was not sent, is of another kind, or its visits have begun."""

    code = "nothing-to-repeat"
    message = "Only what was sent about a visit that is still to come can be sent again."


class OnItsWay(Refusal):
    """A message about the same visit waits to be sent."""

    code = "on-its-way"
    message = "A message about this visit is on its way already."


class MailUnwanted(Refusal):
    """The patient does not want to be written to by mail."""

    code = "mail-unwanted"
    message = "This person does not want e-mail. Please ask first, and keep a yes above."


class NoMailAddress(Refusal):
    """The record has no address by now, and nobody who may act for the patient has one."""

    code = "no-address"
    message = "There is no e-mail address to send it to."


@transaction
def repeat_message(*, message: str, patient: str, actor: Actor, now: datetime) -> None:
    """Tell a patient again what a sent message was about, as it stands now, to today's address.

    It is a new message by the operation that posts every message about visits: the confirmation of
    what is booked, else the notice of what is cancelled. It goes out at once. One patient's are
    asked one after another, so that a second press finds the first one waiting. Raises NotFound,
    NothingToRepeat, OnItsWay, MailUnwanted, NoMailAddress.
    """
    found = _sent(message, patient)
    wanted = select(Patient).where(Patient.public_id == patient).with_for_update()
    person = db.session.scalars(wanted.execution_options(populate_existing=True)).one()
    visits = list_tellable(abouts=[found.about], now=now).get(found.about, ())
    statuses = {status for _, status, _ in visits}
    kind = next((kind for kind, status in TELLABLE.items() if status in statuses), None)
    if kind is None or any(of != person.id for _, _, of in visits):
        raise NothingToRepeat
    earlier = _refuse_waiting(found.about)
    if not get_contact_ways(patient_id=person.id).email:
        raise MailUnwanted
    if not patient_addresses(person, now):
        raise NoMailAddress
    is_series = found.about.startswith("series:")
    tell_patient(
        kind=kind,
        visits=[name for name, status, _ in visits if status == TELLABLE[kind]],
        series=found.about.partition(":")[2] if is_series else None,
        patient_id=person.id,
        patient=person,
        actor=actor,
        now=now,
        repeat=earlier,
    )
    audit.record(
        action="message.repeated", actor=actor, now=now, subject=f"message:{found.public_id}"
    )


def _sent(public_id: str, patient: str) -> Message:
    wanted = select(Message).where(Message.public_id == public_id, Message.patient == patient)
    found = db.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    if found.kind not in KINDS or found.state != State.SENT.value:
        raise NothingToRepeat
    return found


def _refuse_waiting(about: str) -> int:
    """How many messages there were about it, none of which waits."""
    same = Message.about == about, Message.kind.in_(KINDS)
    waiting = select(Message.id).where(*same, Message.state == State.DUE.value)
    if db.session.scalar(waiting.limit(1)) is not None:
        raise OnItsWay
    return db.session.scalar(select(func.count()).select_from(Message).where(*same)) or 0
