"""A round of sending: what was taken in one go is written, handed over and written down.

While the other side thinks about a message that was handed over, the next one is asked whether it
is true, and written. It is begun once the answer has come and what was taken is written down, so
that never more than one is on its way; if that took long, it is asked and written again.
"""

import logging
import random
import time
import traceback
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
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
"""What was written longer ago is not sent any more."""
GATHER = 50
SETTLE_EVERY = 20
SETTLES_AFTER_SECONDS = 0.5
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
    """What a worker's turn sends with: the carrier, its notes, the clock."""

    carrier: Carrier
    notes: SentNotes
    watch: Watch


class Round:
    """What was taken in one go, on its way."""

    def __init__(self, askers: Askers, means: Means, lease: str) -> None:
        self._askers, self._lease = askers, lease
        self._carrier, self._notes, self._watch = means.carrier, means.notes, means.watch
        self._taken_at = self._gathered_at = self._watch.seconds
        self._flying: tuple[Parcel, HandOver] | None = None
        self._results: list[Result] = []
        self._results_since = 0.0
        self._open: set[str] = set()
        self._begun: set[str] = set()
        self._last: int | None = None
        self._prepares: dict[str, Prepare] = {}
        self._has_given_up = False
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
            self._land()
            self._keep_trying(self._notes.end)
            self._settle()

    def _gather(self, parcels: Sequence[Parcel]) -> None:
        """Read together what is written together, so late that it still holds."""
        read_anew()
        self._gathered_at, self._prepares = self._watch.seconds, dict(self._askers.prepares)
        self._begun = {self._flying[0].about} if self._flying else set()
        if not {one.kind for one in parcels} & URGENT:
            channel, at = parcels[0].channel, self._watch.now()
            self.is_cut_short = is_any_due(now=at, channel=channel, is_urgent=True)
        for kind in {one.kind for one in parcels} & self._askers.gathers.keys():
            alike = [one for one in parcels if one.kind == kind]
            self._prepares[kind] = self._askers.gathers[kind](parcels=alike, now=self._watch.now())

    def _begin(self, parcel: Parcel, *, is_wanted: bool) -> None:
        if parcel.about in self._open:  # what came before about the same is known first
            self._land()
            self._keep_trying(self._notes.end)
            self._settle()
        is_first = parcel.about not in self._begun
        self._open.add(parcel.about)
        self._begun.add(parcel.about)
        if not is_wanted:
            self._note(parcel, dropped(UNWANTED))
            return
        outcome = self._hand_over(parcel, is_first=is_first)
        if outcome is not None:
            self._note(parcel, outcome)

    def _hand_over(self, parcel: Parcel, *, is_first: bool) -> Outcome | None:
        """Write it and let it go as soon as the one before has come down; None: it is flying."""
        if not self._may_begin():
            return GIVEN_BACK
        written, at = self._write(parcel, is_first=is_first), self._watch.seconds
        if isinstance(written, Outcome):
            return written
        self._land()
        if self._watch.seconds - at > STALE_SECONDS and self._may_begin():
            written = self._write(parcel, is_first=False)
            if isinstance(written, Outcome):
                return written
        if not self._may_begin():
            return GIVEN_BACK
        noted = partial(self._keep_trying, self._notes.end)
        outcome = self._tried(parcel, partial(written.begin, only_after=noted))
        if outcome is None:
            self._flying = parcel, written
            self._settle_old()
        return outcome

    def _may_begin(self) -> bool:
        is_late = self._watch.seconds - self._taken_at > STARTS_WITHIN_SECONDS
        return not (self._carrier.is_broken or is_late or self.is_cut_short)

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

    def _tried(self, parcel: Parcel, step: Callable[[], None]) -> Outcome | None:
        """What became of it if a step of handing it over failed."""
        try:
            step()
        except NotTaken as error:
            if not error.is_final:
                return _later(parcel, error.reason)
            return refused(error.reason, is_barred=error.is_barred)
        except Unreachable as error:
            self.unreachable = error
            return GIVEN_BACK
        except Unavailable:  # what went before could not be noted
            raise
        except Exception as error:  # noqa: BLE001 - one message's fault must not stop the others
            log.warning("message of kind %s: %s", parcel.kind, type(error).__name__)
            return _later(parcel, "it could not be handed over")
        return None

    def _note_sent(self, ident: int) -> None:
        """What was sent is not let go of while the lease holds, and nothing else is sent before.

        The last of a round waits for the disk, and so does every other commit.
        """
        told = partial(self._notes.add_soon, message_id=ident, lease=self._lease)
        if ident == self._last:
            told = partial(self._notes.add, message_id=ident, lease=self._lease, is_flushed=True)
        self._keep_trying(partial(told, at=self._watch.now()))

    def _keep_trying(self, write: Callable[[], None]) -> None:
        began = self._watch.seconds
        while True:
            try:
                write()
            except Unavailable:
                self._has_given_up |= self._watch.seconds - began > SETTLES_WITHIN_SECONDS
                if self._has_given_up:
                    raise
                time.sleep(0.5)
            else:
                return

    def _land(self) -> None:
        """Wait for what flies, if anything does, and write down that it was taken."""
        if self._flying is None:
            return
        (parcel, written), self._flying = self._flying, None
        outcome = self._tried(parcel, written.end)
        if outcome is None:
            self._note_sent(parcel.id)
        self._note(parcel, outcome or SENT)

    def _note(self, parcel: Parcel, outcome: Outcome) -> None:
        log.info("message %s of kind %s: %s", parcel.public_id, parcel.kind, outcome.state)
        if outcome is SENT:  # written down already
            self._open.discard(parcel.about)
            return
        if not self._results:
            self._results_since = self._watch.seconds
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

    def _settle_old(self) -> None:
        """The same, now that there is time for it, where some of them have been in hand a while."""
        if self._results and self._watch.seconds - self._results_since > SETTLES_AFTER_SECONDS:
            self._settle()

    def _settle(self) -> None:
        """Write what became of those that were not sent."""
        results, self._results = self._results, []
        self._open = {self._flying[0].about} if self._flying else set()
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
