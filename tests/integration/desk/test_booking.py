"""Booking at the desk: search, next free times, why a time is refused, and insisting."""

import re
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.values import Role
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations.holding import hold_time
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.visits import Visit, list_visits
from tests.integration.desk.test_today import TEN_TWENTY, WITH_ROOMS, sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import book, load, local, slot_value


@pytest.fixture
def desk(clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]) -> PageClient:
    """The front desk, signed in, on Tuesday at 10:20."""
    set_clock(TEN_TWENTY)
    return sign_in(clinic, pages, Role.FRONT_DESK)


@pytest.fixture
def past(clinic: Flask) -> Visit:
    """Pat1 comes on Thursday at nine."""
    with clinic.app_context():
        return book("2026-03-05 09:00", who=1)


def times(desk: PageClient) -> list[str]:
    return re.findall(r'name="slot" value="([^"]+)"', desk.page.html)


def take(desk: PageClient, slot: str) -> None:
    """Press the button of a free time."""
    form = next(
        one for one in desk.page.forms if one.action == "/desk/book" and one.method == "post"
    )
    desk.post("/desk/book", {**form.values, "slot": slot})


def ask_time(desk: PageClient, date: str, time: str, *, status: int = 409, **more: str) -> str:
    """Type a certain time into the present page's last form; answers the words of the page."""
    form = next(one for one in desk.page.forms if "time" in one.values)
    values = {**form.values, "date": date, "time": time, **more}
    return desk.post("/desk/book", values, status=status).text


def visits_on(app: Flask, day: str) -> list[Visit]:
    with app.app_context():
        found = list_visits(starts_at=local(f"{day} 00:00"), ends_at=local(f"{day} 23:59"))
        return list(found.visits)


class TestSearch:
    def test_leads_from_letters_to_the_patient_and_is_on_record(
        self, clinic: Flask, desk: PageClient, past: Visit
    ) -> None:
        desk.get("/desk/search")
        desk.submit({"q": "exmaple pat1"}, action="/desk/search")
        assert f"/desk/patients/{past.patient}" in desk.page.links()
        assert "Thu, Mar 5, 9:00 AM" in desk.page.text
        desk.get("/desk/search")
        desk.submit({"q": past.reference.lower()}, action="/desk/search")
        assert f"/desk?date=2026-03-05#v-{past.public_id}" in desk.page.links()
        with clinic.app_context():
            wanted = select(AuditEntry).where(AuditEntry.action == "desk.searched")
            entries = list(db.session.scalars(wanted))
        assert [one.details["seen"] for one in entries] == [[f"patient:{past.patient}"]] * 2
        assert "exmaple" not in str([one.details for one in entries])

    def test_says_when_nobody_was_found(self, desk: PageClient) -> None:
        for typed, said in (("nobody at all", "Nobody found"), ("", ""), ("\x00%_'", "Nobody")):
            desk.get("/desk/search")
            desk.submit({"q": typed}, action="/desk/search")
            assert said in desk.page.text


class TestBook:
    def test_offers_the_next_free_times_and_books_one(
        self, clinic: Flask, desk: PageClient, past: Visit
    ) -> None:
        desk.get(f"/desk/book?patient={past.patient}")
        first = times(desk)[0]
        # Neither notice nor online limits bind the desk: today at 10:30 is offered.
        assert first == slot_value("2026-03-03 10:30", "okafor", "main")
        take(desk, first)
        assert "Pat1 Example is booked: Tue, Mar 3, 10:30 AM" in desk.page.text
        assert [one.patient for one in visits_on(clinic, "2026-03-03")] == [past.patient]

    def test_makes_the_record_of_somebody_new(self, clinic: Flask, desk: PageClient) -> None:
        desk.get("/desk/book")
        desk.submit({"given_name": "Nora"}, action="/desk/book/patient", status=422)
        assert "Enter the family name." in desk.page.text
        typed = {
            "given_name": "Nora",
            "family_name": "Newman",
            "birth_date-month": "3",
            "birth_date-day": "14",
            "birth_date-year": "1984",
            "phone": "212 555 0142",
        }
        desk.submit(typed, action="/desk/book/patient")
        assert desk.page.h1 == "Book for Nora Newman"
        take(desk, times(desk)[0])
        with clinic.app_context():
            assert db.session.scalars(select(Patient.phone)).all() == ["+12125550142"]
            assert len(db.session.scalars(select(Appointment)).all()) == 1

    def test_offers_the_same_time_a_week_on_and_the_family_a_time_right_after(
        self, clinic: Flask, desk: PageClient, past: Visit
    ) -> None:
        with clinic.app_context():
            other = book("2026-03-04 09:00", who=2)
        desk.get(f"/desk/book?patient={past.patient}&after={past.public_id}")
        # Okafor is off on Thursday the 12th: nothing is promised.
        assert "Same time, a week later" not in desk.page.text
        desk.get(f"/desk/book?patient={other.patient}&after={other.public_id}")
        assert times(desk)[0] == slot_value("2026-03-11 09:00", "okafor", "main")
        desk.get(f"/desk/book?patient={other.patient}&after={past.public_id}")
        assert times(desk)[0] == slot_value("2026-03-05 10:00", "okafor", "main")


class TestNextVisit:
    def test_says_which_one_it_follows(self, clinic: Flask, desk: PageClient) -> None:
        """Case C4: a visit that is over is not moved; the new one is linked to it."""
        with clinic.app_context():
            over = book("2026-03-03 09:00", who=1)
        href = f"/desk/book?patient={over.patient}&after={over.public_id}"
        assert href.replace("&", "&amp;") in desk.get(f"/desk/visits/{over.public_id}").html
        desk.get(href)
        take(desk, slot_value("2026-03-11 09:00", "okafor", "main"))
        (made,) = visits_on(clinic, "2026-03-11")
        page = desk.get(f"/desk/visits/{made.public_id}")
        assert "Follows the visit of Tue, Mar 3, 9:00 AM" in page.text
        page = desk.get(f"/desk/visits/{over.public_id}")
        assert "Followed by the visit of Wed, Mar 11, 9:00 AM" in page.text


class TestWhyNot:
    def test_names_what_is_in_the_way_of_a_time(
        self, clinic: Flask, desk: PageClient, past: Visit
    ) -> None:
        with clinic.app_context():
            load(WITH_ROOMS.replace("minutes = 60", "minutes = 60\nbuffer_after = 15"))
            book("2026-03-04 10:00", who=2)
            book("2026-03-04 14:00", who=1, service="video", state="NY")
            wish = Wish(service="eval", starts_at=local("2026-03-04 16:00"), practitioner="okafor")
            hold_time(wish=wish, visitor="somebody", now=TEN_TWENTY)
        address = f"/desk/book?patient={past.patient}&service=eval&practitioner=okafor"
        told = {
            ("2026-03-04", "10:30"): ["Okafor has “Evaluation” 10:00 AM–11:00 AM.", "Blue room"],
            ("2026-03-04", "11:05"): ["the time between is too short"],
            ("2026-03-04", "14:00"): ["Okafor has “Video visit”", "Pat1 has “Video visit”"],
            ("2026-03-04", "16:00"): ["is held by somebody who is booking"],
            ("2026-03-04", "18:00"): ["Okafor works 9:00 AM–5:00 PM on that day."],
            ("2026-03-06", "10:00"): ["Okafor does not work on that day."],
            ("2026-03-10", "10:00"): ["Closed: Staff training."],
            ("2026-03-02", "10:00"): ["This time is over."],
        }
        for (date, time), lines in told.items():
            desk.get(address)
            late = date in {"2026-03-06", "2026-03-10", "2026-03-02"} or time == "18:00"
            text = ask_time(desk, date, time, status=422 if late else 409)
            for line in lines:
                assert line in text, (date, time)
        desk.get(address)
        assert times(desk), "what is free instead"

    @pytest.mark.parametrize("time", ["", "25:00", "10:99", "noon", "10:00:00"])
    def test_takes_no_nonsense_for_a_time(self, desk: PageClient, past: Visit, time: str) -> None:
        desk.get(f"/desk/book?patient={past.patient}")
        assert "Choose a time, or type a date and a time." in ask_time(
            desk, "2026-03-04", time, status=422
        )

    def test_is_overridden_with_a_reason_only(
        self, clinic: Flask, desk: PageClient, past: Visit
    ) -> None:
        desk.get(f"/desk/book?patient={past.patient}&practitioner=okafor&service=eval")
        ask_time(desk, "2026-03-04", "18:00", status=422)
        form = next(one for one in desk.page.forms if "insist" in one.values)
        desk.post("/desk/book", {**form.values, "reason": " "}, status=422)
        assert "the reason and your name stand with the visit" in desk.page.text
        desk.post("/desk/book", {**form.values, "reason": "Only time she can come"})
        (visit,) = visits_on(clinic, "2026-03-04")
        assert visit.override_reason == "Only time she can come"
        assert visit.override_by == "Kim Torres"
