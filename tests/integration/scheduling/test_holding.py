"""Holds: a time is kept for who types, for as long as promised and no longer."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.values import PUBLIC
from clinic.scheduling.models import Appointment, Claim, Hold, Occurrence, Seat
from clinic.scheduling.operations.expiry import (
    remove_expired_holds,
    remove_old_holds,
    remove_past,
)
from clinic.scheduling.operations.holding import book_held_time, hold_time, let_go
from clinic.scheduling.operations.refusals import HoldLapsed, LimitReached, SlotTaken
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.holds import HeldTime
from clinic.scheduling.queries.visits import Visit
from tests.integration.scheduling.a_clinic import NOW, book, load, local, person

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def a_clinic(in_app: Flask) -> None:
    load()


def hold(start: str, *, visitor: str = "a", service: str = "eval", after: int = 0) -> HeldTime:
    wish = Wish(service=service, starts_at=local(start), practitioner="p")
    return hold_time(wish=wish, visitor=visitor, now=NOW + after * MINUTE)


def confirm(held: HeldTime, *, who: int = 1, visitor: str = "a", after: int = 0) -> Visit:
    return book_held_time(
        public_id=held.public_id,
        visitor=visitor,
        patient=person(who),
        actor=PUBLIC,
        now=NOW + after * MINUTE,
    )


def count(model: type[object]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


class TestHoldTime:
    def test_keeps_the_time_from_others_until_it_expires(self) -> None:
        held = hold("2026-03-03 10:00")
        assert held.expires_at == NOW + 10 * MINUTE
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", who=2, actor=PUBLIC, now=NOW + 9 * MINUTE)
        visit = book("2026-03-03 10:00", who=2, actor=PUBLIC, now=NOW + 10 * MINUTE)
        assert visit.status == "booked"

    def test_answers_a_double_click_with_the_same_hold(self) -> None:
        assert hold("2026-03-03 10:00").public_id == hold("2026-03-03 10:00").public_id
        assert count(Occurrence) == 1

    def test_lets_the_earlier_time_of_the_same_visitor_go(self) -> None:
        hold("2026-03-03 10:00")
        hold("2026-03-03 11:00")
        assert hold("2026-03-03 10:00", visitor="b").is_live(NOW)

    def test_lets_a_visitor_choose_a_time_that_overlaps_the_held_one(self) -> None:
        hold("2026-03-03 10:00")
        assert hold("2026-03-03 10:15").local.minute == 15

    def test_holds_one_seat_of_a_class(self) -> None:
        hold("2026-03-03 10:00", service="class")
        hold("2026-03-03 10:00", service="class", visitor="b")
        with pytest.raises(SlotTaken):
            hold("2026-03-03 10:00", service="class", visitor="c")
        held = hold("2026-03-03 10:00", service="class", visitor="c", after=10)
        assert held.is_live(NOW + 11 * MINUTE)

    def test_is_seen_by_its_visitor_only(self) -> None:
        held = hold("2026-03-03 10:00")
        with pytest.raises(NotFound):
            confirm(held, visitor="b")


class TestBookHeldTime:
    def test_makes_the_visit_once_however_often_it_is_sent(self) -> None:
        held = hold("2026-03-03 10:00")
        first = confirm(held)
        assert confirm(held).public_id == first.public_id
        assert count(Appointment) == 1
        assert db.session.scalar(select(func.count()).where(Claim.expires_at.is_not(None))) == 0

    def test_books_afresh_when_the_hold_lapsed_and_the_time_is_free(self) -> None:
        held = hold("2026-03-03 10:00")
        visit = confirm(held, after=30)
        assert visit.starts_at == held.starts_at
        assert confirm(held, after=31).public_id == visit.public_id

    def test_says_so_when_the_time_is_gone(self) -> None:
        held = hold("2026-03-03 10:00")
        book("2026-03-03 10:00", who=2, now=NOW + 11 * MINUTE)
        with pytest.raises(HoldLapsed):
            confirm(held, after=12)

    def test_keeps_the_hold_when_the_patient_may_not(self) -> None:
        book("2026-03-03 14:00")
        held = hold("2026-03-03 10:00")
        with pytest.raises(LimitReached):
            confirm(held)
        assert confirm(held, who=2).status == "booked"


class TestLetGo:
    def test_frees_the_time_at_once(self) -> None:
        held = hold("2026-03-03 10:00")
        for _ in range(2):
            let_go(public_id=held.public_id, visitor="a", now=NOW)
        assert count(Claim) == 0
        assert book("2026-03-03 10:00", actor=PUBLIC).status == "booked"

    def test_does_not_touch_a_visit(self) -> None:
        held = hold("2026-03-03 10:00")
        confirm(held)
        let_go(public_id=held.public_id, visitor="a", now=NOW)
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", who=2)


class TestRemoving:
    def test_takes_expired_holds_only(self) -> None:
        hold("2026-03-03 10:00")
        hold("2026-03-03 12:00", visitor="b", after=5)
        assert remove_expired_holds(now=NOW + 10 * MINUTE) == 1
        assert remove_expired_holds(now=NOW + 10 * MINUTE) == 0
        assert count(Claim) == 1

    def test_drops_claims_a_day_after_they_ended(self) -> None:
        book("2026-03-03 10:00")
        end = local("2026-03-03 11:00")
        assert remove_past(now=end + timedelta(hours=23)) == 0
        assert remove_past(now=end + timedelta(hours=24)) == 2
        assert (count(Claim), count(Seat)) == (0, 0)
        assert count(Appointment) == 1

    def test_forgets_old_holds_and_what_nobody_came_to(self) -> None:
        hold("2026-03-03 10:00", service="gait")
        booked = hold("2026-03-03 12:00", visitor="b")
        confirm(booked, visitor="b")
        expiry = NOW + 10 * MINUTE
        remove_expired_holds(now=expiry)
        assert remove_old_holds(now=expiry + timedelta(hours=23)) == 0
        assert remove_old_holds(now=expiry + timedelta(hours=24)) == 2
        assert (count(Hold), count(Occurrence)) == (0, 1)

    def test_leaves_a_hold_alone_that_still_has_its_seat(self) -> None:
        hold("2026-03-03 10:00")
        assert remove_old_holds(now=NOW + timedelta(days=3)) == 0
