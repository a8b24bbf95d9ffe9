"""Money that was paid for a request: it goes back once when the clinic declines."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from clinic.core.db import transaction
from clinic.core.values import PUBLIC
from clinic.payments.operations.orders import NewOrder, add_order, pay_at_desk
from clinic.payments.queries.money import list_refunds
from clinic.payments.queries.orders import get_order
from clinic.payments.rules.states import Kind
from clinic.people.queries import get_patient
from clinic.scheduling.operations.requests import (
    Step,
    decline_request,
    reopen_request,
    request_visit,
)
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.rules.requests import Modality, RequestStatus
from tests.integration.scheduling.a_clinic import FRONT_DESK, NOW, load, person


@pytest.fixture
def asked(in_app: Flask) -> RequestedVisit:
    load()
    wish = RequestWish(modality=Modality.IN_PERSON, reason="My hip hurts.")
    return request_visit(wish=wish, patient=person(1), actor=PUBLIC, now=NOW)


@transaction
def order_for(asked: RequestedVisit) -> str:
    new = NewOrder(
        kind=Kind.BALANCE,
        title="Reading a request",
        patient_id=get_patient(public_id=asked.patient).id,
        email="pat@example.com",
        total_cents=4500,
        currency="usd",
        expires_at=NOW + timedelta(days=1),
        about=f"visit-request:{asked.public_id}",
    )
    return add_order(new, actor=PUBLIC, now=NOW).public_id


class TestDecline:
    def test_gives_back_all_that_was_paid_and_only_once(self, asked: RequestedVisit) -> None:
        order = order_for(asked)
        pay_at_desk(public_id=order, method="cash", actor=FRONT_DESK, now=NOW)
        step = Step(public_id=asked.public_id, actor=FRONT_DESK, now=NOW)
        for _ in range(2):
            decline_request(step=step, reason="We do not treat jaws.")
        assert [one.cents for one in list_refunds(order)] == [4500]
        assert get_order(order).payment == "refunded"
        reopen_request(step=step)
        later = replace(step, now=NOW + timedelta(hours=1))
        found = decline_request(step=later, reason="Still not.")
        assert found.status is RequestStatus.DECLINED
        assert len(list_refunds(order)) == 1

    def test_of_what_was_not_paid_gives_nothing_back(self, asked: RequestedVisit) -> None:
        order = order_for(asked)
        step = Step(public_id=asked.public_id, actor=FRONT_DESK, now=NOW)
        decline_request(step=step, reason="We do not treat jaws.")
        assert not list_refunds(order)
        assert get_order(order).status == "cancelled"  # nobody pays for a no
