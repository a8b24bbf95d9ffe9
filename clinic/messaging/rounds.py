"""A round of sending: what was taken in one go is written, handed over and written down.

While one message is handed over, the next ones are written: a second thread does nothing but wait
for the carrier and write down what it took, before it hands over the next. What was written too
long ago is given back and asked again whether it is true.
"""

import logging
import random
import time
import traceback
from collections import deque
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from clinic.core.db import read_anew
from clinic.core.errors import Unavailable
from clinic.messaging.carriers import Carrier, HandOver
from clinic.messaging.letters import NoAddress, speaking
from clinic.messaging.operations.choices import note_stop
from clinic.messaging.operations.sending import Result, SentNotes, settle
from clinic.messaging.queries import Parcel, is_any_due, list_barred
from clinic.messaging.rules import (
    ASKED_FOR,
    GIVEN_BACK,
    SENT,
    URGENT,
    Channel,
    Letter,
    Outcome,
    dropped,
    put_off,
    refused,
)
from clinic.messaging.smtp import NotTaken, Unreachable

log = logging.getLogger(__name__)

STARTS_WITHIN_SECONDS = 12.0
"""No message of a batch is begun later: four answers of at most ten seconds each, and the lease of
sixty is still ours when the last one comes."""
STALE_SECONDS = 2.0
AHEAD = 8
GATHER = 50
SETTLE_EVERY = 20
UNNOTED = 1
"""So many may be handed over before it is written down: what a killed worker leaves that went out
and is sent again."""
SETTLES_WITHIN_SECONDS = 40.0
UNWANTED = "not wanted by this channel"


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


@dataclass(slots=True)
class Askers:
    """Whom a round asks: what each kind needs, and who may be written to."""

    allowed: Allowed
    prepares: dict[str, Prepare] = field(default_factory=dict)
    gathers: dict[str, Gather] = field(default_factory=dict)


class Watch:
    """The present instant, counted on from the one that the worker gave."""

    def __init__(self, now: datetime) -> None:
        self._began_at, self._began = now, time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    def now(self) -> datetime:
        return self._began_at + timedelta(seconds=self.seconds)


@dataclass(frozen=True, slots=True)
class Means:
    """What a worker's turn sends with: the carrier, the thread that waits for it, its notes."""

    carrier: Carrier
    hands: ThreadPoolExecutor
    notes: SentNotes
    watch: Watch


class Round:
    """What was taken in one go, on its way."""

    def __init__(self, askers: Askers, means: Means, lease: str) -> None:
        self._askers, self._lease = askers, lease
        self._carrier, self._hands = means.carrier, means.hands
        self._notes, self._watch = means.notes, means.watch
        self._taken_at = self._gathered_at = self._watch.seconds
        self._flying: deque[tuple[Parcel, Future[Outcome]]] = deque()
        self._results: list[Result] = []
        self._open: set[str] = set()
        self._begun: set[str] = set()
        self._last: int | None = None
        self._prepares: dict[str, Prepare] = {}
        self._cannot_note = False
        self.is_cut_short = False
        self.unreachable: Unreachable | None = None

    def send(self, parcels: Sequence[Parcel]) -> None:
        """Send them in their order, and settle every one whatever happens in between.

        What is not urgent is given back when something urgent has come due meanwhile.
        """
        unwanted = _unwanted(self._askers, parcels)
        self._last = parcels[-1].id if parcels else None
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
        read_anew()
        self._gathered_at, self._prepares = self._watch.seconds, dict(self._askers.prepares)
        self._begun.clear()
        if not {one.kind for one in parcels} & URGENT:
            channel, at = parcels[0].channel, self._watch.now()
            self.is_cut_short = is_any_due(now=at, channel=channel, is_urgent=True)
        for kind in {one.kind for one in parcels} & self._askers.gathers.keys():
            alike = [one for one in parcels if one.kind == kind]
            self._prepares[kind] = self._askers.gathers[kind](parcels=alike, now=self._watch.now())

    def _begin(self, parcel: Parcel, *, is_wanted: bool) -> None:
        if parcel.about in self._open:  # what came before about the same is known first
            while self._flying:
                self._land()
            self._settle()
        is_first = parcel.about not in self._begun
        self._open.add(parcel.about)
        self._begun.add(parcel.about)
        is_late = self._watch.seconds - self._taken_at > STARTS_WITHIN_SECONDS
        if self._carrier.is_broken or is_late or self.is_cut_short:
            self._note(parcel, GIVEN_BACK)
        elif not is_wanted:
            self._note(parcel, dropped(UNWANTED))
        else:
            written = self._write(parcel, is_first=is_first)
            if isinstance(written, Outcome):
                self._note(parcel, written)
            else:
                at = self._watch.seconds
                self._flying.append((parcel, self._hands.submit(self._send, parcel, written, at)))
        while self._flying and (self._flying[0][1].done() or len(self._flying) >= AHEAD):
            self._land()

    def _write(self, parcel: Parcel, *, is_first: bool) -> HandOver | Outcome:
        try:
            with speaking(parcel.recipient.language):
                letter = self._prepare(parcel, is_first=is_first)
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

    def _prepare(self, parcel: Parcel, *, is_first: bool) -> Letter | None:
        """What the message says now. What was read together holds for the first of the messages
        about one thing: the next may depend on whether that one was sent."""
        gather = self._askers.gathers.get(parcel.kind)
        prepare = self._prepares.get(parcel.kind)
        if prepare is None:
            return Letter()
        if gather is None or not is_first:
            read_anew()
        if gather is not None and not is_first:
            prepare = gather(parcels=[parcel], now=self._watch.now())
        return prepare(parcel=parcel, now=self._watch.now())

    def _send(self, parcel: Parcel, written: HandOver, written_at: float) -> Outcome:
        """Hand one over and note it, in the thread that waits; nothing here asks the session."""
        is_stale = self._watch.seconds - written_at > STALE_SECONDS
        if is_stale or self._carrier.is_broken or self._cannot_note:
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
        self._note_sent(parcel.id)
        return SENT

    def _note_sent(self, ident: int) -> None:
        """What was sent is not let go of while the lease holds, and nothing else is sent before.

        The last of a round waits for the disk, and so does every other commit.
        """
        began, is_last = self._watch.seconds, ident == self._last
        while True:
            try:
                at = self._watch.now()
                self._notes.add(message_id=ident, lease=self._lease, at=at, is_flushed=is_last)
            except Unavailable:
                if self._watch.seconds - began > SETTLES_WITHIN_SECONDS:
                    self._cannot_note = True
                    raise
                time.sleep(0.5)
            else:
                return

    def _land(self) -> None:
        parcel, flight = self._flying.popleft()
        if not flight.done():
            self._settle()  # nobody waits for the carrier with something in hand
        self._note(parcel, flight.result())

    def _note(self, parcel: Parcel, outcome: Outcome) -> None:
        log.info("message %s of kind %s: %s", parcel.public_id, parcel.kind, outcome.state)
        if outcome is SENT:  # written down already
            self._open.discard(parcel.about)
            return
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
        """Write what became of those that were not sent."""
        results, self._results = self._results, []
        self._open = {parcel.about for parcel, _ in self._flying}
        if results:
            settle(lease=self._lease, results=results)


def _unwanted(askers: Askers, parcels: Sequence[Parcel]) -> frozenset[int]:
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
    allowed = frozenset(askers.allowed(channel=channel, asked=asked)) if asked else frozenset()
    return frozenset(
        one.id
        for one in held
        if one.recipient_mac in barred or (one.id in pairs and pairs[one.id] not in allowed)
    )


def _later(parcel: Parcel, why: str) -> Outcome:
    chance = random.random()  # noqa: S311 - jitter
    return put_off(why=why, attempts=parcel.attempts, chance=chance)
