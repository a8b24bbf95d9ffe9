"""A patient books: from the services to the ticket, whatever is clicked on the way."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import func, select, update

from clinic.core.db import db
from clinic.scheduling.models import Appointment, Claim, Hold, Seat
from tests.journeys.conftest import MONDAY_TEN
from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import book
from tests.support.widths import at_a_desk, on_a_phone

WEEK = "/book/eval?practitioner=okafor&location=main&week=2026-03-02"
Person = Callable[..., Page]


def when_they_choose(page: Page, day: str, time: str) -> None:
    page.locator(f"#day-{day}").get_by_role("button", name=time, exact=True).click()


def when_they_type_their_details(page: Page) -> None:
    page.get_by_label("Given name").fill("Ana")
    page.get_by_label("Family name").fill("Beltran")
    for part, typed in (("Month", "3"), ("Day", "14"), ("Year", "1984")):
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_label("E-mail address").fill("ana@example.com")


def when_they_book(page: Page) -> None:
    page.get_by_role("button", name="Book this visit").click()


def when_the_hold_lapses(app: Flask) -> None:
    """Its end is set back: no browser waits ten minutes."""
    with app.app_context():
        for model in (Hold, Seat, Claim):
            lapse = update(model).where(model.expires_at.is_not(None))
            db.session.execute(lapse.values(expires_at=MONDAY_TEN - timedelta(minutes=1)))
        db.session.commit()


def then_the_visit_is_booked(page: Page, time: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked.")
    expect(page.locator(".ticket")).to_contain_text(time)


def then_there_are_visits(app: Flask, number: int) -> None:
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Appointment)) == number


def then_they_are_asked_who_they_are(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text("Your details")


def then_nothing_overflows(page: Page) -> None:
    page.wait_for_load_state("load")  # without its styles a page is laid out otherwise
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


class TestBooking:
    @pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
    def test_leads_from_the_service_to_the_ticket(
        self, clinic: Flask, person: Person, scripts: bool
    ) -> None:
        # given somebody who comes to book
        page = person(java_script_enabled=scripts)
        check = assert_accessible if scripts else (lambda _page: None)
        page.goto("/book")
        check(page)
        # when they choose a service, a practitioner, a time
        page.get_by_role("link", name="Evaluation").click()
        expect(page.get_by_label("Practitioner")).to_be_visible()
        check(page)
        page.get_by_label("Practitioner").select_option(label="Dana Okafor, PT, DPT")
        page.get_by_role("button", name="Show times").click()
        when_they_choose(page, "2026-03-04", "10:00 AM")
        then_they_are_asked_who_they_are(page)
        check(page)
        # and say who they are, at first not all of it
        when_they_book(page)
        expect(page).to_have_title("Error: Your details · Test Rehab")
        check(page)
        when_they_type_their_details(page)
        when_they_book(page)
        # then the visit is booked, and the ticket says when
        then_the_visit_is_booked(page, "10:00 AM")
        check(page)
        then_there_are_visits(clinic, 1)

    @at_a_desk
    def test_works_by_keyboard_alone(self, clinic: Flask, person: Person) -> None:
        page = person()
        page.goto(WEEK)
        page.locator("#day-2026-03-04").get_by_role("button", name="10:00 AM").focus()
        page.keyboard.press("Enter")
        then_they_are_asked_who_they_are(page)
        page.get_by_label("Given name").focus()
        for typed in ("Ana", "Beltran", "3", "14", "1984", "ana@example.com"):
            page.keyboard.type(typed)
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        then_the_visit_is_booked(page, "10:00 AM")

    @on_a_phone
    def test_fits_a_screen_of_320_pixels(self, clinic: Flask, person: Person) -> None:
        page = person()
        page.set_viewport_size({"width": 320, "height": 640})
        for path in ("/book", WEEK, "/book/video", "/book/screened"):
            page.goto(path)
            then_nothing_overflows(page)
        page.goto(WEEK)
        when_they_choose(page, "2026-03-04", "10:00 AM")
        then_they_are_asked_who_they_are(page)
        then_nothing_overflows(page)
        when_they_type_their_details(page)
        when_they_book(page)
        then_the_visit_is_booked(page, "10:00 AM")
        then_nothing_overflows(page)

    @on_a_phone
    def test_books_once_whatever_is_clicked(self, clinic: Flask, person: Person) -> None:
        # given somebody with the details of a held time
        page = person()
        page.goto(WEEK)
        slot = page.locator("#day-2026-03-04").get_by_role("button", name="10:00 AM", exact=True)
        slot.dblclick()
        then_they_are_asked_who_they_are(page)
        page.wait_for_load_state("networkidle")  # what is typed before the second answer is lost
        when_they_type_their_details(page)
        # when they click twice
        page.get_by_role("button", name="Book this visit").dblclick()
        then_the_visit_is_booked(page, "10:00 AM")
        # and go back, forward, and load again
        page.go_back()
        page.go_forward()
        page.reload()
        # then it is one visit
        then_the_visit_is_booked(page, "10:00 AM")
        then_there_are_visits(clinic, 1)

    @at_a_desk
    def test_in_two_tabs_is_one_visit(self, clinic: Flask, person: Person) -> None:
        page = person()
        page.goto(WEEK)
        when_they_choose(page, "2026-03-04", "10:00 AM")
        then_they_are_asked_who_they_are(page)
        other = page.context.new_page()
        other.goto(page.url)
        for tab in (page, other):
            when_they_type_their_details(tab)
        for tab in (page, other):
            when_they_book(tab)
            then_the_visit_is_booked(tab, "10:00 AM")
        then_there_are_visits(clinic, 1)


class TestHold:
    @on_a_phone
    def test_that_lapsed_keeps_what_was_typed(self, clinic: Flask, person: Person) -> None:
        # given somebody who typed, and went for a coffee
        page = person()
        page.goto(WEEK)
        when_they_choose(page, "2026-03-04", "10:00 AM")
        when_they_type_their_details(page)
        when_the_hold_lapses(clinic)
        # while somebody else took the time
        with clinic.app_context():
            book("2026-03-04 10:00", who=7, now=MONDAY_TEN)
        # when they come back and send it
        when_they_book(page)
        # then it says what happened, keeps what they typed, and offers other times
        expect(page.get_by_role("alert")).to_contain_text("We could no longer hold this time.")
        expect(page.get_by_label("Family name")).to_have_value("Beltran")
        assert_accessible(page)
        when_they_choose(page, "2026-03-04", "11:00 AM")
        then_the_visit_is_booked(page, "11:00 AM")

    @on_a_phone
    def test_that_was_let_go_can_be_taken_up_again(self, clinic: Flask, person: Person) -> None:
        page = person()
        page.goto(WEEK)
        when_they_choose(page, "2026-03-04", "10:00 AM")
        then_they_are_asked_who_they_are(page)
        address = page.url
        page.get_by_role("button", name="Let this time go").click()
        expect(page.get_by_label("Practitioner")).to_be_visible()
        page.goto(address)
        expect(page.get_by_role("alert")).to_contain_text("You let this time go.")
        assert_accessible(page)
        expect(page.get_by_role("button", name="Book this visit")).to_have_count(0)
        when_they_type_their_details(page)
        page.get_by_role("button", name="Hold it again").click()
        expect(page.get_by_role("heading", level=2, name="Held for you")).to_be_visible()
        expect(page.get_by_label("Family name")).to_have_value("Beltran")
        when_they_book(page)
        then_the_visit_is_booked(page, "10:00 AM")

    @on_a_phone
    def test_of_a_time_just_taken_shows_what_is_free(self, clinic: Flask, person: Person) -> None:
        page = person()
        page.goto(WEEK)
        with clinic.app_context():
            book("2026-03-04 10:00", who=7, now=MONDAY_TEN)
        when_they_choose(page, "2026-03-04", "10:00 AM")
        expect(page.get_by_role("alert")).to_contain_text("This time has just been taken.")
        assert_accessible(page)
        page.get_by_role("button", name="Wed, Mar 4, 11:00 AM").click()
        then_they_are_asked_who_they_are(page)


class TestEmptyDay:
    @on_a_phone
    def test_says_why_and_leads_to_the_nearest_time(self, clinic: Flask, person: Person) -> None:
        page = person()
        page.goto(f"{WEEK[:-10]}2026-03-09")
        closed = page.locator("#day-2026-03-10")
        expect(closed).to_contain_text("Closed: Staff training.")
        closed.get_by_role("link", name="Next: Wed, Mar 11, 9:00 AM").click()
        off = page.locator("#day-2026-03-12")
        expect(off).to_contain_text("Dana Okafor does not work here on this day.")
        off.get_by_role("link", name="Miguel Santos is free at 12:00 PM").click()
        expect(page.get_by_label("Practitioner")).to_have_value("santos")
        expect(page.locator("#day-2026-03-12")).to_contain_text("12:00 PM")
        assert_accessible(page)
