"""A patient books, opens the mail in the mailbox of the demo, and goes on by its links."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.integration.sandbox.test_mailbox import Mailbox, mailbox
from tests.journeys.conftest import MONDAY_TEN
from tests.journeys.test_booking import (
    WEEK,
    then_the_visit_is_booked,
    when_they_book,
    when_they_choose,
    when_they_type_their_details,
)
from tests.support.accessibility import assert_accessible
from tests.support.server import Server, running_worker

__all__ = ["mailbox"]
Person = Callable[..., Page]


@pytest.fixture
def width() -> int:
    """The mail is read on a phone."""
    return 390


@pytest.fixture
def worker(
    mailbox: Mailbox, served: Server, settings: dict[str, str], tmp_path: Path
) -> Iterator[None]:
    """A worker that sends to the mailbox, by the clock of the server."""
    told = {
        **settings,
        "SMTP_URL": f"smtp://127.0.0.1:{mailbox.smtp_port}",
        "BASE_URL": served.base_url,
    }
    with running_worker(told, log_dir=tmp_path, starting_at=MONDAY_TEN):
        yield


def when_they_open_the_mail(page: Page, mailbox: Mailbox, subject: str) -> str:
    """Open the newest mail of that subject; answers where its link to the visit leads."""
    page.goto(mailbox.base_url)
    mail = page.get_by_role("link", name=subject).first
    expect(mail).to_be_visible(timeout=60_000)
    mail.click()
    link = page.locator("pre a", has_text=re.compile("/visits/")).first
    return link.get_attribute("href") or ""


class TestMail:
    @pytest.mark.usefixtures("worker")
    def test_leads_the_patient_to_confirm_move_and_cancel(
        self, clinic: Flask, person: Person, mailbox: Mailbox
    ) -> None:
        # given somebody who has booked
        page = person()
        page.goto(WEEK)
        when_they_choose(page, "2026-03-04", "10:00 AM")
        when_they_type_their_details(page)
        when_they_book(page)
        then_the_visit_is_booked(page, "10:00 AM")
        # when they open the mail and follow its link
        link = when_they_open_the_mail(page, mailbox, "Your visit at Test Rehab on Wed, Mar 4")
        page.goto(link)
        page.get_by_role("button", name="I will come").click()
        expect(page.get_by_role("status")).to_contain_text("We expect you.")
        # and move the visit
        page.get_by_role("link", name="Move", exact=True).click()
        when_they_choose(page, "2026-03-05", "11:00 AM")
        expect(page.get_by_role("heading", level=1)).to_have_text("Move your visit?")
        assert_accessible(page)
        page.get_by_role("button", name="Move my visit").click()
        expect(page.get_by_role("status")).to_contain_text("Your visit was moved.")
        expect(page.locator(".ticket")).to_contain_text("Thursday")
        # then a mail tells the new time, and its link cancels
        link = when_they_open_the_mail(page, mailbox, "now on Thu, Mar 5")
        page.goto(f"{link}/cancel")
        assert_accessible(page)
        page.get_by_role("button", name="Cancel the visit").click()
        expect(page.locator("main")).to_contain_text("This visit was cancelled.")
        page.goto(mailbox.base_url)
        gone = page.get_by_role("link", name="Your visit at Test Rehab on Thu, Mar 5 is cancelled")
        expect(gone).to_be_visible(timeout=60_000)
