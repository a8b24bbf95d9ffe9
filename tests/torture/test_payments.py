"""Money under kills, races, losses and silence: granted once, never lost, never silent."""

import http.client
import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.schema import Base
from clinic.messaging.models import Message
from clinic.payments import acting
from clinic.payments.gateway import init_gateway
from clinic.payments.invariants import broken_invariants
from clinic.payments.models import Payment, Receipt, StripeEvent
from clinic.payments.queries.orders import get_order, list_orders
from clinic.payments.reconciling import reconcile
from clinic.payments.settling import fulfil
from sandbox.stripe.app import KEY, SECRET
from sandbox.stripe.delivery import signed
from tests.support.server import Server, running_worker
from tests.support.stripe_double import WEBHOOK
from tests.support.timing import assert_takes
from tests.torture.browsing import Buyer, look
from tests.torture.shop import Till, open_till, weekday_noon

LOST, PURCHASES, ROUNDS, CROWD = 0.3, 200, 50, 1000
MOST_STATEMENTS = 400


@pytest.fixture
def till(database_url: str, tmp_path: Path) -> Iterator[Till]:
    """A clinic that sells, once on each engine."""
    with open_till(database_url=database_url, folder=tmp_path) as opened:
        yield opened
        with opened.app.app_context():
            assert broken_invariants() == []


def post(address: str, path: str, body: bytes, **headers: str) -> int:
    """The status of a POST."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    try:
        connection.request("POST", path, body=body, headers=headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def get(address: str, path: str) -> int:
    """The status of a GET."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def send(address: str, told: dict[str, Any]) -> int:
    """The status of a webhook, signed now."""
    body = json.dumps(told).encode()
    header = {"Stripe-Signature": signed(body, secret=SECRET, at=time.time())}
    return post(address, WEBHOOK, body, **header)


def count(wanted: Any) -> int:
    return db.session.scalar(select(func.count()).select_from(wanted)) or 0


def digest(app: Flask) -> list[str]:
    """Every row of every table but the audit trail's seals, as text."""
    with app.app_context(), db.engine.connect() as connection:
        return [
            f"{table.name}: {tuple(row)!r}"
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table))
        ]


def act_and_die(till: Till, at: datetime, *, before: int) -> bool:
    """Let a process act on the inbox and be killed before so many statements; whether it lived.

    It is this process over again, so that none begins from nothing for each statement; what must
    not be shared by two, connections to the database and the payment service, is not.
    """
    with till.app.app_context():
        db.session.remove()
        db.engine.dispose()
    child = os.fork()
    if child == 0:
        _act(till, at, before)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, status
    return os.WIFEXITED(status)


def _act(till: Till, at: datetime, before: int) -> None:
    """In the child: never returns."""
    left = before

    def die(*_args: Any, **_more: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        init_gateway(till.app, key=KEY, api_base=till.double.url, secrets=(SECRET,))
        with till.app.app_context():
            for moment in ("before_cursor_execute", "commit"):
                event.listen(db.engine, moment, die)
            acting.act_on_events(now=at)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - the child must not run the parent's tests
        os._exit(9)


class TestKills:
    def test_before_every_statement_lose_nothing(self, till: Till) -> None:
        """M7, P6: killed anywhere, the event is acted on again, and all of it happens once."""
        order = till.order(1, starts_at=weekday_noon(days_ahead=5))
        till.double.pay(order)
        paid = till.double.events("checkout.session.completed")[0]
        assert till.double.deliver(till.app, paid).status_code == 200
        moment, statements = now(), 1
        while not act_and_die(till, moment, before=statements):
            with till.app.app_context():
                assert broken_invariants() == []
                assert get_order(order).status in {"awaiting-payment", "scheduled"}
            moment += timedelta(seconds=61)
            statements += 1
            assert statements < MOST_STATEMENTS
        assert statements > 20
        with till.app.app_context():
            assert get_order(order).status == "scheduled"
            assert (count(Payment), count(Receipt)) == (1, 1)
            told = select(func.count(Message.id)).where(Message.kind == "order-paid")
            assert db.session.scalar(told) == 1


class TestRaces:
    def test_of_webhook_and_return_page_grant_once(
        self, till: Till, start_server: Callable[..., Server], tmp_path: Path
    ) -> None:
        """M4, M2, P4, P7: both at the same instant, the event twice; fifty times."""
        server = start_server(workers=2, threads=4, **till.settings)
        orders = [till.order(who) for who in range(ROUNDS)]
        settings = {**till.settings, "BASE_URL": server.base_url}
        with running_worker(settings, log_dir=tmp_path), ThreadPoolExecutor(4) as crowd:
            for order in orders:
                page = till.double.pay(order)
                told = till.double.events("checkout.session.completed")[-1]
                start = Barrier(4)

                def at_once(call: Callable[[], int], start: Barrier = start) -> int:
                    start.wait()
                    return call()

                calls: list[Callable[[], int]] = [
                    *(lambda told=told: send(server.base_url, told),) * 2,
                    *(
                        lambda page=page: get(
                            server.base_url, f"/payments/success?session_id={page}"
                        ),
                    )
                    * 2,
                ]
                answers = list(crowd.map(at_once, calls))
                assert all(200 <= answer < 400 for answer in answers), answers
            self.wait_for_inbox(till)
        with till.app.app_context():
            assert {get_order(order).status for order in orders} == {"paid"}
            assert (count(Payment), count(Receipt)) == (ROUNDS, ROUNDS)
            told_of = select(func.count(Message.id)).where(Message.kind == "order-paid")
            assert db.session.scalar(told_of) == ROUNDS

    def wait_for_inbox(self, till: Till) -> None:
        deadline = time.monotonic() + 60
        due = select(func.count(StripeEvent.id)).where(StripeEvent.state == "due")
        while time.monotonic() < deadline:
            with till.app.app_context():
                if not db.session.scalar(due):
                    return
            time.sleep(0.2)
        raise AssertionError("the inbox is not empty")


class TestCrowds:
    def test_of_events_are_stored_in_half_a_minute_and_drained(
        self, till: Till, start_server: Callable[..., Server]
    ) -> None:
        server = start_server(workers=2, threads=8, **till.settings)
        orders = [till.order(who) for who in range(10)]
        for order in orders:
            till.double.pay(order)
        told = till.double.events("checkout.session.completed")
        while len(told) < CROWD:
            about = {"object": "invoice", "id": f"in_{len(told)}"}
            told.append(till.double.state.emit("invoice.paid", about))
        random.Random(7).shuffle(told)
        began = time.monotonic()
        with ThreadPoolExecutor(32) as crowd:
            answers = list(crowd.map(lambda one: send(server.base_url, one), told))
        seconds = time.monotonic() - began
        assert set(answers) == {200}
        assert seconds < 30, seconds
        with till.app.app_context():
            while acting.act_on_events(now=now(), batches=500):
                pass
            assert count(StripeEvent) == CROWD
            states = db.session.scalars(select(StripeEvent.state).distinct()).all()
            assert states == ["done"]
            assert {get_order(order).status for order in orders} == {"paid"}


class TestLosses:
    def test_of_webhooks_and_return_pages_are_mended_in_one_run(self, till: Till) -> None:
        """30 % of the webhooks and half of the return pages are lost, over 200 purchases."""
        chance = random.Random(20)
        orders = [till.order(who) for who in range(PURCHASES)]
        for order in orders:
            page = till.double.pay(order)
            if chance.random() >= LOST:
                told = till.double.events("checkout.session.completed")[-1]
                assert till.double.deliver(till.app, told).status_code == 200
            if chance.random() < 0.5:
                with till.app.app_context():
                    fulfil(session_id=page, now=now())
        with till.app.app_context():
            while acting.act_on_events(now=now(), batches=500):
                pass
            before = sum(get_order(order).status == "paid" for order in orders)
            assert 0.6 * PURCHASES < before < PURCHASES
            report = reconcile(now=now())
            assert len(report.mended) == PURCHASES - before
            assert {get_order(order).status for order in orders} == {"paid"}
        stands = digest(till.app)
        with till.app.app_context():
            assert reconcile(now=now()).mended == []
        assert digest(till.app) == stands


class TestSilence:
    def test_is_told_in_time_and_slows_nobody(
        self, till: Till, start_server: Callable[..., Server]
    ) -> None:
        """A payment service that hangs, and all threads but one buying on its page.

        Each buyer reads honest words within 8 s, the order stays and goes on with the same form;
        who looks at public pages meanwhile waits as before (the slowest in twenty).
        """
        server = start_server(workers=1, threads=8, **till.settings)
        first, *buyers = [Buyer(server.base_url, who) for who in range(8)]
        for one in (first, *buyers):
            one.open_form()
        assert first.buy().status == 303
        pages = ("/", "/gait", "/book/gait", "/healthz")
        look(server.base_url, pages, times=3)
        faults = till.double.state.faults

        def share() -> float:
            """How long others wait while all of them buy, of what they wait usually."""
            usual = look(server.base_url, pages, times=20)
            faults.hang, faults.hang_seconds = 1000, 20.0
            with ThreadPoolExecutor(7) as hands:
                paying = [hands.submit(one.buy) for one in buyers]
                time.sleep(1.0)
                slow: list[float] = []
                while not all(one.done() for one in paying):
                    slow += look(server.base_url, pages, times=1)
                answers = [one.result() for one in paying]
            faults.hang = 0
            for told in answers:
                assert told.status == 503
                assert told.seconds < 8, told.seconds
                assert "You have not been charged" in told.text
            usual += look(server.base_url, pages, times=20)
            assert len(slow) >= 20
            return at_95(slow) / at_95(usual)

        assert_takes(share, less_than=1.5)
        assert [one.buy().status for one in buyers] == [303] * 7
        with till.app.app_context():
            stands = [(one.status, one.payment) for one in list_orders().orders]
        assert stands == [("awaiting-payment", "unpaid")] * 8


def at_95(seconds: list[float]) -> float:
    """What nineteen in twenty did not exceed."""
    return sorted(seconds)[int(len(seconds) * 0.95)]
