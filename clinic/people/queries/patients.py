"""Reads about patients."""

import functools
from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, or_, select

from clinic.core.db import ask, db
from clinic.core.errors import NotFound
from clinic.core.prepared import Question
from clinic.people.models import Guardian, Patient
from clinic.people.queries.consents import decides_alone
from clinic.people.queries.merges import follow_merge
from clinic.people.rules.names import email_key, name_key
from clinic.people.rules.patients import PatientDetails


def get_patient(*, public_id: str) -> Patient:
    """The patient of that id, or the record into which that one was merged; NotFound."""
    found = db.session.scalar(select(Patient).where(Patient.public_id == public_id))
    if found is None:
        raise NotFound
    return follow_merge(found)


def is_former_guardians(*, email: str, patient: str, today: date) -> bool:
    """Whether an address is one that a guardian gave, of a patient who decides alone by now.

    However the guardian stands, confirmed or ended: the address was never the patient's alone.
    """
    wanted = (
        select(Guardian.id)
        .join(Patient, Patient.id == Guardian.patient_id)
        .where(
            Patient.public_id == patient,
            decides_alone(today=today),
            Guardian.email_key == email_key(email),
        )
        .limit(1)
    )
    return db.session.scalar(wanted) is not None


def find_former_guardians(
    *, asked: Collection[tuple[str, str]], today: date
) -> frozenset[tuple[str, str]]:
    """Those of the pairs (patient's public id, address) that ``is_former_guardians`` would name."""
    keys = {(patient, email_key(email)): (patient, email) for patient, email in asked if email}
    wanted = (
        select(Patient.public_id, Guardian.email_key)
        .join(Patient, Patient.id == Guardian.patient_id)
        .where(
            Patient.public_id.in_({patient for patient, _ in keys}),
            decides_alone(today=today),
        )
    )
    found = {(patient, key) for patient, key in db.session.execute(wanted)} if keys else set()
    return frozenset(pair for key, pair in keys.items() if key in found)


def find_same_patient(*, details: PatientDetails) -> Patient | None:
    """The record of this very person, the oldest if there are several, or None.

    One that was merged counts as the record that was kept.
    """
    same = _same(has_email=bool(details.email), has_phone=bool(details.phone))
    found = None if same is None else db.session.scalar(same, _compared(details))
    return None if found is None else follow_merge(found)


# The shapes of these two questions are few and asked at every booking: each is built once.
@functools.cache
def _same(*, has_email: bool, has_phone: bool) -> Select[Patient] | None:
    contact = _same_contact(has_email=has_email, has_phone=has_phone)
    if contact is None:
        return None
    return (
        select(Patient)
        .where(_same_birth_and_family(), contact)
        .where(Patient.given_key == bindparam("given_name"))
        .order_by(Patient.merged_at.is_not(None), Patient.id)
        .limit(1)
    )


def find_same_and_similar(
    *, details: PatientDetails, limit: int, after: Sequence[Question] = ()
) -> tuple[Patient | None, list[tuple[int, str]]]:
    """The record of this very person (the oldest), and the ids of up to ``limit`` others.

    Those may be the same person: newest first, each with the reason. One query, past the session,
    and another for the record of who has been here before. A record that was merged counts as the
    one that was kept, where it is this very person's, and suggests nothing. What ``after`` asks
    (for a lock) goes out with the query and before it: it sees what is committed by then.
    """
    wanted = _similar(has_email=bool(details.email), has_phone=bool(details.phone))
    asked = {**_compared(details), "most": limit + 1}
    *_, rows = ask(*after, (wanted, asked))
    same = [(merged, ident) for ident, reason, merged in rows if reason == SAME]
    others = [(ident, reason) for ident, reason, merged in rows if reason != SAME and not merged]
    if not same:
        return None, others[:limit]
    return follow_merge(db.session.get_one(Patient, min(same)[1])), others[:limit]


SAME = "a-same"  # before the reasons for suggestions in the order of the alphabet


@functools.cache
def _similar(*, has_email: bool, has_phone: bool) -> Select[int, str, bool]:
    named = _same_birth_and_family()
    contact = _same_contact(has_email=has_email, has_phone=has_phone)
    reason = case((named, "birth-date-and-name"), else_="contact")
    if contact is not None:
        same = and_(named, contact, Patient.given_key == bindparam("given_name"))
        reason = case((same, SAME), (named, "birth-date-and-name"), else_="contact")
    return (
        select(Patient.id, reason, Patient.merged_at.is_not(None))
        .where(named if contact is None else or_(named, contact))
        .order_by(reason, Patient.id.desc())
        .limit(bindparam("most"))
    )


def _compared(details: PatientDetails) -> dict[str, Any]:
    return {
        "given_name": name_key(details.given_name),
        "family_name": name_key(details.family_name),
        "birth_date": details.birth_date,
        "email": email_key(details.email) if details.email else None,
        "phone": details.phone,
    }


def _same_birth_and_family() -> ColumnElement[bool]:
    return and_(
        Patient.birth_date == bindparam("birth_date"),
        Patient.family_key == bindparam("family_name"),
    )


def _same_contact(*, has_email: bool, has_phone: bool) -> ColumnElement[bool] | None:
    ways: list[ColumnElement[bool]] = []
    if has_email:
        ways.append(Patient.email_key == bindparam("email"))
    if has_phone:
        ways.append(Patient.phone == bindparam("phone"))
    return or_(*ways) if ways else None
