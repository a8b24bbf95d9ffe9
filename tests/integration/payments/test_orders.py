"""Orders over the API: made, paid, told, given back (P and M cases of the field)."""

import pytest
from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import SYSTEM
from clinic.gait.operations.unchosen import list_unchosen
from clinic.messaging.models import Message
from clinic.messaging.queries import open_parcel
from clinic.payments.letters import prepare_order
from clinic.payments.operations.story import settle_task
from clinic.payments.queries.orders import list_tasks
from clinic.payments.reconciling import close_pages, keep_settled, reconcile
from tests.integration.payments.conftest import CLINIC, TUESDAY_10, Shop


class TestOrdering:
    def test_leads_to_a_page_and_holds_the_time(self, shop: Shop) -> None:
        answer = shop.order()
        told = answer.get_json()
        assert answer.status_code == 201
        assert (told["status"], told["payment"], told["disputed"]) == (
            *("awaiting-payment", "unpaid", False),
        )
        assert (told["total_cents"], told["currency"], told["tasks"]) == (35000, "usd", [])
        assert told["checkout_url"].startswith(shop.double.url)
        assert TUESDAY_10 not in shop.slots()

    def test_ends_in_a_visit_when_it_is_paid(self, shop: Shop) -> None:
        order = shop.ordered()
        shop.double.pay(order)
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", [])
        assert shop.seen(order)["appointment"] is not None

    def test_names_the_order_and_nobody_to_the_payment_service(self, shop: Shop) -> None:
        order = shop.ordered()
        page = shop.double.session(order)
        assert page["client_reference_id"] == page["metadata"]["order_id"] == order
        assert page["adaptive_pricing"] == {"enabled": False}
        assert page["customer_email"] == "ada@example.com"
        assert page["name"] == "Your order"

    def test_takes_no_price_from_outside(self, shop: Shop) -> None:
        """P17."""
        answer = shop.order(total_cents=100, amount=1, currency="eur")
        assert answer.status_code == 201
        assert (answer.get_json()["total_cents"], answer.get_json()["currency"]) == (35000, "usd")
        assert shop.double.session(answer.get_json()["id"])["amount_total"] == 35000

    def test_misspelled_is_refused(self, shop: Shop) -> None:
        answer = shop.order(practitoner="osei")
        assert answer.status_code == 422
        assert "practitoner" in answer.get_json()["errors"]

    def test_names_every_fault(self, shop: Shop) -> None:
        answer = shop.call("POST", "/orders", {"product": "none", "patient": {}})
        assert answer.status_code == 422
        assert {"product", "patient.given_name"} <= answer.get_json()["errors"].keys()

    def test_refuses_a_taken_time_with_others(self, shop: Shop) -> None:
        shop.ordered("Ada", practitioner="osei")
        answer = shop.order("Bea", practitioner="quist")
        assert answer.status_code == 409  # there is one lab
        assert answer.get_json()["type"].endswith("/slot-taken")
        assert answer.get_json()["alternatives"]

    def test_costs_nothing_where_nothing_is_due(self, shop: Shop) -> None:
        answer = shop.order(product="gift")
        told = answer.get_json()
        assert (told["status"], told["payment"]) == ("scheduled", "paid")
        assert told["checkout_url"] is None
        assert shop.double.state.calls == []

    def test_is_seen_by_those_who_sell(self, shop: Shop) -> None:
        order = shop.ordered()
        assert shop.call("GET", f"/orders/{order}").status_code == 401
        assert shop.call("GET", f"/orders/{order}", role="auditor").status_code == 403
        listed = shop.call("GET", "/orders?status=awaiting-payment", role="front_desk").get_json()
        assert [one["id"] for one in listed["orders"]] == [order]
        assert listed["next"] is None
        assert listed["orders"][0]["paid_cents"] == 0

    def test_pays_the_price_of_its_moment(self, shop: Shop) -> None:
        """M22."""
        old = shop.ordered("Ada")
        shop.load(CLINIC.replace("price_cents = 35000\ncurrency", "price_cents = 39000\ncurrency"))
        new = shop.ordered("Bea", starts_at="2026-03-03T18:00:00Z")
        shop.double.pay(old)
        shop.double.pay(new)
        shop.deliver()
        assert (shop.seen(old)["paid_cents"], shop.seen(new)["paid_cents"]) == (35000, 39000)
        assert shop.stand(old) == shop.stand(new) == ("scheduled", "paid", [])


class TestAnUnpaidOrder:
    def test_frees_its_time_when_the_service_refuses(self, shop: Shop) -> None:
        """P8 a."""
        shop.double.state.faults.refuse = 1
        answer = shop.order()
        assert answer.status_code == 502
        assert answer.get_json()["type"].endswith("/payment-refused")
        assert TUESDAY_10 in shop.slots()
        assert shop.order().status_code == 201

    def test_outlives_a_key_that_the_service_refuses(self, shop: Shop) -> None:
        """Not the order's fault: staff are told, once, and it goes on when the key is right."""
        shop.double.state.faults.deny = 10
        for _ in range(2):
            assert shop.order(key="k1").status_code == 503
        with shop.app.app_context():
            keep_settled(now=shop.now)
            assert [task.code for task in list_tasks()] == ["key-refused"]
        assert TUESDAY_10 not in shop.slots()
        shop.double.state.faults.deny = 0
        assert shop.order(key="k1").status_code == 201
        with shop.app.app_context():
            assert list_tasks() == ()

    @pytest.mark.parametrize("fault", ["busy", "error", "garbage"])
    def test_goes_on_with_the_same_key_after_no_answer(self, shop: Shop, fault: str) -> None:
        setattr(shop.double.state.faults, fault, 10)
        answer = shop.order(key="k1")
        assert answer.status_code == 503
        assert answer.get_json()["type"].endswith("/payment-unavailable")
        assert TUESDAY_10 not in shop.slots()
        setattr(shop.double.state.faults, fault, 0)
        first, second = shop.order(key="k1"), shop.order(key="k1")
        assert first.status_code == second.status_code == 201
        assert first.get_json() == second.get_json()
        assert len(shop.double.sessions(first.get_json()["id"])) == 1
        assert len(shop.call("GET", "/orders", role="admin").get_json()["orders"]) == 1
        assert shop.order(key="k1", starts_at="").status_code == 422

    def test_frees_its_time_at_its_end_though_nobody_cleans(self, shop: Shop) -> None:
        """P8 c."""
        shop.ordered()
        shop.later(minutes=35, seconds=1)
        assert TUESDAY_10 in shop.slots()

    def test_expires_and_closes_its_page(self, shop: Shop) -> None:
        order = shop.ordered()
        shop.later(minutes=36)
        with shop.app.app_context():
            close_pages(now=shop.now)
        assert shop.stand(order) == ("expired", "unpaid", [])
        assert shop.double.session(order)["status"] == "expired"

    def test_must_be_paid_anew_after_it_was_left(self, shop: Shop) -> None:
        """M19: an abandoned checkout is no way around paying."""
        shop.ordered()
        shop.later(minutes=36)
        again = shop.ordered()
        shop.deliver()
        assert shop.stand(again) == ("awaiting-payment", "unpaid", [])

    def test_books_and_tells_nothing_after_a_declined_card(self, shop: Shop) -> None:
        """P15."""
        from sandbox.stripe import checkout

        order = shop.ordered()
        checkout.decline(shop.double.state, shop.double.session(order))
        shop.deliver()
        assert shop.stand(order) == ("awaiting-payment", "unpaid", [])
        shop.double.pay(order)
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", [])


class TestMoneyThatComesLate:
    def test_books_the_time_if_it_is_still_free(self, shop: Shop) -> None:
        """P3 a, M1."""
        order = shop.ordered()
        page = shop.double.session(order)
        page["expires_at"] += 7200
        shop.later(minutes=40)
        shop.double.pay(order)
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", [])

    def test_is_on_a_list_if_the_time_is_gone(self, shop: Shop) -> None:
        """P2, P3 b: recorded, told, never silent; no double booking."""
        order = shop.ordered()
        shop.double.session(order)["expires_at"] += 7200
        shop.later(minutes=36)
        other = shop.ordered("Bea")
        shop.double.pay(other)
        shop.deliver()
        shop.double.pay(order)
        shop.deliver()
        assert shop.stand(other) == ("scheduled", "paid", [])
        assert shop.stand(order) == ("paid", "paid", ["paid-unbooked"])
        body = {"starts_at": "2026-03-04T15:00:00Z", "practitioner": "osei"}
        answer = shop.call("POST", f"/orders/{order}/schedule", body, role="gait_lab")
        assert answer.status_code == 200
        assert shop.stand(order) == ("scheduled", "paid", [])

    def test_counts_after_the_order_has_expired(self, shop: Shop) -> None:
        order = shop.ordered()
        page = shop.double.session(order)
        shop.later(minutes=36)
        with shop.app.app_context():
            close_pages(now=shop.now)
        assert shop.stand(order)[0] == "expired"
        page["status"] = "open"  # as if closing had lost the race against the buyer
        page["expires_at"] += 7200
        shop.double.pay(order)
        with shop.app.app_context():
            reconcile(now=shop.now)
        assert shop.stand(order) == ("scheduled", "paid", [])


class TestAPaidOrderWithoutATime:
    def test_is_for_a_person_after_a_week_once(self, shop: Shop) -> None:
        """No money without a visit, a refund, or somebody who looks."""
        order, other = shop.ordered("Ada", starts_at=""), shop.ordered("Bea")
        for one in (order, other):
            shop.double.pay(one)
        shop.deliver()
        shop.later(days=6, hours=23)
        assert self.listed(shop) == 0
        shop.later(hours=1)
        assert [self.listed(shop), self.listed(shop)] == [1, 0]
        assert shop.stand(order) == ("paid", "paid", ["paid-unbooked"])
        assert shop.stand(other) == ("scheduled", "paid", [])
        with shop.app.app_context():
            told = select(Message.about).where(Message.kind == "order-choose-time")
            assert db.session.scalars(told).all() == [f"order:{order}"]
            paid = db.session.scalars(select(Message).where(Message.kind == "order-paid"))
            letters = [prepare_order(parcel=open_parcel(row), now=shop.now) for row in paid]
            asked = [letter and letter.words["needs_time"] for letter in letters]
            assert asked == [True, False]  # one mail says both, that it came and what is to do
            (task,) = list_tasks()
            settle_task(public_id=task.public_id, note="Abroad", actor=SYSTEM, now=shop.now)
        assert self.listed(shop) == 0

    def listed(self, shop: Shop) -> int:
        with shop.app.app_context():
            return list_unchosen(now=shop.now)


class TestDelayedMoney:
    def test_keeps_the_time_and_grants_nothing(self, shop: Shop) -> None:
        """M9."""
        order = shop.ordered()
        shop.double.pay(order, delayed=True)
        shop.deliver()
        assert shop.stand(order) == ("processing", "pending", [])
        shop.later(hours=5)
        assert TUESDAY_10 not in shop.slots()
        assert (
            shop.order(starts_at="2026-03-04T15:00:00Z")
            .get_json()["type"]
            .endswith("/payment-pending")
        )

    def test_grants_once_when_the_bank_pays(self, shop: Shop) -> None:
        from sandbox.stripe import checkout

        order = shop.ordered()
        shop.double.pay(order, delayed=True)
        shop.deliver()
        shop.later(hours=5)
        checkout.bank_says(shop.double.state, shop.double.session(order), yes=True)
        shop.deliver()
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", [])

    def test_frees_the_time_when_the_bank_does_not(self, shop: Shop) -> None:
        from sandbox.stripe import checkout

        order = shop.ordered()
        shop.double.pay(order, delayed=True)
        shop.deliver()
        checkout.bank_says(shop.double.state, shop.double.session(order), yes=False)
        shop.deliver()
        assert shop.stand(order) == ("awaiting-payment", "unpaid", [])
        assert TUESDAY_10 in shop.slots()


class TestPromotionCodes:
    def test_take_their_part_off(self, shop: Shop) -> None:
        from sandbox.stripe import checkout

        order = shop.ordered()
        assert not checkout.apply_code(shop.double.session(order), "NOSUCH")
        assert checkout.apply_code(shop.double.session(order), "WELCOME10")
        shop.double.pay(order)
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", [])
        assert shop.seen(order)["paid_cents"] == 31500

    def test_of_a_hundred_percent_count_as_paid(self, shop: Shop) -> None:
        from sandbox.stripe import checkout

        order = shop.ordered()
        checkout.apply_code(shop.double.session(order), "FREE100")
        shop.double.pay(order)
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", [])
        assert shop.seen(order)["paid_cents"] == 0


class TestMoneyThatDiffers:
    @pytest.mark.parametrize(
        "changed",
        [
            {"amount_total": 100, "amount_subtotal": 100},
            {"amount_total": 34999},
            {"currency": "eur"},
        ],
    )
    def test_is_recorded_and_grants_nothing(self, shop: Shop, changed: dict[str, object]) -> None:
        order = shop.ordered()
        shop.double.pay(order, **changed)
        shop.deliver()
        assert shop.stand(order) == ("awaiting-payment", "paid", ["amount-mismatch"])
        shop.later(hours=30)
        with shop.app.app_context():
            close_pages(now=shop.now)
        assert shop.stand(order)[0] == "awaiting-payment"

    def test_of_another_order_touches_none(self, shop: Shop) -> None:
        """M11, and orders named by what was never theirs."""
        order, other = shop.ordered("Ada"), shop.ordered("Bea", starts_at="2026-03-03T18:00:00Z")
        page = shop.double.session(order)
        shop.double.pay(order)
        page["client_reference_id"] = other
        page["metadata"] = {"order_id": other, "attempt": "1"}
        shop.deliver()
        for one in (order, other):
            assert shop.seen(one)["status"] == "awaiting-payment"
            assert shop.seen(one)["payment"] == "unpaid"
        page["client_reference_id"] = order  # so that the books of the double are right again
        page["metadata"] = {"order_id": order, "attempt": "1"}
        with shop.app.app_context():
            reconcile(now=shop.now)
        assert shop.stand(order) == ("scheduled", "paid", [])


class TestPayingTwice:
    def test_is_flagged_and_given_back_without_harm(self, shop: Shop) -> None:
        """M13."""
        order = shop.ordered()
        first = shop.double.pay(order)
        shop.deliver()
        page = shop.double.state.objects[first]
        second = shop.double.state.add(
            "checkout.session", **{k: v for k, v in page.items() if k not in {"id", "created"}}
        )
        second.update(status="open", payment_status="unpaid", payment_intent=None)
        shop.double.pay(order)
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", ["duplicate-payment"])
        assert shop.seen(order)["paid_cents"] == 70000
        assert shop.refund(order, 35000).status_code == 201
        assert shop.stand(order) == ("scheduled", "paid", [])
        assert shop.seen(order)["refunded_cents"] == 35000

    def test_opens_one_page_however_often_it_is_asked(self, shop: Shop) -> None:
        """P7, P18."""
        from clinic.core.values import PUBLIC
        from clinic.payments.checkout import begin_checkout

        order = shop.ordered()
        with shop.app.app_context():
            urls = {
                begin_checkout(public_id=order, actor=PUBLIC, now=shop.now).url for _ in range(3)
            }
        assert len(urls) == 1
        assert len(shop.double.sessions(order)) == 1


class TestSomebodysSecondOrder:
    def test_is_theirs_alone(self, shop: Shop) -> None:
        first = shop.ordered("Ada")
        shop.double.pay(first)
        shop.deliver()
        second = shop.ordered("Ada", starts_at="2026-03-05T15:00:00Z")
        assert shop.seen(second)["status"] == "awaiting-payment"
        assert shop.seen(first)["patient"] == shop.seen(second)["patient"]
