"""A receptionist's morning: book by phone, drag, stretch, block, by keys alone, and two at once."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.scheduling.queries.visits import Visit, get_visit
from tests.journeys.conftest import MONDAY_TEN
from tests.journeys.test_desk import given_the_desk_signed_in
from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import book, local

Person = Callable[..., Page]
MOST_KEYS = 6


@pytest.fixture
def width() -> int:
    """Dragging is for a desk; what a phone shows is in the tests of pages."""
    return 1280


@pytest.fixture
def day(clinic: Flask) -> list[Visit]:
    """Okafor's Monday: Pat1 at eleven, Pat2 at two."""
    with clinic.app_context():
        return [
            book(f"2026-03-02 {hour}:00", who=who, now=local("2026-03-02 08:00"))
            for who, hour in ((1, "11"), (2, "14"))
        ]


def now_of(clinic: Flask, visit: Visit) -> Visit:
    with clinic.app_context():
        return get_visit(visit.public_id)


def box(page: Page, visit: Visit) -> str:
    return f"#v-{visit.public_id}-okafor"


def drag(page: Page, visit: Visit, *, minutes: int, from_edge: bool = False) -> None:
    """Drag a visit, or its lower edge, by so many minutes."""
    area = page.locator(box(page, visit)).bounding_box()
    assert area is not None
    x, y = area["x"] + area["width"] / 2, area["y"] + (area["height"] - 3 if from_edge else 12)
    by = area["height"] / visit.minutes * minutes
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + by / 2, steps=3)
    page.mouse.move(x, y + by, steps=3)
    page.mouse.up()


class TestByPhone:
    def test_books_a_known_patient_at_the_next_free_time_with_few_keys(
        self, clinic: Flask, person: Person, day: list[Visit]
    ) -> None:
        page = given_the_desk_signed_in(person)
        page.keyboard.press("b")
        expect(page.get_by_label("Who is it?")).to_be_focused()
        assert_accessible(page)
        page.keyboard.type("exmaple pat2")  # with a slip
        expect(page.locator(".panel-found a").first).to_contain_text("Pat2 Example")
        assert_accessible(page)
        keys = 0
        for key, until in (("Enter", "Book for Pat2 Example"), ("Enter", "Book a visit")):
            page.keyboard.press(key)
            keys += 1
            expect(page.get_by_role("heading", level=1)).to_have_text(until)
            assert_accessible(page)
        expect(page.get_by_role("status").first).to_contain_text(
            "Pat2 Example is booked: Mon, Mar 2, 12:00 PM, Evaluation with Okafor."
        )
        assert keys <= MOST_KEYS


class TestDragging:
    def test_moves_stretches_and_is_refused_in_place(
        self, clinic: Flask, person: Person, day: list[Visit]
    ) -> None:
        page = given_the_desk_signed_in(person)
        page.goto("/desk/calendar")
        assert_accessible(page)
        drag(page, day[0], minutes=60)
        expect(page.locator(box(page, day[0]))).to_contain_text("12:00 PM")
        assert now_of(clinic, day[0]).starts_at == local("2026-03-02 12:00")
        drag(page, day[0], minutes=30, from_edge=True)
        expect(page.locator(box(page, day[0]))).to_have_attribute("data-minutes", "90")
        # when it is dropped on somebody else's time, it is where it was, and the page says why
        drag(page, day[0], minutes=90)
        refusal = page.get_by_role("alert")
        expect(refusal).to_contain_text("Okafor has “Evaluation” 2:00 PM–3:00 PM.")
        assert_accessible(page)
        expect(page.locator(box(page, day[0]))).to_contain_text("12:00 PM")
        assert now_of(clinic, day[0]).minutes == 90
        # and with a reason it is moved all the same
        refusal.get_by_label("Move it all the same, because").fill("The two share the exercise")
        refusal.get_by_role("button", name="Move with this reason").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Pat1 Example")
        assert_accessible(page)
        assert now_of(clinic, day[0]).override_by == "Kim Torres"

    def test_is_taken_back_by_button_and_by_key(
        self, clinic: Flask, person: Person, day: list[Visit]
    ) -> None:
        page = given_the_desk_signed_in(person)
        page.goto("/desk/calendar")
        drag(page, day[0], minutes=60)
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("status")).to_contain_text("The visit is as it was.")
        assert now_of(clinic, day[0]).starts_at == day[0].starts_at
        expect(page.locator(box(page, day[0]))).to_contain_text("11:00 AM")
        drag(page, day[0], minutes=30, from_edge=True)
        expect(page.locator(box(page, day[0]))).to_have_attribute("data-minutes", "90")
        assert_accessible(page)
        page.keyboard.press("u")
        expect(page.locator(box(page, day[0]))).to_have_attribute("data-minutes", "60")
        assert now_of(clinic, day[0]).version == day[0].version + 4

    def test_blocks_lunch_with_two_clicks(self, person: Person, day: list[Visit]) -> None:
        page = given_the_desk_signed_in(person)
        page.goto("/desk/calendar")
        column = page.locator(".pc", has_text="Dana Okafor")
        start = page.locator(box(page, day[0])).bounding_box()
        assert start is not None
        page.mouse.click(start["x"] + 40, start["y"] + start["height"] + 14)  # a little past noon
        page.get_by_role("button", name="Lunch, 1 hour").click()
        expect(column.get_by_role("link", name="Lunch")).to_be_visible()


class TestByKeysAlone:
    def test_moves_a_visit_from_the_calendar(
        self, clinic: Flask, person: Person, day: list[Visit]
    ) -> None:
        page = given_the_desk_signed_in(person)
        page.goto("/desk/calendar")
        page.locator(box(page, day[0])).focus()
        page.keyboard.press("ArrowDown")
        expect(page.locator(box(page, day[1]))).to_be_focused()
        page.keyboard.press("m")
        time = page.get_by_label("Time", exact=True)
        expect(time).to_be_visible()
        assert_accessible(page)
        time.focus()
        page.keyboard.type("0330PM")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Moved to Mon, Mar 2, 3:30 PM.")
        assert now_of(clinic, day[1]).starts_at == local("2026-03-02 15:30")


class TestTwoAtOnce:
    def test_see_each_other_and_do_not_overwrite(
        self, clinic: Flask, person: Person, day: list[Visit]
    ) -> None:
        assert now_of(clinic, day[0]).starts_at > MONDAY_TEN
        one, other = given_the_desk_signed_in(person), given_the_desk_signed_in(person)
        for page in (one, other):
            page.goto("/desk/calendar")
        # when the first moves a visit, the second sees it soon, focus untouched
        other.locator(box(other, day[1])).focus()
        drag(one, day[0], minutes=60)
        expect(other.locator(box(other, day[0]))).to_contain_text("Pat1 Example 12:00 PM")
        expect(other.locator(box(other, day[1]))).to_be_focused()
        # when both open it and the first is faster, the second is told and changes nothing
        for page in (one, other):
            page.goto(f"/desk/visits/{day[0].public_id}")
        for page, time in ((one, "13:00"), (other, "16:00")):
            page.get_by_label("Time", exact=True).fill(time)
        one.get_by_role("button", name="Move, or say why not").click()
        expect(one.get_by_role("status")).to_contain_text("Moved to")
        other.get_by_role("button", name="Move, or say why not").click()
        expect(other.get_by_role("alert")).to_contain_text("Somebody changed the visit of Pat1")
        assert now_of(clinic, day[0]).starts_at == local("2026-03-02 13:00")
