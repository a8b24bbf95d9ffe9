"""A patient buys an analysis, is measured, and reads the report; the lab and the desk beside it."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.core.values import SYSTEM, Role
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file
from clinic.web.pdf import render_pdf
from tests.integration.payments.conftest import CLINIC
from tests.journeys.conftest import MONDAY_TEN
from tests.support.accessibility import assert_accessible
from tests.support.codes import sent_codes
from tests.support.page_clinic import PASSWORD, hire
from tests.support.server import Server
from tests.support.stripe_double import Double, running_double
from tests.support.widths import on_a_phone
from tests.unit.web.test_pdf import MADE, data

Person = Callable[..., Page]


@pytest.fixture
def clinic(app: Flask) -> Flask:
    """A clinic that sells an analysis, with its lab and its desk."""
    with app.app_context():
        load_clinic(file=read_clinic_file(data=CLINIC.encode()), actor=SYSTEM, now=MONDAY_TEN)
        for role in (Role.FRONT_DESK, Role.GAIT_LAB):
            hire(role)
    return app


@pytest.fixture
def double() -> Iterator[Double]:
    """The payment service, by the clinic's clock."""
    with running_double() as running:
        began = time.time()
        running.state.clock = lambda: MONDAY_TEN.timestamp() + time.time() - began
        yield running


@pytest.fixture
def served(clinic: Flask, double: Double, start_server: Callable[..., Server]) -> Server:
    """The clinic on that Monday, told how it is paid."""
    return start_server(starting_at=MONDAY_TEN, **double.settings)


def when_they_come_to_buy(page: Page) -> None:
    page.goto("/")
    assert_accessible(page)
    page.get_by_role("link", name="Buy now: 3D gait").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3D gait analysis")
    assert_accessible(page)
    page.get_by_role("link", name="Buy now: 3D gait analysis").click()


def when_they_choose_a_time_before_paying(page: Page) -> None:
    page.get_by_role("link", name="Choose a lab time now").click()
    assert_accessible(page)
    page.get_by_role("button", name="2:00 PM").first.click()
    expect(page.get_by_text("Held for you for 35 minutes")).to_be_visible()


def when_they_fill_in_the_form(page: Page) -> None:
    page.get_by_role("button", name="Go on to pay $350").click()
    expect(page.get_by_role("heading", name="There is a problem")).to_be_visible()
    assert_accessible(page)
    when_they_say_who_comes(page)


def when_they_say_who_comes(page: Page) -> None:
    page.get_by_label("Given name").fill("Ada")
    page.get_by_label("Family name").fill("Lovelace")
    for part, typed in (("Month", "2"), ("Day", "29"), ("Year", "1980")):
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_label("E-mail address").fill("ada@example.com")
    page.get_by_label("No, none of it").check()
    page.get_by_label("I have read what paying by credit card means").check()
    page.get_by_role("button", name="Go on to pay $350").click()


def when_they_pay(page: Page) -> None:
    page.get_by_role("button", name="Pay by card", exact=True).click()


def then_it_says(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    page.wait_for_load_state("load")
    assert_accessible(page)
    assert page.evaluate(
        "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    )


def when_staff_sign_in(page: Page, role: Role, path: str) -> None:
    page.goto(f"/sign-in?next={path}")
    page.get_by_label("E-mail address").fill(f"{role.value}@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{path}*")


def when_the_lab_releases_a_report(page: Page, order: str, folder: Path) -> None:
    report = folder / "report.pdf"
    report.write_bytes(render_pdf("receipt", data=data(), made_at=MADE))
    when_staff_sign_in(page, Role.GAIT_LAB, "/desk/orders")
    assert_accessible(page)
    page.goto(f"/desk/orders/{order}")
    assert_accessible(page)
    page.get_by_role("button", name="Recorded", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Marked as recorded.")
    page.get_by_label("Report, picture or file of the lab").set_input_files(report)
    page.get_by_role("button", name="Hand in").click()
    expect(page.get_by_role("status")).to_contain_text("The file is kept.")
    page.get_by_role("button", name="Release the report").click()
    expect(page.get_by_role("status")).to_contain_text("Released.")
    assert_accessible(page)


def when_they_sign_in(page: Page, app: Flask) -> None:
    page.get_by_label("E-mail address").fill("ada@example.com")
    page.get_by_role("button", name="Send").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Look into your e-mail")
    page.get_by_label("Code").fill(sent_codes(app, at=MONDAY_TEN)[-1])
    for part, typed in (("Month", "2"), ("Day", "29"), ("Year", "1980")):
        page.get_by_label(part, exact=True).fill(typed)
    page.get_by_role("button", name="Sign in").click()


class TestBuying:
    def test_leads_from_home_to_a_booked_lab_visit_and_a_released_report(
        self, clinic: Flask, person: Person, tmp_path: Path
    ) -> None:
        # given somebody who buys an analysis with a lab time
        page = person()
        when_they_come_to_buy(page)
        when_they_choose_a_time_before_paying(page)
        when_they_fill_in_the_form(page)
        # when they pay and come back
        when_they_pay(page)
        # then the lab is booked
        then_it_says(page, "Your lab time is booked.")
        expect(page.locator(".ticket")).to_contain_text("2:00 PM")
        page.goto(page.get_by_role("link", name="Cancel this order").get_attribute("href") or "")
        then_it_says(page, "Cancel this order?")
        page.go_back()
        order = (page.get_by_role("link", name="Cancel this order").get_attribute("href") or "")[
            len("/gait/orders/") :
        ].removesuffix("/cancel")
        # when the lab has recorded the visit and released its report
        when_the_lab_releases_a_report(person(), order, tmp_path)
        # then they read it, after they signed in
        page.goto(f"/gait/orders/{order}")
        then_it_says(page, "Your report is ready.")
        page.get_by_role("link", name="report.pdf").click()
        with page.expect_download() as loaded:
            when_they_sign_in(page, clinic)
        assert loaded.value.suggested_filename == "report.pdf"

    @on_a_phone
    def test_chooses_the_time_after_paying_without_scripts(self, person: Person) -> None:
        page = person(java_script_enabled=False)
        page.goto("/gait/buy/gait-3d")
        when_they_say_who_comes(page)
        when_they_pay(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Now choose your lab time.")
        page.get_by_role("link", name="See all lab times").click()
        page.locator("button.slot").nth(1).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your lab time is booked.")
