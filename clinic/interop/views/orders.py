"""Orders: made by anybody, seen, given a time and given back by staff."""

from datetime import datetime
from typing import Any

from flask import Response, url_for

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.values import Actor, Role
from clinic.gait.operations.orders import SELLERS, create_order
from clinic.gait.operations.scheduling import schedule_order
from clinic.gait.queries.orders import list_products, list_visits_of
from clinic.interop.forms.bodies import read_body
from clinic.interop.forms.bookings import refuse_onlookers
from clinic.interop.forms.orders import read_order, read_order_time, read_refund
from clinic.interop.forms.query_strings import read_orders_asked
from clinic.interop.presenters.orders import order_shown, refund_shown
from clinic.interop.rules.cursors import cursor_text
from clinic.interop.rules.json_text import JsonText
from clinic.interop.views.answers import asked_id, base_url, json_answer, posted
from clinic.interop.views.blueprint import blueprint
from clinic.payments.checkout import begin_checkout
from clinic.payments.gateway import gateway
from clinic.payments.operations.orders import Submission
from clinic.payments.queries.money import RefundSeen
from clinic.payments.queries.orders import OrderSeen, get_order, list_orders
from clinic.payments.refunding import request_refund
from clinic.payments.rules.states import GRANTED, Status
from clinic.scheduling.operations.wishes import BOOKING_ROLES
from clinic.scheduling.queries.setting import get_setting
from clinic.web.access import allow, current_actor, public
from clinic.web.idempotency import asked_key
from clinic.web.limits import limit_booking

REFUNDERS = (Role.ADMIN, Role.FRONT_DESK)


@blueprint.post("/orders")
@public
def order() -> Response:
    """Order a product; the answer leads to the page where it is paid."""
    actor, moment = current_actor(), now()
    limit_booking()
    refuse_onlookers(actor)
    body = read_body()
    told, status = posted(
        body=body,
        run=lambda: _ordered(body, actor, moment),
        answer=lambda found: (_shown(found), 201),
        now=moment,
    )
    answer = json_answer(told, status)
    answer.headers["Location"] = url_for("api.show_order", public_id=told["id"])
    return answer


def _ordered(body: JsonText, actor: Actor, moment: datetime) -> OrderSeen:
    products = {one.slug: one.service for one in list_products()}
    asked = read_order(body, products=products, setting=get_setting(), actor=actor, now=moment)
    gateway()  # nothing is held where nothing can be paid
    made = create_order(
        wished=asked.wished,
        patient=asked.patient,
        actor=actor,
        now=moment,
        submission=_submission(body),
    )
    if Status(made.status) in GRANTED:
        return made
    return begin_checkout(public_id=made.public_id, actor=actor, now=moment).order


def _submission(body: JsonText) -> Submission | None:
    """By what this request is known when it is sent again, after an answer that was not kept."""
    asked = asked_key(body.value)
    return Submission(key=asked[0], content=asked[1]) if asked else None


@blueprint.get("/orders")
@allow(*BOOKING_ROLES)
def list_all_orders() -> Response:
    """Orders, the newest first, a hundred at a time; the look is put on record."""
    asked = read_orders_asked()
    page = list_orders(statuses=asked.statuses, after=asked.after)
    record_look(
        action="orders.listed",
        actor=current_actor(),
        now=now(),
        details={"count": len(page.orders)},
        seen=[f"patient:{one.patient}" for one in page.orders],
    )
    following = cursor_text(page.next_cursor) if page.next_cursor else None
    visits = list_visits_of([one.public_id for one in page.orders])
    found = [_told(one, visits.get(one.public_id)) for one in page.orders]
    return json_answer({"orders": found, "next": following})


@blueprint.get("/orders/<public_id>")
@allow(*BOOKING_ROLES)
def show_order(public_id: str) -> Response:
    """One order; the look is put on record."""
    found = get_order(asked_id(public_id))
    record_look(
        action="order.seen",
        actor=current_actor(),
        now=now(),
        subject=f"order:{found.public_id}",
        seen=[f"patient:{found.patient}"],
    )
    return json_answer(_shown(found))


@blueprint.post("/orders/<public_id>/refund")
@allow(*REFUNDERS)
def refund_order(public_id: str) -> Response:
    """Give money back."""
    actor, moment = current_actor(), now()
    body = read_body()

    def run() -> RefundSeen:
        asked = read_refund(body)
        return request_refund(
            public_id=asked_id(public_id),
            cents=asked.cents,
            reason=asked.reason,
            actor=actor,
            now=moment,
            submission=_submission(body),
        )

    return json_answer(
        *posted(body=body, run=run, answer=lambda found: (refund_shown(found), 201), now=moment)
    )


@blueprint.post("/orders/<public_id>/schedule")
@allow(*SELLERS)
def schedule_paid_order(public_id: str) -> Response:
    """Book the visit of a paid order."""
    actor, moment = current_actor(), now()
    body = read_body()

    def run() -> OrderSeen:
        asked = read_order_time(body, setting=get_setting())
        return schedule_order(
            public_id=asked_id(public_id),
            starts_at=asked.starts_at,
            practitioner=asked.practitioner,
            state=asked.state,
            override_reason=asked.reason,
            actor=actor,
            now=moment,
        )

    return json_answer(
        *posted(body=body, run=run, answer=lambda found: (_shown(found), 200), now=moment)
    )


def _shown(found: OrderSeen) -> dict[str, Any]:
    return _told(found, list_visits_of([found.public_id]).get(found.public_id))


def _told(found: OrderSeen, visit: str | None) -> dict[str, Any]:
    return order_shown(found, visit=visit, actor=current_actor(), base_url=base_url())
