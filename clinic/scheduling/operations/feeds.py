"""Making and ending the addresses under which calendar programs find visits."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import update

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.values import Actor
from clinic.people.operations.locking import lock_record
from clinic.people.queries import token_hash
from clinic.scheduling.models import CalendarFeed
from clinic.scheduling.queries.feeds import get_practitioner_row


@transaction
def make_patient_feed(*, patient: str, actor: Actor, now: datetime) -> str:
    """A new address for a patient's visits; answers its token, and ends the one before.

    Raises NotFound.
    """
    person = lock_record(patient)
    return _make({"patient_id": person.id}, f"patient:{person.public_id}", actor, now)


@transaction
def end_patient_feed(*, patient: str, actor: Actor, now: datetime) -> None:
    """Let a patient's address find nothing any more; without one nothing happens."""
    person = lock_record(patient)
    _end({"patient_id": person.id}, f"patient:{person.public_id}", actor, now)


@transaction
def make_practitioner_feed(*, practitioner: str, actor: Actor, now: datetime) -> str:
    """The same for a practitioner's visits. Raises NotFound."""
    person = get_practitioner_row(practitioner)
    return _make({"practitioner_id": person.id}, f"practitioner:{person.slug}"[:80], actor, now)


@transaction
def end_practitioner_feed(*, practitioner: str, actor: Actor, now: datetime) -> None:
    """The same for a practitioner's address."""
    person = get_practitioner_row(practitioner)
    _end({"practitioner_id": person.id}, f"practitioner:{person.slug}"[:80], actor, now)


def _make(owner: dict[str, Any], subject: str, actor: Actor, now: datetime) -> str:
    _end_live(owner, now)
    token = secrets.token_urlsafe(32)
    db.session.add(CalendarFeed(token_hash=token_hash(token), created_at=now, **owner))
    audit.record(action="calendar-feed.made", actor=actor, now=now, subject=subject)
    return token


def _end(owner: dict[str, Any], subject: str, actor: Actor, now: datetime) -> None:
    if _end_live(owner, now):
        audit.record(action="calendar-feed.ended", actor=actor, now=now, subject=subject)


def _end_live(owner: dict[str, Any], now: datetime) -> bool:
    live = update(CalendarFeed).filter_by(**owner).where(CalendarFeed.ended_at.is_(None))
    ended = db.session.execute(live.values(ended_at=now).returning(CalendarFeed.id))
    return ended.first() is not None
