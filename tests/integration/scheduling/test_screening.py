"""Services that ask about safety before they show a time."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import PUBLIC
from clinic.intake.models import SafetyEvent
from clinic.intake.operations.refusals import IntakeIncomplete
from clinic.intake.operations.screening import keep_screening
from clinic.intake.queries.screening import find_screening
from clinic.scheduling.operations.holding import book_held_time, hold_time
from clinic.scheduling.operations.refusals import CallClinic, ScreeningNeeded
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.visits import Visit
from tests.integration.intake.dangers import CALF, NOTHING, SADDLE, answers, publish_symptoms
from tests.integration.scheduling.a_clinic import CLINIC, NOW, book, load, local, person

SCREENED = CLINIC.replace(
    'name = "Evaluation"\nminutes = 60', 'name = "Evaluation"\nminutes = 60\nsafety_screen = true'
)
VISITOR, OTHER = "v" * 32, "w" * 32
TEN = Wish(service="eval", starts_at=local("2026-03-03 10:00"), practitioner="p")


@pytest.fixture(params=["our form", "the clinic's form"])
def clinic(in_app: Flask, request: pytest.FixtureRequest) -> Flask:
    load(SCREENED)
    if request.param == "the clinic's form":
        publish_symptoms()
    return in_app


def screen(codes: dict[str, list[str]], *, visitor: str = VISITOR, days_ago: int = 0) -> None:
    keep_screening(visitor=visitor, answers=answers(codes), now=NOW - timedelta(days=days_ago))


def take(who: int = 1) -> Visit:
    held = hold_time(wish=TEN, visitor=VISITOR, now=NOW)
    return book_held_time(
        public_id=held.public_id, visitor=VISITOR, patient=person(who), actor=PUBLIC, now=NOW
    )


class TestAService:
    def test_with_a_screen_holds_no_time_before_it_was_answered(self, clinic: Flask) -> None:
        with pytest.raises(ScreeningNeeded):
            hold_time(wish=TEN, visitor=VISITOR, now=NOW)
        with pytest.raises(ScreeningNeeded):
            book("2026-03-03 10:00", actor=PUBLIC)
        screen(NOTHING, visitor=OTHER)
        with pytest.raises(ScreeningNeeded):
            hold_time(wish=TEN, visitor=VISITOR, now=NOW)
        screen(NOTHING)
        assert take().review == "none"
        assert book("2026-03-03 14:00", who=2).status == "booked"  # staff ask themselves

    def test_asks_again_after_fourteen_days(self, clinic: Flask) -> None:
        screen(NOTHING, days_ago=14)
        with pytest.raises(ScreeningNeeded):
            hold_time(wish=TEN, visitor=VISITOR, now=NOW)
        screen(NOTHING, days_ago=13)
        assert take().status == "booked"

    def test_is_booked_with_a_clinician_reading_first_where_a_sign_was_told(
        self, clinic: Flask
    ) -> None:
        screen(CALF)
        for who in (1, 2):  # one browser, two people: both are told of
            visit = take(who) if who == 1 else _later(who)
            assert visit.review == "needed"
        found = db.session.scalars(select(SafetyEvent)).all()
        assert [event.rule_id for event in found] == ["RF-DVT-1", "RF-DVT-1"]
        assert len({event.patient_id for event in found}) == 2

    def test_is_not_booked_after_an_emergency_answer_whatever_is_answered_next(
        self, clinic: Flask
    ) -> None:
        screen(SADDLE)
        for _ in range(2):
            with pytest.raises(CallClinic):
                hold_time(wish=TEN, visitor=VISITOR, now=NOW)
            screen(NOTHING)
        found = find_screening(visitor=VISITOR, now=NOW)
        assert found is not None
        assert not found.may_book


def _later(who: int) -> Visit:
    wish = Wish(service="eval", starts_at=local("2026-03-04 10:00"), practitioner="p")
    held = hold_time(wish=wish, visitor=VISITOR, now=NOW)
    return book_held_time(
        public_id=held.public_id, visitor=VISITOR, patient=person(who), actor=PUBLIC, now=NOW
    )


class TestTheQuestions:
    def test_are_all_asked(self, clinic: Flask) -> None:
        with pytest.raises(IntakeIncomplete) as refusal:
            screen({**NOTHING, "rf-motor": []})
        assert [fault.link_id for fault in refusal.value.faults] == ["rf-motor"]
        assert find_screening(visitor=VISITOR, now=NOW) is None
