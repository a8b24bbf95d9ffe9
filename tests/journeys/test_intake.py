"""Patients fill in their forms on a phone: whole, interrupted, for a child, at the desk, bare."""

import re
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select, text

from clinic.core.db import db
from clinic.core.values import SYSTEM
from clinic.intake.library import definition
from clinic.intake.models import Signature
from clinic.intake.operations.links import make_kiosk_code
from clinic.intake.queries.responses import answers_of, get_assigned
from clinic.people.models import Patient
from tests.integration.intake.conftest import new_link
from tests.integration.intake.ground import NOW, add_patient, ask, publish, small_form
from tests.integration.intake.signing import signed_form
from tests.integration.portal.family import settle
from tests.journeys.test_portal import when_they_sign_in
from tests.support.accessibility import assert_accessible
from tests.support.answering import check_none_of_these

Person = Callable[..., Page]
BORN = ("5", "4", "1985")


@pytest.fixture
def width() -> int:
    """Forms are filled in on phones."""
    return 390


def given_a_form(
    app: Flask, *, name: str = "small", born: date = date(1985, 5, 4), is_signed: bool = False
) -> str:
    with app.app_context():
        small = signed_form("small") if is_signed else small_form()
        publish(small if name == "small" else definition(name=name))
        patient = add_patient(born=born)
        ask(patient, slug=name)
        return patient


def a_link(app: Flask, patient: str) -> str:
    with app.app_context():
        return f"/intake/{new_link(patient)}"


def when_they_prove_the_birth_date(page: Page, *parts: str) -> None:
    group = page.get_by_role("group", name="date of birth")
    for label, typed in zip(("Month", "Day", "Year"), parts, strict=True):
        group.get_by_label(label, exact=True).fill(typed)
    page.get_by_role("button", name="Open", exact=True).click()


def then_it_is_for_everybody(page: Page) -> None:
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def then_they_read(page: Page, heading: str | re.Pattern[str]) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)


def when_they_open_the_form(page: Page, title: str = "Small form") -> None:
    page.get_by_role("link", name=title).click()
    page.get_by_role("link", name="Continue").click()


def when_they_answer_everything(page: Page) -> None:
    page.get_by_role("radio", name="Yes").check()
    where = page.get_by_label("What about where?")
    if not where.is_visible():  # without a script it comes with the next page
        page.get_by_role("button", name="Save and continue", exact=True).last.click()
    where.fill("left hip")
    page.get_by_role("button", name="Save and continue", exact=True).last.click()
    then_they_read(page, "Part second")
    page.get_by_label("What about much?").fill("0")
    page.get_by_role("button", name="Save and continue", exact=True).last.click()


class TestFormOnAPhone:
    @pytest.mark.parametrize("scripts", [True, False], ids=["script", "bare"])
    def test_is_filled_in_and_sent(self, clinic: Flask, person: Person, scripts: bool) -> None:
        patient = given_a_form(clinic)
        page = person(java_script_enabled=scripts)
        page.goto(a_link(clinic, patient))
        when_they_prove_the_birth_date(page, *BORN)
        then_they_read(page, "Your forms")
        when_they_open_the_form(page)
        if scripts:
            then_it_is_for_everybody(page)
        page.get_by_role("button", name="Save and continue", exact=True).last.click()
        expect(page.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
        if scripts:
            then_it_is_for_everybody(page)
        when_they_answer_everything(page)
        then_they_read(page, "Check your answers")
        if scripts:
            then_it_is_for_everybody(page)
        page.get_by_role("button", name="Send my answers").click()
        then_they_read(page, "Thank you. We have your answers.")
        page.go_back()
        expect(page.get_by_role("button", name="Send my answers")).to_have_count(0)

    def test_loses_nothing_to_a_bad_network_nor_when_the_browser_is_killed_while_typing(
        self, clinic: Flask, person: Person
    ) -> None:  # F8, F3
        patient = given_a_form(clinic)
        phone = person()
        phone.goto(a_link(clinic, patient))
        when_they_prove_the_birth_date(phone, *BORN)
        when_they_open_the_form(phone)
        # a save that fails keeps what was answered on the page, says so, and is tried again
        phone.route("**/intake/forms/**", lambda route: route.abort())
        phone.get_by_role("radio", name="Yes").check()
        expect(phone.locator("#unsaved")).to_be_visible()
        then_it_is_for_everybody(phone)
        phone.unroute("**/intake/forms/**")
        expect(phone.locator("#unsaved")).to_be_hidden()
        expect(phone.get_by_role("radio", name="Yes")).to_be_checked()
        # what was typed goes on in another browser
        phone.get_by_label("What about where?").fill("behind the left knee")
        expect(phone.locator("#said")).to_contain_text("Saved at")
        expect(phone.locator("input[name=base]")).not_to_have_value(re.compile("^[01]$"))
        phone.context.close()
        laptop = person()
        laptop.goto(a_link(clinic, patient))
        when_they_prove_the_birth_date(laptop, *BORN)
        laptop.get_by_role("link", name="Small form").click()
        laptop.get_by_role("link", name="Part first").click()
        expect(laptop.get_by_label("What about where?")).to_have_value("behind the left knee")
        # a session that ended while somebody typed asks for the birth date, and saves then
        with clinic.app_context(), db.engine.begin() as connection:
            connection.execute(text("UPDATE form_sessions SET last_seen_at = 0"))
        laptop.get_by_label("What about where?").fill("behind both knees")
        expect(laptop.locator("#unsaved")).to_contain_text("You were away for a while")
        laptop.get_by_role("button", name="Save and continue", exact=True).last.click()
        then_they_read(laptop, "Enter the date of birth once more")
        group = laptop.get_by_role("group", name="date of birth")
        for label, typed in zip(("Month", "Day", "Year"), BORN, strict=True):
            group.get_by_label(label, exact=True).fill(typed)
        laptop.get_by_role("button", name="Save and go on").click()
        then_they_read(laptop, "Part second")
        laptop.get_by_role("link", name="Back", exact=True).click()
        expect(laptop.get_by_label("What about where?")).to_have_value("behind both knees")

    def test_takes_pain_from_the_drawing_and_from_the_list(
        self, clinic: Flask, person: Person
    ) -> None:
        patient = given_a_form(clinic, name="symptoms")
        page = person()
        page.goto(a_link(clinic, patient))
        when_they_prove_the_birth_date(page, *BORN)
        when_they_open_the_form(page, "Your pain: before your visit")
        then_it_is_for_everybody(page)
        check_none_of_these(page)
        page.get_by_role("radio", name="No", exact=True).first.check()
        page.get_by_role("button", name="Save and continue", exact=True).last.click()
        then_they_read(page, "Where you feel it")
        zone = page.locator(".fig-seat g[data-code=buttock-mid][data-side=right]")
        zone.dispatch_event("click")
        box = page.get_by_role("checkbox", name="Middle of the buttock").first
        expect(box).to_be_checked()
        expect(zone).to_have_class(re.compile(r"\bon\b"))
        section = page.locator("section").filter(
            has=page.get_by_role("heading", name="Middle of the buttock")
        )
        expect(section.get_by_role("radio", name="Right")).to_be_checked()
        then_it_is_for_everybody(page)
        box.uncheck()
        expect(zone).not_to_have_class(re.compile(r"\bon\b"))


class TestFamily:
    def test_signed_out_while_typing_signs_in_beside_it_and_goes_on(
        self, clinic: Flask, person: Person
    ) -> None:
        with clinic.app_context():
            settle()
            publish(small_form())
            ana = db.session.scalars(select(Patient).where(Patient.given_name == "Ana")).one()
            assignment = ask(ana.public_id)
        page = person()
        page.goto(f"/portal/sign-in?next=/intake/forms/{assignment}/1")
        when_they_sign_in(clinic, page)
        page.get_by_role("radio", name="Yes").check()
        expect(page.locator("input[name=base]")).to_have_value("1")
        with clinic.app_context(), db.engine.begin() as connection:
            connection.execute(text("DELETE FROM patient_sessions"))
        page.get_by_label("What about where?").fill("left hip")
        expect(page.locator("#unsaved")).to_contain_text("You were signed out")
        then_it_is_for_everybody(page)
        with page.expect_response(lambda answer: answer.request.resource_type == "fetch"):
            page.get_by_role("button", name="Save and continue", exact=True).last.click()
        expect(page.get_by_label("What about where?")).to_have_value("left hip")
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="Sign in in another tab").click()
        when_they_sign_in(clinic, opened.value)
        then_they_read(opened.value, "Your visits")
        opened.value.close()
        page.get_by_role("button", name="Save and continue", exact=True).last.click()
        then_they_read(page, "Part second")
        with clinic.app_context():
            response = get_assigned(public_id=assignment).response
            assert response is not None
            assert answers_of(response)["where"] == [{"valueString": "left hip"}]


class TestChild:
    def test_has_forms_that_its_guardian_fills_in_and_signs(
        self, clinic: Flask, person: Person
    ) -> None:
        patient = given_a_form(clinic, born=date(2015, 6, 1), is_signed=True)
        page = person()
        page.goto(a_link(clinic, patient))
        when_they_prove_the_birth_date(page, "6", "1", "2015")
        page.get_by_role("link", name="Small form").click()
        then_they_read(page, "Who fills in the forms of Ana?")
        then_it_is_for_everybody(page)
        page.get_by_label("Your own name").fill("Eva Ruiz")
        page.get_by_role("radio", name="I am a parent").check()
        page.get_by_role("button", name="Continue").click()
        when_they_open_the_form(page)
        then_they_read(page, "Part treatment")
        page.get_by_role("radio", name="Yes").check()
        page.get_by_role("button", name="Save and continue", exact=True).last.click()
        then_they_read(page, "Part telehealth")
        page.get_by_role("button", name="Save and continue", exact=True).last.click()
        then_they_read(page, "Check your answers")
        page.get_by_role("button", name="Sign and send").click()
        expect(page.get_by_role("alert").filter(has_text="There is a problem")).to_be_visible()
        page.get_by_label("Your full name").fill("Eva Ruiz")
        page.get_by_role("checkbox", name="I sign this form").check()
        then_it_is_for_everybody(page)
        page.get_by_role("button", name="Sign and send").click()
        then_they_read(page, "Thank you. We have your answers.")
        with clinic.app_context():
            row = db.session.query(Signature).one()
            assert (row.signer, row.source) == ("Eva Ruiz", "guardian")


class TestTablet:
    def test_is_opened_by_the_desks_code_and_locks_itself(
        self, clinic: Flask, person: Person
    ) -> None:
        patient = given_a_form(clinic)
        with clinic.app_context():
            code = make_kiosk_code(patient=patient, is_helped=True, actor=SYSTEM, now=NOW)
        page = person()
        page.goto("/intake/kiosk")
        then_it_is_for_everybody(page)
        page.get_by_label("Code from the desk").fill(code)
        when_they_prove_the_birth_date(page, *BORN)
        then_they_read(page, "Your forms")
        when_they_open_the_form(page)
        page.get_by_role("radio", name="No", exact=True).check()
        page.get_by_role("button", name="Save and continue", exact=True).last.click()
        then_they_read(page, "Part second")
        path = page.url
        page.get_by_role("button", name="Finish and lock the tablet").click()
        then_they_read(page, "Fill in your forms here")
        page.goto(path)
        then_they_read(page, "Fill in your forms here")
        with clinic.app_context():
            assignment = path.rstrip("/").split("/")[-2]
            response = get_assigned(public_id=assignment).response
            assert response is not None
            assert "hurts" in answers_of(response)
