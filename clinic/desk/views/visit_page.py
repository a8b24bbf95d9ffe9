"""The page of one visit, which several of its forms come back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.desk.forms.money import DueForm, PaymentForm
from clinic.desk.presenters.booking import RefusalView
from clinic.desk.presenters.visit import VisitCardView, present_visit
from clinic.desk.presenters.visit_money import VisitMoneyView, present_visit_money
from clinic.desk.queries.record import list_visit_notes
from clinic.desk.queries.visit_ledger import get_visit_ledger
from clinic.desk.views.blueprint import CASHIERS
from clinic.desk.views.visit_room import UNSENT, RoomForms, room_of
from clinic.scheduling.queries.following import list_linked
from clinic.scheduling.queries.referrals import find_counter
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit
from clinic.web.access import current_actor
from clinic.web.filters import money
from clinic.web.navigation import may_open

MOST_DIGITS = 9


@dataclass(frozen=True, slots=True)
class TypedMoney:
    """The money forms of a visit's page as they were sent, and what could not be done."""

    payment: PaymentForm
    due: DueForm
    notice: str = ""


def show_money(
    found: Visit, typed: TypedMoney | None = None
) -> tuple[VisitMoneyView | None, TypedMoney | None]:
    """The part of the page and its forms, for those who may look at orders; else nothing."""
    if not may_open("/desk/orders"):
        return None, None
    may_take = current_actor().role in CASHIERS
    view = present_visit_money(visit=found, ledger=get_visit_ledger(found), may_take=may_take)
    shown = typed or TypedMoney(PaymentForm(formdata=None), DueForm(formdata=None))
    shown.payment.renew()
    if not shown.payment.amount.data:
        shown.payment.amount.data = f"{view.left_cents / 100:.2f}"
    return view, shown


def visit_page(
    found: Visit,
    values: Mapping[str, str],
    *,
    refusal: RefusalView | None = None,
    typed: TypedMoney | None = None,
    sent: RoomForms = UNSENT,
    status: int = 200,
) -> ResponseReturnValue:
    """The page of a visit, with what was typed and could not be done."""
    _look(found)
    return render_template(
        "desk/visit.html",
        page=_view(found, values),
        refusal=refusal,
        is_moved="moved" in request.args,
        **_money_of(found, typed),
        **room_of(found, sent),
    ), status


def _view(found: Visit, values: Mapping[str, str]) -> VisitCardView:
    setting = get_setting()
    return present_visit(
        visit=found,
        setting=setting,
        now=now(),
        values=values,
        linked=list_linked(found),
        notes=list_visit_notes(found),
        counter=find_counter(patient=found.patient, setting=setting, day=found.local.date()),
    )


def _money_of(found: Visit, typed: TypedMoney | None) -> dict[str, Any]:
    ledger, shown = show_money(found, typed)
    return {"paid": said_paid(request.args.get("paid", "")), "money": ledger, "typed": shown}


def said_paid(text: str) -> str:
    """The sum in the address that a payment leads to, in words; nothing for anything else."""
    is_sum = text.isascii() and text.isdecimal() and 0 < len(text) <= MOST_DIGITS
    return money(int(text)) if is_sum else ""


def _look(found: Visit) -> None:
    record_look(
        action="desk.looked",
        actor=current_actor(),
        now=now(),
        subject=f"appointment:{found.public_id}",
    )
