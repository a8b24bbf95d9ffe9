"""A visitor asks for a visit in their own words, and the desk books it for them."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from clinic.core.values import PUBLIC, Role
from clinic.scheduling.operations.requests import request_visit
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.rules.requests import Modality, time_of
from clinic.scheduling.rules.week_view import Part
from tests.journeys.conftest import MONDAY_TEN
from tests.support.accessibility import assert_accessible
from tests.support.page_clinic import PASSWORD, hire, local
from tests.support.page_clinic import person as somebody
from tests.support.server import Server
from tests.support.widths import at_a_desk, on_a_phone

Person = Callable[..., Page]


def given_a_request(app: Flask) -> RequestedVisit:
    """Somebody who would come on Tuesday morning."""
    morning = time_of(
        day=local("2026-03-03 12:00").date(), part=Part.MORNING, zone="America/New_York"
    )
    wish = RequestWish(
        modality=Modality.IN_PERSON,
        reason="My hip hurts when I run.",
        times=(morning,) if morning else (),
    )
    with app.app_context():
        return request_visit(wish=wish, patient=somebody(), actor=PUBLIC, now=MONDAY_TEN)


def given_the_desk(page: Page, email: str = "front_desk@example.com") -> Page:
    page.goto("/desk/requests")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Requests")
    return page


def when_they_fill_it_in(page: Page) -> None:
    page.get_by_label("What is it about?").fill("My hip hurts when I run.\nSince May.")
    page.get_by_label("Where is it?").select_option(label="Hip or buttock")
    page.get_by_label("Mornings").check()
    first = page.get_by_role("group", name="First choice")
    first.get_by_label("Day", exact=True).fill("2026-03-04")
    first.get_by_label("Time of day").select_option(label="In the afternoon")
    page.get_by_label("No, this is the first time").check()
    page.get_by_label("Given name").fill("Ana")
    page.get_by_label("Family name").fill("Beltran")
    for part, typed in (("month", "3"), ("day", "14"), ("year", "1984")):
        page.locator(f"#birth_date-{part}").fill(typed)
    page.get_by_label("E-mail address").fill("ana@example.com")


class TestVisitor:
    @pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
    def test_asks_reads_it_over_and_takes_it_back(self, person: Person, scripts: bool) -> None:
        # given somebody who does not know whom to see
        page = person(java_script_enabled=scripts)
        page.goto("/")
        page.get_by_role("link", name="Request in-office visit").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Request a visit")
        expect(page.get_by_text("Call 911 or go to an emergency room")).to_be_visible()
        check_accessible(page, scripts)
        # when they forget to say what it is about
        page.get_by_role("button", name="Read it over").click()
        expect(page.get_by_role("alert")).to_contain_text("Say in a few words what it is about.")
        check_accessible(page, scripts)
        # and say it
        when_they_fill_it_in(page)
        page.get_by_role("button", name="Read it over").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Is everything right?")
        expect(page.locator("main")).to_contain_text("Wed, Mar 4, in the afternoon")
        check_accessible(page, scripts)
        page.get_by_role("button", name="Send the request").click()
        # then they know by when somebody answers
        expect(page.get_by_role("heading", level=1)).to_have_text("We have your request.")
        expect(page.locator("main")).to_contain_text("answers by Mon, Mar 2, 6:00 PM")
        check_accessible(page, scripts)
        # and can take it back
        page.get_by_role("link", name="Take the request back").click()
        check_accessible(page, scripts)
        page.get_by_role("button", name="Take it back").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("You took your request back.")

    @pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
    @on_a_phone
    def test_asks_for_a_child(self, person: Person, scripts: bool) -> None:
        # given a parent who fills in the form for a child, and forgets to say who they are
        page = person(java_script_enabled=scripts)
        page.goto("/request/visit")
        when_they_fill_it_in(page)
        page.locator("#birth_date-year").fill("2015")
        page.get_by_role("button", name="Read it over").click()
        expect(page.get_by_role("alert")).to_contain_text("Enter your own name.")
        check_accessible(page, scripts)
        # when they say so
        page.get_by_label("Your own name").fill("Rosa Beltran")
        page.get_by_label("Parent", exact=True).check()
        for part, typed in (("month", "7"), ("day", "2"), ("year", "1984")):
            page.locator(f"#guardian_birth_date-{part}").fill(typed)
        page.get_by_role("button", name="Read it over").click()
        # then the request goes out in their name
        expect(page.locator("main")).to_contain_text("Rosa Beltran, parent")
        page.get_by_role("button", name="Send the request").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("We have your request.")

    @on_a_phone
    def test_changes_something_before_it_is_sent(self, person: Person) -> None:
        page = person()
        page.goto("/request/visit")
        when_they_fill_it_in(page)
        page.get_by_role("button", name="Read it over").click()
        page.get_by_role("button", name="Change something").click()
        expect(page.get_by_label("Family name")).to_have_value("Beltran")
        page.get_by_label("Family name").fill("Whitfield")
        page.get_by_role("button", name="Read it over").click()
        expect(page.locator("main")).to_contain_text("Ana Whitfield")


class TestDesk:
    @pytest.mark.parametrize("scripts", [True, False], ids=["with-scripts", "without-scripts"])
    def test_books_a_time_that_fits(self, clinic: Flask, person: Person, scripts: bool) -> None:
        # given a request in the queue
        asked = given_a_request(clinic)
        page = given_the_desk(person(java_script_enabled=scripts))
        check_accessible(page, scripts)
        # when the receptionist opens it and presses a time that fits
        page.get_by_role("link", name="Pat1 Example").click()
        expect(page.get_by_text("My hip hurts when I run.")).to_be_visible()
        check_accessible(page, scripts)
        page.get_by_role("button", name="Tue, Mar 3, 10:").first.click()
        # then it is booked and out of the queue
        expect(page.get_by_role("status")).to_contain_text("Pat1 Example: booked.")
        expect(page.get_by_text("Nobody waits for an answer")).to_be_visible()
        check_accessible(page, scripts)
        page.goto(f"/desk/requests/{asked.public_id}")
        expect(page.locator("main")).to_contain_text("Tue, Mar 3, 10:")
        check_accessible(page, scripts)

    @at_a_desk
    def test_is_triaged_by_receptionist_and_clinician(self, clinic: Flask, person: Person) -> None:
        # given a request, and a receptionist who works by keyboard
        asked = given_a_request(clinic)
        with clinic.app_context():
            hire(Role.CLINICIAN, now=MONDAY_TEN)
        page = given_the_desk(person())
        page.get_by_role("link", name="Pat1 Example").press("Enter")
        # when they decline it without a reason, with one, and think again
        page.locator("summary", has_text="Decline").press("Enter")
        page.get_by_role("button", name="Decline the request").press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("Write why")
        assert_accessible(page)
        page.get_by_label("Why, in words for the patient").fill("We do not treat jaws.")
        page.get_by_role("button", name="Decline the request").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Pat1 Example: declined.")
        page.get_by_role("button", name="Take it up again").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("taken up again.")
        # and ask a clinician
        page.get_by_role("link", name="Pat1 Example").press("Enter")
        page.locator("summary", has_text="Ask a clinician").press("Enter")
        page.get_by_label("Question for the clinicians").fill("Would video do?")
        page.get_by_role("button", name="Ask the clinicians").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("a clinician is asked")
        assert_accessible(page)
        # then the clinician finds the question and answers in place
        clinician = given_the_desk(person(), "clinician@example.com")
        clinician.get_by_role("link", name="Pat1 Example").press("Enter")
        expect(clinician.get_by_text("Would video do?").first).to_be_visible()
        assert_accessible(clinician)
        clinician.get_by_label("Your opinion").fill("Yes, after a call.")
        clinician.get_by_role("button", name="Give the opinion").press("Enter")
        expect(clinician.get_by_role("status")).to_contain_text("the opinion is given")
        # and the receptionist turns it into a video visit and offers two times
        page.goto(f"/desk/requests/{asked.public_id}")
        expect(page.locator("main")).to_contain_text("Yes, after a call.")
        page.locator("summary", has_text="Make it a visit by video").press("Enter")
        page.get_by_label("State in which the patient will be").select_option(label="New York")
        page.get_by_role("button", name="Turn it into the other kind").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("for the other kind now")
        for nth in range(2):
            page.get_by_role("checkbox").nth(nth).press("Space")
        page.get_by_role("button", name="Offer the ticked times").press("Enter")
        expect(page.get_by_role("status")).to_contain_text("times are offered and held")
        page.goto(f"/desk/requests/{asked.public_id}")
        expect(page.get_by_text("held until")).to_have_count(2)
        assert_accessible(page)


class TestDark:
    @pytest.mark.parametrize("width", [320], ids=["narrow"])
    def test_is_as_readable(
        self, clinic: Flask, browser: Browser, served: Server, width: int
    ) -> None:
        asked = given_a_request(clinic)
        context = browser.new_context(
            base_url=served.base_url,
            viewport={"width": width, "height": 800},
            color_scheme="dark",
            locale="en-US",
        )
        page = context.new_page()
        page.goto("/request/visit")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        given_the_desk(page)
        assert_accessible(page)
        page.goto(f"/desk/requests/{asked.public_id}")
        assert_accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()


def check_accessible(page: Page, scripts: bool) -> None:
    """axe is a script itself; pages are the same without."""
    if scripts:
        assert_accessible(page)
