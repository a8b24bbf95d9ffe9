"""Money for one visit: taken at the desk, asked for by a link, or said to be another sum."""

from flask import redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Invalid, Refusal
from clinic.desk.forms.money import DueForm, PaymentForm
from clinic.desk.operations.money import Taking, charge_visit, send_link, take_payment
from clinic.desk.views.blueprint import CASHIERS, blueprint
from clinic.desk.views.visit_page import TypedMoney, visit_page
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor

ONE = "/desk/visits/<visit>"


@blueprint.post(f"{ONE}/payment")
@allow(*CASHIERS)
def take_visit_payment(visit: str) -> ResponseReturnValue:
    """Take money for the visit; pressing twice takes it once."""
    found, form = get_visit(read_public_id(visit)), PaymentForm()
    typed = form.read()
    if typed is None:
        return _page(found, payment=form, status=422)
    taking = Taking(
        visit=found.public_id,
        cents=typed.cents,
        means=typed.means,
        left_cents=typed.left_cents,
        key=form.own_key(),
        reference=typed.reference or None,
    )
    try:
        take_payment(taking=taking, actor=current_actor(), now=now())
    except Invalid as refusal:
        form.amount.errors = [_(line) for lines in refusal.errors.values() for line in lines]
        return _page(found, payment=form, status=422)
    except Refusal as refusal:
        form.amount.data = form.amount.raw_data = None
        return _page(found, payment=form, notice=_(refusal.message), status=refusal.status)
    return redirect(f"/desk/visits/{found.public_id}?paid={typed.cents}#money", 303)


@blueprint.post(f"{ONE}/payment-link")
@allow(*CASHIERS)
def mail_payment_link(visit: str) -> ResponseReturnValue:
    """Mail a link to pay what is left; pressing twice mails one."""
    found = get_visit(read_public_id(visit))
    try:
        send_link(visit=found.public_id, actor=current_actor(), now=now())
    except Refusal as refusal:
        return _page(found, notice=_(refusal.message), status=refusal.status)
    return redirect(f"/desk/visits/{found.public_id}?done=link#money", 303)


@blueprint.post(f"{ONE}/charge")
@allow(*CASHIERS)
def charge_visit_so(visit: str) -> ResponseReturnValue:
    """Let another sum be due for the visit, with a reason."""
    found, form = get_visit(read_public_id(visit)), DueForm()
    typed = form.read()
    if typed is None:
        return _page(found, due=form, status=422)
    cents, why = typed
    try:
        charge_visit(
            visit=found.public_id, cents=cents, reason=why, actor=current_actor(), now=now()
        )
    except Refusal as refusal:
        return _page(found, due=form, notice=_(refusal.message), status=refusal.status)
    return redirect(f"/desk/visits/{found.public_id}?done=due#money", 303)


def _page(
    found: Visit,
    *,
    payment: PaymentForm | None = None,
    due: DueForm | None = None,
    notice: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    typed = TypedMoney(payment or PaymentForm(formdata=None), due or DueForm(formdata=None), notice)
    return visit_page(get_visit(found.public_id), {}, typed=typed, status=status)
