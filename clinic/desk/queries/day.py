"""A day at the desk: visits, when people arrived, and what is held."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import func, literal, select, union_all

from clinic.core.db import db
from clinic.desk.queries.queues import Queues, count_queues
from clinic.desk.queries.standing import Standing, list_standing
from clinic.scheduling.models import (
    AppointmentChange,
    Hold,
    Location,
    Occurrence,
    OccurrenceResource,
    Practitioner,
    Resource,
    Service,
)
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.visits import Visit, list_visits
from clinic.scheduling.rules.wall_time import start_of_day
from clinic.telehealth.models import VideoVisit
from clinic.telehealth.rules.rooms import SEEN_WITHIN

MOST_VISITS = 1000
_ROOM_NAME = func.coalesce(Resource.name, Resource.slug)


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A time that somebody is booking at this moment."""

    public_id: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    service_name: str
    practitioner: str
    practitioner_name: str
    location: str
    rooms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayList:
    """The day's visits by start. ``arrivals`` and ``waiting``, since when somebody sits in front
    of a visit by video, are by appointment id.

    ``digest`` is the same as long as a look would show nothing new of anybody.
    """

    visits: tuple[Visit, ...]
    arrivals: Mapping[int, datetime]
    holds: tuple[HeldRow, ...]
    standing: Standing
    queues: Queues
    digest: str
    waiting: Mapping[int, datetime]


def list_day(*, day: date, zone: str, location: str | None, now: datetime) -> DayList:
    """What begins on the local date, at one location or at all: six queries for any number."""
    begins = instant(start_of_day(day=day, zone=zone))
    ends = instant(start_of_day(day=day + timedelta(days=1), zone=zone))
    found = list_visits(starts_at=begins, ends_at=ends, limit=MOST_VISITS).visits
    visits = tuple(one for one in found if location in {None, one.location})
    holds = tuple(one for one in list_holds(begins, ends, now) if location in {None, one.location})
    standing, queues = list_standing(visits=visits), count_queues()
    arrivals, waiting = _who_is_here([one.appointment_id for one in visits], now)
    digest = digest_of(visits, holds)
    return DayList(visits, arrivals, holds, standing, queues, digest, waiting)


def _who_is_here(
    visits: Sequence[int], now: datetime
) -> tuple[dict[int, datetime], dict[int, datetime]]:
    """When each patient of these visits arrived, the last time that was noted; and since when those
    wait whose page says now that they do. Asked by the visits' numbers: by the day's bounds SQLite
    walks through every change there ever was."""
    latest = (
        select(func.max(AppointmentChange.id))
        .where(AppointmentChange.step == "arrived", AppointmentChange.appointment_id.in_(visits))
        .group_by(AppointmentChange.appointment_id)
    )
    arrived = select(AppointmentChange.appointment_id, AppointmentChange.at, literal("here")).where(
        AppointmentChange.id.in_(latest)
    )
    by_video = select(VideoVisit.appointment_id, VideoVisit.waiting_since, literal("video")).where(
        VideoVisit.seen_at > now - SEEN_WITHIN, VideoVisit.waiting_since.is_not(None)
    )
    found: dict[str, dict[int, datetime]] = {"here": {}, "video": {}}
    rows: Any = db.session.execute(union_all(arrived, by_video))
    for ident, at, how in rows:
        found[how][ident] = at
    return found["here"], found["video"]


def list_holds(begins: datetime, ends: datetime, now: datetime) -> list[HeldRow]:
    """What is held in the span, by start; one query, with a row for each room of a hold."""
    wanted = (
        select(Hold, Occurrence, Service.name, Practitioner, Location.slug, _ROOM_NAME)
        .join(Occurrence, Occurrence.id == Hold.occurrence_id)
        .join(Service, Service.id == Occurrence.service_id)
        .join(Practitioner, Practitioner.id == Occurrence.practitioner_id)
        .join(Location, Location.id == Occurrence.location_id)
        .outerjoin(OccurrenceResource, OccurrenceResource.occurrence_id == Occurrence.id)
        .outerjoin(Resource, Resource.id == OccurrenceResource.resource_id)
        .where(
            Hold.expires_at > now,
            Hold.released_at.is_(None),
            Hold.appointment_id.is_(None),
            Occurrence.starts_at >= begins,
            Occurrence.starts_at < ends,
        )
        .order_by(Occurrence.starts_at, Hold.id, OccurrenceResource.position)
    )
    rows = db.session.execute(wanted)
    return [_held(list(of_one)) for _, of_one in groupby(rows, key=lambda row: row[0].id)]


def _held(rows: list[Any]) -> HeldRow:
    hold, occurrence, service, practitioner, location, _ = rows[0]
    return HeldRow(
        public_id=hold.public_id,
        starts_at=occurrence.starts_at,
        ends_at=occurrence.ends_at,
        expires_at=hold.expires_at,
        service_name=service,
        practitioner=practitioner.slug,
        practitioner_name=practitioner.name,
        location=location,
        rooms=tuple(room for *_, room in rows if room is not None),
    )


def digest_of(visits: tuple[Visit, ...], holds: tuple[HeldRow, ...]) -> str:
    """A word for what a list shows of people."""
    said = [f"{one.public_id}:{one.version}" for one in visits]
    said += [one.public_id for one in holds]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]
