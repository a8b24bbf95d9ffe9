"""The home page on a real clinic: what it promises can be booked, and it stays cheap."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import Engine, event

from clinic.core import clock
from clinic.core.db import db
from clinic.core.heartbeat import beat
from clinic.core.values import SYSTEM
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.slots import find_availability
from clinic.scheduling.rules.asking import Query
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file
from clinic.site.queries.next_free import find_next_free
from clinic.web.health import watch
from tests.support.page_client import PageClient

NOW = datetime(2026, 11, 23, 15, 42, tzinfo=UTC)
MOST_QUERIES = 5
CLINIC = """
[clinic]
name = "Riverside Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0142"

[[locations]]
slug = "main"
name = "Main office"
address = "120 Example Street, New York, NY 10000"

[[services]]
slug = "video"
name = "Telehealth"
minutes = 30
modality = "telehealth"

[[services]]
slug = "evaluation"
name = "First evaluation"
minutes = 60
price_cents = 20000
min_notice_hours = 2

[[practitioners]]
slug = "osei"
name = "Amara Osei"
licence = "PT"
services = ["video", "evaluation"]
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"

[[practitioners]]
slug = "diaz"
name = "Rafael Diaz"
services = ["video"]
[[practitioners.hours]]
days = ["sat"]
from = "09:00"
to = "13:00"
location = "main"
"""


@pytest.fixture
def loaded(app: Flask) -> Flask:
    with app.app_context():
        load_clinic(file=read_clinic_file(data=CLINIC.encode()), actor=SYSTEM, now=NOW)
    return app


class TestHome:
    def test_says_who_is_free_when_and_when_we_are_open(
        self, loaded: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(NOW)
        page = pages.get("/")
        assert "Amara Osei" in page.text
        assert "Next free: Mon, Nov 23, 12:45 PM" in page.text
        assert "No online time in the next two weeks" in page.text
        assert "Monday to Friday, 9 AM to 5 PM" in page.text
        assert "First evaluation" in page.text
        assert "60 minutes" in page.text
        assert "(212) 555-0142" in page.text

    def test_links_only_to_pages_that_exist(
        self, loaded: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(NOW)
        for link in pages.get("/").links():
            if link.startswith("/"):
                answer = pages.client.get(link, follow_redirects=True)
                assert answer.status_code == 200, link

    def test_asks_the_database_little(
        self, loaded: Flask, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(NOW)
        client = loaded.test_client()
        client.get("/")
        asked: list[str] = []

        def count(*args: object) -> None:
            asked.append(str(args[2]))

        with loaded.app_context():
            engine: Engine = db.engine
        event.listen(engine, "before_cursor_execute", count)
        client.get("/")
        event.remove(engine, "before_cursor_execute", count)
        assert len(asked) <= MOST_QUERIES, asked

    def test_explains_a_clinic_that_is_not_set_up(self, pages: PageClient) -> None:
        assert "This clinic is not set up yet." in pages.get("/", status=503).text


class TestFindNextFree:
    def test_promises_what_booking_offers_first(self, loaded: Flask) -> None:
        with loaded.app_context():
            setting = get_setting()
            found = find_next_free(setting=setting, now=NOW)
            query = Query(
                setting=setting,
                service="evaluation",
                practitioner="osei",
                now=int(NOW.timestamp()),
            )
            day = NOW.date()
            offered = find_availability(query=query, from_date=day, to_date=day, now=NOW)
        assert found["osei"].slot == offered.listing.slots[0]
        assert set(found) == {"osei"}


class TestHealth:
    def test_is_ready_only_with_a_worker(self, loaded: Flask) -> None:
        answer = loaded.test_client().get("/readyz")
        assert answer.status_code == 503
        assert answer.json == {
            "status": "not ready",
            "database": True,
            "migrations": True,
            "worker": False,
            "messages": "well",
        }

    def test_is_ready_although_mail_stands_still(self, loaded: Flask) -> None:
        with loaded.app_context():
            beat(part="worker", now=clock.now())
        watch(loaded, name="messages", look=lambda **_: "late")
        answer = loaded.test_client().get("/readyz")
        assert (answer.status_code, answer.get_json()["status"]) == (200, "ready")
        assert answer.get_json()["messages"] == "late"

    def test_lives_without_asking_anything(self, app: Flask) -> None:
        assert app.test_client().get("/healthz").json == {"status": "ok"}
