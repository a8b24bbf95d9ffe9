"""The webhook: what is taken in, what is refused, what is not ours (M25, M26, P4, M2)."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.values import Actor, Role
from clinic.messaging.models import Message
from clinic.payments.models import StripeEvent
from clinic.payments.operations.inbox import retry_task
from clinic.payments.queries.orders import list_tasks
from sandbox.stripe.app import SECRET
from sandbox.stripe.delivery import signed
from tests.integration.payments.conftest import Double, Shop
from tests.support.stripe_double import WEBHOOK
from tests.unit.intake.outside import EXTERNAL

KIM = Actor(kind="staff", name="Kim Torres", id="kim", role=Role.FRONT_DESK)
STRIPE = EXTERNAL / "stripe"
needs_stripe = pytest.mark.skipif(
    not STRIPE.is_dir(), reason="the cases of others (../shared/external) are not on this machine"
)


def stored(shop: Shop) -> int:
    """How many events are in the inbox."""
    with shop.app.app_context():
        return db.session.scalar(select(func.count(StripeEvent.id))) or 0


class TestTheDoor:
    def test_refuses_what_is_not_signed_for_us(self, shop: Shop) -> None:
        """M25, line by line; nothing is stored, nothing changes, nothing is a 5xx."""
        order = shop.ordered()
        shop.double.pay(order)
        event = shop.double.events("checkout.session.completed")[0]
        good = json.dumps(event).encode()
        live = {**event, "livemode": True}
        no_event = json.dumps({"object": "list", "data": []}).encode()
        deep = b'{"object":"event","id":"evt_1","type":"x","data":' + b"[" * 40_000
        table: list[dict[str, Any]] = [
            {"header": None},
            {"header": ""},
            {"header": "t=1,v1=00"},
            {"header": "nonsense"},
            {"secret": "whsec_somebody_else"},
            {"late": -301},
            {"body": good[:-1] + b" ", "header": signed_for(shop, good)},
            {"body": b"\xff\xfe", "secret": SECRET},
            {"body": b"", "secret": SECRET},
            {"body": b"not json", "secret": SECRET},
            {"body": b"[1]", "secret": SECRET},
            {"body": b'"text"', "secret": SECRET},
            {"body": no_event, "secret": SECRET},
            {"body": deep, "secret": SECRET},
            {"body": json.dumps(live).encode(), "secret": SECRET},
            {"body": json.dumps({**event, "id": 5}).encode(), "secret": SECRET},
            {"body": json.dumps({**event, "id": "evt\0"}).encode(), "secret": SECRET},
            {"body": json.dumps({**event, "data": None}).encode(), "secret": SECRET},
        ]
        for row in table:
            answer = shop.double.deliver(shop.app, event, **row)
            assert answer.status_code == 400, (row, answer.text)
        assert stored(shop) == 0
        shop.work()
        assert shop.stand(order) == ("awaiting-payment", "unpaid", [])

    def test_refuses_what_is_too_large(self, shop: Shop) -> None:
        event = {"id": "evt_large"}
        for size, status in ((512 * 1024 + 1, 413), (1024 * 1024, 413), (512 * 1024, 400)):
            answer = shop.double.deliver(shop.app, event, body=b"x" * size)
            assert answer.status_code == status
        assert shop.app.test_client().get(WEBHOOK).status_code == 405

    def test_keeps_and_flags_what_is_not_ours(self, shop: Shop) -> None:
        page = shop.double.state.add("checkout.session", status="complete", payment_status="paid")
        page.update(client_reference_id="ord_0001", metadata={"order_id": "ord_0001"})
        page.update(amount_total=100, currency="usd", expires_at=1)
        event = shop.double.state.emit("checkout.session.completed", page)
        gone = {**page, "id": "cs_test_never_there"}
        missing = shop.double.state.emit("checkout.session.completed", gone)
        unheard = shop.double.state.emit("invoice.paid", {"object": "invoice", "id": "in_1"})
        for one in (event, missing, unheard):
            assert shop.double.deliver(shop.app, one).status_code == 200
        shop.work()
        with shop.app.app_context():
            assert [task.code for task in list_tasks()] == ["unknown-order", "unknown-order"]
        shop.double.state.objects.clear()

    def test_takes_both_secrets_while_one_is_replaced(
        self,
        make_app: Callable[..., Flask],
        double: Double,
        set_clock: Callable[[datetime], None],
    ) -> None:
        """M26."""
        app = make_app(**{**double.settings, "STRIPE_WEBHOOK_SECRET": f"whsec_new, {SECRET}"})
        event = double.state.emit("payout.paid", {"object": "payout", "id": "po_1"})
        for secret in (SECRET, "whsec_new"):
            assert double.deliver(app, event, secret=secret).status_code == 200
        assert double.deliver(app, event, secret="whsec_old").status_code == 400

    def test_stores_an_event_once(self, shop: Shop) -> None:
        """P4, M2: twenty times in sequence."""
        order = shop.ordered()
        shop.double.pay(order)
        event = shop.double.events("checkout.session.completed")[0]
        for _ in range(20):
            assert shop.double.deliver(shop.app, event).status_code == 200
        assert stored(shop) == 1
        shop.work()
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", [])
        with shop.app.app_context():
            told = select(func.count(Message.id)).where(Message.kind == "order-paid")
            assert db.session.scalar(told) == 1

    def test_acts_on_what_is_sent_again_after_a_failure(self, shop: Shop) -> None:
        """M8: resent from the service's own pages, or tried again here: 2xx and it is done."""
        orders = [shop.ordered("Ada"), shop.ordered("Bea", starts_at="2026-03-03T18:00:00Z")]
        for order in orders:
            shop.double.pay(order)
        objects = shop.double.state.objects
        hidden = {one: objects.pop(one) for one in map(self.page_of(shop), orders)}
        first, second = shop.double.events("checkout.session.completed")
        shop.deliver("checkout.session.completed")
        with shop.app.app_context():
            tasks = list_tasks()
            assert [task.code for task in tasks] == ["unknown-order"] * 2
        objects.update(hidden)
        assert shop.double.deliver(shop.app, first).status_code == 200
        with shop.app.app_context():
            retry_task(public_id=tasks[1].public_id, actor=KIM, now=shop.now)
            with pytest.raises(NotFound):
                retry_task(public_id=tasks[1].public_id, actor=KIM, now=shop.now)
        shop.work()
        for order in orders:
            assert shop.stand(order) == ("scheduled", "paid", [])
        with shop.app.app_context():
            assert list_tasks() == ()
        assert stored(shop) == 2
        assert second["id"] != first["id"]

    def page_of(self, shop: Shop) -> Callable[[str], str]:
        return lambda order: str(shop.double.session(order)["id"])

    @needs_stripe
    def test_takes_the_published_events(self, shop: Shop) -> None:
        for file in sorted((STRIPE / "events").glob("*.json")):
            event = json.loads(file.read_text(encoding="utf-8"))
            assert shop.double.deliver(shop.app, event).status_code == 200, file.name
        shop.work()
        with shop.app.app_context():
            waiting = select(func.count(StripeEvent.id)).where(StripeEvent.state == "due")
            assert db.session.scalar(waiting) == 0


def signed_for(shop: Shop, body: bytes) -> str:
    """A header that is right for another body."""
    return signed(body, secret=SECRET, at=shop.now.timestamp())
