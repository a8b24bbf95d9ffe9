"""Asking for a visit in one's own words, and the request's own page."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.values import PUBLIC, Role
from clinic.people.models import ContactChoice, Guardian, Patient
from clinic.scheduling.models import VisitRequest
from clinic.scheduling.operations.requests import (
    Step,
    answer_request,
    decline_request,
    schedule_request,
)
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.requests import RequestedVisit, list_requests
from clinic.scheduling.rules.requests import RequestStatus
from clinic.scheduling.rules.status import Action
from tests.integration.messaging.test_outbox_page import sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, everything_stored, load, local
from tests.support.pages import Page
from tests.support.text_double import TextDouble

FILLED = {
    "reason": "My hip hurts when I run.\r\nSince May.",
    "area": "hip",
    "usual": "morning",
    "day_1": "2026-03-04",
    "part_1": "afternoon",
    "returning": "no",
    "given_name": "Ana",
    "family_name": "Beltran",
    "birth_date-day": "14",
    "birth_date-month": "3",
    "birth_date-year": "1984",
    "email": "ana@example.com",
}
CHILD = {"birth_date-year": "2015"}
ROSA = {
    "guardian_name": "Rosa Beltran",
    "relation": "parent",
    "guardian_birth_date-day": "2",
    "guardian_birth_date-month": "7",
    "guardian_birth_date-year": "1984",
}
FOR_CHILD: dict[str, Any] = {**CHILD, **ROSA}
DO_CHECK, SEND, CHANGE = ({"do": word} for word in ("check", "send", "change"))


def fill(pages: PageClient, *, status: int = 200, **changes: Any) -> Page:
    """Fill the form in and have it read over."""
    pages.get("/request/visit")
    return pages.submit({**FILLED, **DO_CHECK, **changes}, status=status)


def send(pages: PageClient, **changes: Any) -> Page:
    fill(pages, **changes)
    return pages.submit(SEND)


def count(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(VisitRequest)) or 0


def only(app: Flask) -> RequestedVisit:
    with app.app_context():
        (found,) = list_requests(statuses=list(RequestStatus)).requests
        return found


def step(app: Flask) -> Step:
    return Step(public_id=only(app).public_id, actor=KIM, now=NOW)


class TestForm:
    def test_says_what_cannot_wait_before_it_asks(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/request/visit")
        assert page.h1 == "Request a visit"
        assert page.text.index("Call 911") < page.text.index("What is it about?")

    def test_is_reached_from_the_first_page(self, clinic: Flask, pages: PageClient) -> None:
        assert "/request/visit" in pages.get("/").links()

    def test_shows_all_before_it_is_sent(self, clinic: Flask, pages: PageClient) -> None:
        page = fill(pages)
        assert page.h1 == "Is everything right?"
        for words in (
            *("My hip hurts when I run.", "Since May.", "Hip or buttock", "Ana Beltran"),
            *("Wed, Mar 4, in the afternoon", "otherwise in the morning", "Whoever is free first"),
            *("March 14, 1984", "ana@example.com"),
        ):
            assert words in page.text
        assert count(clinic) == 0

    def test_comes_back_as_it_was_to_be_changed(self, clinic: Flask, pages: PageClient) -> None:
        fill(pages)
        values = pages.submit(CHANGE).form().values
        for name in ("area", "usual", "day_1", "part_1", "returning", "email", "birth_date-day"):
            assert values[name] == [FILLED[name]]
        assert values["reason"][0].split() == FILLED["reason"].split()

    def test_leads_to_a_page_of_its_own_when_sent(self, clinic: Flask, pages: PageClient) -> None:
        page = send(pages)
        assert page.h1 == "We have your request."
        assert page.path.startswith("/requests/")
        assert "answers by Mon, Mar 2, 6:00 PM" in page.text
        found = only(clinic)
        assert found.reason == "My hip hurts when I run.\nSince May."
        assert found.times[0].starts_at == local("2026-03-04 12:00")
        assert (found.part, found.area, found.is_returning) == ("morning", "hip", False)

    def test_sent_twice_is_one_request(self, clinic: Flask, pages: PageClient) -> None:
        form = fill(pages).form()
        first, second = (pages.post(form.action, {**form.values, **SEND}) for _ in range(2))
        assert first.path == second.path
        assert count(clinic) == 1

    @pytest.mark.parametrize(
        ("changes", "anchor", "sentence"),
        [
            ({"reason": ""}, "reason", "Say in a few words what it is about."),
            ({"reason": " \r\n\t "}, "reason", "Say in a few words what it is about."),
            ({"reason": "x" * 10_000}, "reason", "Use at most 2000 characters."),
            ({"reason": "My hip\x00"}, "reason", "Remove the characters"),
            ({"day_1": "2026-02-30"}, "day_1", "Enter a day that there is"),
            ({"day_1": "soon"}, "day_1", "Enter a day that there is"),
            ({"day_1": "9" * 10_000}, "day_1", "Enter a day that there is"),
            ({"day_1": "2026-03-01"}, "day_1", "This time is over."),
            ({"day_1": "2028-03-01"}, "day_1", "more than a year away"),
            ({"day_1": "2026-03-10"}, "day_1", "closed on Tue, Mar 10: Staff training."),
            (
                {"day_2": "2026-03-04", "part_2": "afternoon"},
                "day_2",
                "You have named this time already.",
            ),
            ({"day_3": "3/4/2026", "part_3": ""}, "day_3", "You have named this time already."),
            ({"practitioner": "nobody"}, "practitioner", "There is no such practitioner."),
            ({"returning": ""}, "returning-0", "Choose whether you have been to us before."),
            ({"returning": "perhaps"}, "returning-0", "Choose whether you have been to us"),
            ({"given_name": ""}, "given_name", "Enter the given name."),
            ({"birth_date-day": "31", "birth_date-month": "2"}, "birth_date-day", "no such day"),
            ({"email": ""}, "email", "Enter an e-mail address or a phone number."),
            (CHILD, "guardian_name", "Enter your own name."),
            ({**CHILD, "guardian_name": "\x01"}, "guardian_name", "Remove the characters"),
            ({**CHILD, "guardian_name": "Rosa"}, "relation-0", "Choose what you are to the child."),
            ({**FOR_CHILD, "relation": "sister"}, "relation-0", "Choose what you are to the child"),
            (
                {**FOR_CHILD, "guardian_birth_date-year": ""},
                "guardian_birth_date-year",
                "Enter the year you were born",
            ),
            (
                {**FOR_CHILD, "guardian_birth_date-year": "2010"},
                "guardian_birth_date-month",
                "at least 18 years old",
            ),
            ({**ROSA}, "guardian_name", "From 18 on people ask for themselves"),
        ],
    )
    @pytest.mark.parametrize("pressed", ["check", "send"])
    def test_tells_what_cannot_be_used_at_its_field_and_keeps_it(
        self,
        clinic: Flask,
        pages: PageClient,
        changes: dict[str, str],
        anchor: str,
        sentence: str,
        pressed: str,
    ) -> None:
        page = fill(pages, status=422, **{**changes, "do": pressed})
        assert page.title.startswith("Error: Request a visit")
        assert f"#{anchor}" in page.links()
        assert page.text.count(sentence) == 2  # in the summary and at the field
        kept = page.form().values
        for name, typed in changes.items():
            if typed.isprintable() and typed not in {"perhaps", "nobody", "sister", ""}:
                assert kept[name] == [typed]
        assert kept["family_name"] == ["Beltran"]
        assert count(clinic) == 0

    @pytest.mark.parametrize(
        "changes",
        [
            {"area": "x" * 10_000, "usual": "\x00", "part_1": "night"},
            {"reason": "😀 مريم \u202e"},
            {"day_1": ["2026-03-04", "2026-03-05"], "role": "admin", "key": ""},
            {"do": "explode"},
            {"key": "k" * 10_000},
        ],
    )
    def test_takes_the_rest_as_not_said(
        self, clinic: Flask, pages: PageClient, changes: dict[str, Any]
    ) -> None:
        assert fill(pages, **changes).h1 == "Is everything right?"
        assert pages.submit(SEND).h1 == "We have your request."

    def test_lets_a_parent_ask_for_a_child(self, clinic: Flask, pages: PageClient) -> None:
        page = fill(pages, **FOR_CHILD)
        assert "Rosa Beltran, parent" in page.text
        pages.submit(SEND)
        found = only(clinic)
        assert (found.guardian_name, found.guardian_relation) == ("Rosa Beltran", "parent")

    def test_knows_the_parent_who_asked_from_then_on(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        for _ in range(2):
            send(pages, **FOR_CHILD)
        with clinic.app_context():
            (rosa,) = db.session.scalars(select(Guardian))
        assert (rosa.name, rosa.relation, rosa.birth_date) == (
            "Rosa Beltran",
            "parent",
            date(1984, 7, 2),
        )
        assert (rosa.email, rosa.confirmed_at) == ("ana@example.com", NOW)

    def test_keeps_what_a_parent_typed_when_it_is_changed(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        fill(pages, **FOR_CHILD)
        values = pages.submit(CHANGE).form().values
        assert {name: values[name] for name in FOR_CHILD} == {
            name: [typed] for name, typed in FOR_CHILD.items()
        }

    def test_without_our_forms_proof_changes_nothing(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        pages.post("/request/visit", {**FILLED, **SEND}, status=400)
        assert count(clinic) == 0

    def test_is_limited_like_booking(
        self, make_app: Callable[..., Flask], set_clock: Callable[[datetime], None]
    ) -> None:
        app = make_app(RATE_LIMIT_BOOKING="2")
        with app.app_context():
            load()
        set_clock(NOW)
        pages = PageClient(app)
        for _ in range(2):
            send(pages)
        fill(pages)
        pages.submit(SEND, status=429)


class TestPage:
    def test_changes_nothing_by_being_looked_at(self, clinic: Flask, pages: PageClient) -> None:
        page = send(pages)
        before = everything_stored(clinic)
        pages.get(page.path)
        pages.get(f"{page.path}/withdraw")
        assert everything_stored(clinic) == before

    def test_tells_its_address_to_nobody(self, clinic: Flask, pages: PageClient) -> None:
        path = send(pages).path
        assert pages.client.get(path).headers["Referrer-Policy"] == "no-referrer"

    @pytest.mark.parametrize("token", ["x", "x" * 54, "%00", "😀", "x" * 5000])
    def test_is_not_found_by_guessing(self, clinic: Flask, pages: PageClient, token: str) -> None:
        send(pages)
        page = pages.get(f"/requests/{token}", status=404)
        assert page.h1 == "This link opens nothing"
        pages.get(f"/requests/{only(clinic).public_id}{'0' * 32}", status=404)

    def test_shows_the_answer(self, clinic: Flask, pages: PageClient) -> None:
        path = send(pages).path
        with clinic.app_context():
            answer_request(step=step(clinic), message="Please bring <b>your</b> shoes.\nSee you!")
        page = pages.get(path)
        assert page.h1 == "We have answered you."
        assert "Please bring <b>your</b> shoes." in page.text
        assert "tel:+12125550100" in page.links()

    def test_leads_to_the_visit_once_it_is_booked(self, clinic: Flask, pages: PageClient) -> None:
        path = send(pages).path
        wish = Wish(service="eval", starts_at=local("2026-03-04 13:00"), practitioner="okafor")
        with clinic.app_context():
            schedule_request(step=step(clinic), wish=wish)
        page = pages.get(path)
        assert page.h1 == "Your visit is booked."
        assert "Wednesday" in page.text
        visit = next(link for link in page.links() if link.startswith("/visits/"))
        assert pages.get(visit).h1 == "Your visit"
        pages.get(f"{path}/withdraw", follow=False, status=303)

    def test_tells_when_the_visit_is_cancelled_and_leads_on(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        path = send(pages).path
        wish = Wish(service="eval", starts_at=local("2026-03-04 13:00"), practitioner="okafor")
        with clinic.app_context():
            visit = schedule_request(step=step(clinic), wish=wish).visit or ""
            take_step(public_id=visit, action=Action.CANCEL, actor=PUBLIC, now=NOW)
        page = pages.get(path)
        assert page.h1 == "This visit was cancelled."
        assert "Visit cancelled" in page.text
        assert {"/book", "/request/visit"} <= set(page.links())

    def test_says_kindly_why_it_is_declined(self, clinic: Flask, pages: PageClient) -> None:
        path = send(pages).path
        with clinic.app_context():
            decline_request(step=step(clinic), reason="We do not treat jaws.")
        page = pages.get(path)
        assert page.h1 == "We cannot offer you this visit."
        assert "We do not treat jaws." in page.text
        assert "/request/visit" in page.links()

    def test_lets_the_request_be_taken_back_once(self, clinic: Flask, pages: PageClient) -> None:
        path = send(pages).path
        form = pages.get(f"{path}/withdraw").form(f"{path}/withdraw")
        for _ in range(2):
            page = pages.post(form.action, form.values)
            assert page.h1 == "You took your request back."
        assert only(clinic).version == 2

    def test_is_not_taken_back_once_it_is_booked(self, clinic: Flask, pages: PageClient) -> None:
        path = send(pages).path
        form = pages.get(f"{path}/withdraw").form(f"{path}/withdraw")
        wish = Wish(service="eval", starts_at=local("2026-03-04 13:00"), practitioner="okafor")
        with clinic.app_context():
            schedule_request(step=step(clinic), wish=wish)
        page = pages.post(form.action, form.values, status=409)
        assert "This request is closed" in page.text
        assert only(clinic).status is RequestStatus.SCHEDULED


class TestTexts:
    @pytest.fixture
    def app(self, make_app: Callable[..., Flask], texts: TextDouble) -> Flask:
        return make_app(SMS_URL=texts.url)

    def test_are_a_wish_that_is_kept_with_the_request(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = pages.get("/request/visit")
        assert "texts" not in page.form("/request/visit").values, "nobody has ticked it yet"
        page = fill(pages, status=422, texts="y")
        assert page.text.count("Enter the number that the text messages should go to.") == 2
        page = fill(pages, texts="y", phone="212 555 0143")
        assert "Reminders, please" in page.text, "it is read over"
        pages.submit(SEND)
        with clinic.app_context():
            wish = db.session.scalars(select(ContactChoice)).one()
            assert (wish.channel, wish.is_wanted) == ("sms", True)
            assert (wish.address, wish.by) == ("+12125550143", "public")

    def test_are_not_offered_without_a_service(self, clinic: Flask) -> None:
        clinic.extensions["clinic.messaging"].sms = None
        page = PageClient(clinic).get("/request/visit")
        assert "Remind me by text message" not in page.text

    def test_are_asked_by_the_desk_and_kept_in_its_name(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        desk.get("/desk/book")
        new = {**FILLED, "phone": "212 555 0143", "texts": "y"}
        desk.submit({**new, "phone": ""}, action="/desk/book/patient", status=422)
        desk.submit(new, action="/desk/book/patient")
        with clinic.app_context():
            wish = db.session.scalars(select(ContactChoice)).one()
            patient = db.session.get_one(Patient, wish.patient_id).public_id
            assert (wish.address, wish.is_wanted) == ("+12125550143", True)
            by = wish.by
        page = desk.get(f"/desk/patients/{patient}/messages")
        assert f"Kept by {by}, Mon, Mar 2, 10:00 AM" in page.text
