"""Holding a time longer from its page: once, and what was typed stays."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, slot_value

WEEK = "/book/eval?practitioner=okafor&location=main&week=2026-03-02"


@pytest.fixture
def details(clinic: Flask, pages: PageClient) -> str:
    """The address of a held time."""
    pages.get(WEEK)
    slot = slot_value("2026-03-04 10:00", "okafor", "main")
    return pages.submit({"slot": slot}, action="/book/eval").path


class TestHoldLonger:
    def test_moves_the_end_once(
        self, pages: PageClient, details: str, set_clock: Callable[[datetime], None]
    ) -> None:
        page = pages.get(details)
        assert "until 10:10 AM" in page.text
        assert f'formaction="{details}/longer"' in page.html
        set_clock(NOW + timedelta(minutes=8))
        page = pages.post(f"{details}/longer", {"csrf_token": token(page.html)})
        assert page.path == details
        assert "until 10:20 AM" in page.text
        assert "/longer" not in page.html

    def test_keeps_what_was_typed(self, pages: PageClient, details: str) -> None:
        page = pages.get(details)
        typed = {"given_name": "Ana", "email": "not yet", "csrf_token": token(page.html)}
        page = pages.post(f"{details}/longer", typed)
        assert 'value="Ana"' in page.html
        assert 'value="not yet"' in page.html
        assert "There is a problem" not in page.text
        assert page.form(details).values["given_name"] == ["Ana"]

    def test_of_a_lapsed_hold_says_so(
        self, pages: PageClient, details: str, set_clock: Callable[[datetime], None]
    ) -> None:
        page = pages.get(details)
        set_clock(NOW + timedelta(minutes=10))
        page = pages.post(f"{details}/longer", {"csrf_token": token(page.html)})
        assert "We held this time until 10:10 AM." in page.text

    def test_is_for_whoever_holds_the_time(self, stranger: PageClient, details: str) -> None:
        stranger.get("/book/eval")
        form = stranger.page.form("/book/eval")
        stranger.post(f"{details}/longer", form.values, status=404)


@pytest.fixture
def stranger(clinic: Flask) -> PageClient:
    """Somebody else's browser."""
    return PageClient(clinic)


def token(html: str) -> str:
    return html.split('name="csrf_token" value="')[1].split('"', maxsplit=1)[0]


class TestCheck:
    def test_shows_everything_once_more_with_ways_to_change_it(
        self, pages: PageClient, details: str
    ) -> None:
        page = pages.get(details)
        (check,) = [e for e in page.tree.iter("section") if e.get("aria-labelledby") == "check"]
        words = " ".join(" ".join(check.itertext()).split())
        for part in ("Wed, Mar 4, 10:00 AM", "Dana Okafor", "Evaluation", "60 minutes"):
            assert part in words
        assert "1 Example Street" in words
        assert "$200" in words
        assert "Please move or cancel until Tue, Mar 3, 10:00 AM" in words
        links = [e.get("href", "") for e in check.iter("a")]
        assert links == ["/book/eval?practitioner=okafor&location=main&week=2026-03-04", "/book"]
