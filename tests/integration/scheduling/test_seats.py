"""Seats of a class when visits are overbooked, moved, cancelled and taken back in odd orders."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.values import PUBLIC
from clinic.scheduling.models import Appointment, Claim, Occurrence, Seat
from clinic.scheduling.operations.holding import hold_time
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.refusals import PatientBusy, SlotTaken
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.holds import get_held_time
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.status import Action
from tests.integration.scheduling.a_clinic import CLINIC, FRONT_DESK, NOW, book, load, local

ON_A_TREADMILL = 'needs = [["treadmill-1", "treadmill-2"]]'


@pytest.fixture(autouse=True)
def a_clinic(in_app: Flask) -> None:
    load()


def step(visit: Visit, action: Action, *, now: datetime = NOW) -> Visit:
    return take_step(public_id=visit.public_id, action=action, actor=FRONT_DESK, now=now)


def move(
    visit: Visit,
    start: str | None = None,
    *,
    rooms: tuple[str, ...] | None = None,
    now: datetime = NOW,
) -> Visit:
    change = Change(version=None, starts_at=local(start) if start else None, rooms=rooms)
    return move_appointment(public_id=visit.public_id, change=change, actor=FRONT_DESK, now=now)


def live_states() -> list[str]:
    wanted = (
        select(Occurrence.state)
        .join(Appointment, Appointment.occurrence_id == Occurrence.id)
        .where(Appointment.status == "booked")
    )
    return list(db.session.scalars(wanted))


def seats() -> int:
    return db.session.scalar(select(func.count()).select_from(Seat)) or 0


def expiring_claims() -> int:
    wanted = select(func.count()).select_from(Claim).where(Claim.expires_at.is_not(None))
    return db.session.scalar(wanted) or 0


class TestMoveAppointment:
    def test_gives_a_seat_to_one_who_had_none(self) -> None:
        others = [book("2026-03-03 10:00", service="class", who=who) for who in (1, 2)]
        extra = book("2026-03-03 10:00", service="class", who=3, reason="brings a mat")
        for other in others:
            step(other, Action.CANCEL)
        moved = move(extra, "2026-03-03 13:00")
        assert moved.override_by is None
        assert seats() == 1
        assert book("2026-03-03 13:00", service="class", who=4, actor=PUBLIC).status == "booked"
        with pytest.raises(SlotTaken):
            book("2026-03-03 13:00", service="class", who=5, actor=PUBLIC)

    def test_leaves_cancelled_visits_of_the_class_where_they_were(self) -> None:
        stays, goes = (book("2026-03-03 10:00", service="class", who=who) for who in (1, 2))
        step(stays, Action.CANCEL)
        move(goes, "2026-03-03 14:00")
        assert get_visit(stays.public_id).starts_at == local("2026-03-03 10:00")
        assert step(stays, Action.UNDO).starts_at == local("2026-03-03 10:00")

    def test_leaves_a_lapsed_hold_of_the_class_at_its_time(self) -> None:
        visit = book("2026-03-03 10:00", service="class")
        wish = Wish(service="class", starts_at=local("2026-03-03 10:00"), practitioner="p")
        held = hold_time(wish=wish, visitor="somebody", now=NOW)
        move(visit, "2026-03-03 14:00", now=NOW + timedelta(hours=1))
        found = get_held_time(public_id=held.public_id, visitor="somebody")
        assert found.starts_at == local("2026-03-03 10:00")

    @pytest.mark.parametrize("service", ["class", "eval"])
    def test_takes_the_new_time_of_one_whose_old_time_was_free(self, service: str) -> None:
        visit = book("2026-03-02 11:00", service=service)
        after_start, after_end = (NOW + timedelta(hours=hours) for hours in (1.5, 2.5))
        step(visit, Action.NO_SHOW, now=after_start)
        step(visit, Action.UNDO, now=after_end)
        move(visit, "2026-03-02 14:00", now=after_end)
        assert live_states() == ["booked"]
        with pytest.raises(SlotTaken):
            book("2026-03-02 14:00", service="fu", who=2, now=after_end)

    def test_takes_other_rooms_for_a_class_of_one_only(self) -> None:
        load(CLINIC.replace("capacity = 2", f"capacity = 2\n{ON_A_TREADMILL}"))
        alone = book("2026-03-03 10:00", service="class")
        assert move(alone, rooms=("treadmill-2",)).resources == ("treadmill-2",)
        joined = book("2026-03-03 10:00", service="class", who=2)
        with pytest.raises(SlotTaken):
            move(joined, rooms=("treadmill-1",))
        assert get_visit(joined.public_id) == joined


class TestTakeStep:
    def test_lets_only_the_overbooked_one_back_beside_others(self) -> None:
        book("2026-03-03 10:30", who=1)
        book("2026-03-03 10:00", service="class", who=2, reason="asked for it")
        joined = book("2026-03-03 10:00", service="class", who=3, reason="asked for it")
        assert joined.override_by is None
        step(joined, Action.CANCEL)
        book("2026-03-03 10:00", practitioner="q", who=3)
        with pytest.raises(PatientBusy):
            step(joined, Action.UNDO)

    def test_keeps_the_time_of_a_class_when_only_a_hold_was_left_in_it(self) -> None:
        visit = book("2026-03-03 10:00", service="class")
        wish = Wish(service="class", starts_at=local("2026-03-03 10:00"), practitioner="p")
        hold_time(wish=wish, visitor="somebody", now=NOW)
        step(visit, Action.CANCEL)
        assert expiring_claims() == 1
        step(visit, Action.UNDO)
        assert expiring_claims() == 0

    def test_lets_an_overbooked_one_back_where_it_was(self) -> None:
        book("2026-03-03 10:30", who=1)
        beside = book("2026-03-03 10:00", who=2, reason="asked for it")
        step(beside, Action.CANCEL)
        assert step(beside, Action.UNDO).status == "booked"
