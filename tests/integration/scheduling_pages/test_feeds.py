"""Calendars by subscription: made, shown once, fetched cheaply, ended."""

import re
from typing import Any

import pytest
from flask import Flask
from icalendar import Calendar
from sqlalchemy import text

from clinic.core.db import db
from clinic.core.values import Role
from clinic.scheduling.operations.feeds import make_patient_feed, make_practitioner_feed
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from tests.integration.messaging.test_outbox_page import sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, book, counted_queries


@pytest.fixture
def visits(clinic: Flask) -> tuple[Visit, Visit]:
    with clinic.app_context():
        return book("2026-03-03 10:00"), book("2026-03-04 10:00", who=2)


def feed(app: Flask, token: str, etag: str = "") -> tuple[int, str, str]:
    """Status, body and tag of what a calendar program gets."""
    headers = {"If-None-Match": etag} if etag else {}
    answer = app.test_client().get(f"/calendar/{token}.ics", headers=headers)
    return answer.status_code, answer.text, answer.headers.get("ETag", "")


class TestFeed:
    def test_of_a_patient_holds_their_visits_alone(
        self, clinic: Flask, visits: tuple[Visit, Visit]
    ) -> None:
        with clinic.app_context():
            token = make_patient_feed(patient=visits[0].patient, actor=KIM, now=NOW)
        status, body, _ = feed(clinic, token)
        assert status == 200
        events: Any = Calendar.from_ical(body).events
        assert [event["SUMMARY"] for event in events] == ["Visit at Test Rehab"]
        assert events[0]["DTSTART"].dt == visits[0].starts_at
        assert "Evaluation" not in body

    def test_of_a_practitioner_names_nobody(
        self, clinic: Flask, visits: tuple[Visit, Visit]
    ) -> None:
        with clinic.app_context():
            token = make_practitioner_feed(practitioner="okafor", actor=KIM, now=NOW)
        body = feed(clinic, token)[1]
        assert len(Calendar.from_ical(body).events) == 2
        assert visits[0].reference in body
        assert not re.search(r"Pat1|Pat2|Evaluation|/visits/", body)

    def test_is_not_sent_again_until_something_changes(
        self, clinic: Flask, visits: tuple[Visit, Visit]
    ) -> None:
        with clinic.app_context():
            token = make_practitioner_feed(practitioner="okafor", actor=KIM, now=NOW)
        etag = feed(clinic, token)[2]
        with counted_queries(clinic) as asked:
            assert feed(clinic, token, etag)[:2] == (304, "")
        assert len(asked) <= 5
        with clinic.app_context():
            take_step(public_id=visits[0].public_id, action=Action.CANCEL, actor=KIM, now=NOW)
        status, body, other = feed(clinic, token, etag)
        assert (status, other != etag) == (200, True)
        assert len(Calendar.from_ical(body).events) == 1

    def test_of_an_older_address_is_gone(self, clinic: Flask, visits: tuple[Visit, Visit]) -> None:
        with clinic.app_context():
            first = make_patient_feed(patient=visits[0].patient, actor=KIM, now=NOW)
            second = make_patient_feed(patient=visits[0].patient, actor=KIM, now=NOW)
            stored = db.session.execute(text("SELECT * FROM calendar_feeds")).all()
        assert feed(clinic, first)[0] == 404
        assert feed(clinic, second)[0] == 200
        assert feed(clinic, "none")[0] == 404
        assert second not in str(stored)


class TestPages:
    def test_show_an_address_once(
        self, clinic: Flask, pages: PageClient, visits: tuple[Visit, Visit]
    ) -> None:
        manager = sign_in(clinic, pages, Role.ADMIN)
        manager.get("/desk/calendars")
        page = manager.submit(action="/desk/calendars/okafor/make")
        found = re.search(r"/calendar/([\w-]+)\.ics", page.text)
        assert found is not None
        assert feed(clinic, found[1])[0] == 200
        assert "/calendar/" not in manager.get("/desk/calendars").text
        manager.submit(action="/desk/calendars/okafor/end")
        assert feed(clinic, found[1])[0] == 404
