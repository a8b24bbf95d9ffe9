"""Refunds, disputes, cancellations: each cent once, and nothing said before it is true."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from clinic.core.db import db, transaction
from clinic.core.errors import Refusal
from clinic.core.values import SYSTEM, Actor, Role
from clinic.gait.operations.balances import request_balance
from clinic.messaging.models import Message
from clinic.payments.checkout import begin_checkout
from clinic.payments.models import Refund
from clinic.payments.operations.orders import pay_at_desk
from clinic.payments.operations.refusals import AlreadyPaid
from clinic.payments.queries.money import list_receipts, list_refunds
from clinic.payments.queries.orders import list_story, list_tasks
from clinic.payments.reconciling import reconcile
from clinic.payments.refunding import (
    call_off,
    cancel_order,
    quote_cancellation,
    send_waiting_refunds,
)
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.rules.status import Action
from sandbox.stripe import checkout, money_back
from tests.integration.payments.conftest import TUESDAY_10, Shop

KIM = Actor(kind="staff", name="Kim Torres", id="kim", role=Role.FRONT_DESK)
ADA = Actor(kind="patient", name="Ada Lovelace", id="ada")


@pytest.fixture
def order(shop: Shop) -> str:
    """A paid and scheduled order."""
    made = shop.ordered()
    shop.double.pay(made)
    shop.deliver()
    return made


def mails(shop: Shop, kind: str) -> int:
    """How many messages of a kind were posted."""
    with shop.app.app_context():
        return db.session.scalar(select(func.count()).where(Message.kind == kind)) or 0


class TestGivingBack:
    def test_counts_what_succeeded(self, shop: Shop, order: str) -> None:
        answer = shop.refund(order, 5000)
        assert (answer.status_code, answer.get_json()["status"]) == (201, "succeeded")
        assert shop.stand(order) == ("scheduled", "partly-refunded", [])
        assert shop.refund(order, 30000).status_code == 201
        assert shop.stand(order) == ("scheduled", "refunded", [])
        shop.deliver()
        assert shop.seen(order)["refunded_cents"] == 35000
        assert mails(shop, "order-refunded") == 2

    def test_refuses_more_than_is_left(self, shop: Shop, order: str) -> None:
        """M16."""
        assert shop.refund(order, 35001).get_json()["type"].endswith("/refund-too-much")
        assert shop.refund(order, 20000).status_code == 201
        answer = shop.refund(order, 20000)
        assert (answer.status_code, answer.get_json()["left_cents"]) == (409, 15000)
        assert shop.refund(order, 0).status_code == 422
        assert shop.refund(order, 100, role="gait_lab").status_code == 403

    def test_once_for_a_key(self, shop: Shop, order: str) -> None:
        answers = [shop.refund(order, 5000, key="r1").get_json() for _ in range(3)]
        assert answers[0] == answers[1] == answers[2]
        assert shop.seen(order)["refunded_cents"] == 5000

    def test_reserves_pending_money_and_tells_nobody(self, shop: Shop, order: str) -> None:
        """M17."""
        shop.double.state.faults.refunds = "pending"
        assert shop.refund(order, 30000).get_json()["status"] == "pending"
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", [])
        assert shop.refund(order, 10000).status_code == 409
        assert mails(shop, "order-refunded") == 0
        refund = next(shop.double.state.all("refund"))
        money_back.settle_refund(shop.double.state, refund, "succeeded")
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "partly-refunded", [])
        assert mails(shop, "order-refunded") == 1

    def test_that_fails_gives_the_money_back_to_the_book(self, shop: Shop, order: str) -> None:
        """M17."""
        shop.refund(order, 35000)
        assert shop.stand(order)[1] == "refunded"
        refund = next(shop.double.state.all("refund"))
        money_back.settle_refund(shop.double.state, refund, "failed")
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", ["refund-failed"])

    def test_goes_on_when_nobody_answered(self, shop: Shop, order: str) -> None:
        shop.double.state.faults.error = 10
        assert shop.refund(order, 5000).get_json()["status"] == "pending"
        shop.double.state.faults.error = 0
        shop.later(seconds=20)
        with shop.app.app_context():
            assert send_waiting_refunds(now=shop.now) == 1
        assert shop.stand(order) == ("scheduled", "partly-refunded", [])
        assert len(list(shop.double.state.all("refund"))) == 1

    def test_outlives_a_key_that_is_refused(self, shop: Shop, order: str) -> None:
        """It waits where staff see it, is on a person's list, and goes on with the right key."""
        shop.double.state.faults.deny = 100
        assert shop.refund(order, 5000).get_json()["status"] == "pending"
        again = shop.double.state.emit("charge.updated", shop.double.intent(order))
        shop.double.deliver(shop.app, again)
        shop.work()
        shop.later(seconds=20)
        with shop.app.app_context():
            assert send_waiting_refunds(now=shop.now) == 0
            assert [task.code for task in list_tasks()] == ["key-refused"]
        assert shop.stand(order) == ("scheduled", "paid", [])
        shop.double.state.faults.deny = 0
        with shop.app.app_context():
            assert send_waiting_refunds(now=shop.now) == 1
            assert list_tasks() == ()
        assert shop.stand(order) == ("scheduled", "partly-refunded", [])
        assert len(list(shop.double.state.all("refund"))) == 1

    def test_is_looked_for_before_it_is_asked_for_a_day_later(self, shop: Shop, order: str) -> None:
        """The service has forgotten the key by then: asking blindly would give back twice."""
        self.made_there_without_an_answer(shop, order, 5000)
        shop.later(hours=25)
        with shop.app.app_context():
            assert send_waiting_refunds(now=shop.now) == 1
        assert shop.seen(order)["refunded_cents"] == 5000
        assert len(list(shop.double.state.all("refund"))) == 1

    def test_told_by_webhook_while_the_answer_is_on_its_way_is_one(
        self, shop: Shop, order: str
    ) -> None:
        """M14: one refund, one mail; also where the answer never comes."""
        told: list[Thread] = []

        def tell(event: dict[str, object]) -> None:
            told.append(Thread(target=shop.deliver, args=("refund.created",)))
            told[-1].start()

        shop.double.state.on_event.append(tell)
        assert shop.refund(order, 5000).status_code == 201
        self.made_there_without_an_answer(shop, order, 1000)
        shop.double.state.on_event.clear()
        for thread in told:
            thread.join()
        shop.deliver()
        shop.later(seconds=20)
        with shop.app.app_context():
            send_waiting_refunds(now=shop.now)
            states = db.session.scalars(select(Refund.state)).all()
        assert states == ["succeeded", "succeeded"]
        assert shop.seen(order)["refunded_cents"] == 6000
        assert mails(shop, "order-refunded") == 2

    def made_there_without_an_answer(self, shop: Shop, order: str, cents: int) -> None:
        """We ask for a refund, it is made, and we do not hear of it."""
        shop.double.state.faults.error = 10
        ours = shop.refund(order, cents).get_json()
        assert ours["status"] == "pending"
        shop.double.state.faults.error = 0
        asked = {"amount": cents, "metadata": {"order_id": order, "refund_id": ours["id"]}}
        asked["payment_intent"] = shop.double.intent(order)["id"]
        with shop.double.state.lock:
            money_back.create_refund(shop.double.state, asked)

    def test_outside_this_system_is_seen_and_asked_about(self, shop: Shop, order: str) -> None:
        shop.double.refund(order, 35000)
        shop.deliver("charge.refunded")
        assert shop.stand(order) == ("scheduled", "refunded", ["external-refund"])

    def test_of_what_was_given_back_outside_meanwhile_is_refused(
        self, shop: Shop, order: str
    ) -> None:
        shop.double.refund(order, 35000)
        answer = shop.refund(order, 35000)
        assert answer.get_json()["type"].endswith("/refund-too-much")
        assert shop.stand(order)[1] == "refunded"

    def test_stays_given_back_when_the_payment_is_told_late(self, shop: Shop, order: str) -> None:
        """P6."""
        shop.refund(order, 35000)
        again = shop.double.state.emit("checkout.session.completed", shop.double.session(order))
        shop.double.deliver(shop.app, again)
        shop.work()
        assert shop.stand(order)[1] == "refunded"

    @pytest.mark.usefixtures("unhurried")
    def test_by_two_at_once_is_one(self, shop: Shop, order: str) -> None:
        """M16: two staff click together."""
        shop.token("front_desk")
        with ThreadPoolExecutor(2) as both:
            answers = list(both.map(lambda _: shop.refund(order, 35000).status_code, range(2)))
        assert sorted(answers) == [201, 409]

    def test_is_held_to_the_payment_by_the_database(self, shop: Shop, order: str) -> None:
        with shop.app.app_context():
            statement = text(
                "INSERT INTO refunds (payment_id, cents, state, source, requested_by, created_at,"
                " public_id) VALUES (1, 35001, 'requested', 'staff', 'x', :at, 'x')"
            )
            at = 1 if db.engine.dialect.name == "sqlite" else shop.now
            with pytest.raises(IntegrityError), db.engine.begin() as connection:
                connection.execute(statement, {"at": at})


class TestReceipts:
    def test_have_numbers_without_gaps(self, shop: Shop, order: str) -> None:
        shop.refund(order, 5000)
        other = shop.ordered("Bea", starts_at="2026-03-03T18:00:00Z")
        shop.double.pay(other)
        shop.deliver()
        with shop.app.app_context():
            mine = [(one.number, one.cents) for one in list_receipts(order)]
            theirs = [(one.number, one.cents) for one in list_receipts(other)]
        assert mine == [(1, 35000), (2, -5000)]
        assert theirs == [(3, 35000)]


class TestDisputes:
    def test_are_flagged_until_they_are_won(self, shop: Shop, order: str) -> None:
        dispute = money_back.open_dispute(shop.double.state, shop.double.intent(order))
        shop.deliver()
        assert shop.seen(order)["disputed"] is True
        assert shop.stand(order) == ("scheduled", "paid", ["dispute-open"])
        money_back.close_dispute(shop.double.state, dispute, "won")
        shop.deliver()
        assert shop.seen(order)["disputed"] is False
        assert shop.stand(order) == ("scheduled", "paid", [])

    def test_that_are_lost_leave_a_task(self, shop: Shop, order: str) -> None:
        dispute = money_back.open_dispute(shop.double.state, shop.double.intent(order))
        money_back.close_dispute(shop.double.state, dispute, "lost")
        shop.deliver()
        assert shop.seen(order)["disputed"] is False
        assert shop.stand(order) == ("scheduled", "paid", ["dispute-lost"])
        assert shop.refund(order, 100).get_json()["left_cents"] == 0  # the bank took it already
        with shop.app.app_context():
            assert quote_cancellation(public_id=order, notice=timedelta(hours=99)).cents == 0

    def test_that_only_warn_move_no_money(self, shop: Shop, order: str) -> None:
        intent = shop.double.intent(order)
        warning = money_back.open_dispute(
            shop.double.state, intent, status="warning_needs_response"
        )
        shop.deliver()
        assert shop.stand(order)[2] == ["dispute-open"]
        money_back.close_dispute(shop.double.state, warning, "warning_closed")
        shop.deliver()
        assert shop.stand(order) == ("scheduled", "paid", [])


class TestCancelling:
    @pytest.mark.parametrize(("hours", "percent"), [(49, 100), (48, 100), (47, 50), (23, 0)])
    def test_gives_back_by_the_rule(self, shop: Shop, order: str, hours: int, percent: int) -> None:
        """P13: shown before, and what is shown is done."""
        notice = timedelta(hours=hours)
        with shop.app.app_context():
            quote = quote_cancellation(public_id=order, notice=notice)
            cancel_order(public_id=order, actor=ADA, now=shop.now, notice=notice)
            assert (quote.percent, quote.cents) == (percent, 35000 * percent // 100)
            refunds = list_refunds(order)
        assert sum(one.cents for one in refunds) == quote.cents
        assert shop.seen(order)["status"] == "cancelled"
        assert TUESDAY_10 in shop.slots()

    def test_of_the_visit_by_the_patient_is_of_the_order(self, shop: Shop, order: str) -> None:
        """The visit is 24 hours away: half goes back, once."""
        visit = shop.seen(order)["appointment"]
        with shop.app.app_context():
            take_step(public_id=visit, action=Action.CANCEL, actor=ADA, now=shop.now, reason="ill")
            shop.later(seconds=20)
            send_waiting_refunds(now=shop.now)
        assert shop.stand(order) == ("cancelled", "partly-refunded", [])
        assert shop.seen(order)["refunded_cents"] == 17500

    def test_of_the_visit_by_the_clinic_is_for_a_person(self, shop: Shop, order: str) -> None:
        visit = shop.seen(order)["appointment"]
        path = f"/appointments/{visit}/cancel"
        assert shop.call("POST", path, {"reason": "ill"}, role="front_desk").status_code == 200
        assert shop.stand(order) == ("paid", "paid", ["paid-unbooked"])
        body = {"starts_at": "2026-03-05T15:00:00Z"}
        assert shop.call("POST", f"/orders/{order}/schedule", body, role="admin").status_code == 200
        assert shop.stand(order) == ("scheduled", "paid", [])

    def test_moving_the_visit_costs_nothing(self, shop: Shop, order: str) -> None:
        """P10."""
        visit = shop.seen(order)["appointment"]
        answer = shop.client.patch(
            f"/api/v1/appointments/{visit}",
            json={"starts_at": "2026-03-05T15:00:00Z"},
            headers={"Authorization": f"Bearer {shop.token('front_desk')}", "If-Match": "1"},
        )
        assert answer.status_code == 200, answer.text
        assert shop.stand(order) == ("scheduled", "paid", [])
        with shop.app.app_context():
            assert "visit-moved" in [line.step for line in list_story(order)]

    def test_an_unpaid_order_closes_its_page(self, shop: Shop) -> None:
        """P8 b."""
        order = shop.ordered()
        with shop.app.app_context():
            cancel_order(public_id=order, actor=ADA, now=shop.now)
        assert shop.stand(order) == ("cancelled", "unpaid", [])
        assert shop.double.session(order)["status"] == "expired"
        assert TUESDAY_10 in shop.slots()

    def test_an_order_that_was_just_paid_is_said(self, shop: Shop) -> None:
        order = shop.ordered()
        shop.double.pay(order)
        with shop.app.app_context(), pytest.raises(Refusal) as said:
            cancel_order(public_id=order, actor=ADA, now=shop.now)
        assert said.value.code == "payment-pending"
        assert shop.stand(order) == ("scheduled", "paid", [])


class TestCallingOff:
    def test_gives_back_all_that_is_left_once_for_any_order(self, shop: Shop, order: str) -> None:
        """P11: whoever sold it declines, twice; here what is left to pay for a visit."""
        visit = shop.seen(order)["appointment"]
        with shop.app.app_context():
            other = request_balance(appointment=visit, cents=20_000, actor=KIM, now=shop.now)
            begin_checkout(public_id=other.public_id, actor=ADA, now=shop.now)
            shop.double.pay(other.public_id)
            shop.deliver()
            shop.refund(other.public_id, 5000)
            for _ in range(2):
                self.decline(shop, other.public_id)
            shop.later(seconds=20)
            send_waiting_refunds(now=shop.now)
        assert shop.stand(other.public_id) == ("cancelled", "refunded", [])
        assert shop.double.net(other.public_id) == 0
        assert mails(shop, "order-cancelled") == 1
        assert shop.stand(order) == ("scheduled", "paid", [])

    def test_closes_an_unpaid_order_and_lists_money_that_comes_all_the_same(
        self, shop: Shop
    ) -> None:
        order = shop.ordered(starts_at="")
        shop.double.pay(order, delayed=True)
        shop.deliver()
        self.decline(shop, order)
        assert shop.stand(order)[0] == "cancelled"
        checkout.bank_says(shop.double.state, shop.double.session(order), yes=True)
        shop.deliver()
        assert shop.stand(order) == ("paid", "paid", ["paid-after-cancel"])

    def decline(self, shop: Shop, order: str) -> None:
        with shop.app.app_context():
            transaction(call_off)(order_id=order, reason="No time", actor=KIM, now=shop.now)


class TestPayingAtTheDesk:
    def test_counts_once(self, shop: Shop) -> None:
        """M23."""
        order = shop.ordered()
        with shop.app.app_context():
            pay_at_desk(public_id=order, method="cash", actor=KIM, now=shop.now)
            with pytest.raises(AlreadyPaid):
                pay_at_desk(public_id=order, method="cash", actor=KIM, now=shop.now)
        assert shop.stand(order) == ("scheduled", "paid", [])

    def test_beside_a_page_that_is_paid_is_flagged(self, shop: Shop) -> None:
        """M23: with the payment service in flight."""
        order = shop.ordered()
        with shop.app.app_context():
            pay_at_desk(public_id=order, method="terminal", actor=KIM, now=shop.now)
        shop.double.pay(order)
        with shop.app.app_context():
            reconcile(now=shop.now)
        assert shop.stand(order) == ("scheduled", "paid", ["duplicate-payment"])
        assert shop.refund(order, 35000).status_code == 201
        assert shop.stand(order) == ("scheduled", "paid", [])
        with shop.app.app_context():
            rows = db.session.scalars(select(Refund.state)).all()
        assert rows == ["succeeded"]
        assert SYSTEM.name == "system"
