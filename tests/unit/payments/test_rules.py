"""What holds for orders and money, without a database."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.payments import reading
from clinic.payments.rules.facts import (
    ChargeFacts,
    IntentFacts,
    SessionFacts,
    mismatch,
    received_cents,
)
from clinic.payments.rules.refunds import DEFAULT, Notice, Policy, policy_of, share
from clinic.payments.rules.states import FORWARD, GRANTED, Paid, Status, payment_of

AT = datetime(2026, 3, 2, 15, tzinfo=UTC)
CHARGE = ChargeFacts(charge_id="ch_1", refunded_cents=0, is_disputed=False, receipt_url=None)
INTENT = IntentFacts(
    intent_id="pi_1",
    status="succeeded",
    received_cents=35000,
    currency="usd",
    order="o",
    charge=CHARGE,
)
PAID = SessionFacts(
    session_id="cs_1",
    status="complete",
    payment_status="paid",
    orders=frozenset({"o"}),
    attempt=1,
    subtotal_cents=35000,
    total_cents=35000,
    discount_cents=0,
    tax_cents=0,
    shipping_cents=0,
    currency="usd",
    is_live=False,
    url=None,
    created_at=AT,
    expires_at=AT,
    intent=INTENT,
    intent_id="pi_1",
)


class TestPaymentOf:
    @pytest.mark.parametrize(
        ("paid", "back", "is_paid", "is_pending", "word"),
        [
            (0, 0, False, False, Paid.UNPAID),
            (0, 0, False, True, Paid.PENDING),
            (100, 0, True, False, Paid.PAID),
            (0, 0, True, False, Paid.PAID),
            (100, 1, True, False, Paid.PARTLY_REFUNDED),
            (100, 100, True, False, Paid.REFUNDED),
            (100, 0, True, True, Paid.PAID),
        ],
    )
    def test_is_the_word(
        self, paid: int, back: int, is_paid: bool, is_pending: bool, word: Paid
    ) -> None:
        found = payment_of(
            paid_cents=paid, refunded_cents=back, is_paid=is_paid, is_pending=is_pending
        )
        assert found is word


class TestMismatch:
    def test_is_none_for_what_was_asked(self) -> None:
        assert mismatch(PAID, total_cents=35000, currency="usd") is None

    @pytest.mark.parametrize(
        ("changed", "why"),
        [
            ({"currency": "eur"}, "currency"),
            ({"subtotal_cents": 34999, "total_cents": 34999}, "amount"),
            ({"total_cents": 34999}, "amount"),
            ({"subtotal_cents": None, "total_cents": 100}, "amount"),
            ({"intent": replace(INTENT, received_cents=100)}, "received"),
            ({"intent": replace(INTENT, currency="eur")}, "currency"),
            ({"total_cents": 40000, "discount_cents": -5000}, "amount"),
        ],
    )
    def test_names_what_differs(self, changed: dict[str, Any], why: str) -> None:
        assert mismatch(replace(PAID, **changed), total_cents=35000, currency="usd") == why

    @given(discount=st.integers(0, 35000), tax=st.integers(0, 5000))
    def test_lets_discount_and_tax_stand_between(self, discount: int, tax: int) -> None:
        total = 35000 - discount + tax
        facts = replace(
            PAID,
            total_cents=total,
            discount_cents=discount,
            tax_cents=tax,
            intent=replace(INTENT, received_cents=total),
        )
        assert mismatch(facts, total_cents=35000, currency="usd") is None

    def test_counts_nothing_where_nothing_was_due(self) -> None:
        free = replace(
            PAID, payment_status="no_payment_required", total_cents=0, discount_cents=35000
        )
        assert received_cents(replace(free, intent=None)) == 0
        assert free.is_paid


class TestPolicy:
    @pytest.mark.parametrize(
        ("status", "hours", "percent"),
        [
            (Status.PAID, None, 100),
            (Status.SCHEDULED, 48, 100),
            (Status.SCHEDULED, 47.99, 50),
            (Status.SCHEDULED, 24, 50),
            (Status.SCHEDULED, 23.99, 0),
            (Status.SCHEDULED, -1, 0),
            (Status.SCHEDULED, None, 0),
            (Status.RECORDED, 100, 0),
            (Status.RELEASED, 100, 0),
            (Status.AWAITING, 100, 0),
            (Status.CANCELLED, 100, 0),
        ],
    )
    def test_gives_back_by_status_and_notice(
        self, status: Status, hours: float | None, percent: int
    ) -> None:
        notice = None if hours is None else timedelta(hours=hours)
        assert DEFAULT.percent(status, notice=notice) == percent

    def test_is_read_as_it_was_stored(self) -> None:
        policy = Policy(paid=90, scheduled=(Notice(72, 80), Notice(0, 10)), recorded=5)
        assert policy_of(policy.as_json()) == policy

    @pytest.mark.parametrize(
        "wrong",
        [
            Policy(paid=101),
            Policy(recorded=-1),
            Policy(scheduled=(Notice(24, 50), Notice(48, 100))),
            Policy(scheduled=(Notice(24, 50), Notice(24, 100))),
            Policy(scheduled=(Notice(-1, 50),)),
        ],
    )
    def test_refuses_what_can_be_none(self, wrong: Policy) -> None:
        with pytest.raises(ValueError, match=r"\."):
            policy_of(wrong.as_json())

    @given(cents=st.integers(0, 10**9), percent=st.integers(0, 100))
    def test_shares_never_exceed_the_whole(self, cents: int, percent: int) -> None:
        assert 0 <= share(cents=cents, percent=percent) <= cents

    def test_leads_on_from_granted_states_alone(self) -> None:
        assert FORWARD.keys() == GRANTED


class TestReading:
    @given(st.binary(max_size=200))
    def test_takes_no_bytes_for_an_event(self, body: bytes) -> None:
        assert reading.event(body) is None

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["id", "object", "type", "data"]), inner, max_size=4
                )
            ),
            max_leaves=12,
        )
    )
    def test_never_breaks_on_json(self, value: Any) -> None:
        found = reading.event(json.dumps(value).encode())
        assert found is None or found.event_id

    @pytest.mark.parametrize("wrong", [{}, {"object": "refund"}, {"object": "refund", "id": 5}])
    def test_calls_garbage_by_its_name(self, wrong: dict[str, Any]) -> None:
        with pytest.raises(reading.Garbage):
            reading.refund(wrong)
