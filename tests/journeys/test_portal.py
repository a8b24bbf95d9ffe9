"""A patient signs in by code on a phone, books for a child, and comes back."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.integration.portal.family import settle
from tests.integration.portal.test_contact import codes as contact_codes
from tests.journeys.conftest import MONDAY_TEN
from tests.support.accessibility import assert_accessible
from tests.support.codes import sent_codes
from tests.support.widths import on_a_phone

WEEK = "/book/eval?practitioner=okafor&location=main&week=2026-03-02"
Person = Callable[..., Page]


@pytest.fixture
def family(clinic: Flask) -> Flask:
    """The clinic with Ana and her children in its records."""
    with clinic.app_context():
        settle()
    return clinic


def given_a_held_time(page: Page) -> None:
    page.goto(WEEK)
    page.locator("#day-2026-03-05").get_by_role("button", name="2:00 PM", exact=True).click()
    then_they_read(page, "Your details")


def when_they_type_a_date(page: Page, legend: str, *parts: str) -> None:
    group = page.get_by_role("group", name=legend)
    for label, typed in zip(("Month", "Day", "Year"), parts, strict=True):
        group.get_by_label(label, exact=True).fill(typed)


def when_they_sign_in(app: Flask, page: Page) -> None:
    page.get_by_label("E-mail address").fill("ana@example.com")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your e-mail")
    then_it_is_for_everybody(page)
    page.get_by_label("Code", exact=True).fill(sent_codes(app, at=MONDAY_TEN)[-1])
    when_they_type_a_date(page, "Your date of birth", "3", "14", "1984")
    page.get_by_role("button", name="Sign in", exact=True).click()


def then_they_read(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def then_it_is_for_everybody(page: Page) -> None:
    assert_accessible(page)
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


class TestPortal:
    def test_opens_to_a_code_and_shows_the_family(self, family: Flask, person: Person) -> None:
        page = person()
        page.goto("/portal")
        then_it_is_for_everybody(page)
        when_they_sign_in(family, page)
        then_they_read(page, "Your visits")
        then_it_is_for_everybody(page)
        page.get_by_role("link", name="Leo Beltran").click()
        then_they_read(page, "Visits of Leo")
        page.get_by_role("link", name="Everything we keep").click()
        then_they_read(page, "Everything we keep of Leo Beltran")
        then_it_is_for_everybody(page)
        page.get_by_role("link", name="Back to the visits").click()
        page.get_by_role("button", name="Sign out", exact=True).click()
        then_they_read(page, "Your visits: sign in")


class TestContact:
    @on_a_phone
    def test_a_new_address_is_proven_without_a_script(self, family: Flask, person: Person) -> None:
        page = person(java_script_enabled=False)
        page.goto("/portal")
        page.get_by_label("E-mail address").fill("ana@example.com")
        page.get_by_role("button", name="Send me a code").click()
        then_they_read(page, "Look into your e-mail")
        page.get_by_label("Code", exact=True).fill(sent_codes(family, at=MONDAY_TEN)[-1])
        when_they_type_a_date(page, "Your date of birth", "3", "14", "1984")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("link", name="Change e-mail address or phone").click()
        page.get_by_label("E-mail address").fill("ana.new@example.com")
        page.get_by_role("button", name="Save").click()
        then_they_read(page, "Type both codes")
        sent = contact_codes(family)
        page.get_by_label("Code from the new address").fill(sent["new_code"])
        page.get_by_role("button", name="Use the new address").click()
        expect(page.locator(".error-summary")).to_be_visible()
        page.get_by_label("Code from your present address").fill(sent["old_code"])
        page.get_by_role("button", name="Use the new address").click()
        then_they_read(page, "How we reach you")
        expect(page.get_by_role("status")).to_contain_text("Your e-mail address was changed.")

    def test_its_pages_are_for_everybody(self, family: Flask, person: Person) -> None:
        page = person()
        page.goto("/portal/contact")
        when_they_sign_in(family, page)
        then_it_is_for_everybody(page)
        page.get_by_label("E-mail address").fill("ana.new@example.com")
        page.get_by_role("button", name="Save").click()
        then_they_read(page, "Type both codes")
        then_it_is_for_everybody(page)
        page.get_by_role("button", name="Use the new address").click()
        expect(page.locator(".error-summary")).to_be_visible()
        then_it_is_for_everybody(page)


class TestBooking:
    @on_a_phone
    def test_a_child_is_booked_for_without_a_script(self, family: Flask, person: Person) -> None:
        page = person(java_script_enabled=False)
        given_a_held_time(page)
        page.get_by_role("link", name="For a child").click()
        page.get_by_label("The child’s given name").fill("Noa")
        page.get_by_label("The child’s family name").fill("Beltran")
        when_they_type_a_date(page, "The child’s date of birth", "4", "2", "2014")
        page.get_by_label("Your own name").fill("Ben Beltran")
        page.get_by_label("Parent", exact=True).check()
        page.get_by_label("Your e-mail address").fill("ben@example.com")
        page.get_by_role("button", name="Book this visit").click()
        expect(page.locator(".error-summary")).to_contain_text("Enter your own date of birth.")
        when_they_type_a_date(page, "Your own date of birth", "7", "1", "1982")
        page.get_by_role("button", name="Book this visit").click()
        then_they_read(page, "Your visit is booked.")

    @on_a_phone
    def test_who_was_here_before_types_nothing_twice(self, family: Flask, person: Person) -> None:
        page = person()
        given_a_held_time(page)
        held = page.url
        page.get_by_role("link", name="Sign in with a code").click()
        when_they_sign_in(family, page)
        expect(page).to_have_url(held)
        then_it_is_for_everybody(page)
        page.get_by_label("Mia Beltran").check()
        page.get_by_role("button", name="Book this visit").click()
        then_they_read(page, "Your visit is booked.")

    @on_a_phone
    def test_it_fits_the_narrowest_screen(self, family: Flask, person: Person) -> None:
        page = person()
        page.set_viewport_size({"width": 320, "height": 800})
        given_a_held_time(page)
        page.get_by_role("link", name="For a child").click()
        then_it_is_for_everybody(page)
        page.goto("/portal")
        when_they_sign_in(family, page)
        then_it_is_for_everybody(page)
