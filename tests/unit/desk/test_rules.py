"""Who waits, who is late, which steps are there."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic.desk.rules import Delay, Show, Wait, can_undo, is_shown, steps_of, wait_of
from clinic.scheduling.rules.status import Action, State, Status

TEN = datetime(2026, 3, 3, 15, 0, tzinfo=UTC)


def later(minutes: float) -> datetime:
    return TEN + timedelta(minutes=minutes)


class TestWaitOf:
    @pytest.mark.parametrize(
        ("status", "arrived", "now", "expected"),
        [
            (Status.BOOKED, None, 0, None),
            (Status.BOOKED, None, 0.5, None),
            (Status.BOOKED, None, 1, Wait(Delay.LATE, 1, False)),
            (Status.BOOKED, None, 14.9, Wait(Delay.LATE, 14, False)),
            (Status.BOOKED, None, 15, Wait(Delay.LATE, 15, True)),
            (Status.ARRIVED, -10, -5, Wait(Delay.WAITING, 5, False)),
            (Status.ARRIVED, -10, 5, Wait(Delay.WAITING, 15, True)),
            (Status.ARRIVED, None, 5, None),
            (Status.CHECKED_IN, -10, 20, None),
            (Status.CANCELLED, None, 20, None),
            (Status.NOSHOW, None, 20, None),
        ],
    )
    def test_counts_whole_minutes(
        self, status: Status, arrived: float | None, now: float, expected: Wait | None
    ) -> None:
        arrived_at = later(arrived) if arrived is not None else None
        found = wait_of(status=status, starts_at=TEN, arrived_at=arrived_at, now=later(now))
        assert found == expected


class TestStepsOf:
    @pytest.mark.parametrize(
        ("state", "now", "expected"),
        [
            (State(), -5, (Action.ARRIVE, Action.CHECK_IN, Action.FULFIL, Action.CONFIRM)),
            (
                State(is_confirmed=True),
                5,
                (Action.ARRIVE, Action.CHECK_IN, Action.FULFIL, Action.NO_SHOW),
            ),
            (State(Status.ARRIVED), 5, (Action.CHECK_IN, Action.FULFIL)),
            (State(Status.CHECKED_IN), 5, (Action.FULFIL,)),
            (State(Status.FULFILLED), 5, ()),
            (State(Status.CANCELLED), 5, ()),
            (State(Status.NOSHOW), 5, ()),
        ],
    )
    def test_begin_with_the_usual_next_one(
        self, state: State, now: float, expected: tuple[Action, ...]
    ) -> None:
        assert steps_of(state=state, starts_at=TEN, now=later(now)) == expected


class TestCanUndo:
    @pytest.mark.parametrize(
        ("state", "expected"),
        [(State(), False), (State(is_confirmed=True), True), (State(Status.NOSHOW), True)],
    )
    def test_needs_a_step_that_was_taken(self, state: State, expected: bool) -> None:
        assert can_undo(state) is expected


class TestIsShown:
    @pytest.mark.parametrize(
        ("state", "shown"),
        [
            (State(Status.BOOKED), {Show.ALL, Show.COMING, Show.UNCONFIRMED}),
            (State(Status.BOOKED, True), {Show.ALL, Show.COMING}),
            (State(Status.ARRIVED), {Show.ALL, Show.HERE}),
            (State(Status.CHECKED_IN), {Show.ALL, Show.HERE}),
            (State(Status.FULFILLED), {Show.ALL}),
            (None, {Show.ALL, Show.COMING}),
        ],
    )
    def test_puts_each_visit_where_the_desk_looks_for_it(
        self, state: State | None, shown: set[Show]
    ) -> None:
        assert {show for show in Show if is_shown(state=state, show=show)} == shown
