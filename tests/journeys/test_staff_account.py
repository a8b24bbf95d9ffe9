"""Somebody begins to work here: a link, a password, an app; later a second browser, shown out."""

from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime

import pyotp
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.core.values import SYSTEM, Role
from clinic.people.operations import create_staff
from tests.journeys.conftest import MONDAY_TEN
from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import PASSWORD, hire
from tests.support.widths import at_a_desk, on_a_phone

Person = Callable[..., Page]
EMAIL = "robin@example.com"


def given_an_invitation(app: Flask) -> str:
    with app.app_context():
        token = create_staff(
            email=EMAIL, name="Robin Vale", role=Role.CLINICIAN, actor=SYSTEM, now=MONDAY_TEN
        )
    return f"/set-up/{token}"


def clock_of(page: Page) -> datetime:
    """The server's time."""
    return parsedate_to_datetime(page.request.get("/healthz").headers["date"])


def give_password(page: Page) -> None:
    page.goto("/sign-in?next=/account")
    page.get_by_label("E-mail address").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


class TestStaffAccount:
    @on_a_phone
    def test_begins_with_a_link_and_an_app(self, clinic: Flask, person: Person) -> None:
        # given somebody who was invited
        page = person()
        page.goto(given_an_invitation(clinic))
        assert_accessible(page)
        # when they choose a password and sign in with it
        page.get_by_label("New password").fill(PASSWORD)
        page.get_by_role("button", name="Keep this password").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Staff sign-in")
        assert_accessible(page)
        give_password(page)
        assert_accessible(page)
        # and set up an app, of which they type the key
        page.get_by_role("link", name="Set up an app").click()
        assert_accessible(page)
        page.get_by_role("button", name="Set up an app").click()
        assert_accessible(page)
        app = pyotp.TOTP(page.locator(".key").inner_text().replace(" ", ""))
        code = page.get_by_role("textbox", name="Code")
        code.fill("000000")
        page.get_by_role("button", name="Take it into use").click()
        expect(page.get_by_role("alert")).to_contain_text("This code is not right")
        assert_accessible(page)
        code.fill(app.at(clock_of(page)))
        page.get_by_role("button", name="Take it into use").click()
        expect(page.locator(".codes li")).to_have_count(10)
        assert_accessible(page)
        recovery = page.locator(".codes li").first.inner_text()
        page.get_by_role("link", name="I have kept them").click()
        # then another browser needs the app, or a code from paper
        other = person()
        give_password(other)
        expect(other.get_by_role("heading", level=1)).to_have_text("Enter the code of your app")
        assert_accessible(other)
        other.get_by_role("link", name="Use a recovery code instead").click()
        assert_accessible(other)
        other.get_by_label("Recovery code").fill(recovery)
        other.get_by_role("button", name="Sign in").click()
        expect(other.get_by_role("heading", level=1)).to_have_text("Your account")
        # and is shown out from the first
        page.reload()
        page.get_by_role("button", name="Sign out Chrome").click()
        expect(page.get_by_role("status")).to_contain_text("That browser was signed out.")
        assert_accessible(page)
        other.reload()
        expect(other.get_by_role("heading", level=1)).to_have_text("Staff sign-in")

    @at_a_desk
    def test_is_looked_after_without_scripts(self, clinic: Flask, person: Person) -> None:
        with clinic.app_context():
            manager = hire(Role.ADMIN)
        page = person(java_script_enabled=False)
        page.goto("/sign-in?next=/desk/staff")
        page.get_by_label("E-mail address").fill(manager)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("link", name="Invite somebody").click()
        page.get_by_label("Name").fill("Robin Vale")
        page.get_by_label("E-mail address").fill(EMAIL)
        page.get_by_role("button", name="Send the invitation").click()
        expect(page.locator(".key")).to_contain_text("/set-up/")
        page.get_by_role("link", name="Back to staff").click()
        page.get_by_role("link", name="Robin Vale").click()
        page.get_by_role("button", name="Close the account").click()
        expect(page.get_by_role("status")).to_contain_text("The account is closed.")

    def test_is_readable_for_managers(self, clinic: Flask, person: Person, width: int) -> None:
        with clinic.app_context():
            manager = hire(Role.ADMIN)
        page = person(color_scheme="dark")
        page.goto("/sign-in?next=/desk/staff")
        page.get_by_label("E-mail address").fill(manager)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/desk/staff")
        one = page.locator(".staff a").first.get_attribute("href")
        for path in ("/desk/staff", "/desk/staff/new", str(one), "/account", "/account/password"):
            page.goto(path)
            assert_accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
