"""An amount that does not fit, and a person who says that it is enough."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.errors import Invalid, Refusal
from clinic.core.values import Actor, Role
from clinic.payments.operations.accepting import accept_amount
from clinic.payments.operations.refusals import OrderDisputed, WrongOrderState
from clinic.payments.queries.money import list_receipts
from clinic.payments.queries.orders import list_story
from sandbox.stripe import money_back
from tests.integration.payments.conftest import Shop

KIM = Actor(kind="staff", name="Kim Torres", id="kim", role=Role.FRONT_DESK)


def underpaid(shop: Shop, **more: Any) -> str:
    """An order for which 300 dollars came instead of 350."""
    order = shop.ordered()
    shop.double.pay(order, **{"amount_total": 30_000, "amount_subtotal": 30_000, **more})
    shop.deliver()
    assert shop.stand(order) == ("awaiting-payment", "paid", ["amount-mismatch"])
    return order


def accept(shop: Shop, order: str, reason: str = "Agreed by phone") -> None:
    """Kim says that it is enough."""
    with shop.app.app_context():
        accept_amount(public_id=order, reason=reason, actor=KIM, now=shop.now)


def contest(shop: Shop, order: str) -> None:
    """The buyer contests the payment."""
    with shop.double.state.lock:
        money_back.open_dispute(shop.double.state, shop.double.intent(order))
    shop.deliver()


def give_back(cents: int) -> Callable[[Shop, str], object]:
    """Some of what came goes back."""
    return lambda shop, order: shop.refund(order, cents)


class TestAcceptAmount:
    def test_makes_the_order_paid_and_books_the_time(self, shop: Shop) -> None:
        order = underpaid(shop)
        accept(shop, order)
        assert shop.stand(order) == ("scheduled", "paid", [])
        assert shop.seen(order)["paid_cents"] == 30_000
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", [])
        with shop.app.app_context():
            assert [one.cents for one in list_receipts(order)] == [30_000]
            told = {line.step: line for line in list_story(order)}
            assert told["amount-accepted"].words == "Agreed by phone"
            assert told["amount-accepted"].actor_name == "Kim Torres"
            assert told["amount-accepted"].details == {"cents": 30_000, "asked": 35_000}
            audited = select(AuditEntry).where(AuditEntry.action == "order.amount-accepted")
            assert db.session.scalars(audited).one().actor_name == "Kim Torres"

    def test_takes_an_order_up_whose_time_has_run_out(self, shop: Shop) -> None:
        order = underpaid(shop)
        shop.later(hours=2)
        accept(shop, order)
        assert shop.stand(order)[:2] == ("scheduled", "paid")

    def test_gives_back_what_came_and_no_more(self, shop: Shop) -> None:
        order = underpaid(shop)
        accept(shop, order)
        assert shop.refund(order, 30_001).status_code == 409
        assert shop.refund(order, 30_000).status_code == 201
        assert shop.stand(order)[1] == "refunded"

    @pytest.mark.parametrize(
        ("before", "refusal"),
        [
            (accept, WrongOrderState),
            (give_back(100), WrongOrderState),
            (give_back(30_000), WrongOrderState),
            (contest, OrderDisputed),
        ],
        ids=["accepted", "partly-refunded", "refunded", "disputed"],
    )
    def test_refuses_what_is_decided_otherwise(
        self, shop: Shop, before: Callable[[Shop, str], object], refusal: type[Refusal]
    ) -> None:
        order = underpaid(shop)
        before(shop, order)
        stand = shop.stand(order)
        with pytest.raises(refusal):
            accept(shop, order)
        assert shop.stand(order) == stand

    def test_demands_a_reason(self, shop: Shop) -> None:
        order = underpaid(shop)
        for reason in ("", "  ", "x" * 501):
            with pytest.raises(Invalid):
                accept(shop, order, reason)
        assert shop.stand(order)[0] == "awaiting-payment"

    def test_refuses_another_currency_and_an_order_without_money(self, shop: Shop) -> None:
        foreign, unpaid = underpaid(shop, currency="eur"), shop.ordered("Bea", starts_at=None)
        for order in (foreign, unpaid):
            with pytest.raises(WrongOrderState):
                accept(shop, order)
