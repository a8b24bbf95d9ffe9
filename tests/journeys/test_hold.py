"""A hold seen in the browser: it counts down, says when it ends soon, and can be made longer."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from flask import Flask
from playwright.sync_api import Page, expect

from tests.journeys.test_booking import (
    WEEK,
    then_the_visit_is_booked,
    when_they_book,
    when_they_choose,
    when_they_type_their_details,
)
from tests.support.accessibility import assert_accessible
from tests.support.widths import on_a_phone

Person = Callable[..., Page]
# The clock runs on by itself too, for as long as the page took to come.
A_LITTLE_UNDER_TWO_MINUTES = re.compile(r"^(2:00|1:[45]\d) left$")


class TestCountdown:
    @on_a_phone
    def test_runs_and_warns_whatever_the_visitors_clock_says(
        self, clinic: Flask, person: Person
    ) -> None:
        # given a browser whose clock is wrong by years
        page = person()
        page.clock.install(time=datetime(2019, 1, 1, tzinfo=UTC))
        page.goto(WEEK)
        when_they_choose(page, "2026-03-04", "10:00 AM")
        left, said = page.locator(".hold .left"), page.locator(".hold [role=status]")
        expect(left).to_contain_text("left")
        # when time goes by, then it says so at two minutes and at half a minute
        page.clock.run_for(8 * 60_000)
        expect(left).to_have_text(A_LITTLE_UNDER_TWO_MINUTES)
        expect(said).to_have_text("We hold your time for two more minutes.")
        page.clock.run_for(91_000)
        expect(said).to_have_text("We hold your time for half a minute more.")
        page.clock.run_for(30_000)
        expect(said).to_contain_text("The time is no longer held.")
        expect(page.locator(".hold .until")).to_contain_text("If it is still free")
        assert_accessible(page)


class TestHoldingLonger:
    @on_a_phone
    def test_keeps_what_was_typed_without_a_script(self, clinic: Flask, person: Person) -> None:
        page = person(java_script_enabled=False)
        page.goto(WEEK)
        when_they_choose(page, "2026-03-04", "10:00 AM")
        when_they_type_their_details(page)
        ends = page.locator(".hold .until").inner_text()
        page.get_by_role("button", name="Hold it longer").click()
        expect(page.locator(".hold .until")).not_to_have_text(ends)
        expect(page.get_by_label("Family name")).to_have_value("Beltran")
        expect(page.get_by_role("button", name="Hold it longer")).to_have_count(0)
        when_they_book(page)
        then_the_visit_is_booked(page, "10:00 AM")
