"""The calendar file of a visit: the right instant, the same event for ever, nothing of why."""

from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar

from clinic.core.values import PUBLIC
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, book, everything_stored, link_of, local


@pytest.fixture
def booked(clinic: Flask) -> tuple[Visit, str]:
    """A visit on Wednesday at ten, and its link."""
    with clinic.app_context():
        visit = book("2026-03-04 10:00")
        return visit, link_of(visit)


def file_at(pages: PageClient, link: str) -> tuple[str, Any]:
    answer = pages.client.get(f"{link}/visit.ics")
    assert answer.status_code == 200
    calendar = Calendar.from_ical(answer.text)
    assert isinstance(calendar, Calendar)
    return str(calendar["METHOD"]), calendar.events[0]


class TestCalendarFile:
    def test_is_sent_as_a_calendar_to_keep(
        self, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        answer = pages.client.get(f"{booked[1]}/visit.ics")
        assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
        assert answer.headers["Content-Disposition"] == 'attachment; filename="visit.ics"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"

    def test_tells_when_and_where_and_nothing_of_why(
        self, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        method, event = file_at(pages, booked[1])
        assert method == "PUBLISH"
        assert event["DTSTART"].dt == local("2026-03-04 10:00")
        assert event["DTEND"].dt == local("2026-03-04 11:00")
        assert event["SUMMARY"] == "Visit at Test Rehab"
        assert event["LOCATION"] == "Main office, 1 Example Street"
        assert str(event["URL"]).endswith(booked[1])
        text = event.to_ical().decode()
        for word in ("Evaluation", "Okafor", "Pat1", "Example\r\n"):
            assert word not in text

    def test_of_a_moved_visit_replaces_the_one_before(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        _method, before = file_at(pages, link)
        with clinic.app_context():
            change = Change(version=1, starts_at=local("2026-03-05 14:00"))
            move_appointment(public_id=visit.public_id, change=change, actor=KIM, now=NOW)
        _method, after = file_at(pages, link)
        assert after["UID"] == before["UID"]
        assert after["SEQUENCE"] > before["SEQUENCE"]
        assert after["DTSTART"].dt == local("2026-03-05 14:00")

    def test_of_a_cancelled_visit_strikes_it_out(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        visit, link = booked
        before = file_at(pages, link)[1]
        with clinic.app_context():
            take_step(public_id=visit.public_id, action=Action.CANCEL, actor=PUBLIC, now=NOW)
        method, after = file_at(pages, link)
        assert (method, after["STATUS"]) == ("CANCEL", "CANCELLED")
        assert after["UID"] == before["UID"]
        assert after["SEQUENCE"] > before["SEQUENCE"]

    def test_changes_nothing(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        before = everything_stored(clinic)
        file_at(pages, booked[1])
        assert everything_stored(clinic) == before

    def test_by_a_wrong_link_is_not_found(
        self, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        pages.get(f"{booked[1]}x/visit.ics", status=404)


class TestVideoVisit:
    def test_names_no_address(self, clinic: Flask, pages: PageClient) -> None:
        with clinic.app_context():
            link = link_of(book("2026-03-04 10:00", service="video", state="NY"))
        assert file_at(pages, link)[1]["LOCATION"] == "By video"
