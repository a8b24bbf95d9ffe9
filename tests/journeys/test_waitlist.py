"""A patient waits for a time on a phone, the desk cancels somebody's visit, the time is theirs."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from clinic.scheduling.queries.visits import Visit
from tests.journeys.conftest import MONDAY_TEN
from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import CLINIC, PASSWORD, book, load
from tests.support.widths import on_a_phone

Person = Callable[..., Page]
SHORT = CLINIC.replace('from = "09:00"\nto = "17:00"', 'from = "09:00"\nto = "10:00"')
"""Okafor sees one patient a day, at nine."""


def given_a_full_tuesday(app: Flask) -> Visit:
    with app.app_context():
        load(SHORT, now=MONDAY_TEN)
        return book("2026-03-03 09:00", who=9)


def when_they_say_when_they_could_come(page: Page) -> None:
    page.get_by_label("Until", exact=True).fill("2026-03-03")
    page.get_by_label("Tuesdays").check()
    page.get_by_label("In the morning").check()
    page.get_by_label("Given name").fill("Ana")
    page.get_by_label("Family name").fill("Beltran")
    for part, typed in (("month", "3"), ("day", "14"), ("year", "1984")):
        page.locator(f"#birth_date-{part}").fill(typed)


def when_the_desk_cancels(page: Page, visit: Visit) -> None:
    page.goto(f"/desk/visits/{visit.public_id}/cancel")
    page.get_by_label("E-mail address").fill("front_desk@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Why is it cancelled?").fill("has a cold")
    page.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("March 3")


class TestWaitlist:
    @on_a_phone
    def test_gives_a_freed_time_to_who_waits(self, clinic: Flask, person: Person) -> None:
        # given a week without a time on Tuesday
        visit = given_a_full_tuesday(clinic)
        page, desk = person(), person()
        page.goto("/book/eval?practitioner=okafor&location=main&week=2026-03-02")
        page.get_by_role("link", name="Tell me when a time opens").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Tell me when a time opens")
        # when somebody asks to be told, and forgets how to be reached
        when_they_say_when_they_could_come(page)
        page.get_by_role("button", name="Put me on the waitlist").click()
        expect(page.get_by_role("alert")).to_contain_text("Enter an e-mail address")
        expect(page.get_by_label("In the morning")).to_be_checked()
        assert_accessible(page)
        page.get_by_label("E-mail address").fill("ana@example.com")
        page.get_by_role("button", name="Put me on the waitlist").click()
        # then they wait, and the desk sees it
        expect(page.get_by_role("heading", level=1)).to_have_text("You are on the waitlist")
        assert_accessible(page)
        when_the_desk_cancels(desk, visit)
        desk.goto("/desk/waitlist?show=offered")
        expect(desk.get_by_role("row", name="Ana Beltran")).to_contain_text("Tue, Mar 3, 9:00 AM")
        assert_accessible(desk)
        desk.get_by_role("link", name="Ana Beltran").click()
        expect(desk.get_by_text("Held for them")).to_be_visible()
        assert_accessible(desk)
        # and the time that is freed is held for them at the address they have
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("A time is free for you")
        assert_accessible(page)
        page.get_by_role("button", name="Take this time").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your visit")
        expect(page.get_by_role("status")).to_contain_text("The time is yours.")
        desk.goto("/desk?date=2026-03-03")
        expect(desk.get_by_role("row", name="Ana Beltran")).to_be_visible()
