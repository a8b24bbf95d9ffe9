"""What an open safety event means for visits: booked by staff only, read first, never lost."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import PUBLIC
from clinic.intake.models import FormAssignment
from clinic.intake.operations.safety.handling import close_event
from clinic.intake.queries.safety.queue import list_queue
from clinic.intake.rules.alarms import Outcome
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.refusals import CallClinic, ReviewNeeded
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.status import Action
from tests.integration.intake.dangers import (
    CALF,
    NOTHING,
    SADDLE,
    SAM,
    TENDER_CALF,
    Telling,
    publish_symptoms,
)
from tests.integration.scheduling.a_clinic import FRONT_DESK, NOW, book, load, local


@pytest.fixture
def telling(in_app: Flask) -> Telling:
    """Pat1 has a visit on Tuesday and begins to fill in the form about symptoms."""
    load()
    book("2026-03-03 10:00")
    patient = db.session.scalars(select(Patient.public_id)).one()
    return Telling(patient, publish_symptoms())


def review(visit: str) -> str:
    db.session.expire_all()
    return get_visit(visit).review


def clear() -> None:
    for one in list_queue():
        close_event(
            event=one.event, outcome=Outcome.SEEN_HERE, note="Spoke with her.", actor=SAM, now=NOW
        )


def first_visit() -> str:
    return db.session.scalars(select(Appointment.public_id).order_by(Appointment.id)).first() or ""


class TestAnEmergencyAnswer:
    def test_stops_self_booking_until_a_clinician_clears_it(self, telling: Telling) -> None:
        telling.say(SADDLE)
        with pytest.raises(CallClinic) as refusal:
            book("2026-03-04 10:00", actor=PUBLIC)
        assert (refusal.value.status, refusal.value.code) == (409, "call-clinic")
        assert refusal.value.details == {}
        assert book("2026-03-04 11:00").review == "needed"  # staff book
        assert book("2026-03-04 12:00", who=2, actor=PUBLIC).review == "none"  # and others
        clear()
        assert book("2026-03-05 10:00", actor=PUBLIC).review == "none"

    def test_lets_the_patient_move_nothing_and_staff_everything(self, telling: Telling) -> None:
        telling.say(SADDLE)
        change = Change(version=None, starts_at=local("2026-03-04 14:00"))
        with pytest.raises(CallClinic):
            move_appointment(public_id=first_visit(), change=change, actor=PUBLIC, now=NOW)
        moved = move_appointment(public_id=first_visit(), change=change, actor=FRONT_DESK, now=NOW)
        assert (moved.starts_at, moved.review) == (change.starts_at, "needed")


class TestAVisitByVideo:
    def test_is_refused_to_staff_too_while_an_emergency_is_open_unless_they_say_why(
        self, telling: Telling
    ) -> None:
        telling.say(SADDLE)
        with pytest.raises(CallClinic):
            book("2026-03-04 10:00", service="video", state="NY")
        visit = book("2026-03-04 10:00", service="video", state="NY", reason="Dr. Ito asked for it")
        assert (visit.review, visit.override_reason) == ("needed", "Dr. Ito asked for it")
        clear()
        book("2026-03-05 10:00", service="video", state="NY")

    def test_asks_about_safety_whatever_its_service_names(self, telling: Telling) -> None:
        book("2026-03-04 10:00", who=2, service="video", state="NY")
        book("2026-03-05 10:00", who=3)
        people = select(Patient.given_name).join(
            FormAssignment, FormAssignment.patient_id == Patient.id
        )
        assert sorted(db.session.scalars(people)) == ["Pat1", "Pat2"]


class TestAnyOpenEvent:
    @pytest.mark.parametrize("codes", [SADDLE, CALF, TENDER_CALF])
    def test_has_coming_visits_read_first(
        self, telling: Telling, codes: dict[str, list[str]]
    ) -> None:
        visit = first_visit()
        assert review(visit) == "none"
        telling.say(codes)
        assert review(visit) == "needed"
        assert get_visit(visit).status == "booked"
        with pytest.raises(ReviewNeeded):
            take_step(public_id=visit, action=Action.CONFIRM, actor=PUBLIC, now=NOW)
        clear()
        assert review(visit) == "cleared"
        take_step(public_id=visit, action=Action.CONFIRM, actor=PUBLIC, now=NOW)

    @pytest.mark.parametrize("codes", [CALF, TENDER_CALF])
    def test_that_is_no_emergency_lets_patients_book_to_be_read_first(
        self, telling: Telling, codes: dict[str, list[str]]
    ) -> None:
        telling.say(codes)
        assert book("2026-03-04 10:00", actor=PUBLIC).review == "needed"

    def test_leaves_past_visits_and_other_patients_alone(self, telling: Telling) -> None:
        visit, other = first_visit(), book("2026-03-03 12:00", who=2).public_id
        telling.say(SADDLE, now=NOW + timedelta(days=2))
        assert review(visit) == "none"
        assert review(other) == "none"

    def test_counts_as_a_change_for_whoever_edits_the_visit(self, telling: Telling) -> None:
        before = get_visit(first_visit()).version
        telling.say(SADDLE)
        db.session.expire_all()
        assert get_visit(first_visit()).version == before + 1

    def test_is_nothing_where_no_sign_was_told(self, telling: Telling) -> None:
        telling.say(NOTHING)
        assert review(first_visit()) == "none"
