"""The public site and its writing in a real browser: readable, reachable, nothing sticks out."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.core.values import Role
from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import PASSWORD, hire
from tests.support.widths import at_a_desk, on_a_phone

Person = Callable[..., Page]
PATHS = (
    "/",
    "/conditions",
    "/conditions/buttock-pain",
    "/people",
    "/people/okafor",
    "/privacy",
    "/accessibility",
    "/payments/success",
)
WRITING = (
    "/desk/site",
    "/desk/site/new",
    "/desk/site/home/home",
    "/desk/site/condition/buttock-pain",
    "/desk/site/person/okafor",
)
NARROW = 320


@pytest.fixture
def manager(clinic: Flask) -> str:
    """The e-mail address of a manager."""
    with clinic.app_context():
        return hire(Role.ADMIN)


def given_a_manager_signed_in(person: Person, email: str, **more: object) -> Page:
    page = person(**more)
    page.goto("/desk/site")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Website")
    return page


def then_it_is_readable_and_fits(page: Page, path: str) -> None:
    page.goto(path)
    assert_accessible(page)
    size = page.viewport_size
    assert size is not None
    assert page.evaluate("document.documentElement.scrollWidth") <= size["width"], path
    page.set_viewport_size({"width": NARROW, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW, path
    page.set_viewport_size(size)


class TestReading:
    def test_is_for_everybody(self, person: Person) -> None:
        page = person()
        for path in PATHS:
            then_it_is_readable_and_fits(page, path)

    @on_a_phone
    def test_leads_from_what_hurts_to_a_time_without_scripts(self, person: Person) -> None:
        page = person(java_script_enabled=False)
        page.goto("/")
        page.get_by_role("link", name="Read: causes and treatment of buttock pain").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Buttock pain")
        page.get_by_role("link", name="What helps").click()
        expect(page).to_have_url(re.compile("#on-what-helps$"))
        page.locator("article").get_by_role("link", name="Book now").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Book a visit")

    @at_a_desk
    def test_leads_from_a_person_to_their_times_by_keyboard(self, person: Person) -> None:
        page = person()
        page.goto("/people/okafor")
        page.get_by_role("link", name="See all free times").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/book/eval?practitioner=okafor")

    @at_a_desk
    def test_breaks_no_rule_of_its_own_policy(self, person: Person) -> None:
        page = person()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto("/")
        page.wait_for_load_state("networkidle")
        assert said == []


class TestWriting:
    def test_is_for_everybody(self, person: Person, manager: str) -> None:
        page = given_a_manager_signed_in(person, manager)
        for path in WRITING:
            then_it_is_readable_and_fits(page, path)

    @at_a_desk
    def test_previews_then_saves_then_goes_back_without_scripts(
        self, person: Person, manager: str
    ) -> None:
        page = given_a_manager_signed_in(person, manager, java_script_enabled=False)
        page.get_by_role("link", name="Buttock pain", exact=False).first.click()
        page.get_by_label("Title").fill("Pain in the seat")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_text("Preview, not saved yet")).to_be_visible()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("status")).to_have_text("Saved. Visitors read it now.")
        page.get_by_role("button", name="Back to what ships").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("causes and treatment")
        page.get_by_role("link", name="1. Saved").click()
        assert_version_is_shown(page)


def assert_version_is_shown(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text("version 1")
    expect(page.get_by_text("Pain in the seat")).to_be_visible()
