"""`flask reconcile`: what it says and how it ends."""

from clinic.core.db import db
from clinic.payments.models import Order
from tests.integration.payments.conftest import Shop


class TestReconcile:
    def test_mends_and_says_so_once(self, shop: Shop) -> None:
        """P1, M6: the webhook never came, and the page was closed."""
        order = shop.ordered()
        shop.double.pay(order)
        runner = shop.app.test_cli_runner()
        first = runner.invoke(args=["reconcile"])
        assert first.exit_code == 0, first.output
        assert f"mended: {order}: scheduled, paid" in first.output
        assert "mended: " not in runner.invoke(args=["reconcile"]).output
        assert shop.stand(order) == ("scheduled", "paid", [])

    def test_ends_apart_when_nobody_answers_and_when_the_books_are_wrong(self, shop: Shop) -> None:
        order = shop.ordered()
        shop.double.pay(order)
        runner = shop.app.test_cli_runner()
        shop.double.state.faults.error = 100
        assert runner.invoke(args=["reconcile"]).exit_code == 2
        shop.double.state.faults.error = 0
        self.set_sum(shop, order, 5)
        wrong = runner.invoke(args=["reconcile", "--check"])
        assert (wrong.exit_code, order in wrong.output) == (1, True)
        self.set_sum(shop, order, 0)

    def set_sum(self, shop: Shop, order: str, cents: int) -> None:
        """Somebody changes a sum behind our back."""
        table = Order.__table__
        with shop.app.app_context(), db.engine.begin() as connection:
            changed = table.update().where(table.c.public_id == order)  # type: ignore[attr-defined]
            connection.execute(changed.values(paid_cents=cents))
