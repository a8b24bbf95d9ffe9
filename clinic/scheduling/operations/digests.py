"""Telling practitioners how their calendar has changed: how much, and of nobody."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Select, func, or_, select

from clinic.core.db import db, housekeeping
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient
from clinic.scheduling.models import Appointment, AppointmentChange, Occurrence, Practitioner
from clinic.scheduling.queries.diary import instant, seconds
from clinic.scheduling.queries.setting import NoClinic, get_setting
from clinic.scheduling.rules.digests import last_digest

STEPS = ("booked", "moved", "cancelled")
LONGEST_SLUG = 40


def post_digests(*, now: datetime) -> None:
    """Post what is to be told by now to every practitioner with an address, once.

    Nothing is told of a span without changes, nor of the time before there was an address.
    """
    try:
        setting = get_setting()
    except NoClinic:
        return
    last = last_digest(
        now=int(now.timestamp()), zone=setting.zone, every=setting.policy.practitioner_digest
    )
    if last is None:
        return
    until = instant(last)
    for ident in db.session.scalars(_untold(until)).all():
        _post_digest(practitioner_id=ident, until=until, now=now)


def _untold(until: datetime) -> Select[int]:
    behind = or_(Practitioner.digest_until.is_(None), Practitioner.digest_until < until)
    return select(Practitioner.id).where(
        Practitioner.email.is_not(None), Practitioner.retired_at.is_(None), behind
    )


@housekeeping
def _post_digest(*, practitioner_id: int, until: datetime, now: datetime) -> None:
    wanted = _untold(until).where(Practitioner.id == practitioner_id).with_for_update()
    if db.session.scalar(wanted) is None:
        return
    person = db.session.get_one(Practitioner, practitioner_id)
    since, person.digest_until = person.digest_until, until
    counts = _changes(practitioner_id, since, until) if since is not None else {}
    if not counts or person.email is None:
        return
    post_message(
        kind="practitioner-digest",
        recipient=Recipient(name=person.name, email=person.email),
        context={"link": "/desk", **{step: str(counts.get(step, 0)) for step in STEPS}},
        about=f"practitioner:{person.slug[:LONGEST_SLUG]}",
        now=now,
        once_key=f"digest:{person.slug}:{seconds(until)}",
    )


def _changes(practitioner_id: int, since: datetime, until: datetime) -> Mapping[str, int]:
    """Step -> how many visits took it in the span, one that was moved twice once."""
    wanted = (
        select(AppointmentChange.step, func.count(func.distinct(AppointmentChange.appointment_id)))
        .join(Appointment, Appointment.id == AppointmentChange.appointment_id)
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .where(
            AppointmentChange.at > since,
            AppointmentChange.at <= until,
            AppointmentChange.step.in_(STEPS),
            Occurrence.practitioner_id == practitioner_id,
        )
        .group_by(AppointmentChange.step)
    )
    return {step: count for step, count in db.session.execute(wanted)}  # noqa: C416 - rows
