"""A minor who decides alone: chosen by staff with a note, and what that changes."""

import json
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.messaging.models import Message
from clinic.people.models import OwnConsent, Patient
from clinic.people.queries import may_decide_alone
from tests.integration.portal.family import (
    ANA,
    LEO_BORN,
    WRONG,
    ask,
    book,
    child,
    give,
    grown,
    patient,
    sent_codes,
    sign_in,
)
from tests.integration.portal.test_guardians import PAGE, at_desk
from tests.integration.portal.test_parties import born
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, everything_stored, link_of

ALONE = f"{PAGE}/alone"
LEO = ("leo@example.com", LEO_BORN)
FILLED = {
    "given_name": "Leo",
    "family_name": "Beltran",
    **born("birth_date", LEO_BORN),
    "ground": "married",
    "note": "Saw the certificate.",
    "email": LEO[0],
}


def let_leo_alone(app: Flask, *, status: int = 200, **values: str) -> PageClient:
    desk = at_desk(app)
    desk.get(ALONE)
    desk.submit({**FILLED, **values}, action=ALONE, status=status)
    return desk


def is_alone(app: Flask) -> bool:
    with app.app_context():
        today = NOW.date()
        return may_decide_alone(patient=patient(app, "Leo").public_id, today=today)


class TestDesk:
    def test_names_who_decides_alone_and_why(self, clinic: Flask) -> None:
        desk = let_leo_alone(clinic)
        for words in ("Minors who decide alone", "Leo Beltran", "Saw the certificate.", "Rests"):
            assert words in desk.page.text
        assert is_alone(clinic)
        assert "certificate" not in everything_stored(clinic)
        with clinic.app_context():
            entry = db.session.scalars(
                select(AuditEntry).where(AuditEntry.action == "own-consent.granted")
            ).one()
        assert entry.subject == f"patient:{patient(clinic, 'Leo').public_id}"

    def test_ends_it_again(self, clinic: Flask, pages: PageClient) -> None:
        desk = let_leo_alone(clinic)
        form = next(form for form in desk.page.forms if form.action.startswith(ALONE))
        desk.submit({}, action=form.action)
        assert not is_alone(clinic)
        sign_in(clinic, pages)
        pages.get(f"/portal/people/{patient(clinic, 'Leo').public_id}")
        desk.post(form.action, form.values, status=404)

    def test_twice_is_once_with_the_newer_note(self, clinic: Flask) -> None:
        let_leo_alone(clinic)
        desk = at_desk_again(clinic)
        desk.get(ALONE)
        desk.submit({**FILLED, "note": "Saw it once more."}, action=ALONE)
        with clinic.app_context():
            rows = db.session.scalars(select(OwnConsent).order_by(OwnConsent.id)).all()
            assert [(row.note, row.ended_at is None) for row in rows] == [
                ("Saw the certificate.", False),
                ("Saw it once more.", True),
            ]

    @pytest.mark.parametrize(
        ("values", "sentence"),
        [
            ({"note": " "}, "Write down what you saw or were told."),
            ({"ground": "aunt"}, "Choose the ground."),
            ({"given_name": "Nobody"}, "There is no record of this name and birth date."),
            ({"email": "leo@"}, "Error: "),
            ({"given_name": "Ana", **born("birth_date", ANA[1])}, "of age"),
        ],
    )
    def test_tells_what_is_missing_and_keeps_what_was_typed(
        self, clinic: Flask, values: dict[str, str], sentence: str
    ) -> None:
        desk = at_desk(clinic)
        desk.get(ALONE)
        status = 409 if sentence == "of age" else 422
        page = desk.submit({**FILLED, **values}, action=ALONE, status=status)
        assert sentence in page.title + page.text
        assert page.form(ALONE).values["family_name"] == ["Beltran"]
        assert not is_alone(clinic)

    def test_asks_which_of_several_records_is_meant(self, clinic: Flask) -> None:
        with clinic.app_context():
            book("2026-03-05 15:00", grown("Leo", "Beltran", ("other@example.com", LEO_BORN)))
            record = db.session.scalars(
                select(Patient.public_id).where(
                    Patient.email == ANA[0], Patient.given_name == "Leo"
                )
            ).one()
        desk = let_leo_alone(clinic, status=422)
        assert "Several records have this name." in desk.page.text
        desk.submit({**FILLED, "record": record}, action=ALONE)
        with clinic.app_context():
            assert may_decide_alone(patient=record, today=NOW.date())


class TestMinor:
    def test_signs_in_alone_and_the_guardian_rests(self, clinic: Flask, pages: PageClient) -> None:
        leo = patient(clinic, "Leo").public_id
        guardian = PageClient(clinic)
        sign_in(clinic, guardian)
        guardian.get(f"/portal/people/{leo}")
        let_leo_alone(clinic)
        guardian.get(f"/portal/people/{leo}", status=404)
        assert sign_in(clinic, pages, LEO).h1 == "Your visits"

    def test_does_not_get_in_with_the_parents_address(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        let_leo_alone(clinic, email="")
        assert patient(clinic, "Leo").email is None
        ask(pages)
        assert WRONG in give(pages, sent_codes(clinic)[-1], LEO_BORN, status=422).text

    def test_is_written_to_and_no_guardian_is(self, clinic: Flask) -> None:
        let_leo_alone(clinic, email="")
        with clinic.app_context():
            told = count_told(clinic)
            nameless = replace(grown("Leo", "Beltran", LEO), email=None)
            nameless = replace(nameless, record=patient(clinic, "Leo").public_id)
            book("2026-03-05 15:00", nameless)
            assert count_told(clinic) == told

    def test_is_not_found_by_links_sent_before(self, clinic: Flask, pages: PageClient) -> None:
        with clinic.app_context():
            visit = book("2026-03-05 15:00", child("Leo", LEO_BORN, "Ana Beltran", ANA))
            path = link_of(visit)
        pages.get(path)
        let_leo_alone(clinic)
        pages.get(path, status=404)

    def test_asks_for_a_visit_without_a_guardian_once_signed_in(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        let_leo_alone(clinic)
        sign_in(clinic, pages, LEO)
        page = pages.get("/request/visit")
        assert "Leo Beltran (you)" in page.text
        page = pages.submit({"reason": "My knee hurts.", "do": "check"}, action="/request/visit")
        assert page.h1 == "Is everything right?"
        page = pages.submit({"do": "send"}, action="/request/visit")
        assert page.h1 == "We have your request."

    def test_cannot_ask_without_a_guardian_else(self, clinic: Flask, pages: PageClient) -> None:
        let_leo_alone(clinic)
        pages.get("/request/visit")
        values = {name: FILLED[name] for name in FILLED if name not in {"ground", "note"}}
        values |= {"reason": "My knee hurts.", "returning": "yes", "do": "check"}
        page = pages.submit(values, action="/request/visit", status=422)
        assert "Enter your own name." in page.text


def at_desk_again(app: Flask) -> PageClient:
    pages = PageClient(app)
    pages.get("/sign-in")
    pages.submit(
        {"email": "front_desk@example.com", "password": "gentle orange stairs"},
        status=303,
        follow=False,
    )
    return pages


def count_told(app: Flask) -> int:
    """How many messages about visits went to Ana."""
    wanted = select(Message).where(Message.kind == "visit-booked")
    found = [json.loads(row.recipient or "{}")["email"] for row in db.session.scalars(wanted)]
    return found.count(ANA[0])
