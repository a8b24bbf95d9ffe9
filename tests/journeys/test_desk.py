"""The front desk's day: sign in, see who comes, take their steps by hand and by key."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from tests.journeys.conftest import MONDAY_TEN
from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import KIM, PASSWORD, book, local

Person = Callable[..., Page]


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
    page.goto("/desk")
    page.get_by_label("E-mail address").fill("front_desk@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today Monday, March 2")
    if more.get("java_script_enabled", True):
        # The keys' legend is shown by the script once it listens.
        expect(page.locator("#keys")).not_to_have_attribute("hidden", "")
    return page


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
        expect(nine).to_contain_text("Late 60 min")
        nine.locator("summary").click()
        if scripts:
            assert_accessible(page)
        nine.get_by_role("button", name="No-show Pat1").click()
        # then the list says so
        expect(nine).to_contain_text("No-show")
        if scripts:
            assert_accessible(page)

    def test_cancels_with_a_reason(self, person: Person, day: list[Visit]) -> None:
        page = given_the_desk_signed_in(person)
        two = page.locator(f"#v-{day[2].public_id}")
        two.locator("summary").click()
        two.get_by_role("link", name="Cancel").click()
        assert_accessible(page)
        page.get_by_role("button", name="Cancel the visit").click()
        expect(page.get_by_role("alert")).to_contain_text("Enter a reason")
        page.get_by_label("Why is it cancelled?").fill("Called, has a cold")
        page.get_by_role("button", name="Cancel the visit").click()
        expect(two).to_contain_text("Cancelled")

    def test_says_why_a_day_is_empty(self, person: Person) -> None:
        page = given_the_desk_signed_in(person)
        page.goto("/desk?date=2026-03-10")
        expect(page.locator(".empty")).to_contain_text("Closed: Staff training.")
        assert_accessible(page)


class TestKeys:
    def test_work_the_list(self, person: Person, day: list[Visit]) -> None:
        page = given_the_desk_signed_in(person)
        nine, eleven = (page.locator(f"#v-{visit.public_id}") for visit in day[:2])
        page.keyboard.press("j")
        expect(nine).to_have_attribute("aria-current", "true")
        expect(nine).to_be_focused()
        page.keyboard.press("j")
        expect(eleven).to_be_focused()
        page.keyboard.press("a")
        expect(eleven).to_contain_text("Check in")
        expect(eleven).to_have_attribute("aria-current", "true")
        page.keyboard.press("u")
        expect(eleven.get_by_role("button", name="Arrived Pat2")).to_be_visible()

    def test_can_be_switched_off(self, person: Person, day: list[Visit]) -> None:
        page = given_the_desk_signed_in(person)
        if page.viewport_size and page.viewport_size["width"] < 1200:
            expect(page.locator("#keys")).to_be_hidden()
            return
        page.get_by_role("button", name="Keys").click()
        page.keyboard.press("j")
        expect(page.locator("tr[aria-current]")).to_have_count(0)


class TestCurrentList:
    def test_changes_by_itself_and_leaves_the_focus_alone(
        self, clinic: Flask, person: Person, day: list[Visit]
    ) -> None:
        page = person()
        page.clock.install()
        page.goto("/desk")
        page.get_by_label("E-mail address").fill("front_desk@example.com")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        eleven, two = (page.locator(f"#v-{visit.public_id}") for visit in day[1:])
        summary = two.locator("summary")
        summary.focus()
        summary.press("Enter")
        with clinic.app_context():
            take_step(public_id=day[1].public_id, action=Action.ARRIVE, actor=KIM, now=MONDAY_TEN)
        page.clock.fast_forward(21_000)
        expect(eleven.get_by_role("button", name="Check in Pat2")).to_be_visible()
        expect(two.locator("summary")).to_be_focused()
        expect(two.get_by_role("link", name="Cancel")).to_be_visible()
