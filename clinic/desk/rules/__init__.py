"""What the desk makes of a visit at a moment: who waits, who is late, which step is next. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from clinic.scheduling.rules.status import Action, State, Status, can_take

LONG_WAIT = timedelta(minutes=15)
"""Waiting or being late for so long is marked as wrong, not only as noteworthy."""

HERE = frozenset({Status.ARRIVED, Status.CHECKED_IN})
OVER = frozenset({Status.FULFILLED, Status.CANCELLED, Status.NOSHOW})
FORWARD = (Action.ARRIVE, Action.CHECK_IN, Action.FULFIL)


class Show(StrEnum):
    """Which visits of the day are listed."""

    ALL = "all"
    HERE = "here"
    COMING = "coming"
    UNCONFIRMED = "unconfirmed"


class Delay(StrEnum):
    """Who waits for whom."""

    LATE = "late"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Wait:
    """The patient is late, or waits since arriving, by whole minutes."""

    delay: Delay
    minutes: int
    is_long: bool


def wait_of(
    *, status: Status, starts_at: datetime, arrived_at: datetime | None, now: datetime
) -> Wait | None:
    """Who is late: booked and not here after the start. Who waits: here and not yet checked in."""
    if status is Status.BOOKED and now > starts_at:
        delay, since = Delay.LATE, starts_at
    elif status is Status.ARRIVED and arrived_at is not None:
        delay, since = Delay.WAITING, arrived_at
    else:
        return None
    lasted = now - since
    minutes = lasted // timedelta(minutes=1)
    if minutes < 1:
        return None
    return Wait(delay, minutes, lasted >= LONG_WAIT)


def steps_of(*, state: State, starts_at: datetime, now: datetime) -> tuple[Action, ...]:
    """The steps that a visit can take now, the usual next one first; undo and cancelling apart."""
    moment = int(starts_at.timestamp()), int(now.timestamp())
    wanted = [*FORWARD, Action.NO_SHOW, Action.CONFIRM]
    return tuple(
        action
        for action in wanted
        if can_take(state=state, action=action, start=moment[0], now=moment[1])
    )


def can_undo(state: State) -> bool:
    """Whether a step was taken that can be taken back."""
    return state.status is not Status.BOOKED or state.is_confirmed


def is_shown(*, state: State | None, show: Show) -> bool:
    """Whether a visit, or with None a hold, belongs to the list that is asked for."""
    status = state.status if state else None
    if show is Show.HERE:
        return status in HERE
    if show is Show.COMING:
        return status in {Status.BOOKED, None}
    if show is Show.UNCONFIRMED:
        return state is not None and status is Status.BOOKED and not state.is_confirmed
    return True
