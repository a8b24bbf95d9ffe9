"""The worker's duty to send: take what is due, ask whether it is still true, hand it over.

Slices above tie in what only they know (``prepare_with``): the words of a visit as it stands now,
or that the message is no longer wanted. Without a carrier messages stay due.

What somebody waits for at this moment goes before a backlog of everything else.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, current_app

from clinic.core.db import db
from clinic.messaging.carriers import Carrier, MailCarrier, TextCarrier
from clinic.messaging.letters import Office, in_our_tongue
from clinic.messaging.operations.sending import SentNotes, take_parcels
from clinic.messaging.queries import count_waiting, is_any_due, list_words
from clinic.messaging.rounds import Allowed, Askers, Gather, Means, Prepare, Round, Watch
from clinic.messaging.rules import Channel, Letterhead
from clinic.messaging.wording import OwnWords
from config_mail import MailServer
from config_sms import SmsService

BATCH = 100
LATE = timedelta(minutes=2)
TURN_SECONDS = 30.0
_EXTENSION = "clinic.messaging"
Words = Mapping[tuple[str, str], OwnWords]


def _everybody(
    *, channel: Channel, asked: Collection[tuple[str, str]]
) -> Collection[tuple[str, str]]:
    del channel
    return asked


class _Post:
    """What this application knows of sending."""

    def __init__(
        self,
        *,
        server: MailServer | None,
        sms: SmsService | None,
        mail_from: str,
        base_url: str,
        letterhead: Callable[[], Letterhead],
        zone: Callable[[], str],
        allowed: Allowed,
    ) -> None:
        self.server, self.sms = server, sms
        self._mail_from, self._base_url, self._letterhead = mail_from, base_url, letterhead
        self.zone = zone
        self.askers = Askers(allowed)

    def office(self) -> Office:
        return Office(self._mail_from, self._base_url, self._letterhead())

    def can_send(self, channel: Channel) -> bool:
        return (self.server if channel is Channel.EMAIL else self.sms) is not None

    def carrier(self, channel: Channel, words: Words) -> Carrier | None:
        office = replace(self.office(), words=words)
        if channel is Channel.EMAIL:
            return MailCarrier(self.server, office) if self.server else None
        return TextCarrier(self.sms, office) if self.sms else None


def init_messaging(
    app: Flask,
    *,
    server: MailServer | None,
    mail_from: str,
    base_url: str,
    letterhead: Callable[[], Letterhead],
    sms: SmsService | None = None,
    zone: Callable[[], str] | None = None,
    allowed: Allowed = _everybody,
) -> None:
    """Let the application send messages; ``letterhead`` is asked at each turn.

    ``zone`` answers the zone that the letterhead had when it was last asked. ``allowed`` is asked
    before anything goes to a patient.
    """
    app.extensions[_EXTENSION] = _Post(
        server=server,
        sms=sms,
        mail_from=mail_from,
        base_url=base_url,
        letterhead=letterhead,
        zone=zone or (lambda: letterhead().zone),
        allowed=allowed,
    )


def prepare_with(app: Flask, prepare: Prepare, *, kinds: tuple[str, ...]) -> None:
    """Let ``prepare`` be asked just before each message of these kinds is sent."""
    _post(app).askers.prepares.update(dict.fromkeys(kinds, prepare))


def gather_with(app: Flask, gather: Gather, *, kinds: tuple[str, ...]) -> None:
    """Like ``prepare_with``, for kinds of which many are due at once: they are read together."""
    _post(app).askers.gathers.update(dict.fromkeys(kinds, gather))


def askers() -> Askers:
    """Whom one asks whether a message is still true, and wanted."""
    return _post(current_app).askers


def can_send(channel: Channel = Channel.EMAIL) -> bool:
    """Whether there is anybody to hand messages of this channel to."""
    return _post(current_app).can_send(channel)


def sms_service() -> SmsService | None:
    """Who takes our texts, if anybody."""
    return _post(current_app).sms


def clinic_zone() -> str:
    """Where the clinic's desk looks at the clock."""
    return _post(current_app).office().letterhead.zone


def date_at_clinic(now: datetime) -> date:
    """The date on the clinic's wall."""
    return now.astimezone(ZoneInfo(clinic_zone())).date()


def remembered_zone() -> str:
    """The clinic's zone as this process last saw it, without asking whether it still is.

    For a clock beside what somebody is doing at this moment, where asking would cost more than
    what is done; a zone that was just changed is seen with the next page.
    """
    return _post(current_app).zone()


def base_url() -> str:
    """Where the clinic's pages are."""
    return _post(current_app).office().base_url


def clinic_head() -> Letterhead:
    """What messages say of the clinic."""
    return _post(current_app).office().letterhead


def clinic_phone() -> str:
    """The clinic's phone number; "" before it has one."""
    return _post(current_app).office().letterhead.phone


def _post(app: Flask) -> _Post:
    found: _Post = app.extensions[_EXTENSION]
    return found


def how_messages_stand(*, now: datetime) -> str:
    """Say ``well``, or ``late`` when something should have gone out minutes ago."""
    is_late = any(count_waiting(since=now - LATE, channel=channel) for channel in Channel)
    return "late" if is_late else "well"


def deliver(*, now: datetime, channel: Channel = Channel.EMAIL) -> None:
    """Send what is due, for half a minute at most; raises Unreachable before anything was taken.

    While the carrier cannot be reached no message loses an attempt: only the worker waits.
    """
    post = _post(current_app)
    if not post.can_send(channel) or not is_any_due(now=now, channel=channel):
        return
    words = list_words()
    carrier = post.carrier(channel, words)
    if carrier is None:
        return
    watch = Watch(now)
    notes = SentNotes(db.engine)
    with carrier, notes:
        means = Means(carrier, notes, watch)
        while watch.seconds < TURN_SECONDS:
            lease, parcels = take_parcels(limit=BATCH, now=watch.now(), channel=channel)
            round_ = Round(post.askers, means, lease)
            round_.send([in_our_tongue(one, words) for one in parcels])
            if round_.unreachable is not None:
                raise round_.unreachable
            if carrier.is_broken or (len(parcels) < BATCH and not round_.is_cut_short):
                return


def deliver_texts(*, now: datetime) -> None:
    """The same for text messages."""
    deliver(now=now, channel=Channel.SMS)
