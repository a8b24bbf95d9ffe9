"""Events of one order in every order of arrival end in the same state (M12, M27)."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from clinic.core.db import db
from clinic.messaging.models import Message
from clinic.payments import acting
from clinic.payments.models import Entitlement, LedgerEntry, Order, Payment, Receipt, Refund
from clinic.payments.operations.inbox import Door, store_event
from clinic.payments.reading import event as read_event
from sandbox.stripe import checkout, money_back
from tests.integration.payments.conftest import Shop

BANK_AND_REFUND = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "payment_intent.succeeded",
    "charge.refunded",
    "refund.updated",
)
DECLINED_AND_DISPUTED = (
    "payment_intent.payment_failed",
    "checkout.session.completed",
    "payment_intent.succeeded",
    "charge.dispute.created",
    "charge.dispute.closed",
)
Step = Callable[[Shop, str], object]
TAKES_DAYS_THEN_GIVEN_BACK: tuple[Step, ...] = (
    lambda shop, order: shop.double.pay(order, delayed=True),
    lambda shop, order: checkout.bank_says(shop.double.state, shop.double.session(order), yes=True),
    lambda shop, order: shop.double.refund(order, 5000),
)
"""Paid through a bank that takes days, then partly given back outside."""
DECLINED_THEN_WON: tuple[Step, ...] = (
    lambda shop, order: checkout.decline(shop.double.state, shop.double.session(order)),
    lambda shop, order: shop.double.pay(order),
    lambda shop, order: money_back.open_dispute(shop.double.state, shop.double.intent(order)),
    lambda shop, _order: money_back.close_dispute(
        shop.double.state, next(shop.double.state.all("dispute")), "won"
    ),
)
"""Declined, paid, contested, and the dispute won."""


@pytest.mark.parametrize(
    ("steps", "kinds", "end"),
    [
        (
            TAKES_DAYS_THEN_GIVEN_BACK,
            BANK_AND_REFUND,
            ("paid", "partly-refunded", False, ("external-refund",), 30_000),
        ),
        (DECLINED_THEN_WON, DECLINED_AND_DISPUTED, ("paid", "paid", False, (), 35_000)),
    ],
    ids=["bank-and-refund", "declined-and-disputed"],
)
class TestFiveEvents:
    def test_end_alike_in_every_order(
        self, shop: Shop, steps: tuple[Step, ...], kinds: tuple[str, ...], end: tuple[Any, ...]
    ) -> None:
        """All 120 orders of arrival, proved by their first event instead of walked one by one.

        What happened is over before any event comes, as after an outage. Whichever of the five
        comes first brings the order to its end, and there none of the others changes anything: no
        row of money, no receipt, no task, no message that tells of money. So no order of arrival
        ends elsewhere. An order whose events came as things happened ends there, too.
        """
        ends = [self.lived_through(shop, steps)]
        for number in range(5):
            order, events = self.outlasted(shop, f"Pat{'abcde'[number]}", steps, kinds)
            first, *others = events[number:] + events[:number]
            self.arrive(shop, first)
            ends.append(stand(shop, order))
            told = books(shop, order)
            for event in others:
                self.arrive(shop, event)
                assert books(shop, order) == told, (first["type"], event["type"])
        assert ends == [end] * 6

    def lived_through(self, shop: Shop, steps: tuple[Step, ...]) -> tuple[Any, ...]:
        """The end of an order whose events came at once, the same one again and again."""
        order = shop.ordered("Live", starts_at="")
        for step in steps:
            step(shop, order)
            for event in shop.double.events():
                self.arrive(shop, event)
        return stand(shop, order)

    def outlasted(
        self, shop: Shop, name: str, steps: tuple[Step, ...], kinds: tuple[str, ...]
    ) -> tuple[str, list[dict[str, Any]]]:
        """An order of which nothing was told while it happened, and its events."""
        order = shop.ordered(name, starts_at="")
        before = len(shop.double.events())
        for step in steps:
            step(shop, order)
        told = shop.double.events()[before:]
        return order, [next(one for one in told if one["type"] == kind) for kind in kinds]

    def arrive(self, shop: Shop, event: dict[str, Any]) -> None:
        """It is stored and acted on before the next one comes."""
        body = json.dumps(event).encode()
        read = read_event(body)
        assert read is not None
        with shop.app.app_context():
            store_event(door=Door(), event=read, body=body, now=shop.now)
            acting.act_on_events(now=shop.now)


def stand(shop: Shop, order: str) -> tuple[Any, ...]:
    """Where an order stands, and what of its money the clinic holds."""
    found = shop.seen(order)
    held = found["paid_cents"] - found["refunded_cents"]
    return found["status"], found["payment"], found["disputed"], tuple(found["tasks"]), held


def books(shop: Shop, order: str) -> tuple[Any, ...]:
    """Everything that was written down of an order, but the story's lines."""
    with shop.app.app_context():
        ident = select(Order.id).where(Order.public_id == order).scalar_subquery()
        mine = select(Payment.id).where(Payment.order_id == ident)
        counted = [
            select(func.count()).where(Payment.order_id == ident),
            select(func.count()).where(Refund.payment_id.in_(mine)),
            select(func.count()).where(Receipt.order_id == ident),
            select(func.count()).where(LedgerEntry.order_id == ident),
            select(func.sum(LedgerEntry.cents)).where(LedgerEntry.order_id == ident),
            select(func.count()).where(
                Entitlement.order_id == ident, Entitlement.revoked_at.is_(None)
            ),
            select(func.count()).where(Message.about == f"order:{order}"),
        ]
        return (*stand(shop, order), *(db.session.scalar(one) for one in counted))
