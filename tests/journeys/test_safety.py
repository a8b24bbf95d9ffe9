"""An answer that cannot wait: the patient learns what to do, a clinician reads it and clears it."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.core.values import Role
from tests.integration.intake.conftest import new_link
from tests.integration.intake.dangers import publish_symptoms
from tests.integration.intake.ground import add_patient, ask
from tests.support.accessibility import assert_accessible
from tests.support.answering import check_none_of_these
from tests.support.page_clinic import PASSWORD, hire

Person = Callable[..., Page]


def given_a_form(app: Flask) -> str:
    """Ana has the form about symptoms; answers the address that opens it."""
    with app.app_context():
        hire(Role.CLINICIAN)
        publish_symptoms()
        patient = add_patient()
        ask(patient, slug="symptoms")
        return f"/intake/{new_link(patient)}"


@pytest.fixture
def width() -> int:
    """Forms are filled in on phones, and the queue is worked on them too."""
    return 390


def when_she_tells_of_a_weak_leg(page: Page, address: str, *, by_button: bool) -> None:
    page.goto(address)
    group = page.get_by_role("group", name="date of birth")
    for label, typed in (("Month", "5"), ("Day", "4"), ("Year", "1985")):
        group.get_by_label(label, exact=True).fill(typed)
    page.get_by_role("button", name="Open", exact=True).click()
    page.get_by_role("link", name="Your pain").click()
    page.get_by_role("link", name="Continue").click()
    check_none_of_these(page)
    page.get_by_label("Yes, and it is getting worse").check()
    if by_button:  # with scripts the page is saved, and left, by itself
        page.get_by_role("button", name="Save and continue", exact=True).last.click()


def then_a_clinician_reads_and_clears_it(desk: Page) -> None:
    """She is found in the queue; the event is read, taken on and closed with a note."""
    desk.goto("/desk/safety")
    desk.get_by_label("E-mail address").fill("clinician@example.com")
    desk.get_by_label("Password").fill(PASSWORD)
    desk.get_by_role("button", name="Sign in").click()
    expect(desk.get_by_text("Nobody yet")).to_be_visible()
    assert_accessible(desk)
    desk.get_by_role("link", name="Ana Ruiz").click()
    desk.get_by_role("button", name="I am on it").click()
    assert_accessible(desk)
    desk.get_by_role("link", name="All they told").click()
    expect(desk.get_by_text("Yes, and it is getting worse").first).to_be_visible()
    assert_accessible(desk)
    desk.go_back()
    desk.get_by_label("Sent to an emergency department").check()
    desk.get_by_label("What you found and decided").fill("Called at 10:10. She is on her way.")
    desk.get_by_role("button", name="Close it with this note").click()
    expect(desk.get_by_text("Closed", exact=True)).to_be_visible()
    desk.get_by_role("link", name="Back to the queue").click()
    expect(desk.get_by_text("Nobody waits for a call")).to_be_visible()


class TestAnEmergencyAnswer:
    @pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
    def test_is_answered_at_once_and_cleared_by_a_clinician(
        self, clinic: Flask, person: Person, scripts: bool
    ) -> None:
        # given a patient with a form
        address = given_a_form(clinic)
        page = person(java_script_enabled=scripts)
        # when she tells of something that cannot wait
        when_she_tells_of_a_weak_leg(page, address, by_button=not scripts)
        # then she learns what to do before anything else
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text("Call 911 now, or go to an emergency department.")
        expect(page.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
        if scripts:
            assert_accessible(page)
        page.get_by_role("button", name="I have read this").click()
        expect(heading).to_have_text("Your pain: before your visit")
        if scripts:  # what comes next is the clinician's, and the same either way
            then_a_clinician_reads_and_clears_it(person())
