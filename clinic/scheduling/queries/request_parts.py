"""What stands beside a visit request: preferred times, offered ones, and clinicians' opinions."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, or_, select

from clinic.core.db import db
from clinic.core.values import Interval
from clinic.scheduling.models import (
    Clinic,
    Location,
    Practitioner,
    Service,
    VisitRequest,
    VisitRequestOffer,
    VisitRequestOpinion,
    VisitRequestTime,
)
from clinic.scheduling.rules.requests import Advice, RequestStatus

WITH_OFFERS = frozenset({RequestStatus.OFFERED.value, RequestStatus.SCHEDULED.value})


def find_request_screening(*, request_id: int) -> str | None:
    """The public id of the answers about safety that came before a request, or None. Where it had
    none, those of the newest request that was joined with it."""
    wanted = (
        select(VisitRequest.screening)
        .where(
            or_(VisitRequest.id == request_id, VisitRequest.merged_into_id == request_id),
            VisitRequest.screening.is_not(None),
        )
        .order_by((VisitRequest.id == request_id).desc(), VisitRequest.id.desc())
        .limit(1)
    )
    return db.session.scalar(wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedTime:
    """A time that is offered and held until ``expires_at``; ``zone`` is its place's."""

    public_id: str
    position: int
    service: str
    service_name: str
    practitioner: str
    practitioner_name: str
    location: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime

    def is_live(self, now: datetime) -> bool:
        """Whether it can still be chosen."""
        return now < self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """A clinician's opinion: what was asked, and what was said where somebody has answered."""

    public_id: str
    question: str
    asked_by: str
    asked_at: datetime
    opinion: str | None
    advice: Advice | None
    given_by: str | None
    given_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for a clinician."""
        return self.given_at is None


@dataclass(frozen=True, slots=True)
class Parts:
    """What belongs to some requests, by their row numbers."""

    times: dict[int, list[Interval]] = field(default_factory=lambda: defaultdict(list))
    offers: dict[int, list[OfferedTime]] = field(default_factory=lambda: defaultdict(list))
    opinions: dict[int, Opinion] = field(default_factory=dict)


def parts_of(requests: Sequence[VisitRequest]) -> Parts:
    """Everything beside these requests: at most three queries for any number."""
    found = Parts()
    if requests:
        found.times.update(_times([one.id for one in requests]))
    # Most of a queue is as it came, and then nothing was offered or said.
    if changed := [one.id for one in requests if one.version > 1]:
        found.opinions.update(_opinions(changed))
    if offered := [one.id for one in requests if one.status in WITH_OFFERS]:
        found.offers.update(_offers(offered))
    return found


def _times(requests: list[int]) -> dict[int, list[Interval]]:
    found: dict[int, list[Interval]] = defaultdict(list)
    wanted = (
        select(VisitRequestTime)
        .where(VisitRequestTime.request_id.in_(requests))
        .order_by(VisitRequestTime.request_id, VisitRequestTime.position)
    )
    for one in db.session.scalars(wanted):
        found[one.request_id].append(Interval(one.starts_at, one.ends_at))
    return found


def _offers(requests: list[int]) -> dict[int, list[OfferedTime]]:
    found: dict[int, list[OfferedTime]] = defaultdict(list)
    zone = func.coalesce(Location.time_zone, select(Clinic.time_zone).scalar_subquery())
    wanted = (
        select(VisitRequestOffer, Service, Practitioner, Location.slug, zone)
        .join(Service, Service.id == VisitRequestOffer.service_id)
        .join(Practitioner, Practitioner.id == VisitRequestOffer.practitioner_id)
        .join(Location, Location.id == VisitRequestOffer.location_id)
        .where(VisitRequestOffer.request_id.in_(requests))
        .order_by(VisitRequestOffer.request_id, VisitRequestOffer.position)
    )
    for offer, service, practitioner, location, local in db.session.execute(wanted):
        found[offer.request_id].append(
            OfferedTime(
                public_id=offer.public_id,
                position=offer.position,
                service=service.slug,
                service_name=service.name,
                practitioner=practitioner.slug,
                practitioner_name=practitioner.name,
                location=location,
                zone=local,
                starts_at=offer.starts_at,
                ends_at=offer.ends_at,
                expires_at=offer.expires_at,
            )
        )
    return found


def _opinions(requests: list[int]) -> dict[int, Opinion]:
    """The newest of each."""
    newest = (
        select(func.max(VisitRequestOpinion.id))
        .where(VisitRequestOpinion.request_id.in_(requests))
        .group_by(VisitRequestOpinion.request_id)
    )
    rows = select(VisitRequestOpinion).where(VisitRequestOpinion.id.in_(newest))
    return {
        row.request_id: Opinion(
            public_id=row.public_id,
            question=row.question or "",
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            opinion=row.opinion,
            advice=Advice(row.advice) if row.advice else None,
            given_by=row.given_by,
            given_at=row.given_at,
        )
        for row in db.session.scalars(rows)
    }
