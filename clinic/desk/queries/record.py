"""A patient's record as the desk reads it: so many queries for any history, each list bounded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.desk.queries.money import about, list_owing
from clinic.desk.rules.money import VisitMoney
from clinic.documents.queries import StoredDocument, list_newest_documents
from clinic.documents.rules import Kind
from clinic.intake.queries.status import FormLine, list_newest_forms
from clinic.messaging.queries import Posted, list_posted
from clinic.payments.models import Order
from clinic.payments.queries.orders import OrderSeen, list_orders
from clinic.people.models import Guardian, Patient
from clinic.people.queries import get_patient
from clinic.people.queries.merges import MergeSeen, list_merged_into
from clinic.people.queries.records import (
    NoteSeen,
    list_alerts,
    list_guardians_of,
    list_notes,
    list_notes_about,
)
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries.referrals import ReferralSeen, find_counter, list_referrals
from clinic.scheduling.queries.requests import RequestedVisit, list_patient_requests
from clinic.scheduling.queries.visits import Visit, list_coming_visits, list_past_visits
from clinic.scheduling.queries.waitlist import WaitingEntry, list_patient_entries
from clinic.scheduling.rules.direct_access import Counter
from clinic.scheduling.rules.setting import Setting

FEW = 5
PAGE = 20
CLOSED = ("cancelled", "expired")


@dataclass(frozen=True, slots=True)
class Parts:
    """Which parts of a record somebody may see; ``kinds`` of documents they may read."""

    with_forms: bool
    with_money: bool
    with_messages: bool
    with_requests: bool
    kinds: Collection[Kind]


@dataclass(frozen=True, slots=True)
class Counts:
    """How often a patient cancelled late, did not come, and came."""

    late: int
    missed: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A record; of what may not be seen nothing is read. ``notes_about`` is by visit subject.

    ``owing`` are visits that began and are not paid; ``owed_cents`` is what is left to pay of them
    and of other orders that stand.
    """

    patient: Patient
    alerts: tuple[NoteSeen, ...]
    notes: tuple[NoteSeen, ...]
    merged: tuple[MergeSeen, ...]
    guardians: list[Guardian]
    coming: tuple[Visit, ...]
    past: tuple[Visit, ...]
    notes_about: dict[str, tuple[NoteSeen, ...]]
    counts: Counts
    requests: tuple[RequestedVisit, ...]
    waits: tuple[WaitingEntry, ...]
    messages: tuple[Posted, ...]
    forms: tuple[FormLine, ...]
    orders: tuple[OrderSeen, ...]
    counter: Counter | None
    referrals: tuple[ReferralSeen, ...]
    owing: tuple[tuple[Visit, VisitMoney], ...]
    owed_cents: int
    documents: list[StoredDocument]


def get_record(*, public_id: str, parts: Parts, setting: Setting, now: datetime) -> Record:
    """The record of that public id; NotFound."""
    patient = get_patient(public_id=public_id)
    name = patient.public_id
    today = now.astimezone(ZoneInfo(setting.zone)).date()
    coming = list_coming_visits(patient=name, now=now, limit=PAGE)
    past = list_past_visits(patient=name, now=now, limit=FEW)
    owing = list_owing(patient_id=patient.id) if parts.with_money else ()
    return Record(
        patient=patient,
        alerts=list_alerts(patient_id=patient.id),
        notes=list_notes(patient_id=patient.id),
        merged=list_merged_into(patient_id=patient.id),
        guardians=list_guardians_of(patient_id=patient.id),
        coming=coming,
        past=past,
        notes_about=_notes_about(patient.id, (*coming, *past)),
        counts=_counts(patient.id),
        requests=list_patient_requests(patient=name, limit=FEW) if parts.with_requests else (),
        waits=list_patient_entries(patient=name, limit=FEW),
        messages=list_posted(patient=name, limit=FEW) if parts.with_messages else (),
        forms=list_newest_forms(patient=name, limit=FEW) if parts.with_forms else (),
        orders=list_orders(patient=name, limit=FEW).orders if parts.with_money else (),
        counter=find_counter(patient=name, setting=setting, day=today),
        referrals=list_referrals(patient_id=patient.id),
        owing=owing,
        owed_cents=_owed(patient.id, owing) if parts.with_money else 0,
        documents=list_newest_documents(patient=name, kinds=parts.kinds, limit=PAGE)
        if parts.kinds
        else [],
    )


@dataclass(frozen=True, slots=True)
class History:
    """A page of visits that are over; ``cursor`` leads to the next page."""

    patient: Patient
    visits: tuple[Visit, ...]
    notes_about: dict[str, tuple[NoteSeen, ...]]
    cursor: tuple[datetime, int] | None


def get_history(*, public_id: str, before: tuple[datetime, int] | None, now: datetime) -> History:
    """Visits that are over, the latest first, a page at a time; NotFound."""
    patient = get_patient(public_id=public_id)
    found = list_past_visits(patient=patient.public_id, now=now, limit=PAGE + 1, before=before)
    shown = found[:PAGE]
    last = shown[-1] if len(found) > PAGE else None
    return History(
        patient,
        shown,
        _notes_about(patient.id, shown),
        (last.starts_at, last.appointment_id) if last else None,
    )


def list_visit_notes(visit: Visit) -> tuple[NoteSeen, ...]:
    """What was noted of a visit, the oldest first."""
    patient = get_patient(public_id=visit.patient)
    return list_notes_about(patient_id=patient.id, abouts=[f"appointment:{visit.public_id}"])


def _notes_about(patient_id: int, visits: Collection[Visit]) -> dict[str, tuple[NoteSeen, ...]]:
    abouts = [f"appointment:{one.public_id}" for one in visits]
    if not abouts:
        return {}
    found: dict[str, tuple[NoteSeen, ...]] = {}
    for note in list_notes_about(patient_id=patient_id, abouts=abouts):
        found[note.about or ""] = (*found.get(note.about or "", ()), note)
    return found


def _counts(patient_id: int) -> Counts:
    wanted = select(
        func.count().filter(Appointment.status == "cancelled", Appointment.late_cancelled),
        func.count().filter(Appointment.status == "noshow"),
        func.count().filter(Appointment.status == "fulfilled"),
    ).where(Appointment.patient_id == patient_id)
    late, missed, kept = db.session.execute(wanted).one()
    return Counts(late, missed, kept)


def _owed(patient_id: int, owing: Sequence[tuple[Visit, VisitMoney]]) -> int:
    wanted = select(Order.about, Order.total_cents - Order.paid_cents).where(
        Order.patient_id == patient_id,
        Order.status.not_in(CLOSED),
        Order.paid_cents < Order.total_cents,
    )
    counted = {about(visit.public_id) for visit, _ in owing}
    others = sum(left for named, left in db.session.execute(wanted) if named not in counted)
    return others + sum(money.left_cents for _, money in owing)
