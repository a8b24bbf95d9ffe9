"""An order's page for its buyer, however it stands."""

from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.gait.presenters.lab_times import LabWeek, present_first_times, present_instead
from clinic.gait.presenters.orders import OrderParts, order_path, present_order
from clinic.gait.presenters.truths import Standing, present_truth
from clinic.gait.queries.lab import find_lab_week
from clinic.gait.queries.whole import WholeOrder, get_whole_order, is_released
from clinic.gait.views.notices import Notice, notice_of
from clinic.gait.views.states import read_state
from clinic.payments.queries.orders import OrderSeen
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.queries.links import visit_token
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visit_forms import find_forms

__all__ = ["order_page", "order_path"]


def order_page(
    order: OrderSeen,
    *,
    refusal: Refusal | None = None,
    notice: Notice | None = None,
    is_certain: bool = True,
    has_left: bool = False,
) -> ResponseReturnValue:
    """The order for whoever may see it."""
    at, setting = now(), get_setting()
    whole = get_whole_order(order, now=at)
    truth = present_truth(order=order, now=at, is_certain=is_certain)
    view = present_order(parts=_parts(whole, setting.zone), truth=truth, now=at)
    slots = refusal.alternatives if isinstance(refusal, SlotTaken) else ()
    return render_template(
        "gait/order.html",
        order=view,
        truth=truth,
        notice=notice or (notice_of(refusal) if refusal else None),
        times=_first_times(whole, at) if view.can_choose else None,
        state=read_state(request.form.get("state", "")),
        asks_state=view.can_choose and _asks_state(whole),
        instead=present_instead(slots=slots, setting=setting),
        **_of_visit(whole, truth.standing),
        has_left=has_left and truth.standing is Standing.TO_PAY,
    ), refusal.status if refusal else 200


def _of_visit(whole: WholeOrder, standing: Standing) -> dict[str, object]:
    """The way to the bought visit, to its forms, and to other times while its service is given."""
    visit = whole.visit
    if visit is None:
        return {"visit_path": "", "can_move": False, "forms": None}
    service = get_setting().services.get(visit.service)
    return {
        "visit_path": f"/visits/{visit_token(visit)}",
        "can_move": service is not None,
        "forms": find_forms(visit) if standing is Standing.BOOKED else None,
    }


def _parts(whole: WholeOrder, zone: str) -> OrderParts:
    return OrderParts(
        order=whole.order,
        bought=whole.bought,
        visit=whole.visit,
        payments=whole.payments,
        refunds=whole.refunds,
        receipts=whole.receipts,
        reports=whole.reports if is_released(whole.order) else (),
        lab_files=whole.lab_files if is_released(whole.order) else (),
        code=whole.code,
        zone=zone,
    )


def _asks_state(whole: WholeOrder) -> bool:
    """Whether no time can be shown before the patient said where they will be."""
    service = get_setting().services.get(whole.bought.service) if whole.bought else None
    return bool(service and service.is_telehealth and whole.bought and not whole.bought.state)


def _first_times(whole: WholeOrder, at: datetime) -> LabWeek | None:
    setting = get_setting()
    if whole.bought is None or whole.bought.service not in setting.services:
        return None
    service = whole.bought.service
    if _asks_state(whole):
        return None
    week = find_lab_week(service=service, day=None, now=at, state=whole.bought.state)
    return present_first_times(week=week, setting=setting, service=service)
