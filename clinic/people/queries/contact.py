"""Reads about how patients want to be contacted."""

from collections.abc import Collection

from sqlalchemy import select

from clinic.core.db import db
from clinic.messaging.queries import has_stopped
from clinic.people.models import ContactChoice, Patient
from clinic.people.rules.contact import EMAIL, SMS, ContactWays, Said, Wish, may_write


def find_allowed(*, channel: str, asked: Collection[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Those of the pairs (patient's public id, address) that may be written to. Two queries."""
    names = {patient for patient, _ in asked}
    known = select(Patient.public_id, Patient.phone).where(Patient.public_id.in_(names))
    phones = {name: phone for name, phone in db.session.execute(known)}  # noqa: C416 - rows
    chosen = (
        select(Patient.public_id, ContactChoice.is_wanted, ContactChoice.address)
        .join(Patient, Patient.id == ContactChoice.patient_id)
        .where(Patient.public_id.in_(names), ContactChoice.channel == channel)
    )
    rows = db.session.execute(chosen)
    wishes = {name: Wish(is_wanted, address) for name, is_wanted, address in rows}
    return frozenset(
        (patient, address)
        for patient, address in asked
        if patient in phones
        and may_write(
            channel=channel, wish=wishes.get(patient), number=phones[patient], address=address
        )
    )


def get_contact_ways(*, patient_id: int) -> ContactWays:
    """By what this patient may be contacted now, as far as the record has an address for it."""
    phone = db.session.scalar(select(Patient.phone).where(Patient.id == patient_id))
    chosen = select(ContactChoice).where(ContactChoice.patient_id == patient_id)
    rows = db.session.scalars(chosen).all()
    wishes = {one.channel: Wish(one.is_wanted, one.address) for one in rows}
    said = {one.channel: Said(one.at, one.by) for one in rows}
    return ContactWays(
        email=may_write(channel=EMAIL, wish=wishes.get(EMAIL), number=phone, address=""),
        sms=may_write(channel=SMS, wish=wishes.get(SMS), number=phone, address=phone or ""),
        email_said=said.get(EMAIL),
        sms_said=said.get(SMS),
    )


def has_stopped_texts(*, patient: str) -> bool:
    """Whether the phone on the record of that public id answered STOP: nothing reaches it until
    START is answered, whatever is kept here."""
    number = db.session.scalar(select(Patient.phone).where(Patient.public_id == patient))
    return number is not None and has_stopped(number=number)


def find_contact_ways(*, patient: str) -> ContactWays | None:
    """The same for a patient's public id; None when there is no such patient."""
    found = db.session.scalar(select(Patient.id).where(Patient.public_id == patient))
    return None if found is None else get_contact_ways(patient_id=found)
