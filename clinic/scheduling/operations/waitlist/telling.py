"""Posting what somebody on the waitlist is told: that they are on it, and that a time is free."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.core.values import Actor
from clinic.messaging.delivery import can_send
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Channel, Recipient
from clinic.people.models import Patient
from clinic.people.queries import list_addresses
from clinic.people.queries.contact import get_contact_ways
from clinic.people.recipients import recipient_of
from clinic.scheduling.models import WaitlistEntry, WaitlistOffer
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.links import Linked, waitlist_token
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.waitlist import texts_from

JOINED, OFFERED = "waitlist-joined", "waitlist-offer"


@dataclass(frozen=True, slots=True)
class _Told:
    entry: WaitlistEntry
    person: Patient
    now: datetime

    def recipient(self, *, email: str = "", phone: str = "") -> Recipient:
        language = self.entry.language or "en"
        return recipient_of(self.person, email=email, phone=phone, language=language)

    @property
    def link(self) -> str:
        token = waitlist_token(
            Linked(
                public_id=self.entry.public_id,
                link_version=self.entry.link_version,
                birth_date=self.person.birth_date,
            )
        )
        return f"/waitlist/{token}"


def tell_joined(*, entry: WaitlistEntry, person: Patient, actor: Actor, now: datetime) -> None:
    """Post the way to the entry's page, by e-mail; of what staff did, a moment later."""
    told = _Told(entry, person, now)
    pause = get_setting().policy.undo_seconds if actor.is_staff else 0
    for email in list_addresses(person=person, now=now):
        post_message(
            kind=JOINED,
            recipient=told.recipient(email=email),
            context={"link": told.link},
            about=f"waitlist:{entry.public_id}",
            now=now,
            due_at=now + timedelta(seconds=pause),
        )


def tell_offer(
    *, entry: WaitlistEntry, offer: WaitlistOffer, person: Patient, zone: str, now: datetime
) -> None:
    """Post that a time is held: by e-mail at once, as a text by day, to whoever wants texts.

    It waits for as long as a cancellation at the desk may be taken back, and is dropped when the
    offer is over before it could be sent.
    """
    told = _Told(entry, person, now)
    ways = get_contact_ways(patient_id=person.id)
    due_at = now + timedelta(seconds=get_setting().policy.undo_seconds)
    to: list[tuple[Channel, Recipient, datetime]] = []
    if ways.email:
        to += [
            (Channel.EMAIL, told.recipient(email=email), due_at)
            for email in list_addresses(person=person, now=now)
        ]
    if ways.sms and person.phone is not None and can_send(Channel.SMS):
        by_day = instant(texts_from(now=int(due_at.timestamp()), zone=zone))
        texted = told.recipient(phone=person.phone)
        to.append((Channel.SMS, texted, max(due_at, by_day)))
    for number, (channel, recipient, when) in enumerate(to):
        post_message(
            kind=OFFERED,
            recipient=recipient,
            context={"link": told.link},
            about=f"waitlist:{entry.public_id}",
            now=now,
            due_at=when,
            valid_until=offer.expires_at,
            channel=channel,
            once_key=f"waitlist:{offer.public_id}:{channel.value}-{number}",
        )
