"""Asking for a video visit, from the questions about safety to a time that was chosen."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask

from clinic.core.values import Role
from clinic.scheduling.operations.requests import Step, answer_request
from clinic.scheduling.operations.requests.offers import offer_times
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.requests import RequestedVisit, list_requests
from clinic.scheduling.rules.requests import Modality, RequestStatus, Urgency
from config_sms import SmsService
from tests.integration.intake.dangers import NOTHING, SADDLE
from tests.integration.intake.test_safety_pages import typed
from tests.integration.security.doors import staff_client
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, load, local
from tests.support.pages import Page

MakeApp = Callable[..., Flask]
SetClock = Callable[[datetime], None]
HERE = "/request/telehealth"
QUESTIONS = "/intake/questions"
ASK = f"{QUESTIONS}?then={HERE}"
FILLED = {
    "kind": "video",
    "state": "NY",
    "emergency_address": "5 Sample Road\r\nAlbany",
    "emergency_phone": "+1 518 555 0142",
    "reason": "My hip hurts when I run.",
    "area": "hip",
    "zone": "Pacific/Honolulu",
    "usual": "morning",
    "day_1": "2026-03-04",
    "part_1": "morning",
    "language": "es",
    "interpreter": "y",
    "camera": "works",
    "microphone": "fails",
    "connection": "",
    "returning": "no",
    "given_name": "Ana",
    "family_name": "Beltran",
    "birth_date-day": "14",
    "birth_date-month": "3",
    "birth_date-year": "1984",
    "email": "ana@example.com",
}
SEND = {"do": "send"}


def come(pages: PageClient) -> Page:
    """Answer the questions about safety and go on to the form."""
    page = pages.get(HERE)
    if page.path.startswith("/intake/questions"):
        page = pages.submit(typed(NOTHING), action=QUESTIONS)
    return page


def fill(pages: PageClient, *, status: int = 200, **changes: Any) -> Page:
    come(pages)
    return pages.submit({**FILLED, "do": "check", **changes}, action=HERE, status=status)


def only(app: Flask) -> RequestedVisit:
    with app.app_context():
        (found,) = list_requests(statuses=list(RequestStatus)).requests
        return found


def none(app: Flask) -> bool:
    with app.app_context():
        return not list_requests(statuses=list(RequestStatus)).requests


class TestTheForm:
    def test_comes_after_the_questions_about_safety(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get(HERE)
        assert page.path == ASK
        assert "Continue to your request" in page.text
        page = come(pages)
        assert page.path == HERE
        assert "Remind me by text message" not in page.text, "nobody takes texts"
        service = SmsService.from_url(f"twilio://AC{'0' * 32}:secret@example.com?from=+12125550100")
        clinic.extensions["clinic.messaging"].sms = service
        assert "texts" not in pages.get(HERE).form(HERE).values
        assert "Remind me by text message" in pages.page.text
        answer = pages.client.get(HERE)
        assert "camera=(self), microphone=(self)" in answer.headers["Permissions-Policy"]
        elsewhere = pages.client.get("/request/visit").headers["Permissions-Policy"]
        assert "camera=()" in elsewhere

    def test_is_not_reached_after_an_emergency(self, clinic: Flask, pages: PageClient) -> None:
        pages.get(HERE)
        first = {**NOTHING, "rf-ces": ["saddle"]}
        pages.submit(typed(first), action=QUESTIONS, status=422)
        page = pages.submit(typed({"rf-ces-when": SADDLE["rf-ces-when"]}), action=QUESTIONS)
        assert page.h1 == "Call 911 now, or go to an emergency department."
        page = pages.submit(action=f"{QUESTIONS}/stop")
        assert (page.path, page.h1) == (HERE, "Please call us")
        assert none(clinic)

    def test_is_read_over_and_sent_once(self, clinic: Flask, pages: PageClient) -> None:
        page = fill(pages)
        for words in ("By video", "New York", "5 Sample Road, Albany", "Honolulu", "Spanish"):
            assert words in page.text
        checked = pages.page
        path = pages.submit(SEND).path
        found = only(clinic)
        assert (found.modality, found.state, found.zone) == (
            Modality.TELEHEALTH,
            "NY",
            "Pacific/Honolulu",
        )
        assert found.emergency_address == "5 Sample Road\nAlbany"
        assert found.emergency_phone == "+15185550142"
        assert (found.language, found.needs_interpreter) == ("es", True)
        assert (found.device.camera, found.device.microphone, found.device.connection) == (
            "works",
            "fails",
            None,
        )
        assert found.urgency is Urgency.ROUTINE
        # Midnight to noon of Honolulu's March 4.
        assert found.times[0].starts_at.isoformat() == "2026-03-04T10:00:00+00:00"
        # What came before it is health: clinicians read it beside the request, nobody else.
        for role, sees in ((Role.CLINICIAN, True), (Role.FRONT_DESK, False), (Role.ADMIN, False)):
            desk = PageClient(clinic)
            desk.client = staff_client(clinic, role)
            told = desk.get(f"/desk/requests/{found.public_id}").text
            assert ("Is one of your legs or feet getting weaker" in told) is sees
            assert ("Answered Mon, Mar 2" in told) is sees
        # The same form once more: the browser's back button, or a second click.
        pages.page = checked
        assert pages.submit(SEND).path == path
        only(clinic)

    @pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
    def test_is_limited_like_booking(self, make_app: MakeApp, set_clock: SetClock) -> None:
        app = make_app(RATE_LIMIT_BOOKING="3")
        with app.app_context():
            load()
        set_clock(NOW)
        pages = PageClient(app)
        come(pages)  # the answers about safety count too
        for number in range(3):
            fill(pages, email=f"ana{number}@example.com")
            pages.submit(SEND, status=429 if number == 2 else 200)

    def test_refuses_a_state_without_a_licence_kindly(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = fill(pages, status=422, state="CA")
        assert "We may not see patients in California by video." in page.text
        assert {"/request/visit", "tel:+12125550100"} <= set(page.links())
        page = pages.submit({"do": "change"}, action="/request/visit")
        kept = page.form("/request/visit").values
        for name in ("reason", "given_name", "birth_date-year", "day_1", "email", "key"):
            assert kept[name] == [FILLED.get(name, kept[name][0])], name
        page = fill(pages, state="CA", kind="either")
        assert "By video" not in page.text
        pages.submit(SEND)
        assert only(clinic).modality is Modality.IN_PERSON

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"state": "XX"}, "Choose the state where you will be during the visit."),
            ({"state": ""}, "Choose the state where you will be during the visit."),
            ({"zone": "Mars/Base"}, "Choose the clock of the place where you will be."),
            ({"emergency_address": " "}, "Enter the address where you will be."),
            ({"emergency_phone": "12"}, "phone"),
            ({"day_1": "2026-03-01"}, "This time is over."),
            ({"day_2": "2026-03-04"}, "You have named this time already."),
            ({"birth_date-year": "2015"}, "name"),
        ],
    )
    def test_tells_what_is_wrong_at_its_field(
        self, clinic: Flask, pages: PageClient, changes: dict[str, str], words: str
    ) -> None:
        page = fill(pages, status=422, **changes)
        assert page.title.startswith("Error: ")
        assert words in page.text


class TestTheRequestsPage:
    @pytest.fixture
    def sent(self, clinic: Flask, pages: PageClient) -> str:
        fill(pages)
        return pages.submit(SEND).path

    def test_takes_an_answer_and_a_choice(
        self, clinic: Flask, pages: PageClient, sent: str
    ) -> None:
        with clinic.app_context():
            step = Step(public_id=only(clinic).public_id, actor=KIM, now=NOW)
            answer_request(step=step, message="Mornings are full. Would noon do?")
        page = pages.get(sent)
        assert "Would noon do?" in page.text
        page = pages.submit({"message": ""}, action=f"{sent}/reply", status=422)
        page = pages.submit({"message": "Yes, noon."}, action=f"{sent}/reply")
        assert "Yes, noon." in page.text
        with clinic.app_context():
            wishes = [
                Wish(service="video", starts_at=local(start), practitioner="okafor")
                for start in ("2026-03-04 12:00", "2026-03-09 12:00")
            ]
            offer_times(step=step, wishes=wishes)
        page = pages.get(sent)
        assert page.h1 == "Choose a time."
        assert "Wed, Mar 4, 7:00 AM" in page.text
        assert "Clinic time: Wed, Mar 4, 12:00 PM" in page.text
        # The clocks changed in New York meanwhile, not in Honolulu.
        assert "Mon, Mar 9, 6:00 AM" in page.text
        second = only(clinic).offers[1].public_id
        page = pages.submit({"offer": second}, action=f"{sent}/choose")
        assert page.h1 == "Your visit is booked."
        assert "Monday, March 9, 6:00 AM, Honolulu" in page.text
