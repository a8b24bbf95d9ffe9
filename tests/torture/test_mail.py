"""Mail with real processes: workers killed at random, and a mail server that hangs."""

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from statistics import median

import pytest
from sqlalchemy import text

from clinic.core.clock import now
from clinic.messaging.operations.sending import LEASE
from clinic.messaging.rounds import UNNOTED
from tests.integration.messaging.outbox import post
from tests.support.apps import running_app
from tests.support.databases import ENGINE_KINDS, EngineKind
from tests.support.mail_sink import HANG, Sink
from tests.support.timing import assert_takes
from tests.torture.asking import ask
from tests.torture.house import House
from tests.torture.test_faults import book

COUNT = 600
KILLS = 5
ROUNDS = 10


def states(house: House) -> Counter[str]:
    with house.looking() as connection:
        rows = connection.execute(text("SELECT state, count(*) FROM messages GROUP BY state"))
        return Counter({row[0]: row[1] for row in rows})


def fill(house: House, count: int) -> None:
    with (
        running_app(database_url=house.database_url, data_dir=house.folder / "data") as app,
        app.app_context(),
    ):
        for number in range(count):
            post(code=str(number), now=now())


@pytest.mark.parametrize("kind", ENGINE_KINDS)
class TestWorkers:
    def test_lose_nothing_when_they_are_killed_at_random(
        self, fresh_house: Callable[..., House], kind: EngineKind, sink: Sink
    ) -> None:
        house = fresh_house(kind)
        house.more = {"SMTP_URL": sink.url}
        fill(house, COUNT)
        house.start_worker()
        house.start_worker()
        chance = random.Random(4)
        for _ in range(KILLS):
            seen = len(sink.mails)
            sink.wait_for(min(seen + chance.randint(10, 60), COUNT), within_seconds=60)
            house.replace_worker(chance.randrange(2))
        deadline = time.monotonic() + 60 + LEASE.total_seconds() * 2
        while states(house) != {"sent": COUNT}:
            assert time.monotonic() < deadline, states(house)
            time.sleep(0.5)
        ids = Counter(mail["Message-ID"] for mail in sink.mails)
        assert len(ids) == COUNT, "a message was lost"
        assert len(sink.mails) - COUNT <= KILLS * UNNOTED


def seconds_of_bookings(house: House, *, day: datetime, first: int, who: int) -> float:
    """The median of some bookings, one after the other."""
    taken = []
    for number in range(ROUNDS):
        answer = ask(house.port, book(day, first + number, who + number))
        assert answer.status == 201, answer
        taken.append(answer.seconds)
    return median(taken)


@pytest.mark.parametrize("kind", ENGINE_KINDS)
class TestHangingServer:
    def test_costs_a_booking_nothing(
        self, fresh_house: Callable[..., House], kind: EngineKind, sink: Sink, day: datetime
    ) -> None:
        house = fresh_house(kind)
        house.more = {"SMTP_URL": sink.url}
        house.serve()
        house.start_worker()
        seconds_of_bookings(house, day=day, first=0, who=1)
        usual = seconds_of_bookings(house, day=day, first=0, who=101)
        sink.wait_for(2 * ROUNDS)
        has_begun, days = threading.Event(), itertools.count(1)

        def hang(_mail: object) -> str:
            has_begun.set()
            return HANG

        def hanging() -> float:
            number = next(days)
            other = day + timedelta(days=number)
            taken = seconds_of_bookings(house, day=other, first=0, who=101 + 100 * number)
            assert states(house)["due"] > 0, "the server hangs"
            return taken

        sink.on_data = hang
        fill(house, 20)
        assert has_begun.wait(60)
        assert_takes(hanging, less_than=usual * 2 + 0.02)
