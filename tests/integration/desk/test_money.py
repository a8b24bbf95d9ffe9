"""Money at the desk: payments for visits, what is due, and the day's till."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from clinic.core.db import db, transaction
from clinic.core.errors import Forbidden, Invalid, Refusal
from clinic.core.values import Actor, Role
from clinic.desk.operations.money import (
    MoneyMoved,
    Taking,
    charge_visit,
    send_link,
    take_payment,
)
from clinic.desk.presenters.till import till_file
from clinic.desk.queries.calendar import Span
from clinic.desk.queries.money import list_visit_money
from clinic.desk.queries.visit_ledger import get_visit_ledger
from clinic.payments.invariants import broken_invariants
from clinic.payments.models import LedgerEntry
from clinic.payments.operations.refusals import NothingOwed
from clinic.payments.operations.till import Counted, TillDay, TillMoved, close_till, move_cash
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.queries.till import Till, get_till
from clinic.payments.refunding import request_refund
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.status import Action
from tests.integration.desk.test_today import row, sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, book, local

TEN_TWENTY = local("2026-03-03 10:20")
TUESDAY = date(2026, 3, 3)
PRICE = 20000


@pytest.fixture
def visit(clinic: Flask) -> Visit:
    """An evaluation on Tuesday at ten, which costs $200."""
    with clinic.app_context():
        return book("2026-03-03 10:00", who=1)


def take(
    visit: Visit,
    cents: int = PRICE,
    *,
    left: int = PRICE,
    means: str = "cash",
    key: str = "one",
    now: datetime = TEN_TWENTY,
    actor: Actor = KIM,
) -> OrderSeen:
    taking = Taking(
        visit=visit.public_id,
        cents=cents,
        means=means,
        left_cents=left,
        key=key,
        reference="0042" if means == "terminal" else None,
    )
    return take_payment(taking=taking, actor=actor, now=now)


def left_of(visit: Visit) -> int:
    found = list_visit_money([get_visit(visit.public_id)]).get(visit.public_id)
    return found.left_cents if found else 0


def till_day(day: date = TUESDAY) -> TillDay:
    span = Span(day, day, "America/New_York")
    return TillDay(day, span.begins, span.ends)


def till(day: date = TUESDAY) -> Till:
    asked = till_day(day)
    return get_till(day=day, begins=asked.begins, ends=asked.ends)


def close(cents: int, *, banked: int = 0, day: date = TUESDAY, now: datetime = TEN_TWENTY) -> None:
    stands = till(day)
    counted = Counted(
        cents=cents,
        banked_cents=banked,
        expected_cents=stands.drawer.expected_cents,
        seen=len(stands.closings),
    )
    close_till(till=till_day(day), counted=counted, actor=KIM, now=now)


class TestTakePayment:
    def test_takes_a_part_and_then_the_rest_each_with_a_receipt(
        self, clinic: Flask, visit: Visit
    ) -> None:
        with clinic.app_context():
            take(visit, 5000)
            assert left_of(visit) == 15000
            take(visit, 15000, left=15000, means="terminal", key="two")
            assert left_of(visit) == 0
            paid = get_visit_ledger(get_visit(visit.public_id)).payments
            assert [(one.method, one.cents, one.reference, one.number) for one in paid] == [
                ("cash", 5000, None, 1),
                ("terminal", 15000, "0042", 2),
            ]
            with pytest.raises(NothingOwed):
                take(visit, 100, left=0, key="three")
            assert broken_invariants() == []

    def test_takes_nothing_twice_by_the_same_form(self, clinic: Flask, visit: Visit) -> None:
        with clinic.app_context():
            assert take(visit, 5000).public_id == take(visit, 5000).public_id
            assert left_of(visit) == 15000

    def test_refuses_what_is_not_left(self, clinic: Flask, visit: Visit) -> None:
        with clinic.app_context():
            with pytest.raises(Invalid):
                take(visit, PRICE + 1)
            with pytest.raises(Invalid):
                take(visit, means="cheque")
            with pytest.raises(Forbidden):
                take(visit, actor=Actor(kind="staff", name="Lee", id="lee", role=Role.GAIT_LAB))
            take(visit, 5000)
            with pytest.raises(MoneyMoved):
                take(visit, 5000, key="two")
            assert left_of(visit) == 15000

    @pytest.mark.usefixtures("unhurried")
    def test_lets_one_of_two_receptionists_take_it(self, clinic: Flask, visit: Visit) -> None:
        both = Barrier(2)

        def press(number: int) -> str:
            with clinic.app_context():
                both.wait(timeout=60)
                try:
                    take(visit, key=f"desk {number}")
                except Refusal as refusal:
                    return refusal.code
                return "taken"

        with ThreadPoolExecutor(2) as pool:
            said = sorted(pool.map(press, (1, 2)))
        assert said == ["money-moved", "taken"]
        with clinic.app_context():
            assert till().sums["cash"] == PRICE

    def test_pays_the_link_of_that_sum_and_closes_one_of_another(
        self, clinic: Flask, visit: Visit
    ) -> None:
        with clinic.app_context():
            asked = send_link(visit=visit.public_id, actor=KIM, now=TEN_TWENTY)
            again = send_link(visit=visit.public_id, actor=KIM, now=TEN_TWENTY)
            assert asked.public_id == again.public_id
            take(visit, 5000)
            assert get_order(asked.public_id).status == "cancelled"
            rest = send_link(visit=visit.public_id, actor=KIM, now=TEN_TWENTY)
            assert rest.total_cents == 15000
            assert take(visit, 15000, left=15000, key="two").public_id == rest.public_id
            assert get_order(rest.public_id).payment == "paid"

    def test_asks_for_what_staff_say_is_due(self, clinic: Flask, visit: Visit) -> None:
        with clinic.app_context():
            charge_visit(
                visit=visit.public_id, cents=3000, reason="co-payment", actor=KIM, now=TEN_TWENTY
            )
            assert left_of(visit) == 3000
            take_step(public_id=visit.public_id, action=Action.CANCEL, actor=KIM, now=TEN_TWENTY)
            assert left_of(visit) == 3000
            other = book("2026-03-03 12:00", who=2)
            take_step(public_id=other.public_id, action=Action.CANCEL, actor=KIM, now=TEN_TWENTY)
            assert left_of(other) == 0


class TestTill:
    def test_has_the_sums_of_the_book_whatever_happens(self, clinic: Flask) -> None:
        """Thirty deeds in an order that chance chose: the till and the book always agree."""
        chance = random.Random(5)
        cash = moved = 0
        with clinic.app_context():
            visits = [book(f"2026-03-03 {hour}:00", who=hour) for hour in range(10, 16)]
            taken: list[OrderSeen] = []
            for number in range(30):
                deed = chance.choice(["take", "take", "give", "move"])
                one = chance.choice(visits)
                if deed == "take" and (left := left_of(one)):
                    means, cents = chance.choice(["cash", "terminal"]), chance.randint(1, left)
                    taken.append(take(one, cents, left=left, means=means, key=f"{number}"))
                    cash += cents if means == "cash" else 0
                elif deed == "give" and taken:
                    order = get_order(chance.choice(taken).public_id)
                    cents = order.paid_cents - order.refunded_cents
                    if cents:
                        give_back(order, cents)
                        cash -= cents if _is_cash(order) else 0
                elif deed == "move":
                    cents = chance.choice([-700, 1500])
                    move_cash(day=TUESDAY, cents=cents, reason="change", actor=KIM, now=TEN_TWENTY)
                    moved += cents
            found = till()
            booked = db.session.scalars(select(LedgerEntry.cents)).all()
            assert sum(booked) == sum(found.sums.values()) == sum(o.cents for o in found.lines)
            assert (found.drawer.cash_cents, found.drawer.moved_cents) == (cash, moved)
            assert found.online_cents == 0
            assert broken_invariants() == []

    def test_is_closed_as_counted_and_begins_the_next_day_with_what_stayed(
        self, clinic: Flask, visit: Visit
    ) -> None:
        with clinic.app_context():
            move_cash(day=TUESDAY, cents=10000, reason="change", actor=KIM, now=TEN_TWENTY)
            take(visit, 5000)
            close(14500, banked=4500)
            found = till()
            assert (found.is_open, found.closings[0].difference) == (False, -500)
            later = TEN_TWENTY + timedelta(hours=1)
            take(visit, 1000, left=15000, key="two", now=later)
            assert till().is_open
            assert till(date(2026, 3, 4)).drawer.start_cents == 11000
            close(11000, now=later)
            assert [one.difference for one in till().closings] == [-500, -5000]
            assert till(date(2026, 3, 4)).drawer.start_cents == 11000

    def test_is_not_closed_while_money_moves(self, clinic: Flask, visit: Visit) -> None:
        with clinic.app_context():
            counted = Counted(cents=0, banked_cents=0, expected_cents=0, seen=0)
            take(visit, 5000)
            with pytest.raises(TillMoved):
                close_till(till=till_day(), counted=counted, actor=KIM, now=TEN_TWENTY)
            with pytest.raises(Invalid):
                close(100, banked=200)

    @pytest.mark.parametrize("change", ["UPDATE {0} SET id = id + 1", "DELETE FROM {0}"])
    def test_is_never_changed(self, clinic: Flask, visit: Visit, change: str) -> None:
        with clinic.app_context():
            move_cash(day=TUESDAY, cents=100, reason="change", actor=KIM, now=TEN_TWENTY)
            close(100)
            charge_visit(
                visit=visit.public_id, cents=1, reason="a friend", actor=KIM, now=TEN_TWENTY
            )
            for table in ("till_movements", "till_closings", "visit_charges"):
                with pytest.raises(DBAPIError, match="append-only"):
                    _run(change.format(table))

    def test_is_safe_for_a_spreadsheet(self, clinic: Flask) -> None:
        with clinic.app_context():
            move_cash(day=TUESDAY, cents=-700, reason='=HYPERLINK("x")', actor=KIM, now=TEN_TWENTY)
            text_of = till_file(till(), zone="America/New_York")
        assert "\"'=HYPERLINK" in text_of
        assert ",-7.00," in text_of


class TestPages:
    def test_take_a_payment_and_close_the_day(
        self,
        clinic: Flask,
        pages: PageClient,
        visit: Visit,
        set_clock: Callable[[datetime], None],
    ) -> None:
        set_clock(TEN_TWENTY)
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        path = f"/desk/visits/{visit.public_id}"
        desk.get("/desk")
        assert "Due $200" in row(desk, visit)
        page = desk.get(path)
        pay = f"{path}/payment"
        assert page.form(pay).values["amount"] == ["200.00"]
        desk.submit({"amount": "many"}, action=pay, status=422)
        assert "Choose cash or terminal." in desk.page.html
        desk.get(path)
        done = desk.submit({"amount": "150", "means": "terminal", "slip": "0042"}, action=pay)
        assert "Received $150" in done.html
        assert "card at the terminal 0042" in done.html
        assert "Receipt 1 (PDF)" in done.html
        again = {**page.form(pay).values, "means": "cash"}
        assert desk.client.post(pay, data=again).status_code == 409
        desk.get(path)
        desk.submit({"due": "150", "due_why": "a friend"}, action=f"{path}/charge")
        desk.get("/desk")
        assert "Paid" in row(desk, visit)
        take_step_of(clinic, visit, Action.FULFIL)
        desk.get(path)
        desk.submit({"due": "180", "due_why": "no friend"}, action=f"{path}/charge")
        assert "$30 is left to pay" in desk.get(f"/desk/patients/{visit.patient}").html
        desk.get("/desk/till")
        desk.submit({"which": "in", "sum": "100", "what": "change"}, action="/desk/till/movements")
        desk.submit({"counted": "99", "banked": "100"}, action="/desk/till/close", status=422)
        desk.submit({"counted": "99", "banked": "0"}, action="/desk/till/close")
        assert "$1 are missing." in desk.page.html
        file = desk.client.get("/desk/till/till.csv")
        assert "0042" in file.text
        assert file.headers["Content-Disposition"] == 'attachment; filename="till-2026-03-03.csv"'

    def test_show_a_clinician_no_money(
        self, clinic: Flask, pages: PageClient, visit: Visit
    ) -> None:
        desk = sign_in(clinic, pages, Role.CLINICIAN)
        assert 'id="money"' not in desk.get(f"/desk/visits/{visit.public_id}").html
        desk.get("/desk/till", status=403)


def take_step_of(clinic: Flask, visit: Visit, action: Action) -> None:
    with clinic.app_context():
        take_step(public_id=visit.public_id, action=action, actor=KIM, now=TEN_TWENTY)


def give_back(order: OrderSeen, cents: int) -> None:
    request_refund(
        public_id=order.public_id, cents=cents, reason="typed wrong", actor=KIM, now=TEN_TWENTY
    )


def _is_cash(order: OrderSeen) -> bool:
    return any(one.order == order.public_id and one.means == "cash" for one in till().lines)


@transaction
def _run(statement: str) -> None:
    db.session.execute(text(statement))
