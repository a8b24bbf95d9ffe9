"""The desk's orders: what needs a person, the list, and one order's whole story."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import Role
from clinic.gait.forms.desk import AcceptForm, CancelOrderForm, NoteForm, RefundForm, ReportForm
from clinic.gait.presenters.desk_orders import (
    DeskParts,
    present_desk_order,
    present_rows,
)
from clinic.gait.presenters.desk_places import DESK_ORDERS, desk_path
from clinic.gait.presenters.lab_times import LabWeek, present_instead, present_lab_week
from clinic.gait.presenters.states import state_field
from clinic.gait.queries.lab import find_lab_week
from clinic.gait.queries.whole import WholeOrder, get_whole_order
from clinic.gait.rules.lists import SHOWN, Show, read_show
from clinic.gait.views.blueprint import blueprint
from clinic.gait.views.desk_lists import VIEWERS, record_list, tabs
from clinic.gait.views.desk_tasks import tasks_page
from clinic.gait.views.notices import notice_of
from clinic.gait.views.receipt_answer import receipt_answer
from clinic.gait.views.states import AskedState, asked_state
from clinic.messaging.queries import list_posted
from clinic.payments.queries.money import list_disputes, list_events
from clinic.payments.queries.orders import (
    OrderSeen,
    get_order,
    list_orders,
    list_story,
    list_tasks,
)
from clinic.payments.refunding import quote_cancellation
from clinic.payments.rules.states import Kind
from clinic.people.queries.patients import get_patient
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.request_queue import place_text, read_place
from clinic.scheduling.rules.week_address import read_date, read_public_id
from clinic.web.access import allow, current_actor
from clinic.web.filters import phone as phone_words

PAGE = 50
MOST_MESSAGES = 20


@dataclass(frozen=True, slots=True)
class Typed:
    """The forms of an order's page as they were sent; what was not sent is empty."""

    refund: RefundForm | None = None
    accept: AcceptForm | None = None
    cancel: CancelOrderForm | None = None
    note: NoteForm | None = None
    report: ReportForm | None = None


@blueprint.get(DESK_ORDERS)
@allow(*VIEWERS)
def desk_orders() -> ResponseReturnValue:
    """What needs a person; or orders of one kind, the newest first."""
    show, zone = read_show(request.args.get("show", "")), get_setting().zone
    if show is Show.TASKS:
        return tasks_page()
    page = list_orders(
        statuses=SHOWN[show],
        kind=Kind.PRODUCT if show is Show.PAID else None,
        after=read_place(request.args.get("after", "")),
        limit=PAGE,
    )
    record_list(show, page.orders)
    more = place_text(page.next_cursor) if page.next_cursor else ""
    return render_template(
        "gait/desk_orders.html",
        lists=tabs(show),
        rows=present_rows(page.orders, zone=zone),
        more=f"{DESK_ORDERS}?show={show}&after={more}" if more else "",
    )


@blueprint.get(f"{DESK_ORDERS}/<public_id>")
@allow(*VIEWERS)
def desk_order(public_id: str) -> ResponseReturnValue:
    """One order: every event, every message, every button this role may press."""
    return desk_order_page(get_order(read_public_id(public_id)))


@blueprint.get(f"{DESK_ORDERS}/<public_id>/receipts/<receipt>")
@allow(*VIEWERS)
def desk_receipt(public_id: str, receipt: str) -> ResponseReturnValue:
    """A receipt of the order as a PDF."""
    order = get_order(read_public_id(public_id))
    return receipt_answer(order, read_public_id(receipt), actor=current_actor())


def desk_order_page(
    order: OrderSeen, *, typed: Typed | None = None, refusal: Refusal | None = None
) -> ResponseReturnValue:
    """The order's page, with what was typed and could not be done."""
    at, typed = now(), typed or Typed()
    whole = get_whole_order(order, now=at)
    view = present_desk_order(_parts(whole, at))
    slots = refusal.alternatives if isinstance(refusal, SlotTaken) else ()
    asked = _asked(whole) if view.can_schedule else None
    has_faults = any((typed.refund, typed.accept, typed.cancel, typed.note, typed.report))
    _record_sight(order)
    return render_template(
        "gait/desk_order.html",
        order=view,
        typed=_forms(typed),
        times=_times(whole, at) if view.can_schedule else None,
        state=asked.state if asked else None,
        states=state_field(chosen=asked.state, error=asked.error, is_desk=True) if asked else None,
        instead=present_instead(slots=slots, setting=get_setting()),
        notice=notice_of(refusal) if refusal else None,
        refund_key=secrets.token_urlsafe(16),
        done=request.args.get("done", ""),
    ), refusal.status if refusal else 422 if has_faults else 200


def back_to(public_id: str, done: str) -> ResponseReturnValue:
    """To the order's page, which says what was done."""
    return redirect(f"{desk_path(public_id)}?done={done}", 303)


def notice_until_visit(whole: WholeOrder, at: datetime) -> timedelta | None:
    """The time until the order's visit; None where none is booked."""
    return whole.visit.starts_at - at if whole.visit and whole.visit.status == "booked" else None


def _forms(typed: Typed) -> Typed:
    refund = typed.refund or RefundForm(formdata=None)
    return Typed(
        refund=refund,
        accept=typed.accept or AcceptForm(formdata=None),
        cancel=typed.cancel or CancelOrderForm(formdata=None),
        note=typed.note or NoteForm(formdata=None),
        report=typed.report or ReportForm(formdata=None),
    )


def _parts(whole: WholeOrder, at: datetime) -> DeskParts:
    order, role = whole.order, current_actor().role
    quote = quote_cancellation(public_id=order.public_id, notice=notice_until_visit(whole, at))
    return DeskParts(
        whole=whole,
        story=list_story(order.public_id),
        tasks=list_tasks(order=order.public_id),
        events=list_events(order.public_id),
        disputes=list_disputes(order.public_id),
        messages=list_posted(about=f"order:{order.public_id}", limit=MOST_MESSAGES),
        back_cents=quote.cents,
        phone=phone_words(get_patient(public_id=order.patient).phone or ""),
        role=role or Role.AUDITOR,
        zone=get_setting().zone,
    )


def _times(whole: WholeOrder, at: datetime) -> LabWeek | None:
    setting, bought = get_setting(), whole.bought
    if bought is None or bought.service not in setting.services:
        return None
    asked = _asked(whole)
    if asked is not None and asked.is_asked:
        return None
    state = asked.state if asked else None
    day = read_date(request.args.get("week", ""))
    week = find_lab_week(service=bought.service, day=day, now=at, state=state, is_staff=True)
    return present_lab_week(
        week=week,
        setting=setting,
        service=bought.service,
        path=desk_path(whole.order.public_id),
        state=state,
    )


def _asked(whole: WholeOrder) -> AskedState | None:
    """Where the patient will be during a visit by video; None for any other visit."""
    bought = whole.bought
    given = get_setting().services.get(bought.service) if bought else None
    if bought is None or given is None or not given.is_telehealth:
        return None
    return asked_state(bought.service, known=bought.state)


def _record_sight(order: OrderSeen) -> None:
    record_look(
        action="order.seen",
        actor=current_actor(),
        now=now(),
        subject=f"order:{order.public_id}",
        seen=[f"patient:{order.patient}"],
    )
