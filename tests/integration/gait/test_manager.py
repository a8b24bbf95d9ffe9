"""What the manager changes and reads: products, the refund rule, the money of weeks."""

import csv
import io
from collections.abc import Callable

from clinic.core.values import Role
from tests.integration.gait.conftest import BUY, TUESDAY_TEN, Buyer
from tests.integration.payments.conftest import CLINIC, Shop
from tests.support.page_client import PageClient

Staff = Callable[[Role], PageClient]
PRODUCT = "/desk/products/gait-3d"
RULE = {
    "paid": "90",
    "first_hours": "72",
    "first_percent": "80",
    "second_hours": "0",
    "second_percent": "0",
    "recorded": "10",
    "released": "0",
}


class TestProducts:
    def test_get_a_new_price_for_new_orders_only(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        before = buyer.buy()
        manager = staff(Role.ADMIN)
        manager.get(PRODUCT)
        manager.submit({"price": "399.50", "name": "3D gait"}, action=PRODUCT)
        assert shop.double.session(before)["amount_total"] == 35_000
        later = Buyer(shop)
        after = later.buy(given_name="Grace", email="grace@example.com")
        assert shop.double.session(after)["amount_total"] == 39_950
        assert "3D gait" in later.get("/gait").text

    def test_are_told_in_words_that_stand_at_once(self, buyer: Buyer, staff: Staff) -> None:
        manager = staff(Role.ADMIN)
        manager.get(PRODUCT)
        words = {"gets": "A film: of your steps", "questions": "Is it loud? No.", "ask_first": ""}
        manager.submit(words, action=PRODUCT)
        page = buyer.get("/gait")
        assert "A film" in page.text
        assert "Is it loud?" in page.text

    def test_are_not_sold_once_they_are_not_offered(self, buyer: Buyer, staff: Staff) -> None:
        manager = staff(Role.ADMIN)
        form = manager.get(PRODUCT).form(PRODUCT)
        manager.post(PRODUCT, {k: v for k, v in form.values.items() if k != "active"})
        assert BUY not in buyer.get("/gait").links()
        buyer.get(BUY, status=404)

    def test_are_changed_by_one_at_a_time(self, staff: Staff) -> None:
        manager = staff(Role.ADMIN)
        form = manager.get(PRODUCT).form(PRODUCT)
        manager.post(PRODUCT, {**form.values, "summary": "Mine"})
        page = manager.post(PRODUCT, {**form.values, "summary": "Theirs"}, status=409)
        assert "Somebody else has changed this" in page.text
        assert page.form(PRODUCT).values["summary"] == ["Theirs"]

    def test_refuse_what_they_cannot_be(self, staff: Staff) -> None:
        manager = staff(Role.ADMIN)
        wrong = (("price", "free"), ("price", "-1"), ("name", " "), ("summary", "x" * 241))
        for name, typed in wrong:
            manager.get(PRODUCT)
            page = manager.submit({name: typed}, action=PRODUCT, status=422)
            assert page.title.startswith("Error: ")

    def test_keep_their_words_when_the_clinic_is_loaded_again(
        self, buyer: Buyer, staff: Staff, shop: Shop
    ) -> None:
        manager = staff(Role.ADMIN)
        manager.get(PRODUCT)
        manager.submit({"summary": "Seen from all sides."}, action=PRODUCT)
        shop.load(CLINIC)
        assert "Seen from all sides." in buyer.get("/gait").text


class TestRefundRule:
    def test_holds_for_cancellations_from_then_on(self, buyer: Buyer, staff: Staff) -> None:
        order = buyer.bought()
        manager = staff(Role.ADMIN)
        manager.get("/desk/products")
        manager.submit(RULE, action="/desk/products/refunds")
        assert "72 hours or more before the visit" in buyer.get("/gait").text
        assert "You get back $315." in buyer.get(f"/gait/orders/{order}/cancel").text

    def test_refuses_what_is_no_rule(self, staff: Staff) -> None:
        manager = staff(Role.ADMIN)
        for wrong in ({"paid": "101"}, {"paid": "x"}, {"first_hours": "1", "second_hours": "9"}):
            manager.get("/desk/products")
            page = manager.submit({**RULE, **wrong}, action="/desk/products/refunds", status=422)
            assert page.title.startswith("Error: ")


class TestMoney:
    def test_stands_by_week_and_as_a_file(self, buyer: Buyer, staff: Staff) -> None:
        order = buyer.bought(TUESDAY_TEN)
        manager = staff(Role.ADMIN)
        manager.get(f"/desk/orders/{order}")
        typed = {"amount": "50", "reason": "Waited long"}
        manager.submit(typed, action=f"/desk/orders/{order}/refund")
        page = manager.get("/desk/money")
        assert "March 2, 2026$350\N{MINUS SIGN}$50$0$300" in page.text
        link = next(link for link in page.links() if "book.csv" in link)
        rows = list(csv.reader(io.StringIO(manager.client.get(link).text, newline="")))
        assert [row[1:3] for row in rows] == [
            ["kind", "amount"],
            ["payment", "350.00"],
            ["refund", "-50.00"],
        ]
        assert "Lovelace" not in manager.client.get(link).text

    def test_says_why_there_is_none(self, staff: Staff) -> None:
        page = staff(Role.ADMIN).get("/desk/money?from=2026-01-01")
        assert "No money moved in these twelve weeks." in page.text
        staff_page = page.text
        assert "Every payment that is known fits its order." in staff_page
