"""The staff's pages that have no journey of their own: readable in both schemes, and they fit."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import Role
from clinic.people.models import Patient
from tests.integration.desk.test_merging import suggest
from tests.integration.portal.family import settle
from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import PASSWORD, hire
from tests.support.widths import at_a_desk

Person = Callable[..., Page]
NARROW = 320
TRAIL = ("/desk/audit", "/desk/audit?action=appointment.booked", "/desk/audit?to=2001-01-01")
DESK = (
    "/desk/messages",
    "/desk/messages/kinds",
    "/desk/messages/kinds/visit-reminder",
    "/desk/guardians",
    "/desk/reviews",
    "/desk/till",
    "/desk/numbers?from=2026-01-01&to=2026-12-31",
    "/desk/find?reference=NO-SUCH",
)
RECORDS = ("", "/visits", "/correct")
ACCOUNTS = ("/desk/staff", "/desk/staff/new", "/account", "/account/second-factor")


@pytest.fixture
def family(clinic: Flask) -> str:
    """A clinic with a family, its mails and its guardians, and a pair that may be one person.

    The e-mail address of a manager.
    """
    with clinic.app_context():
        settle()
        ana, zoe = (
            db.session.scalars(select(Patient.public_id).filter_by(given_name=name)).one()
            for name in ("Ana", "Zoe")
        )
        suggest(ana, zoe)
        return hire(Role.ADMIN)


def given_a_manager_signed_in(page: Page, email: str) -> None:
    page.goto("/sign-in?next=/desk/audit")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Audit trail")


def then_it_is_readable_and_fits(page: Page) -> None:
    assert_accessible(page)
    size = page.viewport_size
    assert size is not None
    for width in (size["width"], NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (page.url, width)
    page.set_viewport_size(size)


class TestStaffPages:
    def test_are_readable_and_fit(self, family: str, person: Person) -> None:
        page = person()
        given_a_manager_signed_in(page, family)
        for path in (*DESK, *ACCOUNTS, *TRAIL):
            page.goto(path)
            then_it_is_readable_and_fits(page)
        page.goto("/desk/messages")
        page.locator("td.sv a").last.click()
        then_it_is_readable_and_fits(page)

    def test_show_own_words_as_mail_before_they_are_kept(self, family: str, person: Person) -> None:
        page = person()
        given_a_manager_signed_in(page, family)
        page.goto("/desk/messages/kinds/visit-reminder")
        mail = page.frame_locator("iframe[name=as-mail]")
        expect(mail.get_by_role("heading", level=1)).to_have_text("We expect you soon")
        page.get_by_label("Own words, below the message").fill("Bring shoes, {name}.")
        page.get_by_role("button", name="See it as mail").click()
        expect(mail.get_by_text("Bring shoes, Sample Person.")).to_be_visible()
        expect(page.get_by_label("Own words, below the message")).to_have_value(
            "Bring shoes, {name}."
        )

    @at_a_desk
    def test_lead_from_the_day_to_a_record(self, family: str, person: Person) -> None:
        page = person()
        given_a_manager_signed_in(page, family)
        page.goto("/desk?date=2026-03-03")
        page.locator(".today .pt a").first.click()
        expect(page.get_by_role("heading", name="Contact")).to_be_visible()
        record = page.url
        for more in RECORDS:
            page.goto(record + more)
            then_it_is_readable_and_fits(page)

        page.goto("/desk/duplicates")
        then_it_is_readable_and_fits(page)
        page.get_by_role("link", name="Compare").first.click()
        then_it_is_readable_and_fits(page)
        page.get_by_role("button", name="Make one record").click()
        expect(page.get_by_text("was merged into this record")).to_be_visible()
        then_it_is_readable_and_fits(page)
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("heading", name="Contact")).to_be_visible()
        expect(page.get_by_text("was merged into this record")).to_have_count(0)
        page.goto(f"{record}/merge")
        then_it_is_readable_and_fits(page)

    @at_a_desk
    def test_lead_from_the_trail_to_patients_and_sessions(
        self, family: str, person: Person
    ) -> None:
        page = person()
        given_a_manager_signed_in(page, family)
        page.get_by_placeholder("Patient’s name").fill("Leo")
        page.get_by_role("button", name="Find a patient").click()
        then_it_is_readable_and_fits(page)
        page.get_by_role("link", name="Leo Beltran").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Audit trail: Leo Beltran")
        then_it_is_readable_and_fits(page)
        page.get_by_role("link", name="Session").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("A session of")
        then_it_is_readable_and_fits(page)
