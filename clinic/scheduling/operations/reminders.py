"""Posting the reminders of visits, by the worker.

A visit that was booked or moved is marked as not planned; the marked ones are few and have an index
of their own, so the cost does not grow with history. A reminder names the start it was planned for:
when the visit stands elsewhere, or no longer, at the time, it is dropped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import exists, func, select, update

from clinic.core.db import db, housekeeping
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Channel, Recipient
from clinic.people.models import Patient
from clinic.people.queries import list_addresses
from clinic.people.queries.contact import get_contact_ways
from clinic.people.recipients import recipient_of
from clinic.scheduling.models import (
    Appointment,
    AppointmentChange,
    Clinic,
    Location,
    Occurrence,
)
from clinic.scheduling.queries.diary import instant, seconds
from clinic.scheduling.queries.setting import NoClinic, get_setting
from clinic.scheduling.rules.reminders import Reminder
from clinic.scheduling.rules.reminders import plan_reminders as reminders_of
from clinic.scheduling.rules.telling import REMINDER

BATCH = 100
MOST_BATCHES = 20


@dataclass(frozen=True, slots=True)
class _Unplanned:
    appointment: Appointment
    starts_at: datetime
    zone: str
    since: datetime


def plan_reminders(*, now: datetime, has_texts: bool) -> None:
    """Post the reminders of every visit that is not planned yet, a batch at a time.

    ``has_texts``: there is a service that takes text messages.
    """
    for _ in range(MOST_BATCHES):
        if not db.session.scalar(select(exists().where(~Appointment.reminders_planned))):
            return
        if _plan_some(now=now, has_texts=has_texts) < BATCH:
            return


@housekeeping
def _plan_some(*, now: datetime, has_texts: bool) -> int:
    try:
        hours = get_setting().policy.reminder_hours
    except NoClinic:
        return 0
    found = list(_unplanned())
    for one in found:
        if one.appointment.status == "booked" and one.starts_at > now:
            planned = reminders_of(
                start=seconds(one.starts_at),
                zone=one.zone,
                hours=hours,
                since=int(one.since.timestamp()),
                now=int(now.timestamp()),
            )
            _post(one, planned, now, has_texts=has_texts)
        one.appointment.reminders_planned = True
    return len(found)


def _unplanned() -> Iterator[_Unplanned]:
    zone = func.coalesce(Location.time_zone, select(Clinic.time_zone).scalar_subquery())
    since = (
        select(func.max(AppointmentChange.at))
        .where(
            AppointmentChange.appointment_id == Appointment.id,
            AppointmentChange.step.in_(("booked", "moved")),
        )
        .scalar_subquery()
    )
    wanted = (
        select(
            Appointment, Occurrence.starts_at, zone, func.coalesce(since, Appointment.created_at)
        )
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .join(Location, Location.id == Occurrence.location_id)
        .where(~Appointment.reminders_planned)
        .order_by(Appointment.id)
        .limit(BATCH)
        .with_for_update(of=Appointment, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    for row in db.session.execute(wanted):
        yield _Unplanned(*row)


def _post(one: _Unplanned, planned: Sequence[Reminder], now: datetime, *, has_texts: bool) -> None:
    if not planned:
        return
    person = db.session.get_one(Patient, one.appointment.patient_id)
    ways = get_contact_ways(patient_id=person.id)
    to: list[tuple[Channel, Recipient]] = []
    if ways.email:
        to += [
            (Channel.EMAIL, recipient_of(person, email=email))
            for email in list_addresses(person=person, now=now)
        ]
    if ways.sms and has_texts and person.phone is not None:
        to.append((Channel.SMS, recipient_of(person, phone=person.phone)))
    for reminder in planned:
        for number, (channel, recipient) in enumerate(to):
            _post_one(one, reminder, channel, recipient, number, now)


def _post_one(
    one: _Unplanned,
    reminder: Reminder,
    channel: Channel,
    recipient: Recipient,
    number: int,
    now: datetime,
) -> None:
    visit, start = one.appointment.public_id, seconds(one.starts_at)
    way = f"{channel}-{number}" if channel is Channel.EMAIL else channel.value
    post_message(
        kind=REMINDER,
        recipient=recipient,
        context={"visits": visit, "starts_at": one.starts_at.astimezone(UTC).isoformat()},
        about=f"appointment:{visit}",
        now=now,
        due_at=instant(reminder.due),
        valid_until=instant(reminder.until),
        channel=channel,
        once_key=f"reminder:{visit}:{start}:{reminder.hours}:{way}",
    )


def plan_again(patient_id: int) -> None:
    """Let the visits of a patient be looked at again, inside the transaction of whoever changed how
    the patient is contacted; what was posted is not posted anew."""
    theirs = (Appointment.patient_id == patient_id) & (Appointment.status == "booked")
    db.session.execute(update(Appointment).where(theirs).values(reminders_planned=False))
