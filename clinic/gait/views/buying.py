"""Buying an analysis: who comes, when if one likes, what to know; then the payment page."""

from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.gait.forms.buying import TermsForm
from clinic.gait.operations.notices import note_card_notice
from clinic.gait.operations.orders import WishedProduct, create_order
from clinic.gait.presenters.catalogue import buy_path, present_analysis
from clinic.gait.presenters.lab_times import present_instead, present_lab_week
from clinic.gait.presenters.refund_rule import Price, present_refund_rule
from clinic.gait.presenters.states import state_name
from clinic.gait.presenters.times import moment
from clinic.gait.queries.lab import find_lab_week
from clinic.gait.queries.products import CatalogueProduct, get_sold, takes_payments
from clinic.gait.rules.asked import fingerprint
from clinic.gait.views.blueprint import blueprint
from clinic.gait.views.notices import Notice
from clinic.gait.views.owners import remember_order
from clinic.gait.views.paying import go_and_pay
from clinic.gait.views.states import AskedState, asked_state, state_page
from clinic.messaging.delivery import can_send
from clinic.messaging.rules import Channel
from clinic.payments.operations.orders import Submission
from clinic.payments.queries.money import get_refund_policy
from clinic.payments.queries.orders import get_order
from clinic.people.asking.party import Party, asked_party
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.rules.week_address import read_date
from clinic.web.access import public
from clinic.web.limits import limit_booking

LATEST = 10**11


@dataclass(frozen=True, slots=True)
class Basket:
    """What is being bought, the lab time that was chosen for it, if one was, and by video where."""

    product: CatalogueProduct
    starts_at: datetime | None
    asked: AskedState

    @property
    def path(self) -> str:
        """Where it is bought, without the time."""
        return buy_path(self.product.slug)

    @property
    def where(self) -> str:
        """What the address of each of its pages says of the state, with its ?."""
        return f"?state={self.asked.state}" if self.asked.state else ""


@blueprint.get("/gait/buy/<product>")
@public
def buy(product: str) -> ResponseReturnValue:
    """Who comes, whether it suits them, what is given back when, and what a card means."""
    basket, terms = _basket(product), TermsForm(formdata=None)
    if basket.asked.is_asked:
        return _state_page(basket)
    terms.begin()
    return _page(basket, _asked_buyer(), terms)


@blueprint.get("/gait/buy/<product>/times")
@public
def lab_times(product: str) -> ResponseReturnValue:
    """A week of free lab times to choose one before paying."""
    found = get_sold(product)
    path, asked = buy_path(product), asked_state(found.service)
    if asked.is_asked:
        back = (path, _("Back: %(name)s", name=found.name))
        return state_page(asked, action=f"{path}/times", item=found.name, back_to=back)
    day = read_date(request.args.get("week", ""))
    week = find_lab_week(service=found.service, day=day, now=now(), state=asked.state)
    view = present_lab_week(
        week=week,
        setting=get_setting(),
        service=found.service,
        path=f"{path}/times",
        state=asked.state,
    )
    return render_template(
        "gait/lab_times.html", product=found, week=view, path=path, state=asked.state
    )


@blueprint.post("/gait/buy/<product>")
@public
def order(product: str) -> ResponseReturnValue:
    """Make the order at the price of the moment, and go on to pay it; twice is once."""
    limit_booking()
    basket, party, terms = _basket(product), _asked_buyer(), TermsForm()
    if basket.asked.is_asked:
        return _state_page(basket)
    patient = party.form.read(today=clinic_date(now()))
    is_sound = terms.is_sound(asks=bool(basket.product.copy["ask_first"]))
    if terms.speaks_against():
        return _page(basket, party, terms, notice=_talk_first(), status=422)
    if patient is None or not is_sound:
        return _page(basket, party, terms, status=422)
    try:
        made = _order(basket, party, patient, terms)
    except Refusal as refusal:
        return _page(basket, party, terms, refusal=refusal, status=refusal.status)
    remember_order(get_order(made))
    return go_and_pay(made, actor=party.actor)


def _asked_buyer() -> Party:
    """Who comes, with a wish for texts where there is a service to take them."""
    return asked_party(offers_texts=can_send(Channel.SMS))


def _order(basket: Basket, party: Party, patient: PatientDetails, terms: TermsForm) -> str:
    """The order's public id."""
    at, key = now(), terms.submission()
    product, state = basket.product.slug, basket.asked.state
    asked = fingerprint(product, basket.starts_at, patient, *([state] if state else []))
    made = create_order(
        wished=WishedProduct(product=product, starts_at=basket.starts_at, state=state),
        patient=patient,
        actor=party.actor,
        now=at,
        submission=Submission(key, asked) if key else None,
    )
    note_card_notice(public_id=made.public_id, actor=party.actor, now=at)
    return made.public_id


def _basket(product: str) -> Basket:
    """The product of the address; NotFound where nothing can be paid online.

    An instant that can be none counts as not chosen.
    """
    typed = _typed_time()
    is_number = typed.isascii() and typed.isdecimal() and len(typed) < len(str(LATEST))
    if not takes_payments():
        raise NotFound
    found = get_sold(product)
    starts_at = instant(int(typed)) if is_number else None
    return Basket(found, starts_at, asked_state(found.service))


def _state_page(basket: Basket) -> ResponseReturnValue:
    name = basket.product.name
    back = ("/gait", _("Back to the analyses"))
    time = _typed_time() if basket.starts_at else ""
    return state_page(basket.asked, action=basket.path, item=name, back_to=back, time=time)


def _typed_time() -> str:
    """The time in the address, or that of the button that was pressed instead."""
    return request.form.get("at") or request.args.get("at", "")


def _talk_first() -> Notice:
    return Notice(
        _("Please talk to us before you buy."),
        _("It may still suit you, or something else may suit you better. Nothing was bought."),
    )


def _said(basket: Basket, zone: str) -> dict[str, str]:
    """What the address says already: where the patient will be, and when."""
    at = basket.starts_at
    return {
        "where": basket.where,
        "state": state_name(basket.asked.state),
        "chosen": moment(at, zone=zone) if at else "",
        "chosen_value": _typed_time() if at else "",
    }


def _page(
    basket: Basket,
    party: Party,
    terms: TermsForm,
    *,
    notice: Notice | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    setting, product = get_setting(), basket.product
    taken = refusal.alternatives if isinstance(refusal, SlotTaken) else ()
    return render_template(
        "gait/buy.html",
        product=present_analysis(product=product, setting=setting, next_free={}),
        party=party,
        terms=terms,
        **_said(basket, setting.zone),
        instead=present_instead(slots=taken, setting=setting),
        notice=notice or (Notice(_(refusal.message)) if refusal else None),
        rule=present_refund_rule(
            policy=get_refund_policy(), price=Price(product.price_cents, product.currency)
        ),
        hold_minutes=setting.policy.payment_hold_minutes,
    ), status
