"""A clinic that sells a gait analysis, the payment service's double, and what must always hold."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from clinic.core import clock
from clinic.core.db import db
from clinic.core.values import SYSTEM, Role
from clinic.payments import acting
from clinic.payments.invariants import broken_invariants
from clinic.payments.models import LedgerEntry, Order, Payment
from clinic.payments.reconciling import reconcile
from clinic.people.operations import create_token
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file
from sandbox.stripe.state import Faults, State
from tests.support.stripe_double import Double, Service, running_service

CLINIC = """
[clinic]
name = "Riverside Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0100"
[[locations]]
slug = "main"
name = "Main office"
address = "1 Example Street"
[[resources]]
slug = "lab"
name = "Gait lab"
kind = "room"
location = "main"
[[services]]
slug = "gait"
name = "Gait analysis"
minutes = 60
needs = [["lab"]]
price_cents = 35000
horizon_days = 120
[[practitioners]]
slug = "osei"
name = "Amara Osei"
services = ["gait"]
licence = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"
[[practitioners]]
slug = "quist"
name = "Jonas Quist"
services = ["gait"]
licence = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"
[[products]]
slug = "gait-3d"
name = "3D gait analysis"
service = "gait"
price_cents = 35000
currency = "usd"
[[products]]
slug = "gift"
name = "Trial run"
service = "gait"
price_cents = 0
currency = "usd"
"""
MONDAY = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""Ten in the morning in New York."""
TUESDAY_10 = "2026-03-03T15:00:00Z"


class Shop:
    """A clinic behind its API, its payment service, and one clock for both."""

    def __init__(self, app: Flask, double: Double, stop: Callable[[datetime], None]) -> None:
        self.app, self.double, self._stop = app, double, stop
        self.client = app.test_client()
        self.now = MONDAY
        self._tokens: dict[str, str] = {}
        stop(self.now)

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)
        self._stop(self.now)

    def seconds(self) -> float:
        """The clinic's clock, for the double too."""
        return self.now.timestamp()

    def load(self, text: str = CLINIC) -> None:
        """Let the clinic be what the file says."""
        with self.app.app_context():
            load_clinic(file=read_clinic_file(data=text.encode()), actor=SYSTEM, now=self.now)

    def token(self, role: str) -> str:
        """A token of that role."""
        if role not in self._tokens:
            with self.app.app_context():
                self._tokens[role] = create_token(
                    name=role, role=Role(role), actor=SYSTEM, now=self.now
                )
        return self._tokens[role]

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        role: str | None = None,
        key: str | None = None,
    ) -> TestResponse:
        """A call of the API."""
        headers = {"Authorization": f"Bearer {self.token(role)}"} if role else {}
        if key is not None:
            headers["Idempotency-Key"] = key
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    def order(self, name: str = "Ada", *, key: str | None = None, **more: Any) -> TestResponse:
        """Order the analysis, for Tuesday at ten unless `starts_at` says otherwise."""
        body = {"product": "gait-3d", "patient": patient(name), "starts_at": TUESDAY_10, **more}
        return self.call("POST", "/orders", {k: v for k, v in body.items() if v}, key=key)

    def ordered(self, name: str = "Ada", **more: Any) -> str:
        """An order that must succeed; its id."""
        answer = self.order(name, **more)
        assert answer.status_code == 201, answer.text
        return str(answer.get_json()["id"])

    def seen(self, order: str) -> dict[str, Any]:
        """The order as the front desk sees it."""
        answer = self.call("GET", f"/orders/{order}", role="front_desk")
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def stand(self, order: str) -> tuple[str, str, list[str]]:
        """Status, payment and tasks."""
        found = self.seen(order)
        return found["status"], found["payment"], found["tasks"]

    def refund(self, order: str, cents: int, **more: Any) -> TestResponse:
        """Staff give money back."""
        body = {"cents": cents, "reason": "asked for it"}
        role = more.pop("role", "front_desk")
        return self.call("POST", f"/orders/{order}/refund", body, role=role, **more)

    def deliver(self, *kinds: str) -> None:
        """Every event so far of these kinds (or all) arrives, and the worker acts."""
        for event in self.double.events(*kinds):
            answer = self.double.deliver(self.app, event)
            assert answer.status_code == 200, answer.text
        self.work()

    def work(self) -> None:
        """The worker's turn at the inbox."""
        with self.app.app_context():
            acting.act_on_events(now=self.now, batches=100)

    def slots(self) -> list[str]:
        """The starts that are free on Tuesday with anybody."""
        query = "/slots?service=gait&from=2026-03-03&to=2026-03-03"
        return [slot["starts_at"] for slot in self.call("GET", query).get_json()["slots"]]


def patient(name: str = "Ada") -> dict[str, str]:
    """A patient's details; another name is another person."""
    return {
        "given_name": name,
        "family_name": "Lovelace",
        "birth_date": "1980-02-29",
        "email": f"{name.lower()}@example.com",
    }


@pytest.fixture(scope="session")
def payment_service() -> Iterator[Service]:
    """Where the doubles answer, of this worker."""
    with running_service() as running:
        yield running


@pytest.fixture
def double(payment_service: Service) -> Double:
    """The payment service as on its first day; it sends nothing by itself."""
    return payment_service.opened()


@pytest.fixture
def home_settings(double: Double) -> Mapping[str, str]:
    """The clinic's app knows how it is paid."""
    return double.settings


@pytest.fixture
def shop(app: Flask, double: Double, set_clock: Callable[[datetime], None]) -> Iterator[Shop]:
    """The clinic, once on each engine; whatever a test does, the books are right at its end."""
    made = Shop(app, double, set_clock)
    double.state.clock = made.seconds
    made.load()
    yield made
    double.state.faults = Faults()
    with app.app_context():
        reconcile(now=made.now)
        assert broken_invariants() == []
        assert reconcile(now=made.now).mended == []
        assert _books(app) == {order: double.net(order) for order in _books(app)}
    assert _told_too_much(double) == []


def _books(app: Flask) -> dict[str, int]:
    """What the book says of each order that the payment service knows."""
    wanted = (
        select(Order.public_id, func.coalesce(func.sum(LedgerEntry.cents), 0))
        .outerjoin(LedgerEntry, LedgerEntry.order_id == Order.id)
        .where(Order.id.not_in(select(Payment.order_id).where(Payment.method != "stripe")))
        .group_by(Order.public_id)
    )
    return {row[0]: row[1] for row in db.session.execute(wanted)}


# Short words stand by themselves: random ids are long and may have any four letters within.
TOO_MUCH = re.compile(r"lovelace|gait-3d|(?<![a-z0-9])(1980|osei|quist)(?![a-z0-9])", re.IGNORECASE)


def _told_too_much(double: Double) -> list[str]:
    """Requests that said who the patient is: the e-mail address apart, nothing may."""
    found = [call.body for call in double.state.calls]
    return [body for body in found if TOO_MUCH.search(unquote_plus(body))]


__all__ = ["CLINIC", "MONDAY", "TUESDAY_10", "Double", "Shop", "State", "clock", "patient"]
