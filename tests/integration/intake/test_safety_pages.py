"""The pages that an answer about danger leads to, for the patient and for staff."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db, transaction
from clinic.core.values import PUBLIC, Role
from clinic.intake.library import form
from clinic.intake.models import SafetyEvent
from clinic.intake.operations.screening import bind_screening, keep_screening
from clinic.intake.queries.offers import list_offers
from clinic.intake.queries.responses import get_assigned
from clinic.intake.queries.safety.queue import list_queue
from clinic.intake.rules.names import field_name
from clinic.people.models import Patient
from tests.integration.intake.conftest import come_in
from tests.integration.intake.dangers import (
    CALF,
    NOTHING,
    SADDLE,
    Telling,
    answers,
    publish_symptoms,
)
from tests.integration.intake.ground import NOW, add_patient, ask
from tests.integration.security.doors import staff_client
from tests.support.page_client import PageClient
from tests.support.page_clinic import load

ASK, STOP = "/intake/questions", "/intake/questions/stop"
VISITOR = "v" * 32
ASKED, STOPPED = (f"{path}?then=/book/screened" for path in (ASK, STOP))


def typed(codes: dict[str, list[str]]) -> dict[str, str]:
    """What a browser sends for these codes."""
    items = form(name="symptoms").by_link
    return {
        field_name(items[link]): str(
            next(
                n
                for n, one in enumerate(items[link].options)
                if one.value.raw["code"] == codes[link][0]
            )
        )
        for link in codes
    }


def the_event(app: Flask) -> str:
    with app.app_context():
        return db.session.scalars(select(SafetyEvent.public_id)).first() or ""


@pytest.fixture
def telling(clinic: Flask) -> Telling:
    with clinic.app_context():
        return Telling(add_patient(), publish_symptoms())


class TestAnEmergencyAnswer:
    @pytest.fixture
    def browser(self, clinic: Flask) -> tuple[str, PageClient]:
        with clinic.app_context():
            publish_symptoms()
            patient = add_patient()
            assignment = ask(patient, slug="symptoms")
        return assignment, come_in(clinic, patient)

    def test_leads_at_once_to_a_page_that_says_what_to_do(
        self, clinic: Flask, browser: tuple[str, PageClient]
    ) -> None:
        assignment, pages = browser
        path = f"/intake/forms/{assignment}"
        pages.get(f"{path}/1")
        pages.submit({**typed({**NOTHING, "rf-ces": ["saddle"]}), "do": "next"}, action=f"{path}/1")
        page = pages.submit(
            {**typed({"rf-ces-when": ["lt-2wk"]}), "do": "next"}, action=f"{path}/1"
        )
        assert page.h1 == "Call 911 now, or go to an emergency department."
        assert "tel:911" in page.links()
        assert "tel:+12125550100" in page.links()
        assert 'role="alert"' in page.html
        assert "Numbness or odd feeling" in page.text
        assert "Nobody is watching this form right now." in page.text
        assert not re.search(r"<script", page.html)
        stop = page.path
        # The form goes on only after it was read, and the answers are there.
        assert pages.get(f"{path}/check").path == stop
        page = pages.submit(action=stop)
        assert page.path == path
        assert pages.get(stop).path == path
        with clinic.app_context():
            actions = set(db.session.scalars(select(AuditEntry.action)))
            assert {"safety.raised", "safety.shown", "safety.read"} <= actions
            response = get_assigned(public_id=assignment).response
            assert response is not None

    def test_is_graded_for_whoever_leaves_from_another_page(
        self, clinic: Flask, browser: tuple[str, PageClient]
    ) -> None:
        assignment, pages = browser
        path = f"/intake/forms/{assignment}"
        pages.get(f"{path}/1")
        half = typed({**NOTHING, "rf-ces": ["saddle"]})
        page = pages.submit({**half, "do": "next"}, action=f"{path}/1")
        assert page.path == f"{path}/1?new=1"  # since when is asked now
        kept = {name: listed[0] for name, listed in page.form(f"{path}/1").values.items()}
        later = {name: kept[name] for name in ("csrf_token", "form", "base")} | {"do": "later"}
        answer = pages.client.post(f"{path}/2", data=later)
        assert answer.headers["Location"].startswith("/intake/stop/")
        with clinic.app_context():
            assert len(list_queue()) == 1

    def test_is_shown_to_nobody_else(self, clinic: Flask, browser: tuple[str, PageClient]) -> None:
        assignment, pages = browser
        path = f"/intake/forms/{assignment}"
        pages.get(f"{path}/1")
        pages.submit({**typed({**NOTHING, "rf-vasc": ["faint"]}), "do": "next"}, action=f"{path}/1")
        stop = pages.page.path
        assert stop.startswith("/intake/stop/")
        with clinic.app_context():
            other = add_patient(given="Bo")
            ask(other, slug="symptoms")
        come_in(clinic, other).get(stop, status=404)
        assert PageClient(clinic).get(stop).path == "/intake"


class TestTheQueue:
    def test_shows_clinicians_why_and_the_desk_only_that(
        self, clinic: Flask, telling: Telling
    ) -> None:
        with clinic.app_context():
            telling.say(SADDLE)
        roles = (Role.CLINICIAN, Role.FRONT_DESK, Role.ADMIN)
        clients = {role: staff_client(clinic, role) for role in roles}
        seen = {role: client.get("/desk/safety").text for role, client in clients.items()}
        assert "Possible cauda equina syndrome" in seen[Role.CLINICIAN]
        assert "Emergency" in seen[Role.CLINICIAN]
        for role in (Role.FRONT_DESK, Role.ADMIN):
            assert "A clinician must call" in seen[role]
            assert "Ana Ruiz" in seen[role]
            assert not re.search(r"cauda|Emergency<|Numbness|(?<![\w-])RF-[A-Z]{2}", seen[role])
        path = f"/desk/safety/{the_event(clinic)}"
        for role in (Role.FRONT_DESK, Role.ADMIN):
            assert clients[role].get(path).status_code == 403

    def test_says_when_alerts_do_not_go_out(self, clinic: Flask, telling: Telling) -> None:
        page = staff_client(clinic, Role.CLINICIAN).get("/desk/safety").text
        assert "Nobody waits for a call" in page
        assert "Alerts may not arrive" in page

    def test_is_counted_beside_its_link(self, clinic: Flask, telling: Telling) -> None:
        with clinic.app_context():
            telling.say(CALF)
        page = staff_client(clinic, Role.FRONT_DESK).get("/desk").text
        assert re.search(r'href="/desk/safety".*?<span class="num">1<', page)

    def test_is_worked_by_a_clinician_to_its_end(self, clinic: Flask, telling: Telling) -> None:
        with clinic.app_context():
            telling.say(SADDLE)
            telling.say(NOTHING)
        pages = PageClient(clinic)
        pages.client = staff_client(clinic, Role.CLINICIAN)
        path = f"/desk/safety/{the_event(clinic)}"
        page = pages.get(path)
        assert page.h1 == "Ana Ruiz"
        assert "RF-CES-1" in page.text
        assert "The answer was changed afterwards" in page.text
        page = pages.submit(action=f"{path}/take")
        assert "Taken on" in page.text
        page = pages.submit({"outcome": "referred", "note": ""}, action=f"{path}/close", status=422)
        assert page.title.startswith("Error: ")
        page = pages.submit({"note": "Sent to <her> doctor."}, action=f"{path}/close")
        assert "Closed" in page.text
        assert "Sent to &lt;her&gt; doctor." in page.html
        assert "Referred to a doctor" in page.text


class TestAServiceWithAScreen:
    @pytest.fixture
    def pages(self, clinic: Flask) -> PageClient:
        with clinic.app_context():
            load()
        return PageClient(clinic)

    def test_asks_before_it_shows_times(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/book/screened")
        assert page.path == ASKED
        assert page.h1 == "A few safety questions first"
        page = pages.submit({}, action=ASK, status=422)
        assert page.title.startswith("Error: ")
        page = pages.submit(typed(NOTHING), action=ASK)
        assert page.path == "/book/screened"
        assert "Spine visit" in page.text

    def test_asks_what_an_answer_brings_up(self, pages: PageClient) -> None:
        pages.get("/book/screened")
        answers = typed({**NOTHING, "rf-dvt": ["calf-pain"]})
        page = pages.submit(answers, action=ASK, status=422)
        assert "A few more questions" in page.text
        assert not page.title.startswith("Error: ")
        page = pages.submit(
            typed({"rf-pe": ["no"], "rf-dvt-risk": ["none"]}),
            action=ASK,
        )
        assert page.path == "/book/screened"

    def test_shows_no_times_after_an_emergency_answer(self, pages: PageClient) -> None:
        pages.get("/book/screened")
        page = pages.submit(
            typed({**NOTHING, "rf-motor": ["yes-worse"]}),
            action=ASK,
        )
        assert page.path == STOPPED
        assert page.h1.startswith("Call 911 now")
        assert "nobody can call you" in page.text
        page = pages.submit(action=STOP)
        assert page.path == "/book/screened"
        assert "please call us" in page.h1
        assert "tel:+12125550100" in page.links()

    def test_says_to_call_today_and_then_shows_times(self, pages: PageClient) -> None:
        pages.get("/book/screened")
        page = pages.submit(
            typed({**NOTHING, "rf-motor": ["yes-stable"]}),
            action=ASK,
        )
        assert page.h1 == "Call us today."
        page = pages.submit(action=STOP)
        assert "Spine visit" in page.text

    def test_leads_nowhere_but_to_a_page_of_times(self, pages: PageClient) -> None:
        for elsewhere in ("https://evil.example", "//evil.example", "/desk", "/book/../desk"):
            page = pages.get(f"/intake/questions?then={elsewhere}")
            assert {form.action for form in page.forms} == {"/intake/questions?then=/book"}


@transaction
def tell_of(patient: str) -> None:
    person = db.session.scalars(select(Patient).where(Patient.public_id == patient)).one()
    bind_screening(visitor=VISITOR, patient=person, actor=PUBLIC, now=NOW)


class TestAnswersBeforeABooking:
    def test_stand_in_the_form_to_be_confirmed(self, clinic: Flask) -> None:
        with clinic.app_context():
            publish_symptoms()
            keep_screening(visitor=VISITOR, answers=answers(CALF), now=NOW)
            ana, bo = add_patient(), add_patient(given="Bo")
            tell_of(ana)
            tell_of(ana)  # two visits
            asked = ask(ana, slug="symptoms")
        browser = come_in(clinic, ana)
        page = browser.get(f"/intake/forms/{asked}/1")
        assert "Still right?" in page.text
        path = f"/intake/forms/{asked}/1"
        shown = page.form(path).values
        assert all(shown[name] in (value, [value]) for name, value in typed(CALF).items())
        with clinic.app_context():
            assigned = get_assigned(public_id=asked)
            offered = list_offers(assigned=assigned, now=NOW + timedelta(days=13))
            assert set(answers(CALF)) <= set(offered)
            assert list_offers(assigned=assigned, now=NOW + timedelta(days=14)) == {}
            tell_of(bo)  # whose answers they are is not known any more
            assert list_offers(assigned=assigned, now=NOW) == {}
        page = browser.submit({"do": "next"}, action=path)
        assert page.path.startswith("/intake/stop/")
        with clinic.app_context():
            assert len(list_queue()) == 2  # Ana's and Bo's, as told before they booked
        browser.submit(action=page.path)
        browser.get(path)
        page = browser.submit({"do": "next"}, action=path)
        assert page.path == f"/intake/forms/{asked}/2"
        browser.get(path)
        worse = typed({**CALF, "rf-pe": ["yes"]})
        page = browser.submit({**worse, "do": "next"}, action=path)
        assert page.path.startswith("/intake/stop/")
        with clinic.app_context():
            assert len(list_queue()) == 3
        browser.submit(action=page.path)
        browser.get(path)
        half = typed({**CALF, "rf-pe": ["yes"], "rf-ces": ["saddle"]})
        page = browser.submit({**half, "do": "later"}, action=path)
        assert page.path.startswith("/intake/stop/")  # since when is not answered, and they leave
        assert browser.get(f"/intake/forms/{asked}").path == page.path
        with clinic.app_context():
            assert len(list_queue()) == 4
