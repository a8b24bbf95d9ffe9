"""How long a browser and a link open an order."""

from clinic.payments.queries.links import order_path
from tests.integration.gait.conftest import DETAILS, Buyer, code_of
from tests.integration.gait.test_buying import send_refunds
from tests.integration.payments.conftest import Shop


class TestOrder:
    def test_is_known_to_a_browser_for_a_month_and_to_a_link_as_long_as_it_is_to_come(
        self, buyer: Buyer, shop: Shop
    ) -> None:
        order = buyer.bought()
        code = code_of(buyer.page)
        with shop.app.app_context():
            link = order_path(public_id=order, link_version=1)
        shop.later(days=29)
        assert buyer.get(f"/gait/orders/{order}").h1 == "Now choose your lab time."
        shop.later(days=2)
        page = buyer.get(f"/gait/orders/{order}")
        assert "This browser does not show this order now" in page.text
        assert "Ada" not in page.text
        buyer.get(f"/gait/orders/{order}/cancel", status=404)
        shop.later(days=401)
        assert buyer.get(link).h1 == "Now choose your lab time."
        buyer.get(f"/gait/orders/{order}/cancel")
        buyer.submit({}, action=f"/gait/orders/{order}/cancel")
        send_refunds(shop)
        shop.later(days=89)
        assert buyer.get(link).h1 == "This order was cancelled."
        shop.later(days=2)
        stranger = Buyer(shop)
        assert "This link no longer works" in stranger.get(link, status=410).text
        stranger.get("/payments/success")
        born = {name: DETAILS[name] for name in DETAILS if name.startswith("birth_date")}
        stranger.submit({"code": code, **born}, action="/payments/success", status=404)
