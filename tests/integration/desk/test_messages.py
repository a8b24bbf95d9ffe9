"""What was written to a patient, how it reads, and how the patient wants to be written to."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from clinic.core.audit import AuditEntry, AuditSight
from clinic.core.db import db, transaction
from clinic.core.values import Role
from clinic.messaging.operations.choices import note_choice
from clinic.messaging.rules import SENT, Channel, Choice
from clinic.people.models import Patient
from clinic.people.queries.contact import find_contact_ways
from clinic.scheduling.queries.visits import Visit
from tests.integration.messaging.outbox import post, rows
from tests.integration.messaging.test_outbox_page import end_all, sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, book, link_of


@pytest.fixture
def visit(clinic: Flask) -> Visit:
    with clinic.app_context():
        made = book("2026-03-03 10:00")
        book("2026-03-04 10:00", who=2)
        post(now=NOW)
    return made


@pytest.fixture
def desk(clinic: Flask, visit: Visit, pages: PageClient) -> PageClient:
    """The front desk, signed in."""
    return sign_in(clinic, pages, Role.FRONT_DESK)


@transaction
def give_phone(patient: str, number: str) -> None:
    db.session.execute(update(Patient).where(Patient.public_id == patient).values(phone=number))


def path_of(visit: Visit) -> str:
    return f"/desk/patients/{visit.patient}/messages"


class TestPatientMessages:
    def test_are_those_of_this_patient(self, desk: PageClient, visit: Visit) -> None:
        page = desk.get(path_of(visit))
        assert page.h1 == "Messages to Pat1 Example"
        assert "pat1@example.com" in page.text
        assert "Visit booked" in page.text
        assert "pat2@example.com" not in page.text
        assert f"/desk/patients/{visit.patient}" in page.links()
        desk.get("/desk/patients/none/messages", status=404)

    def test_keep_what_a_patient_wants(self, clinic: Flask, desk: PageClient, visit: Visit) -> None:
        desk.get(path_of(visit))
        desk.submit(action=f"{path_of(visit)}/email")
        with clinic.app_context():
            ways = find_contact_ways(patient=visit.patient)
            assert ways is not None
            assert not ways.email
            wanted = select(AuditEntry).where(AuditEntry.action == "patient.contact-unwanted")
            assert db.session.scalars(wanted).one().subject == f"patient:{visit.patient}"
        page = desk.get(path_of(visit))
        assert "not wanted" in page.text
        page = desk.submit({"wanted": "y"}, action=f"{path_of(visit)}/sms", status=409)
        assert "no phone number" in page.text
        with clinic.app_context():
            give_phone(visit.patient, "+12125550142")
            note_choice(
                channel=Channel.SMS,
                address="+12125550142",
                choice=Choice.STOP,
                source="answer:1",
                now=NOW,
            )
        assert (
            "This phone answered STOP."
            in desk.submit({"wanted": "y"}, action=f"{path_of(visit)}/sms").text
        ), "and a yes at the desk changes nothing of that"

    def test_are_sent_again_by_a_button_at_the_newest_word_of_a_visit(
        self, clinic: Flask, desk: PageClient, visit: Visit
    ) -> None:
        page = desk.get(path_of(visit))
        assert "/again" not in page.html
        with clinic.app_context():
            end_all(SENT, at=NOW + timedelta(minutes=1))
            message = rows()[0].public_id
        path = f"{path_of(visit)}/{message}/again"
        old = desk.get(path_of(visit))
        page = desk.submit(action=path)
        assert "It is sent again, as things stand now." in page.text
        assert "Waiting" in page.text
        assert path not in page.html
        desk.page = old
        page = desk.submit(action=path, status=409)
        assert "A message about this is on its way already." in page.text

    @pytest.mark.parametrize("role", [Role.CLINICIAN, Role.GAIT_LAB, Role.AUDITOR])
    def test_are_for_the_desk_only(
        self, clinic: Flask, pages: PageClient, visit: Visit, role: Role
    ) -> None:
        sign_in(clinic, pages, role).get(path_of(visit), status=403)


class TestMessage:
    def test_reads_as_it_would_now_with_its_links_covered(
        self, clinic: Flask, desk: PageClient, visit: Visit
    ) -> None:
        with clinic.app_context():
            end_all(SENT)
            message = rows()[0].public_id
            secret = link_of(visit)
        page = desk.get(f"/desk/messages/{message}")
        assert "Your visit at Test Rehab on Tue, Mar 3" in page.text
        assert "Evaluation with Dana Okafor, PT, DPT" in page.text
        assert "/visits/••••••" in page.text
        assert secret not in page.html
        with clinic.app_context():
            seen = select(AuditSight.subject).where(
                AuditSight.subject == f"patient:{visit.patient}"
            )
            assert db.session.scalars(seen).all()

    def test_tells_no_code(self, clinic: Flask, desk: PageClient) -> None:
        with clinic.app_context():
            message = rows()[-1].public_id
        text = desk.get(f"/desk/messages/{message}").text
        assert "482" not in text
        assert "••••••" in text

    def test_is_a_missing_page_where_there_is_none(self, desk: PageClient) -> None:
        desk.get("/desk/messages/nothing", status=404)
