"""Buyers and staff before the pages of orders, with the payment service's double behind them."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from clinic.core.values import SYSTEM, Role
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file
from tests.integration.payments.conftest import (
    CLINIC,
    MONDAY,
    Shop,
    double,
    home_settings,
    payment_service,
    shop,
)
from tests.support.page_client import PageClient
from tests.support.page_clinic import PASSWORD, hire
from tests.support.pages import Page

__all__ = ["double", "home_settings", "payment_service", "shop"]

BUY = "/gait/buy/gait-3d"
DETAILS = {
    "given_name": "Ada",
    "family_name": "Lovelace",
    "birth_date-month": "2",
    "birth_date-day": "29",
    "birth_date-year": "1980",
    "email": "ada@example.com",
    "suits": "none",
    "understood": "y",
}
TUESDAY_TEN = str(int(MONDAY.timestamp()) + 24 * 3600)
"""The start of a lab visit, as a button sends it."""
TUESDAY_TWO = str(int(TUESDAY_TEN) + 4 * 3600)


class Buyer(PageClient):
    """Somebody with a browser who buys, and what the payment service then does."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop.app)
        self.shop = shop

    def buy(self, at: str = "", **typed: str) -> str:
        """Fill in the form and go on to pay; the order's id."""
        self.get(f"{BUY}?at={at}" if at else BUY)
        self.submit({**DETAILS, **typed}, action=BUY, status=303, follow=False)
        return self.orders()[0]

    def orders(self) -> list[str]:
        """The orders that this browser may see, the last one first."""
        with self.client.session_transaction() as kept:
            return [one[0] for one in kept.get("orders", [])]

    def pay(self, order: str, **more: object) -> str:
        """Pay; the address that the payment service leads back to."""
        return f"/payments/success?session_id={self.shop.double.pay(order, **more)}"

    def bought(self, at: str = "", **typed: str) -> str:
        """Buy, pay and come back."""
        order = self.buy(at, **typed)
        self.get(self.pay(order))
        return order


def code_of(page: Page) -> str:
    """The code that an order's page shows."""
    found = re.search(r"<dt>Order</dt><dd>([A-Z0-9-]{12})</dd>", page.html)
    assert found is not None
    return found[1]


@pytest.fixture
def buyer(shop: Shop) -> Buyer:
    """Somebody who has not been here before."""
    return Buyer(shop)


@pytest.fixture
def staff(shop: Shop) -> Callable[[Role], PageClient]:
    """Signs a member of staff in: `staff(Role.FRONT_DESK)`."""

    def sign_in(role: Role) -> PageClient:
        with shop.app.app_context():
            email = hire(role, now=shop.now)
        pages = PageClient(shop.app)
        pages.get("/sign-in")
        pages.submit({"email": email, "password": PASSWORD}, follow=False, status=303)
        return pages

    return sign_in


def status_of(shop: Shop, order: str) -> tuple[str, str]:
    """What the clinic granted, and what of the money is here."""
    found = shop.seen(order)
    return found["status"], found["payment"]


@pytest.fixture
def clinic_without(make_app: Callable[..., Flask]) -> PageClient:
    """A visitor of a clinic that has not said how it is paid."""
    app = make_app()
    with app.app_context():
        load_clinic(file=read_clinic_file(data=CLINIC.encode()), actor=SYSTEM, now=MONDAY)
    return PageClient(app)
