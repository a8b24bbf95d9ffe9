"""The front desk's day: sign in, see who comes, take their steps by hand and by key."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from tests.journeys.conftest import MONDAY_TEN
from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import KIM, PASSWORD, book, local
from tests.support.widths import at_a_desk

Person = Callable[..., Page]
DESK_IS_WIDE = 1200
LATE_AN_HOUR = re.compile("Late 6[0-9] min")  # the clock runs on while the pages come


@pytest.fixture
def day(clinic: Flask) -> list[Visit]:
    """Three visits of Monday: at nine, who did not come; at eleven and at two."""
    with clinic.app_context():
        return [
            book(f"2026-03-02 {hour}:00", who=who, now=local("2026-03-02 08:00"))
            for who, hour in ((1, "09"), (2, "11"), (3, "14"))
        ]


def given_the_desk_signed_in(person: Person, **more: bool) -> Page:
    page = person(**more)
    when_they_sign_in(page)
    if more.get("java_script_enabled", True):
        then_the_script_listens(page)
    return page


def given_the_desk_with_a_clock(person: Person) -> Page:
    """The desk signed in, its list's timer already running on a clock that can be moved on."""
    page = person()
    page.clock.install()
    when_they_sign_in(page)
    then_the_script_listens(page)
    return page


def when_they_sign_in(page: Page) -> None:
    page.goto("/desk")
    page.get_by_label("E-mail address").fill("front_desk@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today Monday, March 2")


def then_the_script_listens(page: Page) -> None:
    """The rows are there before the script is; it shows the keys' legend once it has begun."""
    expect(page.locator("#keys")).not_to_have_attribute("hidden", "")


def when_pat2_arrives_elsewhere(clinic: Flask, visit: Visit) -> None:
    with clinic.app_context():
        take_step(public_id=visit.public_id, action=Action.ARRIVE, actor=KIM, now=MONDAY_TEN)


class TestDay:
    @pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
    def test_takes_each_patient_through_the_steps(
        self, person: Person, day: list[Visit], scripts: bool
    ) -> None:
        page = given_the_desk_signed_in(person, java_script_enabled=scripts)
        nine, eleven = (page.locator(f"#v-{visit.public_id}") for visit in day[:2])
        if scripts:
            assert_accessible(page)
        # when the patient of eleven o'clock arrives and is checked in
        eleven.get_by_role("button", name="Arrived Pat2").click()
        expect(page.get_by_role("status")).to_contain_text("Pat2 Example: Arrived.")
        eleven.get_by_role("button", name="Check in Pat2").click()
        expect(eleven).to_contain_text("Checked in")
        # and that was the wrong one
        page.get_by_role("status").get_by_role("button", name="Undo").click()
        expect(eleven.get_by_role("button", name="Check in Pat2")).to_be_visible()
        # and who should have come at nine did not
        expect(nine).to_contain_text(LATE_AN_HOUR)
        nine.locator("summary").click()
        if scripts:
            assert_accessible(page)
        nine.get_by_role("button", name="No-show Pat1").click()
        # then the list says so
        expect(nine).to_contain_text("No-show")
        if scripts:
            assert_accessible(page)

    @at_a_desk
    def test_cancels_with_a_reason(self, person: Person, day: list[Visit]) -> None:
        page = given_the_desk_signed_in(person)
        two = page.locator(f"#v-{day[2].public_id}")
        two.locator("summary").click()
        two.get_by_role("link", name="Cancel").click()
        expect(page.get_by_label("Why is it cancelled?")).to_be_visible()
        assert_accessible(page)
        page.get_by_role("button", name="Cancel the visit").click()
        expect(page.get_by_role("alert")).to_contain_text("Enter a reason")
        page.get_by_label("Why is it cancelled?").fill("Called, has a cold")
        page.get_by_role("button", name="Cancel the visit").click()
        expect(two).to_contain_text("Cancelled")

    @at_a_desk
    def test_says_why_a_day_is_empty(self, person: Person) -> None:
        page = given_the_desk_signed_in(person)
        page.goto("/desk?date=2026-03-10")
        expect(page.locator(".empty")).to_contain_text("Closed: Staff training.")
        assert_accessible(page)


class TestLinks:
    @pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
    def test_open_behind_a_button_on_a_phone(
        self, person: Person, width: int, scripts: bool
    ) -> None:
        page = given_the_desk_signed_in(person, java_script_enabled=scripts)
        link = page.get_by_role("navigation", name="Desk").get_by_role("link", name="Today")
        if width < DESK_IS_WIDE:
            expect(link).not_to_be_visible()
            page.get_by_role("button", name="Menu").click()
            if scripts:
                assert_accessible(page)
        expect(link).to_be_visible()
        expect(link).to_have_attribute("aria-current", "page")


class TestKeys:
    @at_a_desk
    def test_work_the_list(self, person: Person, day: list[Visit]) -> None:
        page = given_the_desk_signed_in(person)
        nine, eleven = (page.locator(f"#v-{visit.public_id}") for visit in day[:2])
        page.keyboard.press("j")
        expect(nine).to_have_attribute("aria-current", "true")
        expect(nine).to_be_focused()
        page.keyboard.press("j")
        expect(eleven).to_be_focused()
        page.keyboard.press("a")
        # on the page that answers, the row is the chosen one again
        expect(page.get_by_role("status")).to_contain_text("Pat2 Example: Arrived.")
        then_the_script_listens(page)
        expect(eleven.get_by_role("button", name="Check in Pat2")).to_be_visible()
        expect(eleven).to_have_attribute("aria-current", "true")
        page.keyboard.press("u")
        expect(page.get_by_role("status")).to_contain_text("Pat2 Example: Booked.")
        expect(eleven.get_by_role("button", name="Arrived Pat2")).to_be_visible()

    @at_a_desk
    def test_can_be_switched_off(self, person: Person, day: list[Visit]) -> None:
        page = given_the_desk_signed_in(person)
        if page.viewport_size and page.viewport_size["width"] < 1200:
            expect(page.locator("#keys")).to_be_hidden()
            return
        page.get_by_role("button", name="Keys").click()
        expect(page.get_by_role("button", name="Keys")).to_have_attribute("aria-pressed", "false")
        page.keyboard.press("j")
        expect(page.locator("tr[aria-current]")).to_have_count(0)


class TestCurrentList:
    @at_a_desk
    def test_changes_by_itself_and_leaves_the_focus_alone(
        self, clinic: Flask, person: Person, day: list[Visit]
    ) -> None:
        page = given_the_desk_with_a_clock(person)
        eleven, two = (page.locator(f"#v-{visit.public_id}") for visit in day[1:])
        summary = two.locator("summary")
        summary.focus()
        summary.press("Enter")
        expect(two.get_by_role("link", name="Cancel")).to_be_visible()
        when_pat2_arrives_elsewhere(clinic, day[1])
        page.clock.fast_forward(21_000)
        expect(eleven.get_by_role("button", name="Check in Pat2")).to_be_visible()
        expect(two.locator("summary")).to_be_focused()
        expect(two.get_by_role("link", name="Cancel")).to_be_visible()

    @at_a_desk
    def test_is_not_set_back_by_an_answer_that_comes_late(
        self, clinic: Flask, person: Person, day: list[Visit]
    ) -> None:
        page = given_the_desk_with_a_clock(person)
        late: list[Route] = []

        def hold_the_first(route: Route) -> None:
            if late:
                route.continue_()
            else:
                late.append(route)

        # given a list asked for before Pat2 arrived, whose answer is on its way for long
        page.route("**/desk/list*", hold_the_first)
        with page.expect_request("**/desk/list*") as asking:
            page.clock.fast_forward(21_000)
        old = page.request.get(asking.value.url)
        when_pat2_arrives_elsewhere(clinic, day[1])
        # when the list asked for next is there first
        page.clock.fast_forward(21_000)
        check_in = page.locator(f"#v-{day[1].public_id}").get_by_role(
            "button", name="Check in Pat2"
        )
        expect(check_in).to_be_visible()
        # then the old one changes nothing any more
        late[0].fulfill(response=old)
        answer = asking.value.response()
        assert answer
        answer.finished()
        page.evaluate("() => new Promise(requestIdleCallback)")
        expect(check_in).to_be_visible()
