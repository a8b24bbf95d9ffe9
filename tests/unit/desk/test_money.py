"""What is left to pay for a visit, and what should be in the drawer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.desk.rules.money import OrderMoney, settle
from clinic.payments.rules.till import Drawer, sums_by_means
from clinic.scheduling.rules.costs import cost_of

PAID = OrderMoney(12000, 12000, 0, "paid", is_bought=False)
ASKED = OrderMoney(8000, 0, 0, "unpaid", is_bought=False)
BACK = OrderMoney(12000, 12000, 12000, "refunded", is_bought=False)


class TestCostOf:
    @pytest.mark.parametrize(
        ("status", "agreed", "charged", "cost"),
        [
            ("booked", 20000, None, 20000),
            ("fulfilled", 20000, 3000, 3000),
            ("fulfilled", 20000, 0, 0),
            ("cancelled", 20000, None, 0),
            ("noshow", 20000, 5000, 5000),
            ("fulfilled", None, None, 0),
        ],
    )
    def test_is_what_staff_said_else_the_price_of_then(
        self, status: str, agreed: int | None, charged: int | None, cost: int
    ) -> None:
        assert cost_of(status=status, agreed_cents=agreed, charged_cents=charged) == cost


class TestSettle:
    def test_has_nothing_to_say_of_a_free_visit(self) -> None:
        assert settle(cost_cents=0, orders=()) is None

    @pytest.mark.parametrize(
        ("cost", "orders", "left", "word"),
        [
            (20000, (), 20000, "unpaid"),
            (20000, (PAID,), 8000, "unpaid"),
            (20000, (PAID, ASKED), 8000, "unpaid"),
            (12000, (PAID,), 0, "paid"),
            (0, (ASKED,), 8000, "unpaid"),
            (12000, (BACK,), 12000, "unpaid"),
            (0, (BACK,), 0, "refunded"),
            (12000, (BACK, PAID), 0, "partly-refunded"),
            (9000, (OrderMoney(9000, 0, 0, "pending", is_bought=False),), 9000, "pending"),
        ],
    )
    def test_counts_every_order_about_the_visit(
        self, cost: int, orders: tuple[OrderMoney, ...], left: int, word: str
    ) -> None:
        found = settle(cost_cents=cost, orders=orders)
        assert found is not None
        assert (found.left_cents, found.payment) == (left, word)

    def test_leaves_a_bought_visit_to_its_order(self) -> None:
        bought = OrderMoney(35000, 35000, 0, "paid", is_bought=True)
        found = settle(cost_cents=20000, orders=(bought,))
        assert found is not None
        assert (found.left_cents, found.is_bought, found.too_much_cents) == (0, True, 0)

    def test_tells_what_is_here_beyond_the_cost(self) -> None:
        found = settle(cost_cents=10000, orders=(PAID,))
        assert found is not None
        assert (found.left_cents, found.too_much_cents) == (0, 2000)


class TestDrawer:
    @given(
        st.lists(st.tuples(st.sampled_from(["cash", "terminal"]), st.integers(-9999, 9999))),
        st.integers(0, 99999),
    )
    def test_holds_the_start_and_the_cash_of_the_day(
        self, lines: list[tuple[str, int]], start: int
    ) -> None:
        sums = sums_by_means(lines)
        assert sum(sums.values()) == sum(cents for _means, cents in lines)
        drawer = Drawer(start_cents=start, cash_cents=sums["cash"], moved_cents=0)
        assert drawer.difference(drawer.expected_cents) == 0
        assert drawer.difference(0) == -start - sums["cash"]
