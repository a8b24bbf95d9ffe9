"""Who shares a contact because one acts for the other: a child, its parents and its siblings."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, or_, select, true

from clinic.core.db import current_connection
from clinic.people.models import Guardian, Patient
from clinic.people.rules.names import email_key, name_key
from clinic.people.rules.patients import PatientDetails

BY_CONTACT = "contact"


def leave_out_family(
    details: PatientDetails, similar: Sequence[tuple[int, str]]
) -> list[tuple[int, str]]:
    """Of the records that may be this person (ids with the reason), those that are not family.

    Family are records of one contact with another given name and birth date, where a guardian is
    named with this record, or is named with the other and has this contact. Who has the same given
    name or birth date may be this very person, mistyped. One query, where only a contact is shared.
    """
    shared = [ident for ident, reason in similar if reason == BY_CONTACT]
    if not shared:
        return list(similar)
    wanted = select(Patient.id).where(
        Patient.id.in_(shared),
        Patient.given_key != name_key(details.given_name),
        Patient.birth_date != details.birth_date,
        true() if details.guardian is not None else _is_acted_for(details),
    )
    family = set(current_connection().execute(wanted).scalars())
    return [one for one in similar if one[0] not in family]


def _is_acted_for(details: PatientDetails) -> ColumnElement[bool]:
    """Whether the record has a guardian who is reached by the contact given."""
    contact = []
    if details.email:
        contact.append(Guardian.email_key == email_key(details.email))
    if details.phone:
        contact.append(Guardian.phone == details.phone)
    acts = Guardian.ended_at.is_(None), Guardian.patient_id == Patient.id
    return select(Guardian.id).where(*acts, or_(*contact)).exists()
