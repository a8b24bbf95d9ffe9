"""Moving, cancelling, the steps of a visit and the way back."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import PUBLIC, Actor
from clinic.scheduling.models import AppointmentChange
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.refusals import (
    NotOffered,
    PatientBusy,
    SlotTaken,
    VersionMismatch,
    WrongState,
)
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.status import Action
from tests.integration.scheduling.a_clinic import FRONT_DESK, NOW, book, load, local

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def a_clinic(in_app: Flask) -> None:
    load()


def move(
    visit: Visit,
    start: str | None = None,
    *,
    version: int | None = None,
    practitioner: str | None = None,
    rooms: tuple[str, ...] | None = None,
    reason: str | None = None,
    actor: Actor = FRONT_DESK,
) -> Visit:
    change = Change(
        version=version or visit.version,
        starts_at=local(start) if start else None,
        practitioner=practitioner,
        rooms=rooms,
        override_reason=reason,
    )
    return move_appointment(public_id=visit.public_id, change=change, actor=actor, now=NOW)


def step(visit: Visit, action: Action, *, after: timedelta = HOUR * 0) -> Visit:
    return take_step(public_id=visit.public_id, action=action, actor=FRONT_DESK, now=NOW + after)


class TestMoveAppointment:
    def test_is_not_in_its_own_way(self) -> None:  # C1
        moved = move(book("2026-03-03 11:30"), "2026-03-03 11:45", actor=PUBLIC)
        assert (moved.starts_at, moved.version) == (local("2026-03-03 11:45"), 2)

    def test_frees_the_old_time(self) -> None:
        move(book("2026-03-03 10:00"), "2026-03-03 14:00")
        assert book("2026-03-03 10:00", who=2, actor=PUBLIC).status == "booked"

    def test_leaves_the_visit_as_it_was_when_refused(self) -> None:
        book("2026-03-03 10:00", service="gait", practitioner="q")
        visit = book("2026-03-03 13:00", service="gait", who=2)
        with pytest.raises(SlotTaken) as refusal:
            move(visit, "2026-03-03 10:00")
        assert refusal.value.alternatives
        assert get_visit(visit.public_id) == visit
        with pytest.raises(SlotTaken):
            book("2026-03-03 13:00", who=3)

    def test_refuses_a_change_to_what_somebody_changed(self) -> None:
        visit = book("2026-03-03 10:00")
        move(visit, "2026-03-03 11:00")
        with pytest.raises(VersionMismatch):
            move(visit, "2026-03-03 12:00", version=1)

    def test_changes_nothing_when_nothing_is_different(self) -> None:
        visit = book("2026-03-03 10:00")
        assert move(visit, "2026-03-03 10:00") == visit

    def test_gives_the_visit_to_another_practitioner(self) -> None:
        moved = move(book("2026-03-03 10:00"), practitioner="q")
        assert moved.practitioner == "q"
        assert book("2026-03-03 10:00", who=2, actor=PUBLIC).practitioner == "p"

    def test_keeps_its_room_and_takes_another_when_told(self) -> None:
        book("2026-03-03 10:00", service="run", practitioner="q", who=2)
        visit = book("2026-03-03 10:00", service="run")
        assert visit.resources == ("treadmill-2",)
        later = move(visit, "2026-03-03 12:00")
        assert later.resources == ("treadmill-2",)
        assert move(later, rooms=("treadmill-1",)).resources == ("treadmill-1",)
        with pytest.raises(NotOffered):
            move(later, rooms=("lab",), version=3)

    def test_minds_the_patients_other_visits(self) -> None:
        book("2026-03-03 10:00", service="fu", practitioner="q")
        visit = book("2026-03-03 13:00")
        with pytest.raises(PatientBusy):
            move(visit, "2026-03-03 10:15")

    def test_leaves_the_others_of_a_class_where_they_are(self) -> None:
        first = book("2026-03-03 10:00", service="class")
        second = book("2026-03-03 10:00", service="class", who=2)
        moved = move(first, "2026-03-03 12:00")
        assert moved.occurrence_id != second.occurrence_id
        assert get_visit(second.public_id).starts_at == local("2026-03-03 10:00")
        assert move(moved, "2026-03-03 10:00").occurrence_id == second.occurrence_id

    def test_needs_the_confirmation_anew(self) -> None:
        visit = step(book("2026-03-03 10:00"), Action.CONFIRM)
        assert not move(visit, "2026-03-03 11:00").is_confirmed

    @pytest.mark.parametrize("action", [Action.CANCEL, Action.FULFIL])
    def test_refuses_what_is_over(self, action: Action) -> None:
        visit = step(book("2026-03-03 10:00"), action)
        with pytest.raises(WrongState):
            move(visit, "2026-03-03 11:00")

    def test_does_not_let_a_patient_move_what_has_begun(self) -> None:
        visit = book("2026-03-02 09:30")
        with pytest.raises(WrongState):
            move(visit, "2026-03-03 11:00", actor=PUBLIC)

    def test_overbooks_with_a_reason_only(self) -> None:
        book("2026-03-03 10:00")
        visit = book("2026-03-03 13:00", who=2)
        with pytest.raises(SlotTaken):
            move(visit, "2026-03-03 10:30")
        moved = move(visit, "2026-03-03 10:30", reason="urgent")
        assert moved.override_reason == "urgent"
        assert move(moved, "2026-03-03 14:00").override_reason is None


class TestTakeStep:
    def test_follows_the_visit_through_its_day(self) -> None:
        visit = book("2026-03-02 10:30")
        for action, status in (
            (Action.CONFIRM, "booked"),
            (Action.ARRIVE, "arrived"),
            (Action.CHECK_IN, "checked-in"),
            (Action.FULFIL, "fulfilled"),
        ):
            visit = step(visit, action)
            assert visit.status == status
        assert visit.is_confirmed
        assert visit.version == 5

    def test_changes_nothing_when_repeated(self) -> None:
        visit = step(book("2026-03-02 10:30"), Action.ARRIVE)
        assert step(visit, Action.ARRIVE) == visit

    def test_goes_back_one_step_at_a_time(self) -> None:
        visit = book("2026-03-02 10:30")
        for action in (Action.ARRIVE, Action.CHECK_IN, Action.FULFIL):
            step(visit, action)
        seen = [step(visit, Action.UNDO).status for _ in range(3)]
        assert seen == ["checked-in", "arrived", "booked"]
        with pytest.raises(WrongState):
            step(visit, Action.UNDO)

    def test_calls_nobody_a_no_show_before_the_start(self) -> None:
        visit = book("2026-03-02 10:30")
        with pytest.raises(WrongState):
            step(visit, Action.NO_SHOW)
        assert step(visit, Action.NO_SHOW, after=HOUR).status == "noshow"

    def test_frees_the_time_of_a_cancelled_visit_for_the_same_patient_too(self) -> None:
        step(book("2026-03-03 10:00", actor=PUBLIC), Action.CANCEL)
        assert book("2026-03-03 10:00", actor=PUBLIC).status == "booked"

    def test_takes_the_time_again_when_undone(self) -> None:
        visit = book("2026-03-03 10:00", service="gait")
        step(visit, Action.CANCEL)
        assert step(visit, Action.UNDO).status == "booked"
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", who=2)
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", service="gait", practitioner="q", who=2)

    def test_cannot_be_undone_when_the_time_went(self) -> None:
        visit = book("2026-03-03 10:00")
        step(visit, Action.CANCEL)
        book("2026-03-03 10:30", who=2)
        with pytest.raises(SlotTaken):
            step(visit, Action.UNDO)
        assert get_visit(visit.public_id).status == "cancelled"

    def test_restores_an_overbooking_as_one(self) -> None:
        book("2026-03-03 10:00")
        visit = book("2026-03-03 10:30", who=2, reason="urgent")
        step(visit, Action.CANCEL)
        assert step(visit, Action.UNDO).override_reason == "urgent"

    def test_keeps_the_class_while_somebody_comes(self) -> None:
        first = book("2026-03-03 10:00", service="class")
        book("2026-03-03 10:00", service="class", who=2)
        step(first, Action.CANCEL)
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", who=3)
        assert book("2026-03-03 10:00", service="class", who=3).status == "booked"
        with pytest.raises(SlotTaken):
            step(first, Action.UNDO)

    def test_joins_the_class_that_others_opened_again(self) -> None:
        first = book("2026-03-03 10:00", service="class")
        step(first, Action.CANCEL)
        second = book("2026-03-03 10:00", service="class", who=2)
        back = step(first, Action.UNDO)
        assert back.status == "booked"
        assert back.occurrence_id == second.occurrence_id != first.occurrence_id
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", service="class", who=3)
        step(second, Action.CANCEL)
        step(back, Action.CANCEL)
        assert book("2026-03-03 10:00", who=3).status == "booked"

    @pytest.mark.parametrize(
        ("start", "is_late"), [("2026-03-03 09:45", True), ("2026-03-03 10:00", False)]
    )
    def test_notes_a_late_cancellation(self, start: str, is_late: bool) -> None:
        assert step(book(start), Action.CANCEL).is_late_cancelled is is_late

    def test_writes_every_step_down_with_its_reason_sealed(self) -> None:
        visit = book("2026-03-03 10:00")
        take_step(
            public_id=visit.public_id,
            action=Action.CANCEL,
            actor=FRONT_DESK,
            now=NOW,
            reason="has a fever",
        )
        changes = list(db.session.scalars(select(AppointmentChange).order_by(AppointmentChange.id)))
        assert [change.step for change in changes] == ["booked", "cancelled"]
        assert changes[1].reason == "has a fever"
        assert "fever" not in (changes[1].reason_sealed or "")
