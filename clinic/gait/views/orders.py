"""What a buyer does with an order: look, choose the lab time, cancel, fetch receipts."""

from datetime import datetime, timedelta

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.gait.operations.scheduling import schedule_order
from clinic.gait.presenters.lab_times import present_lab_week
from clinic.gait.presenters.orders import order_path
from clinic.gait.presenters.refund_rule import present_refund_rule
from clinic.gait.presenters.states import state_name
from clinic.gait.queries.lab import find_lab_week
from clinic.gait.queries.orders import get_gait_order
from clinic.gait.views.blueprint import blueprint
from clinic.gait.views.find_page import FindCase, find_page
from clinic.gait.views.notices import Notice
from clinic.gait.views.order_page import order_page
from clinic.gait.views.owners import buyer, may_see, remember_order
from clinic.gait.views.receipt_answer import receipt_answer
from clinic.gait.views.states import AskedState, asked_state, state_page
from clinic.payments.queries.links import is_order_link_over, opens_order
from clinic.payments.queries.money import get_refund_policy
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.refunding import cancel_order, quote_cancellation
from clinic.payments.rules.states import GRANTED, Status
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.week_address import read_date, read_public_id, read_slot
from clinic.web.access import public
from clinic.web.filters import money
from clinic.web.limits import limit_booking


@blueprint.get("/gait/orders/<public_id>")
@public
def order_of_buyer(public_id: str) -> ResponseReturnValue:
    """The order, for whoever proved that it is theirs; else the way to prove it."""
    key = request.args.get("key", "")
    try:
        order = get_order(read_public_id(public_id))
    except NotFound:
        if key:  # a link that was cut off
            return find_page(FindCase.CUT)
        raise
    is_proven = bool(key) and opens_order(
        key=key, public_id=order.public_id, link_version=order.link_version
    )
    is_over = is_order_link_over(order=order, now=now())
    if is_proven and not is_over:
        remember_order(order)
        return redirect(order_path(order.public_id), 303)
    if may_see(order):
        return order_page(order, notice=_done(), has_left="left" in request.args)
    if is_proven:
        return find_page(FindCase.OVER)
    return find_page(FindCase.CUT if key else FindCase.ELSEWHERE)


@blueprint.get("/gait/orders/<public_id>/times")
@public
def order_times(public_id: str) -> ResponseReturnValue:
    """A week of free lab times for a paid order."""
    order = _mine(public_id)
    if order.status != Status.PAID or order.product is None:
        return redirect(order_path(order.public_id), 303)
    bought, path = get_gait_order(order.public_id, now=now()), order_path(order.public_id)
    asked = asked_state(bought.service, known=bought.state)
    if asked.is_asked:
        return _ask_state(order, asked)
    day = read_date(request.args.get("week", ""))
    week = find_lab_week(service=bought.service, day=day, now=now(), state=asked.state)
    view = present_lab_week(
        week=week,
        setting=get_setting(),
        service=bought.service,
        path=f"{path}/times",
        state=asked.state,
    )
    return render_template(
        "gait/order_times.html",
        week=view,
        path=path,
        item=order.title,
        state=asked.state,
        state_name=state_name(asked.state),
    )


@blueprint.post("/gait/orders/<public_id>/times")
@public
def choose_lab_time(public_id: str) -> ResponseReturnValue:
    """Book the lab visit: room, equipment and a person together, or nothing."""
    limit_booking()
    order = _mine(public_id)
    chosen = read_slot(f"{request.form.get('at', '')}||")
    if chosen is None:
        return order_page(order, notice=Notice(_("Please choose one of the times below.")))
    bought = get_gait_order(order.public_id, now=now())
    asked = asked_state(bought.service, known=bought.state)
    if asked.is_asked:
        return _ask_state(order, asked)
    try:
        schedule_order(
            public_id=order.public_id,
            starts_at=instant(chosen.start),
            state=asked.state,
            actor=buyer(order),
            now=now(),
        )
    except Refusal as refusal:
        return order_page(get_order(order.public_id), refusal=refusal)
    return redirect(f"{order_path(order.public_id)}?done=booked", 303)


@blueprint.get("/gait/orders/<public_id>/cancel")
@public
def ask_cancel_order(public_id: str) -> ResponseReturnValue:
    """What cancelling gives back, before anybody confirms."""
    order = _mine(public_id)
    quote = quote_cancellation(public_id=order.public_id, notice=_notice(order, now()))
    return render_template(
        "gait/ask_cancel.html",
        order=order,
        path=order_path(order.public_id),
        is_paid=order.status in GRANTED and order.paid_cents > 0,
        given=money(quote.cents, currency=order.currency),
        gives=quote.cents > 0,
        rule=present_refund_rule(policy=get_refund_policy()),
    )


@blueprint.post("/gait/orders/<public_id>/cancel")
@public
def cancel_own_order(public_id: str) -> ResponseReturnValue:
    """Cancel the order and its visit; what the rule gives goes back."""
    limit_booking()
    order, at = _mine(public_id), now()
    notice = _notice(order, at)
    try:
        cancel_order(public_id=order.public_id, actor=buyer(order), now=at, notice=notice)
    except Refusal as refusal:
        return order_page(get_order(order.public_id), refusal=refusal)
    return redirect(f"{order_path(order.public_id)}?done=cancelled", 303)


@blueprint.get("/gait/orders/<public_id>/receipts/<receipt>")
@public
def order_receipt(public_id: str, receipt: str) -> ResponseReturnValue:
    """A receipt of the order as a PDF."""
    order = _mine(public_id)
    return receipt_answer(order, read_public_id(receipt), actor=buyer(order))


def _ask_state(order: OrderSeen, asked: AskedState) -> ResponseReturnValue:
    path = order_path(order.public_id)
    back = (path, _("Back to your order"))
    return state_page(asked, action=f"{path}/times", item=order.title, back_to=back)


def _mine(public_id: str) -> OrderSeen:
    """The order, if this browser may see it; NotFound otherwise, as for one that is not there."""
    order = get_order(read_public_id(public_id))
    if not may_see(order):
        raise NotFound
    return order


def _notice(order: OrderSeen, at: datetime) -> timedelta | None:
    """The time until the order's visit; None where none is booked."""
    if order.status != Status.SCHEDULED:
        return None
    bought = get_gait_order(order.public_id, now=at)
    return bought.starts_at - at if bought.starts_at else None


def _done() -> Notice | None:
    words = {
        "booked": _("Your lab time is booked. We wrote to you."),
        "cancelled": _("The order was cancelled."),
    }.get(request.args.get("done", ""))
    return Notice(words, kind="ok") if words else None
