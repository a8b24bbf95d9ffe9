"""The patient a booking is for: found again, or added with suggestions for staff."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Integer, String, bindparam, delete, insert, text
from sqlalchemy.dialects.postgresql import ARRAY

from clinic.core import audit
from clinic.core.db import db, in_transaction, insert_later, is_postgresql
from clinic.core.prepared import Question
from clinic.core.rows import store
from clinic.core.values import Actor
from clinic.people import queries
from clinic.people.models import Patient, PatientSearchKey, PatientSuggestion
from clinic.people.operations.contact import keep_choice
from clinic.people.operations.guardians import note_guardian
from clinic.people.rules.contact import SMS
from clinic.people.rules.names import email_key, name_key
from clinic.people.rules.patients import PatientDetails
from clinic.people.rules.searching import search_keys

MOST_SUGGESTIONS = 20
"""For one new record: a number shared by hundreds (a care home's) tells staff nothing."""


def find_or_add_patient(*, details: PatientDetails, actor: Actor, now: datetime) -> Patient:
    """The record of this person, reused with its contact data unchanged, or a new one.

    A record that a sign-in has proven is taken as it is; NotFound when there is none. Else the same
    person: same given and family name and birth date, and same e-mail or phone. A new
    record is suggested to staff beside those with the same birth date and family name, or the same
    contact; a child, its siblings and who acts for them share one and are not. Texts that were
    asked for are kept as a wish where the record has that very number.
    Called inside an operation, before it takes any other lock; RuntimeError outside.
    Two calls for one new person, at the same moment, make one record.
    """
    if not in_transaction():
        raise RuntimeError("a patient is found or added inside the operation that needs one")
    if details.record is not None:
        return queries.get_patient(public_id=details.record)
    found, similar = queries.find_same_and_similar(
        details=details, limit=MOST_SUGGESTIONS, after=_waiting_for_similar(details)
    )
    patient = found or _add(details, queries.leave_out_family(details, similar), actor, now)
    if details.guardian is not None:
        note_guardian(patient=patient, details=details.guardian, actor=actor, now=now)
    if details.wants_texts and patient.phone is not None and patient.phone == details.phone:
        keep_choice(person=patient, channel=SMS, is_wanted=True, actor=actor, now=now)
    return patient


def _waiting_for_similar(details: PatientDetails) -> tuple[Question, ...]:
    """Lets nobody else add a person of this birth date and name, or this contact, until the commit.

    Locks are taken in one order everywhere, so two of them never wait for each other. Writers on
    SQLite are one after another anyway.
    """
    if not is_postgresql():
        return ()
    places = [f"patient:{details.birth_date}:{name_key(details.family_name)}"]
    places += [f"patient:{contact}" for contact in (_email_key(details), details.phone) if contact]
    return ((_LOCK_PLACES, {"places": _numbers(places)}),)


_LOCK_PLACES = text(
    "SELECT pg_advisory_xact_lock(place)"
    " FROM (SELECT unnest(:places) AS place ORDER BY 1) AS ordered"
).bindparams(bindparam("places", type_=ARRAY(BigInteger)))


def _numbers(places: Sequence[str]) -> list[int]:
    digests = (hashlib.sha256(place.encode()).digest() for place in places)
    return [int.from_bytes(digest[:8], "big", signed=True) for digest in digests]


def _add(
    details: PatientDetails, similar: Sequence[tuple[int, str]], actor: Actor, now: datetime
) -> Patient:
    patient = Patient(
        given_name=details.given_name,
        family_name=details.family_name,
        birth_date=details.birth_date,
        email=details.email,
        phone=details.phone,
        given_key=name_key(details.given_name),
        family_key=name_key(details.family_name),
        email_key=_email_key(details),
        created_at=now,
    )
    patient.was_added = True
    store(patient)
    _write_search_keys(patient)
    rows = [
        {"patient_id": other, "other_id": patient.id, "reason": reason, "created_at": now}
        for other, reason in similar
    ]
    if rows:
        db.session.execute(insert(PatientSuggestion), rows)
    audit.record(
        action="patient.created",
        actor=actor,
        now=now,
        subject=f"patient:{patient.public_id}",
        details={"suggestions": len(similar)},
    )
    return patient


_ADD_KEY = insert(PatientSearchKey.__table__).inline()  # type: ignore[arg-type]
# Some twenty rows: PostgreSQL's driver would send a message for each.
_ADD_KEYS = text(
    "INSERT INTO patient_search_keys (key, patient_id) SELECT unnest(:keys), :patient"
).bindparams(
    bindparam("keys", type_=ARRAY(String)),
    bindparam("patient", type_=Integer),
)


def refresh_search_keys(patient: Patient) -> None:
    """Let a record be found by its present names and phone, and one merged away by nothing.

    Inside the change of the record.
    """
    db.session.flush()
    gone = delete(PatientSearchKey).where(PatientSearchKey.patient_id == patient.id)
    db.session.execute(gone)
    if patient.merged_at is None:
        _write_search_keys(patient)


def _write_search_keys(patient: Patient) -> None:
    found = search_keys(
        given_name=patient.given_name, family_name=patient.family_name, phone=patient.phone
    )
    if is_postgresql():
        insert_later(_ADD_KEYS, {"keys": sorted(found), "patient": patient.id})
    else:
        insert_later(_ADD_KEY, *({"key": key, "patient_id": patient.id} for key in sorted(found)))


def _email_key(details: PatientDetails) -> str | None:
    return email_key(details.email) if details.email else None
