"""Seats of a class when visits are overbooked, moved, cancelled and taken back in odd orders."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.values import PUBLIC
from clinic.scheduling.models import Claim, Seat
from clinic.scheduling.operations.holding import hold_time
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.refusals import PatientBusy, SlotTaken
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from tests.integration.scheduling.a_clinic import FRONT_DESK, NOW, book, load, local


@pytest.fixture(autouse=True)
def a_clinic(in_app: Flask) -> None:
    load()


def step(visit: Visit, action: Action) -> Visit:
    return take_step(public_id=visit.public_id, action=action, actor=FRONT_DESK, now=NOW)


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
        change = Change(version=1, starts_at=local("2026-03-03 13:00"))
        moved = move_appointment(
            public_id=extra.public_id, change=change, actor=FRONT_DESK, now=NOW
        )
        assert moved.override_by is None
        assert seats() == 1
        assert book("2026-03-03 13:00", service="class", who=4, actor=PUBLIC).status == "booked"
        with pytest.raises(SlotTaken):
            book("2026-03-03 13:00", service="class", who=5, actor=PUBLIC)


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
