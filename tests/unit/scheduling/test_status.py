import pytest

from clinic.scheduling.rules.status import (
    Action,
    Claims,
    State,
    Status,
    Step,
    WrongState,
    can_take,
    take_step,
)

START = 1_000_000
WHERE = {
    Action.ARRIVE: Status.ARRIVED,
    Action.CHECK_IN: Status.CHECKED_IN,
    Action.FULFIL: Status.FULFILLED,
    Action.NO_SHOW: Status.NOSHOW,
    Action.CANCEL: Status.CANCELLED,
}
# Each state's row of the contract: the actions that lead on from it.
LEADS_ON = {
    Status.BOOKED: {Action.ARRIVE, Action.CHECK_IN, Action.FULFIL, Action.NO_SHOW, Action.CANCEL},
    Status.ARRIVED: {Action.CHECK_IN, Action.FULFIL, Action.CANCEL},
    Status.CHECKED_IN: {Action.FULFIL, Action.CANCEL},
    Status.FULFILLED: set(),
    Status.CANCELLED: set(),
    Status.NOSHOW: set(),
}


def step(
    status: Status,
    action: Action,
    *,
    confirmed: bool = False,
    steps: tuple[State, ...] = (),
    now: int = START + 1,
) -> Step:
    return take_step(
        state=State(status, confirmed), steps=steps, action=action, start=START, now=now
    )


class TestTakeStep:
    @pytest.mark.parametrize("status", list(Status))
    @pytest.mark.parametrize("action", list(WHERE))
    def test_follows_the_table(self, status: Status, action: Action) -> None:
        if WHERE[action] is status:
            assert not step(status, action).is_changed
        elif action in LEADS_ON[status]:
            after = step(status, action)
            assert after.is_changed
            assert after.state.status is WHERE[action]
        else:
            with pytest.raises(WrongState):
                step(status, action)

    @pytest.mark.parametrize(
        ("now", "is_allowed"), [(START - 1, False), (START, False), (START + 1, True)]
    )
    def test_knows_a_no_show_only_after_the_start(self, now: int, is_allowed: bool) -> None:
        if is_allowed:
            assert step(Status.BOOKED, Action.NO_SHOW, now=now).is_changed
        else:
            with pytest.raises(WrongState):
                step(Status.BOOKED, Action.NO_SHOW, now=now)

    @pytest.mark.parametrize("action", [Action.CANCEL, Action.NO_SHOW])
    def test_frees_the_claims_of_a_visit_that_will_not_be(self, action: Action) -> None:
        assert step(Status.BOOKED, action).claims is Claims.FREE

    def test_keeps_the_claims_of_a_visit_fulfilled_early(self) -> None:
        assert step(Status.CHECKED_IN, Action.FULFIL).claims is Claims.KEEP

    def test_confirms_a_booked_visit_once(self) -> None:
        first = step(Status.BOOKED, Action.CONFIRM)
        assert first.state == State(Status.BOOKED, True)
        assert not step(Status.BOOKED, Action.CONFIRM, confirmed=True).is_changed
        assert not step(Status.ARRIVED, Action.CONFIRM, confirmed=True).is_changed

    @pytest.mark.parametrize("status", [one for one in Status if one is not Status.BOOKED])
    def test_confirms_nothing_but_a_booked_visit(self, status: Status) -> None:
        with pytest.raises(WrongState):
            step(status, Action.CONFIRM)

    def test_keeps_the_confirmation_over_other_steps(self) -> None:
        assert step(Status.BOOKED, Action.ARRIVE, confirmed=True).state.is_confirmed


class TestUndo:
    def test_goes_back_one_step_at_a_time(self) -> None:
        state, steps = State(), tuple[State, ...]()
        for action in (Action.CONFIRM, Action.ARRIVE, Action.FULFIL):
            after = take_step(state=state, steps=steps, action=action, start=START, now=START)
            state, steps = after.state, after.steps
        passed = []
        while steps:
            after = take_step(state=state, steps=steps, action=Action.UNDO, start=START, now=START)
            state, steps = after.state, after.steps
            passed.append(state)
        assert passed == [State(Status.ARRIVED, True), State(Status.BOOKED, True), State()]

    def test_takes_the_claims_again_after_a_cancellation(self) -> None:
        cancelled = step(Status.BOOKED, Action.CANCEL)
        back = step(Status.CANCELLED, Action.UNDO, steps=cancelled.steps)
        assert (back.state, back.claims) == (State(), Claims.TAKE_AGAIN)

    def test_is_refused_where_there_is_nothing_to_undo(self) -> None:
        with pytest.raises(WrongState):
            step(Status.BOOKED, Action.UNDO)

    def test_is_not_filled_by_repeating(self) -> None:
        assert step(Status.ARRIVED, Action.ARRIVE).steps == ()


class TestCanTake:
    def test_tells_which_buttons_to_show(self) -> None:
        shown = {
            action
            for action in Action
            if can_take(state=State(), action=action, start=START, now=START)
        }
        assert shown == {
            *(Action.CONFIRM, Action.ARRIVE, Action.CHECK_IN, Action.FULFIL, Action.CANCEL)
        }
