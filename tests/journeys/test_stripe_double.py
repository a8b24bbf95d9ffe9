"""The stand-in for the payment service: everybody can use its pages, and sees what it is."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from sandbox.stripe import checkout
from tests.support.accessibility import assert_accessible
from tests.support.stripe_double import Double, running_double

ASKED: dict[str, Any] = {
    "mode": "payment",
    "client_reference_id": "an-order",
    "metadata": {"order_id": "an-order", "attempt": "1"},
    "payment_intent_data": {"metadata": {"order_id": "an-order", "attempt": "1"}},
    "line_items": [
        {
            "quantity": 1,
            "price_data": {
                "currency": "usd",
                "unit_amount": 35_000,
                "product_data": {"name": "Your order"},
            },
        }
    ],
    "success_url": "http://127.0.0.1:9/payments/success",
    "cancel_url": "http://127.0.0.1:9/left",
    "allow_promotion_codes": True,
}


@pytest.fixture
def double() -> Iterator[Double]:
    """The payment service with a page that is open and one that was paid."""
    with running_double() as running:
        yield running


class TestDouble:
    def test_is_for_everybody_and_plainly_a_stand_in(
        self,
        browser: Browser,
        double: Double,
        width: int,
    ) -> None:
        paid = checkout.create_session(double.state, {**ASKED, "client_reference_id": "paid"})
        checkout.pay(double.state, paid)
        session = checkout.create_session(double.state, ASKED)
        context = browser.new_context(viewport={"width": width, "height": 900}, base_url=double.url)
        page = context.new_page()
        for path in (f"/c/pay/{session['id']}", f"/c/pay/{paid['id']}", "/"):
            page.goto(path)
            expect(page.get_by_text("it moves no money and asks for no card")).to_be_visible()
            assert_accessible(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto(f"/c/pay/{session['id']}")
        page.get_by_role("button", name="Try a card that is declined").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert_accessible(page)
        context.close()
