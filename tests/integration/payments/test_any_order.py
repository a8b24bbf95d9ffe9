"""Events of one order in every order of arrival end in the same state (M12)."""

from itertools import permutations
from typing import Any

from clinic.payments import acting
from clinic.payments.operations.inbox import Door, store_event
from clinic.payments.reading import event as read_event
from sandbox.stripe import checkout
from tests.integration.payments.conftest import Shop

FIVE = (
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "payment_intent.succeeded",
    "charge.refunded",
    "refund.updated",
)
FAILED_THEN_PAID = (
    "payment_intent.payment_failed",
    "checkout.session.completed",
    "payment_intent.succeeded",
    "charge.dispute.created",
    "charge.dispute.closed",
)


def story_of(shop: Shop, name: str) -> tuple[str, list[dict[str, Any]]]:
    """An order paid through a bank that takes days, then partly given back outside; its events."""
    order = shop.ordered(name, starts_at="")
    before = len(shop.double.events())
    shop.double.pay(order, delayed=True)
    checkout.bank_says(shop.double.state, shop.double.session(order), yes=True)
    shop.double.refund(order, 5000)
    told = shop.double.events()[before:]
    return order, [next(one for one in told if one["type"] == kind) for kind in FIVE]


class TestFiveEvents:
    def test_end_alike_in_every_order(self, shop: Shop) -> None:
        ends = set()
        for number, places in enumerate(permutations(range(5))):
            order, events = story_of(shop, f"Pat{chr(97 + number % 26)}{number // 26}q"[:5])
            with shop.app.app_context():
                for place in places:
                    self.arrive(shop, events[place])
            found = shop.seen(order)
            ends.add((found["status"], found["payment"], *found["tasks"], found["refunded_cents"]))
        assert ends == {("paid", "partly-refunded", "external-refund", 5000)}

    def arrive(self, shop: Shop, event: dict[str, Any]) -> None:
        """It is stored and acted on before the next one comes."""
        import json

        body = json.dumps(event).encode()
        read = read_event(body)
        assert read is not None
        store_event(door=Door(), event=read, body=body, now=shop.now)
        acting.act_on_events(now=shop.now)

    def test_of_a_declined_card_and_a_dispute_end_alike(self, shop: Shop) -> None:
        from sandbox.stripe import money_back

        ends = set()
        for number in range(5):
            order = shop.ordered(f"Pat{chr(97 + number)}", starts_at="")
            before = len(shop.double.events())
            checkout.decline(shop.double.state, shop.double.session(order))
            shop.double.pay(order)
            dispute = money_back.open_dispute(shop.double.state, shop.double.intent(order))
            money_back.close_dispute(shop.double.state, dispute, "won")
            told = shop.double.events()[before:]
            events = [next(one for one in told if one["type"] == kind) for kind in FAILED_THEN_PAID]
            with shop.app.app_context():
                for event in events[number:] + events[:number]:
                    self.arrive(shop, event)
            found = shop.seen(order)
            ends.add((found["status"], found["payment"], found["disputed"], *found["tasks"]))
        assert ends == {("paid", "paid", False)}
