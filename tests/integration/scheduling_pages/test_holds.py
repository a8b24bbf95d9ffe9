"""From a chosen time to a booked visit: one visit, whatever is clicked, typed or waited for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.people.models import ContactChoice, Patient
from clinic.scheduling.models import Appointment, Hold
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, book, load, slot_value, slots_on
from tests.support.pages import Page
from tests.support.text_double import TextDouble

TEN = slot_value("2026-03-03 10:00", "okafor", "main")
ELEVEN = slot_value("2026-03-03 11:00", "okafor", "main")
WEEK = "/book/eval?practitioner=okafor&location=main&week=2026-03-02"
DETAILS = {
    "given_name": "Ana",
    "family_name": "Beltran",
    "birth_date-day": "14",
    "birth_date-month": "3",
    "birth_date-year": "1984",
    "email": "ana@example.com",
}


def hold(pages: PageClient, slot: str = TEN, *, week: str = WEEK) -> Page:
    pages.get(week)
    return pages.submit({"slot": slot}, action="/book/eval")


def send(pages: PageClient, path: str, *, status: int = 200, **changes: Any) -> Page:
    return pages.submit({**DETAILS, **changes}, action=path, status=status)


def count(app: Flask, model: type[Any], *where: Any) -> int:
    with app.app_context():
        found = db.session.scalar(select(func.count()).select_from(model).where(*where))
        return int(found or 0)


class TestHolding:
    def test_leads_to_the_details_with_the_end_of_the_hold(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = hold(pages)
        assert page.h1 == "Your details"
        assert "Held for youTue, Mar 310:00 AM" in page.text
        assert "Nobody else can take it until 10:10 AM." in page.text
        assert page.path.startswith("/book/eval/")
        assert "text message" not in page.text, "there is nobody to take one"

    def test_twice_is_one_hold(self, clinic: Flask, pages: PageClient) -> None:
        assert hold(pages).path == hold(pages).path
        assert count(clinic, Hold) == 1

    def test_of_another_time_lets_the_first_go(self, clinic: Flask, pages: PageClient) -> None:
        hold(pages)
        hold(pages, ELEVEN)
        assert count(clinic, Hold, Hold.released_at.is_(None)) == 1

    def test_of_a_video_visit_asks_for_the_patients_clock_and_keeps_it(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        pages.get("/book/video?state=NY&week=2026-03-02")
        slot = slots_on(pages.page)[0]
        path = pages.submit({"slot": slot}).path
        page = send(pages, path, zone="Europe/London", email="", status=422)
        assert page.form(path).values["zone"] == ["Europe/London"], "what was chosen is kept"
        page = send(pages, path, zone="Europe/London")
        assert "Your time" in page.text
        with clinic.app_context():
            assert db.session.scalar(select(Appointment.patient_zone)) == "Europe/London"

    def test_is_shown_beside_the_week_as_ones_own(self, clinic: Flask, pages: PageClient) -> None:
        held = hold(pages)
        page = pages.get(WEEK)
        assert held.path in page.links()
        assert f'value="{TEN}" aria-pressed="true"' in page.html

    def test_is_nobody_elses_to_see(self, clinic: Flask, pages: PageClient) -> None:
        path = hold(pages).path
        stranger = PageClient(clinic)
        stranger.get(path, status=404)
        hold(stranger, ELEVEN)
        stranger.get(path, status=404)
        stranger.get("/book/eval/%00", status=404)
        stranger.get(f"/book/night/{path.rpartition('/')[2]}", status=404)

    def test_can_be_let_go(self, clinic: Flask, pages: PageClient) -> None:
        path = hold(pages).path
        page = pages.submit(action=f"{path}/let-go")
        assert page.h1 == "Choose a time"
        assert f'value="{TEN}"' in page.html
        assert "You let this time go." in pages.get(path).text

    def test_of_a_time_just_taken_shows_the_week_with_what_is_free(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        pages.get(WEEK)
        with clinic.app_context():
            book("2026-03-03 10:00")
        page = pages.submit({"slot": TEN}, action="/book/eval", status=409)
        assert "This time has just been taken." in page.text
        assert "Free instead" in page.text
        assert slots_on(page)[0] == ELEVEN

    @pytest.mark.parametrize(
        "slot",
        [
            *("", "x", "99999999999|okafor|main", "1|okafor|main", f"{TEN}|more", "x" * 10_000),
            *(TEN.replace("okafor", "nobody"), TEN.replace("main", "mars"), "\x00", "😀|\u202e|"),
        ],
    )
    def test_of_what_is_no_time_says_so(self, clinic: Flask, pages: PageClient, slot: str) -> None:
        pages.get(WEEK)
        page = pages.submit({"slot": slot}, action="/book/eval", status=422)
        assert page.h1 == "Choose a time"
        assert count(clinic, Hold) == 0


class TestDetails:
    def test_book_the_visit_at_the_same_address(self, clinic: Flask, pages: PageClient) -> None:
        path = hold(pages).path
        page = send(pages, path)
        assert page.path == path
        assert page.h1 == "Your visit is booked."
        for words in ("Tuesday", "March 3", "10:00 AM", "Dana Okafor, PT, DPT", "$200", "Ana."):
            assert words in page.text
        assert "until Mon, Mar 2, 10:00 AM, 24 hours before" not in page.text  # that is now
        assert pages.get(path).h1 == "Your visit is booked."

    def test_sent_twice_by_two_tabs_and_after_going_back_are_one_visit(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = hold(pages)
        form = page.form(page.path)
        for _ in range(3):
            pages.post(page.path, {**form.values, **DETAILS})
            assert pages.page.h1 == "Your visit is booked."
        assert count(clinic, Appointment) == 1
        assert count(clinic, Patient) == 1

    @pytest.mark.parametrize(
        ("changes", "anchor", "sentence"),
        [
            ({"given_name": ""}, "given_name", "Enter the given name."),
            ({"family_name": " \t "}, "family_name", "Enter the family name."),
            ({"given_name": "x" * 10_000}, "given_name", "Use at most 100 characters."),
            ({"given_name": "A\x00na"}, "given_name", "Remove the characters"),
            ({"birth_date-day": "1\x00"}, "birth_date-day", "must be a number"),
            ({"given_name": "\u202e\u200b"}, "given_name", "Enter the given name."),
            ({"birth_date-day": ""}, "birth_date-day", "Enter the day you were born"),
            (
                {"birth_date-day": "30", "birth_date-month": "2"},
                "birth_date-day",
                "There is no such day in that month",
            ),
            ({"birth_date-year": "20000"}, "birth_date-year", "The year must have four digits"),
            ({"birth_date-year": "2027"}, "birth_date-year", "must be in the past"),
            ({"birth_date-month": "Mars"}, "birth_date-month", "must be a number from 1 to 12"),
            ({"birth_date-day": "٣"}, "birth_date-day", "must be a number"),
            (
                {"birth_date-day": "", "birth_date-month": "", "birth_date-year": ""},
                "birth_date-month",
                "Enter the date of birth.",
            ),
            ({"email": ""}, "email", "Enter an e-mail address or a phone number."),
            ({"email": "ana@"}, "email", "Enter an e-mail address like name@example.com."),
            ({"phone": "call me"}, "phone", "Enter a phone number with its area code"),
            ({"phone": "9" * 10_000}, "phone", "Enter a phone number with its area code"),
        ],
    )
    def test_that_cannot_be_used_are_told_at_their_field_and_kept(
        self,
        clinic: Flask,
        pages: PageClient,
        changes: dict[str, str],
        anchor: str,
        sentence: str,
    ) -> None:
        path = hold(pages).path
        page = send(pages, path, status=422, **changes)
        assert page.title.startswith("Error: Your details")
        assert f"#{anchor}" in page.links()
        assert page.text.count(sentence) == 2  # in the summary and at the field
        kept = page.form(path).values
        assert kept["family_name" if "given_name" in changes else "given_name"] != [""]
        assert count(clinic, Appointment) == 0

    @pytest.mark.parametrize("name", ["😀", "مريم", "O’Brien-Łęcka", "  Ana   María  "])
    def test_take_names_as_people_have_them(
        self, clinic: Flask, pages: PageClient, name: str
    ) -> None:
        path = hold(pages).path
        assert send(pages, path, given_name=name).h1 == "Your visit is booked."

    def test_ignore_doubled_and_unknown_fields(self, clinic: Flask, pages: PageClient) -> None:
        path = hold(pages).path
        page = send(pages, path, given_name=["Ana", "Eva"], role="admin", slots="x")
        assert "Ana." in page.text

    def test_of_two_megabytes_are_told_at_the_field_too(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = send(pages, hold(pages).path, status=422, given_name="x" * 2_000_000)
        assert "Use at most 100 characters." in page.text

    def test_without_our_forms_proof_change_nothing(self, clinic: Flask, pages: PageClient) -> None:
        path = hold(pages).path
        pages.post(path, DETAILS, status=400)
        assert count(clinic, Appointment) == 0


class TestRefusals:
    def test_of_a_second_visit_that_day_are_shown_in_place(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        send(pages, hold(pages).path)
        page = send(pages, hold(pages, ELEVEN).path, status=409)
        assert "There is already a visit of this kind on that day." in page.text
        assert "call us and we find one together" in page.text
        assert page.form(page.path).values["given_name"] == ["Ana"]
        assert slots_on(page)
        assert count(clinic, Appointment) == 1

    def test_lead_on_by_choosing_another_day_in_the_same_form(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        send(pages, hold(pages).path)
        page = send(pages, hold(pages, ELEVEN).path, status=409)
        wednesday = slot_value("2026-03-04 11:00", "okafor", "main")
        page = pages.submit({"slot": wednesday}, action=page.path)
        assert page.h1 == "Your visit is booked."
        assert "March 4" in page.text


class TestLapsedHold:
    def test_is_booked_all_the_same_when_the_time_is_still_free(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        path = hold(pages).path
        set_clock(NOW + timedelta(minutes=11))
        page = pages.get(path)
        assert "We held this time until 10:10 AM." in page.text
        assert "Book this visit" not in page.text, "before it is held again"
        assert send(pages, path).h1 == "Your visit is booked."

    def test_is_held_again_with_what_was_typed(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        path = hold(pages).path
        set_clock(NOW + timedelta(minutes=11))
        buttons = dict(pages.get(path).form(path).buttons)
        page = pages.submit({**DETAILS, "again": buttons["again"]}, action=path)
        assert "Held for youTue, Mar 310:00 AM" in page.text
        assert count(clinic, Appointment) == 0, "though all was typed"
        (form,) = (f for f in page.forms if "given_name" in f.values)
        assert form.values["family_name"] == ["Beltran"]
        assert send(pages, form.action).h1 == "Your visit is booked."

    def test_keeps_what_was_typed_when_the_time_is_gone(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        path = hold(pages).path
        later = NOW + timedelta(minutes=11)
        set_clock(later)
        with clinic.app_context():
            book("2026-03-03 10:00", who=7, now=later)
        page = send(pages, path, status=409)
        assert "What you typed is kept: choose another time below." in page.text
        assert "again" not in dict(page.form(path).buttons)
        assert "#other-times" in page.links()
        assert page.form(path).values["family_name"] == ["Beltran"]
        page = pages.submit({"slot": ELEVEN}, action=path)
        assert page.h1 == "Your visit is booked."
        assert "11:00 AM" in page.text
        assert count(clinic, Appointment) == 2

    def test_keeps_what_was_typed_when_something_is_still_missing(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        path = hold(pages).path
        set_clock(NOW + timedelta(minutes=11))
        page = pages.get(path)
        page = pages.submit({"slot": ELEVEN, "given_name": "Ana"}, action=path, status=422)
        form = next(f for f in page.forms if f.method == "post" and "given_name" in f.values)
        assert form.action != path
        assert form.values["given_name"] == ["Ana"]
        assert "11:00 AM" in page.text

    def test_leads_to_a_new_one_before_anything_was_typed(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        path = hold(pages).path
        set_clock(NOW + timedelta(minutes=11))
        pages.get(path)
        page = pages.submit({"slot": ELEVEN}, action=path)
        assert page.h1 == "Your details"
        assert "Held for youTue, Mar 311:00 AM" in page.text
        assert page.path != path


class TestTexts:
    @pytest.fixture
    def app(self, make_app: Callable[..., Flask], texts: TextDouble) -> Flask:
        return make_app(SMS_URL=texts.url)

    def test_are_a_wish_that_is_kept_only_when_ticked(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = hold(pages)
        assert "Answer STOP to end it at any time. We see you just as well without it." in page.text
        assert "texts" not in page.form(page.path).values, "nobody has ticked it yet"
        page = send(pages, page.path, status=422, texts="y")
        assert page.text.count("Enter the number that the text messages should go to.") == 2
        assert page.form(page.path).values["texts"] == ["y"]
        assert count(clinic, ContactChoice) == 0
        assert send(pages, page.path, texts="y", phone="212 555 0143").h1 == "Your visit is booked."
        with clinic.app_context():
            wish = db.session.scalars(select(ContactChoice)).one()
            assert (wish.channel, wish.is_wanted) == ("sms", True)
            assert (wish.address, wish.by) == ("+12125550143", "public")
        other = {**DETAILS, "family_name": "Other", "phone": "212 555 0144"}
        pages.get(WEEK)
        path = hold(pages, ELEVEN).path
        assert pages.submit(other, action=path).h1 == "Your visit is booked."
        assert count(clinic, ContactChoice) == 1

    def test_go_to_no_number_that_is_not_on_the_record(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        send(pages, hold(pages).path, phone="212 555 0143")
        wednesday = slot_value("2026-03-04 11:00", "okafor", "main")
        path = hold(pages, wednesday).path
        assert send(pages, path, phone="212 555 0199", texts="y").h1 == "Your visit is booked."
        assert count(clinic, Patient) == 1
        assert count(clinic, ContactChoice) == 0


class TestLimits:
    def test_stop_a_flood_with_a_page_in_plain_words(
        self, make_app: Callable[..., Flask], set_clock: Callable[[datetime], None]
    ) -> None:
        app = make_app(RATE_LIMIT_BOOKING="2")
        with app.app_context():
            load()
        set_clock(NOW)
        pages = PageClient(app)
        hold(pages)
        hold(pages)
        pages.get(WEEK)
        page = pages.submit({"slot": TEN}, action="/book/eval", status=429)
        assert "There were too many requests from your connection." in page.text
