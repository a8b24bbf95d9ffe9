"""Somebody stands at the counter without a visit: the next free time today, and they are here."""

from dataclasses import dataclass
from datetime import datetime

from clinic.core.values import Actor
from clinic.desk.queries.booking import desk_query, list_free
from clinic.people.operations import register_patient
from clinic.people.queries import get_patient
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.refusals import PatientBusy, SlotTaken
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.wall_time import local_date

TRIED = 3


@dataclass(frozen=True, slots=True)
class WalkedIn:
    """The record, and the visit where there was a free time today."""

    patient: str
    visit: Visit | None


def walk_in(*, details: PatientDetails, service: str, actor: Actor, now: datetime) -> WalkedIn:
    """Find or make the record, book the next free time of today, and note the arrival.

    Without a free time today only the record is there: the desk then looks for another day. Three
    use cases after each other: what went before stands when a later one is declined.
    """
    patient = register_patient(details=details, actor=actor, now=now)
    query = desk_query(
        setting=get_setting(), service=service, practitioner=None, state=None, now=now
    )
    today = clinic_date(now)
    slots = list_free(query=query, since=today, not_before=query.now, now=now)
    for slot in slots[:TRIED]:
        zone = query.setting.locations[slot.location].zone
        if local_date(instant=slot.start, zone=zone) != today:
            break
        wish = Wish(
            service=service,
            starts_at=instant(slot.start),
            practitioner=slot.practitioner,
            location=slot.location,
        )
        visit = _book(wish, patient, actor, now)
        if visit is not None:
            return WalkedIn(patient, visit)
    return WalkedIn(patient, None)


def _book(wish: Wish, patient: str, actor: Actor, now: datetime) -> Visit | None:
    one = get_patient(public_id=patient)
    details = PatientDetails(
        given_name=one.given_name,
        family_name=one.family_name,
        birth_date=one.birth_date,
        email=one.email,
        phone=one.phone,
        record=patient,
    )
    try:
        visit = book_appointment(wish=wish, patient=details, actor=actor, now=now)
    except (SlotTaken, PatientBusy):
        return None
    return take_step(public_id=visit.public_id, action=Action.ARRIVE, actor=actor, now=now)
