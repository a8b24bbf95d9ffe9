"""The states of an appointment and the steps between them.

booked, arrived, checked-in and fulfilled follow one another, skipping allowed; the first three
can be cancelled; booked can become a no-show once its start has passed. Confirming is a flag on
a booked appointment. Each step can be undone, the last one first.
"""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """The states, in FHIR's words."""

    BOOKED = "booked"
    ARRIVED = "arrived"
    CHECKED_IN = "checked-in"
    FULFILLED = "fulfilled"
    CANCELLED = "cancelled"
    NOSHOW = "noshow"


class Action(StrEnum):
    """What is asked of an appointment, as the interface names it."""

    CONFIRM = "confirm"
    ARRIVE = "arrive"
    CHECK_IN = "check-in"
    FULFIL = "fulfil"
    NO_SHOW = "no-show"
    CANCEL = "cancel"
    UNDO = "undo"


class Claims(StrEnum):
    """What a step does to the claims of an appointment."""

    KEEP = "keep"
    FREE = "free"
    TAKE_AGAIN = "take-again"


@dataclass(frozen=True, slots=True)
class State:
    """Where an appointment stands."""

    status: Status = Status.BOOKED
    is_confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What an action leads to. `steps` are the states to go back to, the latest last."""

    state: State
    steps: tuple[State, ...]
    is_changed: bool
    claims: Claims


class WrongState(Exception):
    """The appointment stands where this action does not lead on."""

    code = "wrong-state"

    def __init__(self, status: Status, action: Action) -> None:
        super().__init__(f"An appointment that is {status} cannot take the step {action}.")
        self.status = status
        self.action = action


# Where each action leads, and from where.
TARGETS = {
    Action.ARRIVE: Status.ARRIVED,
    Action.CHECK_IN: Status.CHECKED_IN,
    Action.FULFIL: Status.FULFILLED,
    Action.NO_SHOW: Status.NOSHOW,
    Action.CANCEL: Status.CANCELLED,
}
SOURCES = {
    Action.CONFIRM: frozenset({Status.BOOKED}),
    Action.ARRIVE: frozenset({Status.BOOKED}),
    Action.CHECK_IN: frozenset({Status.BOOKED, Status.ARRIVED}),
    Action.FULFIL: frozenset({Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN}),
    Action.NO_SHOW: frozenset({Status.BOOKED}),
    Action.CANCEL: frozenset({Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN}),
}
# A visit that was fulfilled early still has its room until the end of the claim.
HOLDS_CLAIMS = frozenset({Status.BOOKED, Status.ARRIVED, Status.CHECKED_IN, Status.FULFILLED})


def take_step(
    *, state: State, steps: tuple[State, ...], action: Action, start: int, now: int
) -> Step:
    """The state after an action; repeating the current state changes nothing.

    `start` of the visit and `now` are whole seconds. Raises `WrongState`.
    """
    if action is Action.UNDO:
        if not steps:
            raise WrongState(state.status, action)
        return Step(steps[-1], steps[:-1], True, _claims(state, steps[-1]))
    if _is_repeat(state, action):
        return Step(state, steps, False, Claims.KEEP)
    if not can_take(state=state, action=action, start=start, now=now):
        raise WrongState(state.status, action)
    if action is Action.CONFIRM:
        after = State(state.status, True)
    else:
        after = State(TARGETS[action], state.is_confirmed)
    return Step(after, (*steps, state), True, _claims(state, after))


def can_take(*, state: State, action: Action, start: int, now: int) -> bool:
    """Whether an action other than undo would change an appointment now."""
    if action is Action.UNDO or state.status not in SOURCES[action]:
        return False
    if action is Action.CONFIRM:
        return not state.is_confirmed
    return action is not Action.NO_SHOW or now > start


def _is_repeat(state: State, action: Action) -> bool:
    if action is Action.CONFIRM:
        return state.is_confirmed and state.status in HOLDS_CLAIMS
    return state.status is TARGETS[action]


def _claims(before: State, after: State) -> Claims:
    held, holds = before.status in HOLDS_CLAIMS, after.status in HOLDS_CLAIMS
    if held == holds:
        return Claims.KEEP
    return Claims.TAKE_AGAIN if holds else Claims.FREE
