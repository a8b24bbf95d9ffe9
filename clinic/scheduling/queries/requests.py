"""Visit requests as they are shown: one frozen value joins what a request is made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.values import Interval
from clinic.people.models import Patient
from clinic.scheduling.models import (
    Appointment,
    Practitioner,
    VisitRequest,
    VisitRequestChange,
)
from clinic.scheduling.queries.request_parts import OfferedTime, Opinion, Parts, parts_of
from clinic.scheduling.rules.reference import request_number_of, request_reference
from clinic.scheduling.rules.requests import (
    OPEN,
    BodyArea,
    DeviceCheck,
    Modality,
    RequestStatus,
    Tried,
    Urgency,
)
from clinic.scheduling.rules.week_view import Part

MOST_OTHERS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedVisit:
    """One request with everything a page or an answer says of it.

    ``times`` are the preferred ones, meant in ``zone``; ``reply`` is what the patient wrote last,
    ``opinion`` the newest one, ``merged_into`` the request that lives on; ``visit`` is the public
    id of the appointment that was made of it, ``visit_status`` how that one stands. ``email`` and
    ``phone`` were given with the request.
    """

    public_id: str
    modality: Modality
    status: RequestStatus
    version: int
    reason: str
    area: BodyArea | None
    times: tuple[Interval, ...]
    part: Part | None
    zone: str
    state: str | None
    practitioner: str | None
    practitioner_name: str | None
    is_returning: bool | None
    guardian_name: str | None
    guardian_relation: str | None
    email: str | None
    phone: str | None
    answer: str | None
    decline_reason: str | None
    created_at: datetime
    due_at: datetime
    link_version: int
    patient: str
    given_name: str
    family_name: str
    birth_date: date
    visit: str | None
    visit_status: str | None
    is_unsure: bool
    emergency_address: str | None
    emergency_phone: str | None
    language: str | None
    needs_interpreter: bool
    device: DeviceCheck
    urgency: Urgency
    offers: tuple[OfferedTime, ...]
    opinion: Opinion | None
    reply: str | None
    merged_into: str | None
    first_answered_at: datetime | None
    closed_at: datetime | None
    request_id: int

    @property
    def reference(self) -> str:
        """What people read out on the phone: `R-KX4-7QM`."""
        return request_reference(self.request_id)

    @property
    def stands(self) -> str:
        """The status as people are shown it: a scheduled visit may have been cancelled since, a
        request may live on in another."""
        if self.merged_into is not None:
            return "merged"
        return "visit-cancelled" if self.is_visit_cancelled else self.status.value

    @property
    def is_visit_cancelled(self) -> bool:
        """Whether the visit that was made of it will not take place."""
        return self.visit_status == "cancelled"

    def is_overdue(self, now: datetime) -> bool:
        """Whether the answer that was promised has not been given."""
        return self.status is RequestStatus.REQUESTED and self.due_at < now


@dataclass(frozen=True, slots=True)
class RequestPage:
    """Some requests, and the cursor of the next page or None."""

    requests: tuple[RequestedVisit, ...]
    next_cursor: tuple[datetime, int] | None


@dataclass(frozen=True, slots=True)
class RequestStep:
    """A step in a request's story; ``words`` are the answer or the reason that went with it."""

    at: datetime
    by: str
    step: str
    words: str | None


def find_request_by_reference(reference: str) -> RequestedVisit | None:
    """The request of a reference as somebody typed it; None when there is none."""
    number = request_number_of(reference)
    found = _requests(_select().where(VisitRequest.id == number)) if number is not None else ()
    return found[0] if found else None


def get_request(public_id: str) -> RequestedVisit:
    """The request of that public id; NotFound when there is none."""
    found = _requests(_select().where(VisitRequest.public_id == public_id))
    if not found:
        raise NotFound
    return found[0]


def list_requests(
    *,
    statuses: Sequence[RequestStatus],
    is_newest_first: bool = False,
    after: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> RequestPage:
    """Requests in these statuses by age, a page at a time (keyset): two queries for any number."""
    place = (VisitRequest.created_at, VisitRequest.id)
    wanted = _select().where(VisitRequest.status.in_([one.value for one in statuses]))
    if after is not None:
        at, ident = after
        beyond = place[0] < at if is_newest_first else place[0] > at
        besides = place[1] < ident if is_newest_first else place[1] > ident
        wanted = wanted.where(beyond | ((place[0] == at) & besides))
    order = [one.desc() for one in place] if is_newest_first else list(place)
    found = _requests(wanted.order_by(*order).limit(limit + 1))
    page, more = found[:limit], len(found) > limit
    cursor = (page[-1].created_at, page[-1].request_id) if more else None
    return RequestPage(tuple(page), cursor)


def list_patient_requests(*, patient: str, limit: int | None = 20) -> tuple[RequestedVisit, ...]:
    """What a patient (public id) has asked for, the latest first; ``limit`` None: all."""
    newest = (VisitRequest.created_at.desc(), VisitRequest.id.desc())
    wanted = _select().where(Patient.public_id == patient).order_by(*newest).limit(limit)
    return tuple(_requests(wanted))


def list_open_requests_of(*, patient: str, besides: str) -> tuple[RequestedVisit, ...]:
    """Other open requests of the same patient (public id), the latest first."""
    open_ones = VisitRequest.status.in_([one.value for one in OPEN])
    wanted = _select().where(
        Patient.public_id == patient, open_ones, VisitRequest.public_id != besides
    )
    newest = (VisitRequest.created_at.desc(), VisitRequest.id.desc())
    return tuple(_requests(wanted.order_by(*newest).limit(MOST_OTHERS)))


def list_request_steps(request_id: int) -> tuple[RequestStep, ...]:
    """The story of a request, oldest first."""
    wanted = (
        select(VisitRequestChange)
        .where(VisitRequestChange.request_id == request_id)
        .order_by(VisitRequestChange.id)
    )
    return tuple(
        RequestStep(
            one.at, one.actor_name if one.actor_kind != "public" else "", one.step, one.words
        )
        for one in db.session.scalars(wanted)
    )


_LIVES_ON = aliased(VisitRequest)


def _select() -> Select[*tuple[Any, ...]]:
    return (
        select(
            VisitRequest,
            Patient,
            Practitioner.slug,
            Practitioner.name,
            Appointment.public_id,
            Appointment.status,
            _LIVES_ON.public_id,
        )
        .join(Patient, Patient.id == VisitRequest.patient_id)
        .outerjoin(Practitioner, Practitioner.id == VisitRequest.practitioner_id)
        .outerjoin(Appointment, Appointment.id == VisitRequest.appointment_id)
        .outerjoin(_LIVES_ON, _LIVES_ON.id == VisitRequest.merged_into_id)
    )


def _requests(wanted: Select[*tuple[Any, ...]]) -> list[RequestedVisit]:
    rows = db.session.execute(wanted.execution_options(populate_existing=True)).all()
    parts = parts_of([row[0] for row in rows])
    return [_request(row, parts) for row in rows]


def _request(row: Sequence[Any], parts: Parts) -> RequestedVisit:
    request, patient, practitioner, practitioner_name, visit, visit_status, merged_into = row
    return RequestedVisit(
        public_id=request.public_id,
        modality=Modality(request.modality),
        status=RequestStatus(request.status),
        version=request.version,
        reason=request.reason,
        area=BodyArea(request.area) if request.area_sealed else None,
        times=tuple(parts.times[request.id]),
        part=Part(request.part) if request.part else None,
        zone=request.zone,
        state=request.state,
        practitioner=practitioner,
        practitioner_name=practitioner_name,
        is_returning=request.is_returning,
        guardian_name=request.guardian_name,
        guardian_relation=request.guardian_relation,
        email=request.contact_email,
        phone=request.contact_phone,
        answer=request.answer,
        decline_reason=request.decline_reason,
        created_at=request.created_at,
        due_at=request.due_at,
        link_version=request.link_version,
        patient=patient.public_id,
        given_name=patient.given_name,
        family_name=patient.family_name,
        birth_date=patient.birth_date,
        visit=visit,
        visit_status=visit_status,
        is_unsure=request.is_unsure,
        emergency_address=request.emergency_address,
        emergency_phone=request.emergency_phone,
        language=request.language,
        needs_interpreter=request.needs_interpreter,
        device=DeviceCheck(
            camera=_tried(request.camera),
            microphone=_tried(request.microphone),
            connection=_tried(request.connection),
        ),
        urgency=Urgency(request.urgency),
        offers=tuple(parts.offers[request.id]),
        opinion=parts.opinions.get(request.id),
        reply=request.reply,
        merged_into=merged_into,
        first_answered_at=request.first_answered_at,
        closed_at=request.closed_at,
        request_id=request.id,
    )


def _tried(value: str | None) -> Tried | None:
    return Tried(value) if value else None
