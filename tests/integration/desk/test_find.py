"""Finding a visit by the reference that somebody reads out on the phone."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from clinic.core.values import Role
from clinic.gait.operations.balances import request_balance
from clinic.gait.queries.codes import order_code
from clinic.scheduling.queries.visits import Visit
from tests.integration.desk.test_today import looks, row, sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, book, local


@pytest.fixture
def visit(clinic: Flask) -> Visit:
    """A visit on Thursday, among others."""
    with clinic.app_context():
        book("2026-03-03 09:00", who=1)
        found = book("2026-03-05 10:00", who=2)
        book("2026-03-05 11:00", who=3)
        return found


@pytest.fixture
def desk(clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]) -> PageClient:
    """The front desk, signed in, on Tuesday."""
    set_clock(local("2026-03-03 10:20"))
    return sign_in(clinic, pages, Role.FRONT_DESK)


class TestFind:
    def test_leads_to_the_day_of_the_visit(
        self, clinic: Flask, desk: PageClient, visit: Visit
    ) -> None:
        typed = visit.reference.replace("-", " ").lower()
        page = desk.get(f"/desk/find?reference={typed}")
        assert page.h1 == "Thursday, March 5"
        assert "Pat2" in row(desk, visit)
        assert looks(clinic) == [("Kim Torres", "day:2026-03-05")]

    @pytest.mark.parametrize("typed", ["", "nothing", "222-222", "é" * 40])
    def test_says_when_there_is_none_and_keeps_what_was_typed(
        self, desk: PageClient, visit: Visit, typed: str
    ) -> None:
        page = desk.get(f"/desk/find?reference={typed}", status=404)
        assert "No visit has the reference" in page.text
        (field,) = [e for e in page.tree.iter("input") if e.get("id") == "find"]
        assert field.get("value") == typed[:20]

    def test_leads_from_the_code_of_an_order_to_it(
        self, clinic: Flask, desk: PageClient, visit: Visit
    ) -> None:
        with clinic.app_context():
            order = request_balance(appointment=visit.public_id, cents=900, actor=KIM, now=NOW)
            code = order_code(order)
        desk.get("/desk/search")
        found = desk.submit({"q": code.lower()}, action="/desk/search")
        assert f"/desk/orders/{order.public_id}" in found.html
        wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
        assert "Nobody found" in desk.submit({"q": wrong}, action="/desk/search").text

    def test_is_for_staff_alone(self, pages: PageClient, visit: Visit) -> None:
        assert pages.get(f"/desk/find?reference={visit.reference}").h1 == "Staff sign-in"
