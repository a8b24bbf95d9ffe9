"""Money for a visit, taken at the desk or asked for by a link. Each payment is an order of its own,
with a receipt, so that giving back, the book and the reconciler know it like any other."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.core.db import db, transaction
from clinic.core.errors import Forbidden, Invalid, Refusal
from clinic.core.rows import lock_row
from clinic.core.values import Actor, Role
from clinic.desk.queries.money import about, find_open_order, list_visit_money
from clinic.gait.operations.balances import request_balance
from clinic.gait.rules.asked import fingerprint
from clinic.payments.models import Order
from clinic.payments.operations.orders import (
    NewOrder,
    Submission,
    add_order,
    find_submitted,
    grant,
    lock_order,
    take_money,
)
from clinic.payments.operations.refusals import NothingOwed
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.refunding import cancel_order
from clinic.payments.rules.states import Kind
from clinic.payments.rules.till import DESK_MEANS
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment
from clinic.scheduling.operations.charges import set_charge
from clinic.scheduling.queries.setting import currency
from clinic.scheduling.queries.visits import get_visit

TELLERS = frozenset({Role.ADMIN, Role.FRONT_DESK})
MOMENT = timedelta(minutes=5)


class MoneyMoved(Refusal):
    """Something else is left to pay than the page said: a colleague was quicker."""

    code = "money-moved"
    status = 409
    message = (
        "Somebody took or gave back money for this visit meanwhile, or changed what is due."
        " Nothing was taken; look at what is left."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """What is taken for a visit. ``left_cents`` is what the page said is left.

    ``reference`` is the number on the terminal's slip; ``key`` tells one press from another.
    """

    visit: str
    cents: int
    means: str
    left_cents: int
    key: str
    reference: str | None = None

    def submission(self) -> Submission:
        """By what this is known when the form is sent again."""
        said = fingerprint(self.visit, self.cents, self.means, self.reference)
        return Submission(f"visit:{self.key}", said)


def take_payment(*, taking: Taking, actor: Actor, now: datetime) -> OrderSeen:
    """Take money for a visit by ``cash`` or ``terminal``; the same form again takes nothing more.

    A link that asks for another sum is closed first; one that asks for this sum is paid by it.
    Raises NotFound, Forbidden, Invalid, MoneyMoved, NothingOwed, and what closing the link does.
    """
    _refuse(taking, actor)
    if _find_taken(taking, now) is None:
        _check(taking)
        withdraw_link(visit=taking.visit, unless_cents=taking.cents, actor=actor, now=now)
    return _take(taking=taking, actor=actor, now=now)


def withdraw_link(
    *, visit: str, unless_cents: int | None = None, actor: Actor, now: datetime
) -> None:
    """Close the link that asks for money for a visit, unless it asks for exactly that much.

    Raises PaymentPending when money is on its way through it, PaymentUnavailable.
    """
    asked = find_open_order(visit)
    if asked is not None and asked[1] != unless_cents:
        cancel_order(public_id=asked[0], actor=actor, now=now)


def charge_visit(*, visit: str, cents: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let so many cents be due for a visit; a link that asks for another sum is closed first.

    Raises NotFound, Forbidden, Invalid, and what closing the link does.
    """
    if actor.role not in TELLERS:
        raise Forbidden
    if reason:
        withdraw_link(visit=visit, actor=actor, now=now)
    set_charge(public_id=visit, cents=cents, reason=reason, actor=actor, now=now)


def send_link(*, visit: str, actor: Actor, now: datetime) -> OrderSeen:
    """Mail a link to pay what is left; while one is open it is answered again.

    Raises NotFound, Forbidden, NothingOwed, Invalid where there is no address.
    """
    found = get_visit(visit)
    money = list_visit_money([found]).get(visit)
    if money is None or money.is_bought or money.left_cents == 0:
        raise NothingOwed
    return request_balance(appointment=visit, cents=money.left_cents, actor=actor, now=now)


def _refuse(taking: Taking, actor: Actor) -> None:
    if actor.role not in TELLERS:
        raise Forbidden
    if taking.means not in DESK_MEANS or taking.cents <= 0 or not taking.key:
        raise Invalid({"amount": ["Enter an amount, and how it was paid."]})


@transaction
def _find_taken(taking: Taking, now: datetime) -> str | None:
    found = find_submitted(taking.submission(), now=now)
    return found.public_id if found else None


def _check(taking: Taking) -> None:
    """Nothing is taken that is not left, nor by a page that is out of date."""
    found = list_visit_money([get_visit(taking.visit)]).get(taking.visit)
    left = found.left_cents if found else 0
    if left != taking.left_cents:
        raise MoneyMoved
    if found is None or found.is_bought or left == 0:
        raise NothingOwed
    if taking.cents > left:
        raise Invalid({"amount": ["This is more than is left to pay."]})


@transaction
def _take(*, taking: Taking, actor: Actor, now: datetime) -> OrderSeen:
    return take_inside(taking=taking, actor=actor, now=now)


def take_inside(*, taking: Taking, actor: Actor, now: datetime) -> OrderSeen:
    """The same inside the running transaction; a link of another sum is in its way."""
    appointment = lock_row(Appointment, taking.visit)
    known = find_submitted(taking.submission(), now=now)
    if known is not None:
        return get_order(known.public_id)
    _check(taking)
    order = _order(taking, appointment, actor, now)
    order.submission, order.submitted = (
        taking.submission().stored_key(),
        taking.submission().content,
    )
    payment = take_money(
        order,
        method=taking.means,
        cents=taking.cents,
        actor=actor,
        now=now,
        reference=taking.reference,
    )
    grant(order, payment, is_wanted=True, actor=actor, now=now)
    return get_order(order.public_id)


def _order(taking: Taking, appointment: Appointment, actor: Actor, now: datetime) -> Order:
    """The order that a link was mailed for, if it is for this sum; else a new one."""
    asked = find_open_order(taking.visit)
    if asked is not None:
        order = lock_order(asked[0])
        if order.total_cents != taking.cents or order.payment != "unpaid":
            raise MoneyMoved
        return order
    person = db.session.get_one(Patient, appointment.patient_id)
    return add_order(
        NewOrder(
            kind=Kind.BALANCE,
            title=get_visit(taking.visit).service_name,
            patient_id=person.id,
            email=person.email,
            total_cents=taking.cents,
            currency=currency(),
            expires_at=now + MOMENT,
            about=about(taking.visit),
        ),
        actor=actor,
        now=now,
    )
