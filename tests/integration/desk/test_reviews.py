"""Visits that a clinician must read first: the queue, who sees what, how each is settled."""

import pytest
from flask import Flask

from clinic.core.errors import Forbidden
from clinic.core.values import Role
from clinic.desk.operations.merging import merge_patients, stand_as, undo_merge
from clinic.intake.operations.safety.handling import close_event
from clinic.intake.queries.safety.queue import list_queue
from clinic.intake.queries.safety.stories import get_event
from clinic.intake.rules.alarms import Outcome
from clinic.people.queries import get_patient
from clinic.scheduling.operations.reviewing import EmergencyOpen, clear_review
from clinic.scheduling.queries.visits import Visit, get_visit
from tests.integration.desk.test_today import sign_in
from tests.integration.intake.dangers import CALF, SADDLE, SAM, Telling, publish_symptoms
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, book, load


def told(codes: dict[str, list[str]]) -> Visit:
    """The visit of somebody who answered that."""
    visit = book("2026-03-03 10:00")
    Telling(visit.patient, publish_symptoms()).say(codes)
    return get_visit(visit.public_id)


class TestReviews:
    def test_are_seen_by_the_desk_and_settled_by_clinicians(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        with clinic.app_context():
            visit = told(CALF)
        assert visit.review == "needed"
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        assert "/desk/reviews" in desk.get("/desk").html
        page = desk.get("/desk/reviews")
        assert "Pat1 Example" in page.text
        assert "A clinician must read" in page.text
        assert "/desk/safety/" not in page.html
        path = f"/desk/reviews/{visit.public_id}/clear"
        assert path not in page.html
        clinician = sign_in(clinic, PageClient(clinic), Role.CLINICIAN)
        assert "/desk/safety/" in clinician.get("/desk/reviews").html
        page = clinician.submit({}, action=path)
        assert "No visit waits for a clinician" in page.text
        with clinic.app_context():
            assert get_visit(visit.public_id).review == "cleared"

    def test_of_an_emergency_wait_until_it_is_closed(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        with clinic.app_context():
            visit = told(SADDLE)
            with pytest.raises(Forbidden):
                clear_review(visit=visit.public_id, actor=KIM, now=NOW)
            with pytest.raises(EmergencyOpen):
                clear_review(visit=visit.public_id, actor=SAM, now=NOW)
        clinician = sign_in(clinic, pages, Role.CLINICIAN)
        clinician.get("/desk/reviews")
        path = f"/desk/reviews/{visit.public_id}/clear"
        assert "An emergency answer" in clinician.submit({}, action=path, status=409).text


@pytest.mark.usefixtures("in_app")
class TestEventsOfMergedRecords:
    def test_wait_with_the_kept_record_and_go_back(self) -> None:
        load()
        visit, kept = told(CALF), book("2026-03-05 10:00", who=2)
        looked_at = stand_as(
            get_patient(public_id=kept.patient), get_patient(public_id=visit.patient)
        )
        merge = merge_patients(
            kept=kept.patient,
            gone=visit.patient,
            from_gone=(),
            looked_at=looked_at,
            actor=KIM,
            now=NOW,
        )
        event = list_queue()[0]
        assert event.patient == kept.patient
        assert get_event(public_id=event.event).patient == kept.patient
        assert get_visit(kept.public_id).review == "needed"
        undo_merge(merge=merge, actor=KIM, now=NOW)
        assert list_queue()[0].patient == visit.patient
        assert get_visit(kept.public_id).review == "none"
        assert get_visit(visit.public_id).review == "needed"
        close_event(
            event=event.event, outcome=Outcome.SEEN_HERE, note="Looked.", actor=SAM, now=NOW
        )
        assert get_visit(visit.public_id).review == "cleared"
