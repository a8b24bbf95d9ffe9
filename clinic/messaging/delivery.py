"""The worker's duty to send: take what is due, ask whether it is still true, hand it over.

Slices above tie in what only they know (``prepare_with``): the words of a visit as it stands now,
or that the message is no longer wanted. Without a carrier messages stay due.

While one message is handed over, the next ones are written and the last ones settled: a second
thread does nothing but wait for the carrier. What was written too long ago is given back and asked
again whether it is true.
"""

import logging
import random
import time
import traceback
from collections import deque
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from clinic.core.errors import Unavailable
from clinic.messaging.carriers import Carrier, HandOver, MailCarrier, TextCarrier
from clinic.messaging.letters import NoAddress, Office, speaking
from clinic.messaging.operations.choices import note_stop
from clinic.messaging.operations.sending import Result, settle, take_parcels
from clinic.messaging.queries import Parcel, count_waiting, is_any_due, list_barred, list_words
from clinic.messaging.rules import (
    ASKED_FOR,
    GIVEN_BACK,
    SENT,
    Channel,
    Letter,
    Letterhead,
    Outcome,
    dropped,
    put_off,
    refused,
)
from clinic.messaging.smtp import NotTaken, Unreachable
from config_mail import MailServer
from config_sms import SmsService

log = logging.getLogger(__name__)

BATCH = 100
STARTS_WITHIN_SECONDS = 12.0
"""No message of a batch is begun later: four answers of at most ten seconds each, and the lease of
sixty is still ours when the last one comes."""
STALE_SECONDS = 2.0
LATE = timedelta(minutes=2)
AHEAD = 8
GATHER = 20
SETTLE_EVERY = 24
SETTLE_SECONDS = 0.25
"""A worker that is killed leaves at most what it handed over in that time, and never more than
``SETTLE_EVERY`` and ``AHEAD`` together, that went out and is sent again."""
TURN_SECONDS = 30.0
SETTLES_WITHIN_SECONDS = 40.0
UNWANTED = "not wanted by this channel"
_EXTENSION = "clinic.messaging"


class Prepare(Protocol):
    """Adds what a kind's templates need, or answers None: the message is no longer wanted."""

    def __call__(self, *, parcel: Parcel, now: datetime) -> Letter | None: ...


class Gather(Protocol):
    """Reads what several messages need in one go; its answer prepares each of them."""

    def __call__(self, *, parcels: Sequence[Parcel], now: datetime) -> Prepare: ...


class Allowed(Protocol):
    """Which of these patients may be contacted at these addresses: pairs of both."""

    def __call__(
        self, *, channel: Channel, asked: Collection[tuple[str, str]]
    ) -> Collection[tuple[str, str]]: ...


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
        allowed: Allowed,
    ) -> None:
        self.server, self.sms = server, sms
        self._mail_from, self._base_url, self._letterhead = mail_from, base_url, letterhead
        self.allowed = allowed
        self.prepares: dict[str, Prepare] = {}
        self.gathers: dict[str, Gather] = {}

    def office(self) -> Office:
        return Office(self._mail_from, self._base_url, self._letterhead())

    def can_send(self, channel: Channel) -> bool:
        return (self.server if channel is Channel.EMAIL else self.sms) is not None

    def carrier(self, channel: Channel) -> Carrier | None:
        office = replace(self.office(), words=list_words())
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
    allowed: Allowed = _everybody,
) -> None:
    """Let the application send messages; ``letterhead`` is asked at each turn.

    ``allowed`` is asked before anything goes to a patient.
    """
    app.extensions[_EXTENSION] = _Post(
        server=server,
        sms=sms,
        mail_from=mail_from,
        base_url=base_url,
        letterhead=letterhead,
        allowed=allowed,
    )


def prepare_with(app: Flask, prepare: Prepare, *, kinds: tuple[str, ...]) -> None:
    """Let ``prepare`` be asked just before each message of these kinds is sent."""
    _post(app).prepares.update(dict.fromkeys(kinds, prepare))


def gather_with(app: Flask, gather: Gather, *, kinds: tuple[str, ...]) -> None:
    """Like ``prepare_with``, for kinds of which many are due at once: they are read together."""
    _post(app).gathers.update(dict.fromkeys(kinds, gather))


def can_send(channel: Channel = Channel.EMAIL) -> bool:
    """Whether there is anybody to hand messages of this channel to."""
    return _post(current_app).can_send(channel)


def sms_service() -> SmsService | None:
    """Who takes our texts, if anybody."""
    return _post(current_app).sms


def clinic_zone() -> str:
    """Where the clinic's desk looks at the clock."""
    return _post(current_app).office().letterhead.zone


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


class _Watch:
    """The present instant, counted on from the one that the worker gave."""

    def __init__(self, now: datetime) -> None:
        self._began_at, self._began = now, time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def now(self) -> datetime:
        return self._began_at + timedelta(seconds=self.seconds)


def deliver(*, now: datetime, channel: Channel = Channel.EMAIL) -> None:
    """Send what is due, for half a minute at most; raises Unreachable before anything was taken.

    While the carrier cannot be reached no message loses an attempt: only the worker waits.
    """
    post = _post(current_app)
    if not post.can_send(channel) or not is_any_due(now=now, channel=channel):
        return
    carrier = post.carrier(channel)
    if carrier is None:
        return
    watch = _Watch(now)
    with carrier, ThreadPoolExecutor(1, thread_name_prefix=f"{channel}-line") as hands:
        while watch.seconds < TURN_SECONDS:
            lease, parcels = take_parcels(limit=BATCH, now=watch.now(), channel=channel)
            round_ = _Round(post, carrier, hands, watch, lease)
            round_.send(parcels)
            if round_.unreachable is not None:
                raise round_.unreachable
            if carrier.is_broken or len(parcels) < BATCH:
                return


def deliver_texts(*, now: datetime) -> None:
    """The same for text messages."""
    deliver(now=now, channel=Channel.SMS)


class _Round:
    """What was taken in one go, on its way."""

    def __init__(
        self, post: _Post, carrier: Carrier, hands: ThreadPoolExecutor, watch: _Watch, lease: str
    ) -> None:
        self._post, self._carrier, self._hands = post, carrier, hands
        self._watch, self._lease, self._taken_at = watch, lease, watch.seconds
        self._flying: deque[tuple[Parcel, Future[Outcome]]] = deque()
        self._results: list[Result] = []
        self._open: set[str] = set()
        self._settled_at = self._gathered_at = watch.seconds
        self._prepares: dict[str, Prepare] = {}
        self.unreachable: Unreachable | None = None

    def send(self, parcels: Sequence[Parcel]) -> None:
        """Send them in their order, and settle every one whatever happens in between."""
        unwanted = _unwanted(self._post, parcels)
        try:
            for place, parcel in enumerate(parcels):
                if place % GATHER == 0 or self._watch.seconds - self._gathered_at > STALE_SECONDS:
                    self._gather(parcels[place : place + GATHER])
                self._begin(parcel, is_wanted=parcel.id not in unwanted)
        finally:
            while self._flying:
                self._land()
            self._settle()

    def _gather(self, parcels: Sequence[Parcel]) -> None:
        """Read together what is written together, so late that it still holds."""
        self._gathered_at, self._prepares = self._watch.seconds, dict(self._post.prepares)
        for kind in {one.kind for one in parcels} & self._post.gathers.keys():
            alike = [one for one in parcels if one.kind == kind]
            self._prepares[kind] = self._post.gathers[kind](parcels=alike, now=self._watch.now())

    def _begin(self, parcel: Parcel, *, is_wanted: bool) -> None:
        if parcel.about in self._open:  # what came before about the same is known first
            while self._flying:
                self._land()
            self._settle()
        self._open.add(parcel.about)
        is_late = self._watch.seconds - self._taken_at > STARTS_WITHIN_SECONDS
        if self._carrier.is_broken or is_late:
            self._note(parcel, GIVEN_BACK)
        elif not is_wanted:
            self._note(parcel, dropped(UNWANTED))
        else:
            written = self._write(parcel)
            if isinstance(written, Outcome):
                self._note(parcel, written)
            else:
                at = self._watch.seconds
                self._flying.append((parcel, self._hands.submit(self._send, parcel, written, at)))
        while self._flying and (self._flying[0][1].done() or len(self._flying) >= AHEAD):
            self._land()
        if self._results and self._watch.seconds - self._settled_at > SETTLE_SECONDS:
            self._settle()

    def _write(self, parcel: Parcel) -> HandOver | Outcome:
        try:
            letter = self._prepare(parcel)
            if letter is None:
                return dropped("no longer true")
            return self._carrier.write(parcel=parcel, letter=letter, now=self._watch.now())
        except NoAddress:
            return refused("the address cannot be one")
        except (Unavailable, SQLAlchemyError):
            raise
        except Exception as error:  # noqa: BLE001 - one message's fault must not stop the others
            where = "".join(traceback.format_tb(error.__traceback__)[-3:])
            log.warning("message of kind %s: %s\n%s", parcel.kind, type(error).__name__, where)
            return _later(parcel, "it could not be written")

    def _prepare(self, parcel: Parcel) -> Letter | None:
        prepare = self._prepares.get(parcel.kind)
        if prepare is None:
            return Letter()
        with speaking(parcel.recipient.language):
            return prepare(parcel=parcel, now=self._watch.now())

    def _send(self, parcel: Parcel, written: HandOver, written_at: float) -> Outcome:
        """Hand one over, in the thread that waits; nothing here asks the database."""
        is_stale = self._watch.seconds - written_at > STALE_SECONDS
        if self._carrier.is_broken or is_stale:
            return GIVEN_BACK
        try:
            written()
        except NotTaken as error:
            if not error.is_final:
                return _later(parcel, error.reason)
            return refused(error.reason, is_barred=error.is_barred)
        except Unreachable as error:
            self.unreachable = error
            return GIVEN_BACK
        except Exception as error:  # noqa: BLE001 - one message's fault must not stop the others
            log.warning("message of kind %s: %s", parcel.kind, type(error).__name__)
            return _later(parcel, "it could not be handed over")
        return SENT

    def _land(self) -> None:
        parcel, flight = self._flying.popleft()
        self._note(parcel, flight.result())

    def _note(self, parcel: Parcel, outcome: Outcome) -> None:
        log.info("message %s of kind %s: %s", parcel.public_id, parcel.kind, outcome.state)
        self._results.append(Result(parcel.id, outcome, self._watch.now()))
        if outcome.is_barred:
            note_stop(
                channel=parcel.channel,
                address_mac=parcel.recipient_mac,
                source=f"refused:{parcel.public_id}",
                now=self._watch.now(),
            )
        if len(self._results) >= SETTLE_EVERY:
            self._settle()

    def _settle(self) -> None:
        """Write the outcomes; what was sent is not let go of while the lease holds."""
        results, self._results = self._results, []
        self._open = {parcel.about for parcel, _ in self._flying}
        began = self._settled_at = self._watch.seconds
        while results:
            try:
                settle(lease=self._lease, results=results)
            except Unavailable:
                is_any_sent = any(one.outcome is SENT for one in results)
                if not is_any_sent or self._watch.seconds - began > SETTLES_WITHIN_SECONDS:
                    raise
                time.sleep(0.5)
            else:
                return


def _unwanted(post: _Post, parcels: Sequence[Parcel]) -> frozenset[int]:
    """Those whose patient or address does not want them by this channel: two queries for all."""
    held = [one for one in parcels if one.kind not in ASKED_FOR]
    if not held:
        return frozenset()
    channel = held[0].channel
    barred = list_barred(macs={one.recipient_mac for one in held}, channel=channel)
    pairs = {
        one.id: (patient, one.recipient.address(channel))
        for one in held
        if (patient := one.recipient.patient) is not None
    }
    asked = frozenset(pairs.values())
    allowed = frozenset(post.allowed(channel=channel, asked=asked)) if asked else frozenset()
    return frozenset(
        one.id
        for one in held
        if one.recipient_mac in barred or (one.id in pairs and pairs[one.id] not in allowed)
    )


def _later(parcel: Parcel, why: str) -> Outcome:
    chance = random.random()  # noqa: S311 - jitter
    return put_off(why=why, attempts=parcel.attempts, chance=chance)
