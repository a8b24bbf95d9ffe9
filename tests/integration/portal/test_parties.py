"""Booking for oneself, for a child, and as somebody who was here before."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.people.models import Guardian, Patient
from clinic.scheduling.models import Appointment, Hold, VisitRequest
from tests.integration.portal.family import (
    ANA,
    BEN,
    LEO_BORN,
    ZOE,
    ask,
    give,
    guardians,
    patient,
    sent_codes,
    sign_in,
)
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, slot_value
from tests.support.pages import Page

WEEK = "/book/eval?practitioner=okafor&location=main&week=2026-03-02"

REQUEST = "/request/visit"
WISH = {"reason": "My hip hurts when I run."}
TWELVE = slot_value("2026-03-04 12:00", "okafor", "main")


def born(name: str, day: date) -> dict[str, str]:
    parts = {"day": day.day, "month": day.month, "year": day.year}
    return {f"{name}-{part}": str(value) for part, value in parts.items()}


NOA = {
    "given_name": "Noa",
    "family_name": "Beltran",
    **born("birth_date", date(2014, 4, 2)),
    "guardian_name": "Ben Beltran",
    "relation": "parent",
    **born("guardian_birth_date", BEN[1]),
    "email": BEN[0],
}


def hold(pages: PageClient, slot: str = TWELVE) -> str:
    pages.get(WEEK)
    return pages.submit({"slot": slot}, action="/book/eval").path.partition("?")[0]


def for_child(
    pages: PageClient, changes: dict[str, str] | None = None, *, status: int = 200
) -> Page:
    path = hold(pages)
    pages.get(f"{path}?for=child")
    return pages.submit({**NOA, **(changes or {})}, action=path, status=status)


def count(app: Flask, model: type[Any]) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(model)) or 0


class TestForAChild:
    def test_keeps_who_looks_after_it(self, clinic: Flask, pages: PageClient) -> None:
        page = for_child(pages)
        assert page.h1 == "Your visit is booked."
        [guardian] = guardians(clinic, "Noa")
        assert (guardian.name, guardian.relation, guardian.birth_date) == (
            "Ben Beltran",
            "parent",
            BEN[1],
        )
        assert guardian.confirmed_at == NOW

    def test_opens_the_childs_page_to_its_guardian(self, clinic: Flask, pages: PageClient) -> None:
        for_child(pages)
        assert sign_in(clinic, pages, BEN).h1 == "Visits of Noa"

    def test_does_not_open_a_record_that_was_there_before(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        leo = {"given_name": "Leo", **born("birth_date", LEO_BORN), "email": ANA[0]}
        for_child(pages, {**leo, **born("guardian_birth_date", ZOE[1])})
        assert [one.confirmed_at is None for one in guardians(clinic, "Leo")] == [False, True]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"guardian_name": " "}, "Enter your own name."),
            ({"guardian_name": "x" * 101}, "Use at most 100 characters."),
            ({"relation": "sister"}, "Choose what you are to the child."),
            (born("guardian_birth_date", date(2010, 1, 1)), "at least 18 years old"),
            ({"guardian_birth_date-year": "84"}, "The year must have four digits"),
            (born("birth_date", date(1990, 1, 1)), "From 18 on people book for themselves"),
            ({"email": ""}, "Enter an e-mail address or a phone number."),
        ],
    )
    def test_says_what_is_wrong_and_keeps_what_was_typed(
        self, clinic: Flask, pages: PageClient, changes: dict[str, str], words: str
    ) -> None:
        before = count(clinic, Guardian)
        page = for_child(pages, changes, status=422)
        assert words in page.text
        assert 'value="Noa"' in page.html
        assert page.title.startswith("Error: ")
        assert count(clinic, Guardian) == before

    def test_is_asked_for_when_a_minor_books_alone(self, clinic: Flask, pages: PageClient) -> None:
        path = hold(pages)
        own = {"given_name": "Noa", "family_name": "B", "email": "noa@example.com"}
        page = pages.submit(
            {**own, **born("birth_date", date(2014, 4, 2))}, action=path, status=422
        )
        assert "Under 18 a parent or guardian books" in page.text
        assert count(clinic, Hold) == 1


class TestReturning:
    def test_keeps_the_time_while_the_code_comes(self, clinic: Flask, pages: PageClient) -> None:
        path = hold(pages)
        [link] = [link for link in pages.page.links() if link.startswith("/portal/sign-in?next=")]
        pages.get(link)
        pages.submit({"email": ANA[0]}, action="/portal/sign-in")
        page = give(pages, sent_codes(clinic)[-1])
        assert page.path == path
        assert "Nobody else can take it until 10:10 AM." in page.text

    def test_types_nothing_twice(self, clinic: Flask, pages: PageClient) -> None:
        before = count(clinic, Patient)
        sign_in(clinic, pages)
        page = pages.submit(action=hold(pages))
        assert page.h1 == "Your visit is booked."
        assert count(clinic, Patient) == before
        assert "Wednesday, March 4" in pages.get("/portal").text

    def test_books_for_a_child_of_the_family(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        leo = patient(clinic, "Leo")
        pages.submit({"patient": leo.public_id}, action=hold(pages))
        with clinic.app_context():
            wanted = select(Appointment).where(Appointment.patient_id == leo.id)
            assert len(list(db.session.scalars(wanted))) == 2

    @pytest.mark.parametrize("whose", ["Zoe", "", "nobody"])
    def test_never_books_for_others(self, clinic: Flask, pages: PageClient, whose: str) -> None:
        sign_in(clinic, pages)
        chosen = patient(clinic, "Zoe").public_id if whose == "Zoe" else whose
        before = count(clinic, Appointment)
        page = pages.submit({"patient": chosen}, action=hold(pages), status=422)
        assert "Choose who is coming." in page.text
        assert count(clinic, Appointment) == before

    def test_adds_another_child_without_typing_oneself_again(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        sign_in(clinic, pages)
        path = hold(pages)
        pages.get(f"{path}?for=child")
        kai = {"given_name": "Kai", **born("birth_date", date(2019, 9, 9)), "relation": "parent"}
        assert pages.submit(kai, action=path).h1 == "Your visit is booked."
        assert "Kai Beltran" in pages.get("/portal").text

    def test_can_start_from_nothing_held(self, clinic: Flask, pages: PageClient) -> None:
        ask(pages, after="/book/eval")
        assert give(pages, sent_codes(clinic)[-1]).path == "/book/eval"

    def test_ends_with_the_session(self, clinic: Flask, pages: PageClient, set_clock: Any) -> None:
        sign_in(clinic, pages)
        path = hold(pages)
        set_clock(NOW + timedelta(minutes=31))
        assert "Been here before?" in pages.get(path).text


class TestRequesting:
    def test_types_nothing_twice_for_anybody_of_the_family(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        before = count(clinic, Patient)
        assert "/portal/sign-in?next=/request/visit" in pages.get(REQUEST).links()
        sign_in(clinic, pages)
        page = pages.get(REQUEST)
        assert page.form(REQUEST).values["patient"] == [patient(clinic, "Ana").public_id]
        leo = patient(clinic, "Leo")
        page = pages.submit({**WISH, "patient": leo.public_id, "do": "check"}, action=REQUEST)
        for words in ("Leo Beltran", "Ana Beltran, parent", ANA[0]):
            assert words in page.text
        assert pages.submit({"do": "send"}, action=REQUEST).h1 == "We have your request."
        asked = request_of(clinic)
        assert (asked.patient_id, asked.contact_email) == (leo.id, ANA[0])
        assert (asked.guardian_name, asked.guardian_relation) == ("Ana Beltran", "parent")
        assert count(clinic, Patient) == before
        page = pages.get(f"/portal/people/{leo.public_id}")
        assert any(link.startswith("/requests/") for link in page.links())

    def test_asks_only_for_what_is_new_about_another_child(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        sign_in(clinic, pages)
        pages.get(REQUEST)
        kai = {"given_name": "Kai", "family_name": "Beltran", "returning": "no"}
        kai |= {**WISH, **born("birth_date", date(2016, 2, 3)), "patient": "somebody-else"}
        page = pages.submit({**kai, "do": "check"}, action=REQUEST, status=422)
        assert "Choose what you are to the child." in page.text
        assert "Enter your own name." not in page.text
        forged = {"guardian_name": "Zoe Quinn", **born("guardian_birth_date", ZOE[1])}
        pages.submit({"relation": "parent", **forged, "do": "check"}, action=REQUEST)
        pages.submit({"do": "send"}, action=REQUEST)
        [guardian] = guardians(clinic, "Kai")
        assert (guardian.name, guardian.birth_date, guardian.email) == (
            "Ana Beltran",
            ANA[1],
            ANA[0],
        )

    def test_is_never_for_others(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        pages.get(REQUEST)
        typed = {**WISH, "patient": patient(clinic, "Zoe").public_id, "do": "check"}
        page = pages.submit(typed, action=REQUEST, status=422)
        assert "Choose who it is for." in page.text
        assert count(clinic, VisitRequest) == 0


def request_of(app: Flask) -> VisitRequest:
    with app.app_context():
        return db.session.scalars(select(VisitRequest)).one()
