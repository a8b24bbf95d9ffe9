"""Telling somebody once more of a visit, a request or the waitlist: how it stands now, by the link
and to the address of today. What is found here is posted by ``resend_message``."""

from collections.abc import Sequence
from datetime import UTC, datetime

from clinic.core.db import db
from clinic.core.values import Role
from clinic.messaging.queries import Posted
from clinic.messaging.repeats import Draft, NothingToRepeat
from clinic.messaging.rules import Channel, Recipient
from clinic.people.models import Patient
from clinic.people.operations.locking import lock_record
from clinic.people.queries import list_addresses
from clinic.people.queries.staff import list_reachable
from clinic.people.recipients import recipient_of
from clinic.scheduling.operations.waitlist.telling import OFFERED
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.links import is_request_link_over, request_token, waitlist_token
from clinic.scheduling.queries.requests import get_request
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.telling import list_tellable
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.queries.waitlist import get_entry
from clinic.scheduling.rules.requests import OPEN
from clinic.scheduling.rules.telling import TELLABLE
from clinic.scheduling.rules.waitlist import texts_from

WHILE_OPEN = frozenset({"request-received", "request-turned"})
"""These tell of what goes on: there is nothing in them once the request is closed."""
OVER = "Only what was sent about a visit that is still to come can be sent again."


def retell_visits(*, told: Posted, now: datetime) -> Sequence[Draft]:
    """The confirmation of what is booked of a visit or a series, else the notice of what is
    cancelled; NothingToRepeat where nothing of it is to come."""
    visits = list_tellable(abouts=[told.about], now=now).get(told.about, ())
    statuses = {status for _, status, _ in visits}
    kind = next((kind for kind, status in TELLABLE.items() if status in statuses), None)
    if kind is None:
        raise NothingToRepeat(OVER)
    person = lock_record(db.session.get_one(Patient, visits[0][2]).public_id)
    names = [name for name, status, _ in visits if status == TELLABLE[kind]]
    context = {"visits": " ".join(names)}
    return [Draft(kind, one, context, told.about) for one in _by_mail(person, now)]


def retell_reminder(*, told: Posted, now: datetime) -> Sequence[Draft]:
    """The reminder of a visit that is still booked and to come, by the way of the first one."""
    visit = get_visit(told.about.partition(":")[2])
    if visit.status != "booked" or visit.starts_at <= now:
        raise NothingToRepeat(OVER)
    context = {
        "visits": visit.public_id,
        "starts_at": visit.starts_at.astimezone(UTC).isoformat(),
    }
    return _drafts(told, lock_record(visit.patient), context, visit.starts_at, now)


def retell_request(*, told: Posted, now: datetime) -> Sequence[Draft]:
    """What was said of a request, where it stands so still."""
    found = get_request(told.about.partition(":")[2])
    is_over = told.kind in WHILE_OPEN and found.status not in OPEN
    if is_over or is_request_link_over(found=found, now=now):
        raise NothingToRepeat
    if found.email is None:
        return ()
    recipient = Recipient(
        name=f"{found.given_name} {found.family_name}", email=found.email, patient=found.patient
    )
    return [Draft(told.kind, recipient, {"link": f"/requests/{request_token(found)}"}, told.about)]


def retell_opinion(*, told: Posted, now: datetime) -> Sequence[Draft]:
    """To the same clinician, who works here still, that an opinion is asked."""
    del now
    was = told.recipient.email if told.recipient else ""
    link = f"/desk/requests/{told.about.partition(':')[2]}"
    return [
        Draft(told.kind, Recipient(name=one.name, email=one.email), {"link": link}, told.about)
        for one in list_reachable(roles=(Role.CLINICIAN,))
        if one.email == was
    ]


def retell_waitlist(*, told: Posted, now: datetime) -> Sequence[Draft]:
    """The way to an entry's page, with the time that is offered where one is held."""
    entry = get_entry(told.about.partition(":")[2])
    offer = entry.offer if told.kind == OFFERED else None
    if told.kind == OFFERED and (offer is None or not offer.is_open(now)):
        raise NothingToRepeat
    context = {"link": f"/waitlist/{waitlist_token(entry)}"}
    until = offer.expires_at if offer is not None else None
    return _drafts(told, lock_record(entry.patient), context, until, now)


def _drafts(
    told: Posted,
    person: Patient,
    context: dict[str, str],
    until: datetime | None,
    now: datetime,
) -> Sequence[Draft]:
    """By mail to every address, or as a text by day."""
    if told.channel is Channel.EMAIL:
        return [
            Draft(told.kind, one, context, told.about, valid_until=until)
            for one in _by_mail(person, now)
        ]
    if person.phone is None:
        return []
    texted = recipient_of(person, phone=person.phone)
    by_day = instant(texts_from(now=int(now.timestamp()), zone=get_setting().zone))
    at = max(now, by_day)
    return [Draft(told.kind, texted, context, told.about, Channel.SMS, at, until)]


def _by_mail(person: Patient, now: datetime) -> Sequence[Recipient]:
    return [recipient_of(person, email=email) for email in list_addresses(person=person, now=now)]
