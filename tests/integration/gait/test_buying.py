"""Buying: the catalogue, the form, the payment page, and the way back."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import SYSTEM, Role
from clinic.messaging.operations.resending import resend_message
from clinic.messaging.repeats import NothingToRepeat
from clinic.messaging.rules import SENT
from clinic.payments.refunding import send_waiting_refunds
from clinic.people.models import ContactChoice
from config_sms import SmsService
from sandbox.stripe import checkout
from sandbox.stripe.state import Faults
from tests.integration.gait.conftest import (
    BUY,
    DETAILS,
    TUESDAY_TEN,
    TUESDAY_TWO,
    Buyer,
    code_of,
    status_of,
)
from tests.integration.messaging.outbox import rows
from tests.integration.messaging.test_outbox_page import end_all
from tests.integration.payments.conftest import CLINIC, TUESDAY_10, Shop, patient
from tests.support.page_client import PageClient


def send_refunds(shop: Shop) -> None:
    """The worker's turn, a little later."""
    shop.later(minutes=1)
    with shop.app.app_context():
        send_waiting_refunds(now=shop.now)


class TestCatalogue:
    def test_names_price_time_and_rule(self, buyer: Buyer) -> None:
        page = buyer.get("/gait")
        assert "$350" in page.text
        assert "First free time: Mon, Mar 2, 10:00 AM" in page.text
        assert BUY in page.links()

    def test_is_the_first_way_to_start(self, buyer: Buyer) -> None:
        ways = [link for link in buyer.get("/").links() if link in {"/gait", "/book"}]
        assert "/gait" in ways

    def test_sells_nothing_where_nothing_can_be_paid(self, clinic_without: PageClient) -> None:
        page = clinic_without.get("/gait")
        assert BUY not in page.links()
        clinic_without.get(BUY, status=404)

    def test_knows_no_other_product(self, buyer: Buyer) -> None:
        buyer.get("/gait/buy/none", status=404)


class TestStoryUrl:
    def test_leads_from_the_interface_to_the_page_of_the_order(
        self, buyer: Buyer, shop: Shop
    ) -> None:
        order = shop.order().get_json()
        assert buyer.get(urlsplit(order["story_url"]).path).path == f"/gait/orders/{order['id']}"


class TestBuy:
    def test_ends_in_a_booked_lab_visit(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.buy(TUESDAY_TEN)
        page = buyer.get(buyer.pay(order))
        assert page.h1 == "Your lab time is booked."
        assert "Tue, Mar 3" in page.text
        assert status_of(shop, order) == ("scheduled", "paid")

    def test_gives_a_time_where_nobody_books_without_paying(self, buyer: Buyer, shop: Shop) -> None:
        """M19: a clinic may want the money first; then `/book` and the API offer no way around."""
        shop.load(CLINIC.replace("horizon_days = 120", "horizon_days = 120\nonline = false"))
        body = {"service": "gait", "starts_at": TUESDAY_10, "patient": patient("Bea")}
        refused = shop.call("POST", "/appointments", body)
        assert (refused.status_code, refused.get_json()["type"]) == (422, "/problems/not-offered")
        assert shop.slots() == []
        assert TUESDAY_TEN in buyer.get(f"{BUY}/times?week=2026-03-02").html
        order = buyer.buy(TUESDAY_TEN)
        page = buyer.get(buyer.pay(order))
        assert status_of(shop, order) == ("scheduled", "paid")
        # What was paid for may be moved by whoever paid, though nobody books it otherwise.
        move = next(link for link in page.links() if link.endswith("/move"))
        buyer.get(f"{move}?slot={int(TUESDAY_TEN) + 3600}|osei|main")
        page = buyer.submit({}, action=move)
        assert "Your visit was moved." in page.text
        assert "11:00 AM" in page.text
        later = buyer.bought(given_name="Cyd")
        page = buyer.get(f"/gait/orders/{later}")
        page = buyer.submit({"at": TUESDAY_TWO}, action=f"/gait/orders/{later}/times")
        assert page.h1 == "Your lab time is booked."

    def test_of_what_a_code_pays_for_speaks_of_no_money(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.buy(TUESDAY_TEN)
        checkout.apply_code(shop.double.session(order), "FREE100")
        page = buyer.get(buyer.pay(order))
        assert page.h1 == "Your lab time is booked."
        assert "Nothing was due for this lab visit." in page.text
        assert "\N{MINUS SIGN}$350" in page.text
        assert "$0" not in page.text
        asked = buyer.get(f"/gait/orders/{order}/cancel")
        assert "Nothing was paid." in asked.text

    def test_lets_the_time_be_chosen_after_paying(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.bought()
        assert buyer.page.h1 == "Now choose your lab time."
        page = buyer.submit({"at": TUESDAY_TEN}, action=f"/gait/orders/{order}/times")
        assert page.h1 == "Your lab time is booked."
        assert status_of(shop, order) == ("scheduled", "paid")

    def test_is_one_order_however_often_the_button_is_pressed(
        self, buyer: Buyer, shop: Shop
    ) -> None:
        form = buyer.get(BUY).form(BUY)
        for _ in range(3):
            buyer.post(BUY, {**form.values, **DETAILS}, status=303, follow=False)
        assert len(buyer.orders()) == 1
        assert len(shop.double.sessions(buyer.orders()[0])) == 1

    def test_keeps_a_wish_for_texts_that_was_ticked(self, buyer: Buyer, shop: Shop) -> None:
        assert "Remind me by text message" not in buyer.get(BUY).text, "nobody takes texts"
        service = SmsService.from_url(f"twilio://AC{'0' * 32}:secret@example.com?from=+12125550100")
        shop.app.extensions["clinic.messaging"].sms = service
        assert "texts" not in buyer.get(BUY).form(BUY).values
        buyer.buy(phone="212 555 0143", texts="y")
        with shop.app.app_context():
            wish = db.session.scalars(select(ContactChoice)).one()
            assert (wish.address, wish.is_wanted, wish.by) == ("+12125550143", True, "public")

    def test_reads_no_price_from_the_form(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.buy(amount="100", price="1", total_cents="1")
        assert shop.double.session(order)["amount_total"] == 35_000

    def test_keeps_what_was_typed_and_names_each_fault(self, buyer: Buyer) -> None:
        buyer.get(BUY)
        page = buyer.submit({"given_name": "Ada"}, action=BUY, status=422)
        assert page.title.startswith("Error: ")
        assert page.form(BUY).values["given_name"] == ["Ada"]
        for anchor in ("#family_name", "#suits-0", "#understood"):
            assert anchor in page.links()

    def test_asks_to_talk_first_and_keeps_no_answer(self, buyer: Buyer, shop: Shop) -> None:
        buyer.get(BUY)
        page = buyer.submit({**DETAILS, "suits": "some"}, action=BUY, status=422)
        assert "Please talk to us before you buy." in page.text
        assert buyer.orders() == []
        assert shop.double.state.calls == []

    def test_offers_others_where_the_time_was_taken(self, buyer: Buyer, shop: Shop) -> None:
        Buyer(shop).bought(TUESDAY_TEN, given_name="Grace", email="grace@example.com")
        buyer.get(f"{BUY}?at={TUESDAY_TEN}")
        page = buyer.submit(DETAILS, action=BUY, status=409)
        assert "Free instead" in page.text
        later = next(value for name, value in page.form(BUY).buttons if name == "at")
        buyer.submit({"at": later}, action=BUY, status=303, follow=False)
        assert len(buyer.orders()) == 1

    def test_takes_an_instant_that_is_none_for_not_chosen(self, buyer: Buyer) -> None:
        for at in ("x", "-1", "9" * 12, "1e9", "١٢"):
            assert "Your lab time can wait" in buyer.get(f"{BUY}?at={at}").text


class TestPaying:
    def test_says_so_when_the_payment_service_is_silent(self, buyer: Buyer, shop: Shop) -> None:
        shop.double.state.faults = Faults(error=10)
        buyer.get(f"{BUY}?at={TUESDAY_TEN}")
        page = buyer.submit(DETAILS, action=BUY, status=503)
        assert "We cannot reach our payment service right now." in page.text
        assert "is held for you until" in page.text
        shop.double.state.faults = Faults()
        order = buyer.orders()[0]
        buyer.submit({}, action=f"/gait/orders/{order}/pay", status=303, follow=False)
        assert len(shop.double.sessions(order)) == 1

    def test_goes_on_where_one_left(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.buy(TUESDAY_TEN)
        page = buyer.get(f"/gait/orders/{order}?left=1")
        assert "You came back without paying." in page.text
        buyer.submit({}, action=f"/gait/orders/{order}/pay", status=303, follow=False)
        assert len(shop.double.sessions(order)) == 1

    def test_frees_the_time_when_the_order_is_given_up(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.buy(TUESDAY_TEN)
        assert "2026-03-03T15:00:00Z" not in shop.slots()
        buyer.get(f"/gait/orders/{order}/cancel")
        page = buyer.submit({}, action=f"/gait/orders/{order}/cancel")
        assert page.h1 == "This order was cancelled."
        assert "2026-03-03T15:00:00Z" in shop.slots()


class TestSuccess:
    def test_is_true_while_the_bank_takes_days(self, buyer: Buyer) -> None:
        order = buyer.buy()
        page = buyer.get(buyer.pay(order, delayed=True))
        assert page.h1 == "Your bank is still at work."
        assert not [form for form in page.forms if form.action.endswith("/pay")]

    def test_is_true_when_the_bank_did_not_pay(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.buy(TUESDAY_TEN)
        back = buyer.pay(order, delayed=True)
        assert "is held for you while your bank is at work." in buyer.get(back).text
        checkout.bank_says(shop.double.state, shop.double.session(order), yes=False)
        assert buyer.get(back).h1 == "Your bank did not pay."
        buyer.submit({}, action=f"/gait/orders/{order}/pay", status=303, follow=False)
        assert buyer.get(buyer.pay(order)).h1 == "Your lab time is booked."
        shop.refund(order, 5000)
        assert "$350 arrived for this lab visit; $50 went back" in buyer.get(back).text
        shop.refund(order, 30_000)
        assert "the visit is still in our book" in buyer.get(back).text

    def test_is_true_before_paying_and_after_running_out(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.buy(TUESDAY_TEN)
        back = f"/payments/success?session_id={shop.double.session(order)['id']}"
        assert buyer.get(back).h1 == "Nothing was paid so far."
        shop.later(hours=2)
        assert buyer.get(back).h1 == "This order has run out."

    def test_says_that_it_waits_for_the_payment_service(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.buy()
        back = buyer.pay(order)
        shop.double.state.faults = Faults(error=10)
        assert buyer.get(back).h1 == "We are waiting for the answer of our payment service."
        shop.double.state.faults = Faults()
        assert buyer.get(back).h1 == "Now choose your lab time."

    def test_fulfils_for_anybody_and_names_nobody(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.buy(TUESDAY_TEN)
        page = Buyer(shop).get(buyer.pay(order))
        assert page.h1 == "Your lab time is booked."
        assert "Ada" not in page.text
        assert "Lovelace" not in page.html
        assert "ada@" not in page.html
        assert "Mar 3" not in page.text
        assert status_of(shop, order) == ("scheduled", "paid")

    def test_says_that_what_does_not_fit_is_looked_at(self, buyer: Buyer) -> None:
        order = buyer.buy()
        page = buyer.get(buyer.pay(order, amount_total=100, amount_subtotal=100))
        assert page.h1 == "A person is looking at your payment."
        assert not [form for form in page.forms if form.action.endswith("/pay")]

    def test_is_a_plain_page_for_a_payment_it_does_not_know(self, buyer: Buyer) -> None:
        for session in ("cs_test_none", "x" * 300, "%00", "%ff%fe", "' OR 1=1"):
            page = buyer.get(f"/payments/success?session_id={session}")
            assert page.h1 == "Find your order"

    def test_finds_an_order_by_code_and_birth_date(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.bought()
        code = code_of(buyer.page)
        other = Buyer(shop)
        other.get("/payments/success")
        born = {name: DETAILS[name] for name in DETAILS if name.startswith("birth_date")}
        page = other.submit(
            {"code": f" {code.lower()} ", **born, "birth_date-day": "28"},
            action="/payments/success",
            status=404,
        )
        assert "No order has this code and birth date." in page.text
        wrong = code[:-1] + ("2" if code[-1] != "2" else "3")
        other.submit({"code": wrong, **born}, action="/payments/success", status=404)
        page = other.submit({"code": code.lower(), **born}, action="/payments/success")
        assert page.path == f"/gait/orders/{order}"
        assert "Ada Lovelace" in page.text


class TestOrder:
    def test_is_shown_to_nobody_without_proof(self, buyer: Buyer, shop: Shop) -> None:  # X1
        order = buyer.bought(TUESDAY_TEN)
        stranger = Buyer(shop)
        page = stranger.get(f"/gait/orders/{order}")
        assert page.h1 == "Find your order"
        assert "Ada" not in page.text
        assert "Lovelace" not in page.html
        for path in ("times", "cancel", "receipts/" + "A" * 22):
            stranger.get(f"/gait/orders/{order}/{path}", status=404)
        stranger.get(f"/gait/orders/{order}?key=wrong", status=404)
        assert stranger.page.h1 == "Find your order"

    def test_shows_what_goes_back_before_it_is_cancelled(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.bought(TUESDAY_TEN)
        page = buyer.get(f"/gait/orders/{order}/cancel")
        assert "You get back $175." in page.text  # 24 hours before: half of it
        page = buyer.submit({}, action=f"/gait/orders/{order}/cancel")
        assert page.h1 == "This order was cancelled."
        assert "$175 is on its way back" in page.text
        send_refunds(shop)
        assert "$175 was given back." in buyer.get(f"/gait/orders/{order}").text
        assert shop.double.net(order) == 17_500
        assert "2026-03-03T15:00:00Z" in shop.slots()

    def test_gives_a_receipt_and_one_of_what_went_back(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.bought(TUESDAY_TEN)
        buyer.get(f"/gait/orders/{order}/cancel")
        buyer.submit({}, action=f"/gait/orders/{order}/cancel")
        send_refunds(shop)
        buyer.get(f"/gait/orders/{order}")
        links = [link for link in buyer.page.links() if "/receipts/" in link]
        assert len(links) == 2
        for link in links:
            answer = buyer.client.get(link)
            assert answer.mimetype == "application/pdf"
            assert answer.data.startswith(b"%PDF-")

    def test_has_its_receipt_sent_again_as_long_as_it_holds(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.bought(TUESDAY_TEN)
        with shop.app.app_context():
            end_all(SENT, at=shop.now)
            paid = next(row.public_id for row in rows() if row.kind == "order-paid")
            resend_message(public_id=paid, actor=SYSTEM, now=shop.now)
            again = rows()[-1]
            assert (again.kind, again.about) == ("order-paid", f"order:{order}")
            assert "/gait/orders/" in (again.context or "")
            end_all(SENT, at=shop.now)
        buyer.get(f"/gait/orders/{order}/cancel")
        buyer.submit({}, action=f"/gait/orders/{order}/cancel")
        with shop.app.app_context(), pytest.raises(NothingToRepeat):
            resend_message(public_id=paid, actor=SYSTEM, now=shop.now)

    def test_may_be_moved_without_paying_again(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.bought(TUESDAY_TEN)
        move = next(link for link in buyer.page.links() if link.endswith("/move"))
        forms = buyer.get(move).forms
        slots = [value for form in forms for name, value in form.buttons if name == "slot"]
        buyer.get(f"{move}?slot={slots[-1]}")
        buyer.submit({}, action=move)
        assert len(shop.double.sessions(order)) == 1
        assert status_of(shop, order) == ("scheduled", "paid")


class TestByVideo:
    """A product of a video service: nobody is seen where nobody is licensed."""

    VIDEO = CLINIC.replace('slug = "gait"\n', 'slug = "gait"\nmodality = "telehealth"\n').replace(
        'licence = "PT"\n', '[[practitioners.licences]]\nstate = "NY"\nkind = "PT"\n', 1
    )

    def test_asks_where_one_will_be_and_sells_nothing_elsewhere(
        self, buyer: Buyer, shop: Shop
    ) -> None:
        shop.load(self.VIDEO)
        assert buyer.get(BUY).h1 == "Where will you be?"
        page = buyer.get(f"{BUY}?state=CA", status=422)
        assert "We may not see patients in California by video." in page.text
        assert "Choose the state you will be in" in buyer.get(f"{BUY}?state=", status=422).text
        assert TUESDAY_TEN in buyer.get(f"{BUY}/times?state=NY&week=2026-03-02").html
        page = buyer.get(f"{BUY}?state=NY&at={TUESDAY_TEN}")
        assert "you will be in New York" in page.text
        buyer.submit(DETAILS, action=BUY, status=303, follow=False)
        order = buyer.orders()[0]
        page = buyer.get(buyer.pay(order))
        assert status_of(shop, order) == ("scheduled", "paid")
        visit = next(link for link in page.links() if link.endswith("/move"))
        assert buyer.get(visit).h1 == "Choose a new time"

    def test_asks_before_a_time_is_picked_later(self, buyer: Buyer, shop: Shop) -> None:
        order = buyer.bought()
        shop.load(self.VIDEO)
        assert f"/gait/orders/{order}/times" in buyer.get(f"/gait/orders/{order}").links()
        times = f"/gait/orders/{order}/times"
        assert buyer.get(times).h1 == "Where will you be?"
        buyer.get(f"{times}?state=TX", status=422)
        buyer.get(f"{times}?state=NY&week=2026-03-02")
        buyer.submit({"at": TUESDAY_TEN}, action=times)
        assert status_of(shop, order) == ("scheduled", "paid")

    def test_holds_for_programs_and_the_desk(
        self, buyer: Buyer, shop: Shop, staff: Callable[[Role], PageClient]
    ) -> None:
        shop.load(self.VIDEO)
        body = {"product": "gait-3d", "patient": patient("Bea"), "starts_at": TUESDAY_10}
        refused = shop.call("POST", "/orders", body)
        assert list(refused.get_json()["errors"]) == ["state"]
        refused = shop.call("POST", "/orders", {**body, "state": "CA"})
        assert (refused.status_code, refused.get_json()["type"]) == (422, "/problems/not-licensed")
        refused = shop.call("POST", "/orders", {**body, "starts_at": None, "state": "CA"})
        assert refused.get_json()["type"] == "/problems/not-licensed"
        order = shop.call("POST", "/orders", {**body, "starts_at": None}).get_json()["id"]
        buyer.get(buyer.pay(order))
        desk = staff(Role.FRONT_DESK)
        path = f"/desk/orders/{order}"
        assert "In which state will the patient be?" in desk.get(path).text
        assert TUESDAY_TEN not in desk.page.html
        desk.get(f"{path}?state=NY&week=2026-03-02")
        desk.submit({"at": TUESDAY_TEN}, action=f"{path}/schedule")
        assert status_of(shop, order) == ("scheduled", "paid")
