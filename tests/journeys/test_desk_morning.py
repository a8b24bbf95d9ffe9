"""A receptionist's morning: a walk-in, a check-out with the next visit, somebody who is ill."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.scheduling.queries.visits import Visit, get_visit
from tests.journeys.test_desk import given_the_desk_signed_in
from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import book, local

Person = Callable[..., Page]


@pytest.fixture
def width() -> int:
    """On a phone: the wide desk has journeys of its own."""
    return 390


@pytest.fixture
def day(clinic: Flask) -> list[Visit]:
    """Okafor's Monday: Pat1 at nine, Pat2 at two."""
    with clinic.app_context():
        return [
            book(f"2026-03-02 {hour}:00", who=who, now=local("2026-03-02 08:00"))
            for who, hour in ((1, "09"), (2, "14"))
        ]


class TestMorning:
    def test_goes_from_a_walk_in_to_a_day_without_okafor(
        self, clinic: Flask, person: Person, day: list[Visit]
    ) -> None:
        page = given_the_desk_signed_in(person)
        # somebody comes without a visit
        page.get_by_label("Given and family name").fill("Nora Newman")
        page.get_by_label("Date of birth").fill("3/14/1984")
        page.get_by_label("What for").select_option("Evaluation")
        page.get_by_role("button", name="Next free time, and here").click()
        expect(page.get_by_role("status").first).to_contain_text("Nora Newman: Arrived.")
        assert_accessible(page)
        # Pat1 leaves, and takes the next visit along
        nine = page.locator(f"#v-{day[0].public_id}")
        nine.locator("summary").click()
        nine.get_by_role("button", name="Finish Pat1").click()
        page.get_by_role("link", name="Book the next visit").click()
        expect(page.get_by_role("heading", name="Same time, a week later")).to_be_visible()
        assert_accessible(page)
        page.get_by_role("button", name="Mon, Mar 9, 9:00 AM").click()
        expect(page.get_by_role("status").first).to_contain_text("Mon, Mar 9, 9:00 AM")
        # Okafor is ill: Pat2 is moved to Santos at the same time
        page.goto("/desk/away?practitioner=okafor&date=2026-03-02")
        assert_accessible(page)
        page.get_by_role("button", name="Block the day and do all this").click()
        expect(page.get_by_role("status")).to_contain_text("done.")
        assert_accessible(page)
        with clinic.app_context():
            moved = get_visit(day[1].public_id)
        assert (moved.practitioner, moved.starts_at) == ("santos", day[1].starts_at)
        # and the sheet on paper says so
        page.goto("/desk/day-sheet")
        expect(page.get_by_role("row", name="Pat2")).to_contain_text("Santos")
        assert_accessible(page)
