"""Reminders after a visit was cancelled or moved by its page and by a program."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from clinic.messaging.delivery import deliver
from clinic.scheduling.operations.reminders import plan_reminders
from clinic.scheduling.queries.visits import Visit
from tests.conftest import AppMaker
from tests.integration.interop.conftest import Api
from tests.integration.messaging.outbox import rows
from tests.support.mail_sink import Sink
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, book, link_of, local, slot_value

OLD, NEW = "2026-03-04 10:00", "2026-03-05 11:00"
HOURS = (72, 24, 2)


@pytest.fixture
def app(make_app: AppMaker, sink: Sink) -> Flask:
    """An app that sends to the sink."""
    return make_app(SMTP_URL=sink.url, MAIL_FROM="Riverside Rehab <hello@riverside.example>")


@pytest.fixture
def booked(clinic: Flask) -> tuple[Visit, str]:
    """A visit whose reminders are planned, and its link."""
    with clinic.app_context():
        visit = book(OLD)
        plan_reminders(now=NOW, has_texts=False)
        return visit, link_of(visit)


def reminded(app: Flask) -> list[datetime]:
    """When reminders went out, with a worker that looks every hour until the end of the week."""
    with app.app_context():
        for hours in range(4 * 24):
            at = NOW + timedelta(hours=hours)
            plan_reminders(now=at, has_texts=False)
            deliver(now=at)
        sent = [row.sent_at for row in rows() if row.kind == "visit-reminder"]
        return sorted(at.replace(second=0, microsecond=0) for at in sent if at is not None)


def hours_before(start: str) -> list[datetime]:
    """The policy's times before a visit that are still to come."""
    times = (local(start) - timedelta(hours=hours) for hours in HOURS)
    return [at for at in times if at > NOW]


class TestReminders:
    def test_are_none_once_the_visit_was_cancelled_on_its_page(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        link = booked[1]
        pages.get(f"{link}/cancel")
        pages.submit(action=f"{link}/cancel")
        assert reminded(clinic) == []

    def test_are_none_once_a_program_has_cancelled_the_visit(
        self, clinic: Flask, booked: tuple[Visit, str]
    ) -> None:
        path = f"/appointments/{booked[0].public_id}/cancel"
        assert Api(clinic).post(path, {"reason": "ill"}, role="front_desk").status_code == 200
        assert reminded(clinic) == []

    def test_are_for_the_new_time_only_once_it_was_moved_on_its_page(
        self, clinic: Flask, booked: tuple[Visit, str], pages: PageClient
    ) -> None:
        link = booked[1]
        pages.get(f"{link}/move?slot={slot_value(NEW, 'okafor')}")
        pages.submit(action=f"{link}/move")
        assert reminded(clinic) == hours_before(NEW)

    def test_are_for_the_new_time_only_once_a_program_has_moved_it(
        self, clinic: Flask, booked: tuple[Visit, str]
    ) -> None:
        path, start = f"/appointments/{booked[0].public_id}", local(NEW).isoformat()
        answer = Api(clinic).patch(path, {"starts_at": start}, version=booked[0].version)
        assert answer.status_code == 200, answer.text
        assert reminded(clinic) == hours_before(NEW)
