"""A practitioner is away today: the day is blocked, and what stood in it is moved or cancelled."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from clinic.core.errors import Busy, Refusal
from clinic.core.values import Actor
from clinic.desk.queries.calendar import Span
from clinic.scheduling.operations.blocks import block_time
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.blocks import list_blocks
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.status import Action

AWAY = "away"
BEGINS_WITHIN_SECONDS = 1.0
"""After so long no further visit is begun: nobody waits in front of a page for a busy database."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one visit: moved to ``starts_at`` with ``practitioner``, or cancelled."""

    visit: str
    version: int
    starts_at: datetime | None = None
    practitioner: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went with one visit; ``refusal`` is None when it was done."""

    visit: str
    refusal: Refusal | None


def clear_day(
    *,
    practitioner: str,
    day: date,
    zone: str,
    choices: Sequence[Choice],
    reason: str,
    actor: Actor,
    now: datetime,
    begins_within: float = BEGINS_WITHIN_SECONDS,
) -> tuple[Outcome, ...]:
    """Block the local day, then move or cancel each visit and tell its patient.

    Each visit is a use case of its own: what one refuses (somebody changed it meanwhile, the time
    went) does not stop the others, and is answered; so is what was not begun within so many
    seconds (Busy). Doing it again goes on with what is left.
    Raises Invalid for a practitioner who is not live, Forbidden for who may not book.
    """
    ends = time.monotonic() + begins_within
    _block(practitioner, Span(day, day, zone), actor, now)
    return tuple(
        Outcome(one.visit, _do(one, reason, actor, now) if time.monotonic() < ends else Busy())
        for one in choices
    )


def _block(practitioner: str, span: Span, actor: Actor, now: datetime) -> None:
    """Once: a day that is blocked already stays so."""
    person = get_setting().practitioners.get(practitioner)
    standing = list_blocks(starts_at=span.begins, ends_at=span.ends)
    covers = any(
        one.kind == AWAY
        and person is not None
        and one.resource == person.resource
        and one.starts_at <= span.begins
        and one.ends_at >= span.ends
        for one in standing
    )
    if not covers:
        block_time(
            resource=practitioner,
            starts_at=span.begins,
            ends_at=span.ends,
            kind=AWAY,
            actor=actor,
            now=now,
            beside_visits=True,
        )


def _do(one: Choice, reason: str, actor: Actor, now: datetime) -> Refusal | None:
    try:
        if one.starts_at is None:
            take_step(
                public_id=one.visit,
                action=Action.CANCEL,
                actor=actor,
                now=now,
                reason=reason,
                version=one.version,
            )
        else:
            change = Change(
                version=one.version, starts_at=one.starts_at, practitioner=one.practitioner
            )
            move_appointment(public_id=one.visit, change=change, actor=actor, now=now)
    except Refusal as refusal:
        return refusal
    return None
