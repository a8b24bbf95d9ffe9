"""To the payment page and back: the order says at each moment what is true."""

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import Actor
from clinic.gait.forms.buying import FindOrderForm
from clinic.gait.presenters.truths import present_truth
from clinic.gait.queries.codes import find_order_by_code
from clinic.gait.views.blueprint import blueprint
from clinic.gait.views.find_page import FindCase, find_page
from clinic.gait.views.order_page import order_page, order_path
from clinic.gait.views.owners import buyer, may_see, remember_order
from clinic.payments.checkout import begin_checkout
from clinic.payments.gateway import PaymentUnavailable
from clinic.payments.queries.links import is_order_link_over
from clinic.payments.queries.orders import OrderSeen, find_order_of_session, get_order
from clinic.payments.settling import fulfil
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import public
from clinic.web.limits import limit_booking

LONGEST_SESSION = 255


def go_and_pay(public_id: str, *, actor: Actor) -> ResponseReturnValue:
    """Lead to the payment page; where that cannot be, to the order with the reason."""
    try:
        begun = begin_checkout(public_id=public_id, actor=actor, now=now())
    except Refusal as refusal:
        return order_page(get_order(public_id), refusal=refusal)
    return redirect(begun.url or order_path(public_id), 303)


@blueprint.post("/gait/orders/<public_id>/pay")
@public
def pay(public_id: str) -> ResponseReturnValue:
    """To the payment page that is open for the order, or a new one."""
    limit_booking()
    order = get_order(read_public_id(public_id))
    if not may_see(order):
        return redirect(order_path(public_id), 303)
    return go_and_pay(order.public_id, actor=buyer(order))


@blueprint.get("/payments/success")
@public
def payment_success() -> ResponseReturnValue:
    """Where the payment page leads back to: asks what became of it, and tells it.

    Whoever asks, the order is fulfilled; whose it is is told to its buyer only. Without an order
    the page explains itself and finds one.
    """
    session_id = request.args.get("session_id", "")[:LONGEST_SESSION]
    order, is_certain = _order_of(session_id)
    if order is None:
        return find_page(FindCase.UNKNOWN if session_id else FindCase.PLAIN)
    if may_see(order):
        return order_page(order, is_certain=is_certain)
    truth = present_truth(order=order, is_certain=is_certain, now=now())
    form = FindOrderForm(formdata=None)
    return render_template("gait/truth.html", truth=truth, form=form)


@blueprint.post("/payments/success")
@public
def find_order() -> ResponseReturnValue:
    """Find an order by its code and the birth date of whoever comes."""
    limit_booking()
    form = FindOrderForm()
    if not form.is_sound() or form.birth_date.data is None:
        return find_page(FindCase.PLAIN, form=form, status=422)
    found = find_order_by_code(code=form.code.data or "", birth_date=form.birth_date.data)
    if found is None or is_order_link_over(order=found, now=now()):
        return find_page(FindCase.MISSED, form=form)
    remember_order(found)
    return redirect(order_path(found.public_id), 303)


def _order_of(session_id: str) -> tuple[OrderSeen | None, bool]:
    """The order of a payment page, and whether what it says was asked for just now."""
    if not session_id:
        return None, True
    try:
        return fulfil(session_id=session_id, now=now()), True
    except PaymentUnavailable:
        return find_order_of_session(session_id), False
