"""What calendar programs are given: somebody's visits of the last weeks and of the year ahead."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.people.models import Patient
from clinic.people.queries import token_hash
from clinic.people.queries.consents import decides_alone
from clinic.people.rules.ages import is_minor
from clinic.scheduling.models import CalendarFeed, Practitioner
from clinic.scheduling.queries.visits import Visit, list_feed_visits

BEHIND = timedelta(days=30)
AHEAD = timedelta(days=400)


class FeedOver(NotFound):
    """An address that was ended, replaced, or never made."""

    title = "This calendar address no longer works"
    message = (
        "It was ended, or a newer one has replaced it. Take it out of your calendar program. A new "
        "one is made under “Your visits”; practitioners ask whoever runs the clinic."
    )
    leads_to = "/portal/sign-in"


@dataclass(frozen=True, slots=True)
class Feed:
    """Whose visits an address finds: a practitioner's slug or a patient's public id."""

    practitioner: str | None
    patient: str | None
    name: str


@dataclass(frozen=True, slots=True)
class FeedState:
    """A practitioner, and whether there is an address that works."""

    slug: str
    name: str
    made_at: datetime | None


def get_feed(token: str, *, today: date) -> Feed:
    """The feed of this address; FeedOver for one that was ended or never was.

    One that was made for a child was a guardian's to make: it ends when the patient decides alone.
    """
    wanted = (
        select(
            Practitioner.slug,
            Practitioner.name,
            Patient.public_id,
            Patient.given_name,
            Patient.birth_date,
            CalendarFeed.created_at,
            decides_alone(today=today),
        )
        .select_from(CalendarFeed)
        .outerjoin(Practitioner, Practitioner.id == CalendarFeed.practitioner_id)
        .outerjoin(Patient, Patient.id == CalendarFeed.patient_id)
        .where(CalendarFeed.token_hash == token_hash(token), CalendarFeed.ended_at.is_(None))
    )
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        raise FeedOver
    found = Feed(row[0], row[2], row[1] or row[3])
    born, made_at, is_free = row[4:]
    if found.patient and is_free and is_minor(birth_date=born, today=made_at.date()):
        raise FeedOver
    return found


def list_visits_of(feed: Feed, *, now: datetime) -> Sequence[Visit]:
    """The visits that stand or took place, by start."""
    return list_feed_visits(
        starts_at=now - BEHIND,
        ends_at=now + AHEAD,
        practitioner=feed.practitioner,
        patient=feed.patient,
    )


def state_of(visits: Sequence[Visit], *, version: int) -> str:
    """A short text that is another one whenever the feed would say something else."""
    told = [f"{visit.public_id}:{visit.version}:{visit.starts_at.isoformat()}" for visit in visits]
    return hashlib.sha256("\n".join([str(version), *told]).encode()).hexdigest()[:32]


def has_feed(*, patient: str) -> bool:
    """Whether there is an address for this patient's visits."""
    wanted = (
        select(CalendarFeed.id)
        .join(Patient, Patient.id == CalendarFeed.patient_id)
        .where(Patient.public_id == patient, CalendarFeed.ended_at.is_(None))
    )
    return db.session.scalar(wanted) is not None


def list_feed_states() -> list[FeedState]:
    """Every practitioner who works here, by name."""
    wanted = (
        select(Practitioner.slug, Practitioner.name, CalendarFeed.created_at)
        .outerjoin(
            CalendarFeed,
            (CalendarFeed.practitioner_id == Practitioner.id) & CalendarFeed.ended_at.is_(None),
        )
        .where(Practitioner.retired_at.is_(None))
        .order_by(Practitioner.name, Practitioner.id)
    )
    return [FeedState(*row) for row in db.session.execute(wanted)]


def get_practitioner_row(slug: str) -> Practitioner:
    """A practitioner who works here, locked; NotFound."""
    wanted = select(Practitioner).where(
        Practitioner.slug == slug, Practitioner.retired_at.is_(None)
    )
    found = db.session.scalar(wanted.with_for_update())
    if found is None:
        raise NotFound
    return found
