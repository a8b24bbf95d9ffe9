"""Booking: what may be booked, by whom, and what is said instead."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.errors import Forbidden, Invalid
from clinic.core.values import PUBLIC, Actor, Role
from clinic.scheduling.models import Appointment, Claim, Occurrence
from clinic.scheduling.operations.refusals import (
    LimitReached,
    NotLicensed,
    NotOffered,
    PatientBusy,
    SlotTaken,
    TooFar,
    TooSoon,
)
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.visits import get_visit
from tests.integration.scheduling.a_clinic import book, load, local


@pytest.fixture(autouse=True)
def a_clinic(in_app: Flask) -> None:
    load()


def count(model: type[object]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


class TestBookAppointment:
    def test_books_for_the_public(self) -> None:
        visit = book("2026-03-03 10:00", actor=PUBLIC)
        assert (visit.status, visit.version, visit.practitioner) == ("booked", 1, "p")
        assert visit.starts_at == local("2026-03-03 10:00")
        assert visit.ends_at == local("2026-03-03 11:00")
        assert visit.override_by is None

    @pytest.mark.parametrize(
        ("service", "state", "reason"),
        [
            ("eval", None, "urgent"),
            ("gait", None, "late"),
            ("video", "NY", "ill"),
            ("class", None, "x"),
        ],
    )
    def test_answers_what_is_stored(
        self, service: str, state: str | None, reason: str | None
    ) -> None:
        book("2026-03-03 10:00", service="fu", practitioner="q")
        visit = book("2026-03-03 10:15", service=service, state=state, reason=reason)
        db.session.rollback()
        assert get_visit(visit.public_id) == visit

    def test_refuses_a_taken_time_and_names_the_next_free_ones(self) -> None:
        book("2026-03-03 10:00")
        with pytest.raises(SlotTaken) as refusal:
            book("2026-03-03 10:30", who=2, actor=PUBLIC)
        starts = [instant(slot.start) for slot in refusal.value.alternatives]
        assert starts[0] == local("2026-03-03 11:00")
        assert len(starts) == 5
        assert {slot.practitioner for slot in refusal.value.alternatives} == {"p"}

    def test_leaves_nothing_behind_when_it_refuses(self) -> None:
        book("2026-03-03 10:00")
        before = [count(model) for model in (Appointment, Occurrence, Claim)]
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:30", who=2)
        assert [count(model) for model in (Appointment, Occurrence, Claim)] == before

    @pytest.mark.parametrize(
        ("start", "refusal"),
        [
            ("2026-03-02 09:45", TooSoon),
            ("2026-05-02 10:00", TooFar),
            ("2026-03-03 10:07", NotOffered),
            ("2026-03-03 16:15", NotOffered),
            ("2026-03-01 10:00", TooSoon),
            ("2026-03-08 03:00", NotOffered),
        ],
    )
    def test_holds_the_public_to_notice_horizon_hours_and_grid(
        self, start: str, refusal: type[Exception]
    ) -> None:
        with pytest.raises(refusal):
            book(start, actor=PUBLIC)

    def test_lets_staff_book_off_the_grid_and_up_to_twelve_hours_back(self) -> None:
        assert book("2026-03-03 10:07").override_by is None
        assert book("2026-03-02 09:00").override_by is None

    def test_needs_a_reason_from_staff_outside_hours(self) -> None:
        with pytest.raises(NotOffered):
            book("2026-03-03 18:00")
        visit = book("2026-03-03 18:00", reason="patient flies at nine")
        assert (visit.override_by, visit.override_reason) == (
            "Kim Torres",
            "patient flies at nine",
        )

    def test_marks_an_overbooking_and_counts_it_as_busy(self) -> None:
        book("2026-03-03 10:00")
        visit = book("2026-03-03 10:30", who=2, reason="urgent")
        assert visit.override_by == "Kim Torres"
        with pytest.raises(SlotTaken):
            book("2026-03-03 11:00", who=3, actor=PUBLIC)
        assert book("2026-03-03 11:30", who=3, actor=PUBLIC).status == "booked"

    def test_says_no_override_when_none_was_needed(self) -> None:
        visit = book("2026-03-03 10:00", reason="just in case")
        assert (visit.override_by, visit.override_reason) == (None, None)

    @pytest.mark.parametrize(
        "actor", [PUBLIC, Actor(kind="staff", name="A", id="a", role=Role.AUDITOR)]
    )
    def test_lets_nobody_else_override(self, actor: Actor) -> None:
        with pytest.raises(Forbidden):
            book("2026-03-03 18:00", reason="please", actor=actor)

    def test_refuses_a_patient_at_two_places_at_once(self) -> None:
        book("2026-03-03 10:00", service="fu")
        with pytest.raises(PatientBusy):
            book("2026-03-03 10:30", practitioner="q", actor=PUBLIC)
        with pytest.raises(PatientBusy):
            book("2026-03-03 10:30", practitioner="q")
        assert book("2026-03-03 10:30", practitioner="q", reason="two clinicians").override_by

    def test_counts_the_limit_of_the_day_whoever_booked(self) -> None:
        book("2026-03-03 10:00")
        with pytest.raises(LimitReached):
            book("2026-03-03 14:00", actor=PUBLIC)
        assert book("2026-03-03 14:00", service="fu", actor=PUBLIC).status == "booked"
        assert book("2026-03-04 10:00", actor=PUBLIC).status == "booked"
        assert book("2026-03-03 15:00").status == "booked"

    def test_asks_for_a_licence_by_video(self) -> None:
        with pytest.raises(Invalid):
            book("2026-03-03 10:00", service="video", actor=PUBLIC)
        with pytest.raises(NotLicensed):
            book("2026-03-03 10:00", service="video", state="NJ", actor=PUBLIC)
        assert (
            book("2026-03-03 10:00", service="video", state="NY", actor=PUBLIC).status == "booked"
        )

    def test_takes_the_room_and_one_of_the_treadmills(self) -> None:
        visit = book("2026-03-03 10:00", service="gait")
        assert visit.resources == ("lab", "treadmill-1")
        run = book("2026-03-03 10:00", service="run", practitioner="q", who=2)
        assert run.resources == ("treadmill-2",)
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", service="gait", practitioner="q", who=3)

    def test_keeps_the_buffer_outside_hours_but_off_other_visits(self) -> None:
        book("2026-03-03 16:00", service="gait")
        with pytest.raises(SlotTaken):
            book("2026-03-03 15:30", who=2, actor=PUBLIC)

    def test_gives_any_to_the_one_with_the_fewest_minutes(self) -> None:
        book("2026-03-04 10:00", practitioner="p")
        assert book("2026-03-03 10:00", practitioner=None, who=2).practitioner == "q"
        assert book("2026-03-03 11:00", practitioner=None, who=3).practitioner == "p"
        assert book("2026-03-03 10:00", practitioner=None, who=4).practitioner == "p"
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", practitioner=None, who=5)


class TestClass:
    def test_seats_as_many_as_it_holds(self) -> None:
        first = book("2026-03-03 10:00", service="class", actor=PUBLIC)
        second = book("2026-03-03 10:00", service="class", who=2, actor=PUBLIC)
        assert first.occurrence_id == second.occurrence_id
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:00", service="class", who=3, actor=PUBLIC)
        assert book("2026-03-03 11:00", service="class", who=3, actor=PUBLIC).status == "booked"

    def test_takes_one_more_when_staff_say_why(self) -> None:
        book("2026-03-03 10:00", service="class")
        book("2026-03-03 10:00", service="class", who=2)
        third = book("2026-03-03 10:00", service="class", who=3, reason="brings a mat")
        assert third.override_by == "Kim Torres"
        assert count(Occurrence) == 1

    def test_keeps_other_visits_out_of_its_time(self) -> None:
        book("2026-03-03 10:00", service="class")
        with pytest.raises(SlotTaken):
            book("2026-03-03 10:30", who=2, actor=PUBLIC)
