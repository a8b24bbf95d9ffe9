"""From a question at home to a video visit, on a phone: asked, answered, chosen, joined."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from clinic.scheduling.operations.requests import Step
from clinic.scheduling.operations.requests.offers import offer_times
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.requests import list_requests
from clinic.scheduling.rules.requests import RequestStatus
from tests.integration.telehealth.test_video import sign_consent
from tests.journeys.conftest import MONDAY_TEN
from tests.support.accessibility import assert_accessible
from tests.support.answering import check_none_of_these
from tests.support.page_clinic import CLINIC, KIM, load, local

Person = Callable[..., Page]
NO_TIME_PASSES = "performance.now = () => 0"  # a busy machine is not a slow connection


@pytest.fixture
def width() -> int:
    """Whoever asks from home has a phone at hand."""
    return 390


@pytest.fixture
def meetings(clinic: Flask) -> None:
    """The clinic has a template for its meetings, and opens its pages an hour before."""
    policy = '[policy]\nmeeting_address = "https://meet.example/{visit}"\njoin_opens_minutes = 60\n'
    with clinic.app_context():
        load(CLINIC.replace("[policy]\n", policy))


def when_they_answer(page: Page, leg: str) -> None:
    """Answer the questions about safety."""
    check_none_of_these(page)
    page.get_by_label(leg, exact=True).first.check()
    page.locator("main form").get_by_role("button").last.click()


def when_they_fill_it_in(page: Page, state: str) -> None:
    page.get_by_label("In which state will you be?").select_option(state)
    page.get_by_label("At which address?").fill("5 Sample Road\nAlbany")
    page.get_by_label("Phone where you can be reached").fill("+1 518 555 0142")
    page.get_by_label("What is it about?").fill("My hip hurts when I run.")
    page.get_by_label("No, this is the first time").check()
    page.get_by_label("Given name").fill("Ana")
    page.get_by_label("Family name").fill("Beltran")
    for part, typed in (("month", "3"), ("day", "14"), ("year", "1984")):
        page.locator(f"#birth_date-{part}").fill(typed)
    page.get_by_label("E-mail address").fill("ana@example.com")


def given_two_times(clinic: Flask) -> None:
    """The desk offers two times, and the consent is signed."""
    with clinic.app_context():
        (found,) = list_requests(statuses=[RequestStatus.REQUESTED]).requests
        step = Step(public_id=found.public_id, actor=KIM, now=MONDAY_TEN)
        wishes = [
            Wish(service="video", starts_at=local(f"2026-03-02 {start}"), practitioner="okafor")
            for start in ("10:45", "14:00")
        ]
        offer_times(step=step, wishes=wishes)
        sign_consent(found.patient)


class TestVideoVisit:
    @pytest.mark.usefixtures("meetings")
    def test_begins_with_a_question_at_home(self, clinic: Flask, person: Person) -> None:
        # given somebody in Phoenix
        page = person(timezone_id="America/Phoenix")
        page.add_init_script(NO_TIME_PASSES)
        page.goto("/request/telehealth")
        # when their leg is not getting worse
        when_they_answer(page, "No")
        expect(page.get_by_role("heading", level=1)).to_have_text("Ask for a video visit")
        expect(page.get_by_label("By which clock?")).to_have_value("America/Phoenix")
        assert_accessible(page)
        page.get_by_role("button", name="Try them now").click()
        expect(page.get_by_text("Connection: works")).to_be_visible()
        # and nobody is licensed where they are
        when_they_fill_it_in(page, "AZ")
        page.get_by_role("button", name="Read it over").click()
        expect(page.locator("main")).to_contain_text("We may not see patients in Arizona by video.")
        expect(page.get_by_role("button", name="Ask for a visit at the office")).to_be_visible()
        assert_accessible(page)
        # but they will be in New York
        page.get_by_label("In which state will you be?").select_option("NY")
        page.get_by_role("button", name="Read it over").click()
        page.get_by_role("button", name="Send the request").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("We have your request.")
        assert_accessible(page)
        # then they choose one of the times that the desk offers
        given_two_times(clinic)
        page.reload()
        expect(page.get_by_role("heading", level=1)).to_have_text("Choose a time.")
        assert_accessible(page)
        page.get_by_role("button", name="8:45 AM").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your visit is booked.")
        assert_accessible(page)
        # and come to it
        page.get_by_role("link", name="Open your visit").click()
        page.get_by_role("link", name="To the video visit").click()
        assert_accessible(page)
        for label, typed in (("Month", "3"), ("Day", "14"), ("Year", "1984")):
            page.get_by_label(label, exact=True).fill(typed)
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Where are you now?")
        assert_accessible(page)
        page.get_by_label("At which address?").fill("5 Sample Road")
        page.get_by_label("Phone where we can reach you").fill("+1 518 555 0142")
        page.get_by_role("button", name="To the waiting room").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Your visit can begin.")
        expect(page.get_by_role("link", name="Open the meeting")).to_be_visible()
        assert_accessible(page)

    def test_ends_before_the_queue_after_an_emergency(self, clinic: Flask, person: Person) -> None:
        page = person()
        page.goto("/request/telehealth")
        when_they_answer(page, "Yes, and it is getting worse")
        heading = page.get_by_role("heading", level=1)
        expect(heading).to_have_text("Call 911 now, or go to an emergency department.")
        page.get_by_role("button", name="I have read this").click()
        expect(heading).to_have_text("Please call us")
        assert_accessible(page)
        with clinic.app_context():
            assert list_requests(statuses=list(RequestStatus)).requests == ()
