"""Visits by video at the desk: who waits, where they take place, and a clinician who is late."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from clinic.core.db import db, transaction
from clinic.core.values import Role
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from clinic.telehealth.models import VideoVisit
from clinic.telehealth.queries.rooms import get_room
from tests.integration.desk.test_today import sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import CLINIC, KIM, book, load, local

TEN = local("2026-03-03 10:00")
WITH_TEMPLATE = CLINIC.replace(
    "[policy]\n", '[policy]\nmeeting_address = "https://meet.example.com/{visit}"\n'
)


@pytest.fixture
def visit(clinic: Flask) -> Visit:
    """A visit by video on Tuesday at 10."""
    with clinic.app_context():
        return book("2026-03-03 10:00", service="video", state="NY")


@pytest.fixture
def desk(
    clinic: Flask, visit: Visit, pages: PageClient, set_clock: Callable[[datetime], None]
) -> PageClient:
    """The front desk, signed in, at six past ten."""
    set_clock(TEN + timedelta(minutes=6))
    return sign_in(clinic, pages, Role.FRONT_DESK)


@transaction
def wait_since(at: datetime, visit: Visit) -> None:
    """Somebody said where they are, and their page says so until five minutes later."""
    row = VideoVisit(appointment_id=visit.appointment_id)
    row.place_state, row.place, row.phone = "NY", "2 Sample Street", "+12125550111"
    row.located_at = row.waiting_since = at
    row.seen_at = at + timedelta(minutes=8)
    db.session.add(row)


class TestToday:
    def test_shows_who_waits_by_video_and_for_how_long(
        self, clinic: Flask, visit: Visit, desk: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        assert "waiting by video" not in desk.get("/desk").text
        before = desk.client.get("/desk/list").headers["X-Pulse"]
        with clinic.app_context():
            wait_since(TEN - timedelta(minutes=2), visit)
        assert desk.client.get(f"/desk/list?pulse={before}").status_code == 200
        page = desk.get("/desk").text
        assert "1waiting by video" in page.replace(" ", "", 1) or "1 waiting by video" in page
        assert "By video, 8 min" in page
        set_clock(TEN + timedelta(minutes=8))
        assert "By video," not in desk.get("/desk").text


class TestVisit:
    def test_shows_where_the_patient_is_and_lets_in(
        self, clinic: Flask, visit: Visit, desk: PageClient
    ) -> None:
        path = f"/desk/visits/{visit.public_id}"
        page = desk.get(path)
        assert "Nobody can join yet" in page.text
        assert "asked when they join" in page.text
        with clinic.app_context():
            load(WITH_TEMPLATE)
            wait_since(TEN, visit)
            made = get_room(visit.public_id).meeting("https://meet.example.com/{visit}")
        page = desk.get(path)
        for words in ("2 Sample Street, New York", "(212) 555-0111", "Waits for 6 minutes"):
            assert words in page.text
        assert made in page.links()
        assert visit.public_id not in made

    def test_takes_an_address_of_its_own_and_gives_it_back(
        self, clinic: Flask, visit: Visit, desk: PageClient
    ) -> None:
        path = f"/desk/visits/{visit.public_id}"
        desk.get(path)
        page = desk.submit(
            {"address": "http://x.example.com"}, action=f"{path}/meeting", status=422
        )
        assert "begins with https://" in page.text
        assert "http://x.example.com" in page.html
        page = desk.submit({"address": " https://x.example.com/7 "}, action=f"{path}/meeting")
        assert "The meeting address is kept." in page.text
        assert "https://x.example.com/7" in page.links()
        desk.submit({"address": ""}, action=f"{path}/meeting")
        with clinic.app_context():
            assert get_room(visit.public_id).given_meeting is None

    def test_tells_that_the_clinician_is_late_and_not_of_a_visit_that_is_over(
        self, clinic: Flask, visit: Visit, desk: PageClient
    ) -> None:
        path = f"/desk/visits/{visit.public_id}"
        desk.get(path)
        page = desk.submit({"delay": "15"}, action=f"{path}/late")
        assert "The patient is told: about 10:21 AM" in page.text
        values = page.form(f"{path}/late").values
        desk.submit({"delay": "0"}, action=f"{path}/late")
        with clinic.app_context():
            assert get_room(visit.public_id).late_until is None
            take_step(public_id=visit.public_id, action=Action.CANCEL, actor=KIM, now=TEN)
        desk.post(f"{path}/late", {**values, "delay": "5"}, status=409)
        desk.post(f"{path}/late", {**values, "delay": "7"}, status=422)
