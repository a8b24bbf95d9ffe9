"""Selling at the desk: an analysis by link, card or cash; and what is left to pay for a visit."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.gait.forms.desk import BalanceForm, SaleForm
from clinic.gait.operations.balances import request_balance
from clinic.gait.operations.orders import WishedProduct, create_order
from clinic.gait.presenters.asked_visits import present_asked_visits
from clinic.gait.presenters.desk_places import DESK_ORDERS
from clinic.gait.queries.products import list_sold
from clinic.gait.rules.asked import fingerprint
from clinic.gait.views.blueprint import blueprint
from clinic.gait.views.desk_order_steps import CASHIERS
from clinic.gait.views.desk_orders import back_to
from clinic.gait.views.notices import Notice, notice_of
from clinic.messaging.delivery import can_send
from clinic.messaging.rules import Channel
from clinic.payments.operations.orders import Submission, pay_at_desk
from clinic.payments.operations.refusals import AlreadyPaid
from clinic.people.asking.details import DetailsForm
from clinic.people.queries import get_patient
from clinic.scheduling.queries.setting import clinic_date
from clinic.scheduling.queries.visits import (
    find_visit_by_reference,
    list_coming_visits,
    list_past_visits,
)
from clinic.scheduling.rules.week_address import read_public_id
from clinic.web.access import allow, current_actor
from clinic.web.filters import money, phone

MOST_PAST = 20
MOST_COMING = 5


@blueprint.get(f"{DESK_ORDERS}/new")
@allow(*CASHIERS)
def sell() -> ResponseReturnValue:
    """What is sold, to whom, and how it is paid; from a record, with what that says of who buys."""
    sale = SaleForm(formdata=None)
    sale.key.data = secrets.token_urlsafe(16)
    known = request.args.get("patient")
    return _sale_page(sale, _person(formdata=None, data=_known(known) if known else None))


@blueprint.post(f"{DESK_ORDERS}/new")
@allow(*CASHIERS)
def sell_now() -> ResponseReturnValue:
    """Make the order; paid here it is paid at once, by link the patient is written to."""
    sale, person, at = SaleForm(), _person(), now()
    _offer(sale)
    patient = person.read(today=clinic_date(at))
    if not sale.is_sound() or patient is None:
        return _sale_page(sale, person, status=422)
    by_link = sale.how.data == "link"
    if by_link and not patient.email:
        person.email.errors = [_("A link needs an e-mail address.")]
        return _sale_page(sale, person, status=422)
    key = (sale.key.data or "")[:64]
    asked = fingerprint(sale.product.data, sale.how.data, patient)
    try:
        made = create_order(
            wished=WishedProduct(product=str(sale.product.data)),
            patient=patient,
            actor=current_actor(),
            now=at,
            submission=Submission(f"desk:{key}", asked) if key else None,
            is_link=by_link,
        )
        _settle(made.public_id, str(sale.how.data))
    except Refusal as refusal:
        return _sale_page(sale, person, notice=notice_of(refusal), status=refusal.status)
    return back_to(made.public_id, "made")


@blueprint.get(f"{DESK_ORDERS}/balance")
@allow(*CASHIERS)
def ask_balance() -> ResponseReturnValue:
    """Which visit, and how much of it is left to pay; from a record, one of the patient's."""
    known = request.args.get("patient", "")
    return _balance_page(BalanceForm(formdata=None, data={"patient": known}))


@blueprint.post(f"{DESK_ORDERS}/balance")
@allow(*CASHIERS)
def send_balance() -> ResponseReturnValue:
    """Write to the patient with a link to pay what is left; asked again, it is the same order."""
    form = BalanceForm()
    typed = form.read()
    visit = find_visit_by_reference(typed[0]) if typed else None
    if typed and visit is None:
        form.asked.errors = [_("No visit has this reference.")]
    if typed is None or visit is None:
        return _balance_page(form, status=422)
    try:
        made = request_balance(
            appointment=visit.public_id, cents=typed[1], actor=current_actor(), now=now()
        )
    except Refusal as refusal:
        return _balance_page(form, notice=notice_of(refusal), status=refusal.status)
    return back_to(made.public_id, "made")


def _person(**more: Any) -> DetailsForm:
    """Who buys; whether they want texts is asked where there is a service to take them."""
    form = DetailsForm(offers_texts=can_send(Channel.SMS), **more)
    form.speak_of_a_call()
    return form


def _known(public_id: str) -> Mapping[str, Any]:
    patient = get_patient(public_id=read_public_id(public_id))
    _look(patient.public_id)
    return {
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "birth_date": patient.birth_date,
        "email": patient.email or "",
        "phone": phone(patient.phone) if patient.phone else "",
    }


def _look(patient: str) -> None:
    subject = f"patient:{patient}"
    record_look(action="patient.seen", actor=current_actor(), now=now(), subject=subject)


def _balance_page(
    form: BalanceForm, *, notice: Notice | None = None, status: int = 200
) -> ResponseReturnValue:
    name = ""
    if form.patient.data:
        patient, at = get_patient(public_id=read_public_id(form.patient.data)), now()
        _look(patient.public_id)
        name = f"{patient.given_name} {patient.family_name}"
        visits = (
            *list_past_visits(patient=patient.public_id, now=at, limit=MOST_PAST),
            *list_coming_visits(patient=patient.public_id, now=at, limit=MOST_COMING),
        )
        form.offer(present_asked_visits(visits))
    return render_template("gait/desk_balance.html", form=form, notice=notice, name=name), status


def _settle(public_id: str, how: str) -> None:
    if how not in {"cash", "terminal"}:
        return
    with suppress(AlreadyPaid):  # the button was pressed twice
        pay_at_desk(public_id=public_id, method=how, actor=current_actor(), now=now())


def _offer(sale: SaleForm) -> None:
    sale.product.choices = [
        SelectChoice(
            value=one.slug,
            label=f"{one.name}, {money(one.price_cents, currency=one.currency)}",
        )
        for one in list_sold()
    ]


def _sale_page(
    sale: SaleForm, person: DetailsForm, *, notice: Notice | None = None, status: int = 200
) -> ResponseReturnValue:
    _offer(sale)
    return render_template("gait/desk_sale.html", sale=sale, person=person, notice=notice), status
