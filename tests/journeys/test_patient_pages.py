"""Every page of a booking is readable in the light and in the dark, on a phone and on a desk."""

import re
from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from tests.journeys.test_booking import (
    WEEK,
    then_nothing_overflows,
    then_the_visit_is_booked,
    then_they_are_asked_who_they_are,
    when_they_book,
    when_they_choose,
    when_they_type_their_details,
)
from tests.support.accessibility import assert_accessible
from tests.support.widths import at_a_desk, on_a_phone

Person = Callable[..., Page]
DAY = "2026-03-04"


def then_it_is_readable(page: Page) -> None:
    assert_accessible(page)
    then_nothing_overflows(page)


class TestEveryPage:
    def test_is_readable(self, clinic: Flask, person: Person) -> None:
        page = person()
        for path in ("/book", "/book/video", "/book/video?state=NY", "/book/screened", WEEK):
            page.goto(path)
            then_it_is_readable(page)
        when_they_choose(page, DAY, "10:00 AM")
        then_they_are_asked_who_they_are(page)
        then_it_is_readable(page)
        when_they_book(page)
        expect(page.get_by_role("alert").first).to_be_visible()
        then_it_is_readable(page)
        when_they_type_their_details(page)
        when_they_book(page)
        then_the_visit_is_booked(page, "10:00 AM")
        then_it_is_readable(page)
        page.get_by_role("link", name="Move or cancel").click()
        for link in ("Move", "Cancel"):
            then_it_is_readable(page)
            page.get_by_role("link", name=link, exact=True).click()
            then_it_is_readable(page)
            page.go_back()


class TestConfirmation:
    @at_a_desk
    def test_prints_without_controls(self, clinic: Flask, person: Person) -> None:
        page = person()
        page.goto(WEEK)
        when_they_choose(page, DAY, "10:00 AM")
        when_they_type_their_details(page)
        when_they_book(page)
        then_the_visit_is_booked(page, "10:00 AM")
        page.emulate_media(media="print")
        expect(page.locator(".ticket")).to_contain_text("Reference")
        expect(page.get_by_text("Find your way")).to_be_visible()
        for name in ("Add to calendar", "Move or cancel", "Book now", "Open in a map"):
            expect(page.get_by_role("link", name=name)).to_have_count(0)

    @on_a_phone
    def test_gives_a_file_for_the_calendar(self, clinic: Flask, person: Person) -> None:
        page = person()
        page.goto(WEEK)
        when_they_choose(page, DAY, "10:00 AM")
        when_they_type_their_details(page)
        when_they_book(page)
        with page.expect_download() as waiting:
            page.get_by_role("link", name="Add to calendar").click()
        assert waiting.value.suggested_filename == "visit.ics"
        assert "DTSTART;TZID=America/New_York:20260304T100000" in waiting.value.path().read_text()


class TestWeek:
    @at_a_desk
    def test_is_walked_with_the_arrow_keys(self, clinic: Flask, person: Person) -> None:
        page = person()
        page.goto(WEEK)
        wednesday = page.locator(f"#day-{DAY} button.slot")
        thursday = page.locator("#day-2026-03-05 button.slot")
        wednesday.first.focus()
        page.keyboard.press("ArrowDown")
        expect(wednesday.nth(1)).to_be_focused()
        page.keyboard.press("ArrowRight")
        expect(thursday.nth(1)).to_be_focused()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowUp")
        expect(thursday.first).to_be_focused()
        page.keyboard.press("ArrowLeft")
        page.keyboard.press("Enter")
        then_they_are_asked_who_they_are(page)
        expect(page.locator(".hold")).to_contain_text("Wed, Mar 4")

    @on_a_phone
    def test_keeps_the_part_of_the_day_in_the_address(self, clinic: Flask, person: Person) -> None:
        page = person(java_script_enabled=False)
        page.goto(WEEK)
        page.get_by_label("Time of day").select_option(label="Evening, from 5 PM")
        page.get_by_role("button", name="Show times").click()
        expect(page).to_have_url(re.compile("part=evening"))
        empty = page.locator(f"#day-{DAY}")
        expect(empty).to_contain_text("at another time of day")
        empty.get_by_role("link", name="Show the whole day").click()
        expect(empty.get_by_role("button", name="10:00 AM", exact=True)).to_be_visible()
