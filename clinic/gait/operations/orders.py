"""Orders of products: priced here, and the wished time held while they are paid."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from flask_babel import gettext as _
from sqlalchemy import select

from clinic.core.db import db, housekeeping
from clinic.core.errors import Invalid
from clinic.core.values import Actor, Role
from clinic.gait.models import GaitOrder, Product, ProductPrice
from clinic.payments.models import Order
from clinic.payments.operations.orders import (
    NewOrder,
    Submission,
    add_order,
    find_submitted,
    grant_free,
)
from clinic.payments.operations.refusals import PaymentPending
from clinic.payments.operations.telling import tell_buyer
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.rules.states import Kind, Status
from clinic.people.models import Patient
from clinic.people.operations import find_or_add_patient
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.models import Service
from clinic.scheduling.operations.booking import in_new_looks
from clinic.scheduling.operations.paid_holds import hold_for_order
from clinic.scheduling.operations.refusals import NotLicensed
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.rules.licences import covers_ahead
from clinic.scheduling.rules.states import STATES

R = TypeVar("R")
LINK_LASTS = timedelta(days=30)
WITHOUT_TIME_LASTS = timedelta(hours=23)
SELLERS = frozenset({Role.ADMIN, Role.FRONT_DESK, Role.GAIT_LAB})
"""Who schedules orders (contract.md); of these front desk and manager also give money back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WishedProduct:
    """What somebody wants to buy: slugs, and optionally the time of the visit.

    ``state`` is where the patient will be, which a visit by video needs with its time.
    """

    product: str
    starts_at: datetime | None = None
    practitioner: str | None = None
    state: str | None = None

    def wish(self, service: str) -> Wish | None:
        """The wished time as scheduling knows it."""
        if self.starts_at is None:
            return None
        return Wish(
            service=service,
            starts_at=self.starts_at,
            practitioner=self.practitioner,
            state=self.state,
            sold=True,
        )


def create_order(
    *,
    wished: WishedProduct,
    patient: PatientDetails,
    actor: Actor,
    now: datetime,
    submission: Submission | None = None,
    is_link: bool = False,
) -> OrderSeen:
    """Order a product at the price that holds now, and hold the wished time while it is paid.

    ``is_link``: the patient pays later by a link that is mailed. The same submission again answers
    the first order. Nothing due (a price of nothing) is paid at once. Raises Invalid, NotLicensed
    where nobody may give it by video, also without a time, PaymentPending while the same is on its
    way with the bank, and what booking refuses.
    """

    @housekeeping
    def order() -> OrderSeen:
        return _create(
            wished=wished,
            patient=patient,
            actor=actor,
            now=now,
            submission=submission,
            is_link=is_link,
        )

    service = _service_of(wished.product)
    wished = _within_licences(wished, service, now)
    wish = wished.wish(service)
    return _booking(order, wish=wish, actor=actor, now=now)


def _within_licences(wished: WishedProduct, service: str, now: datetime) -> WishedProduct:
    """The wish with a state where one counts; Invalid for none, NotLicensed for one of no use."""
    setting, state = get_setting(), wished.state
    given = setting.services.get(service)
    if given is None or not given.is_telehealth:
        return replace(wished, state=None)
    if state is None:
        return wished
    if state not in STATES:
        raise Invalid({"state": [_("There is no such state.")]})
    today = clinic_date(now)
    if not covers_ahead(setting=setting, state=state, today=today, service=service):
        raise NotLicensed
    return wished


def _booking(run: Callable[[], R], *, wish: Wish | None, actor: Actor, now: datetime) -> R:
    return run() if wish is None else in_new_looks(book=run, wish=wish, actor=actor, now=now)


def _service_of(product: str) -> str:
    """The service of a product on sale; Invalid for any other."""
    wanted = (
        select(Service.slug)
        .join(Product, Product.service_id == Service.id)
        .where(Product.slug == product, Product.active, Product.retired_at.is_(None))
    )
    found = db.session.scalar(wanted)
    if found is None:
        raise Invalid({"product": [_("There is no such product.")]})
    return found


def _create(
    *,
    wished: WishedProduct,
    patient: PatientDetails,
    actor: Actor,
    now: datetime,
    submission: Submission | None,
    is_link: bool,
) -> OrderSeen:
    person = find_or_add_patient(details=patient, actor=actor, now=now)
    if (known := find_submitted(submission, now=now)) is not None:
        return get_order(known.public_id)
    product, service = _product(wished.product)
    _refuse_second_purchase(product, person, actor)
    setting = get_setting()
    held_until = now + timedelta(minutes=setting.policy.payment_hold_minutes)
    unheld = now + (LINK_LASTS if is_link else WITHOUT_TIME_LASTS)
    order = add_order(
        NewOrder(
            kind=Kind.PRODUCT,
            title=product.name,
            patient_id=person.id,
            email=patient.email or person.email,
            total_cents=product.price_cents,
            currency=product.currency,
            expires_at=unheld if is_link or wished.starts_at is None else held_until,
            product=product.slug,
            price_version=_price_version(product, now),
            is_link=is_link,
            submission=submission,
        ),
        actor=actor,
        now=now,
    )
    db.session.add(
        GaitOrder(
            order_id=order.id,
            product_id=product.id,
            service=service,
            wished_at=wished.starts_at,
            wished_practitioner=wished.practitioner,
            state=wished.state,
        )
    )
    db.session.flush()
    if (wish := wished.wish(service)) is not None:
        hold_for_order(
            order=order.public_id,
            wish=wish,
            patient=person,
            actor=actor,
            expires_at=held_until,
            now=now,
        )
    _settle_new(order, actor, now)
    return get_order(order.public_id)


def _settle_new(order: Order, actor: Actor, now: datetime) -> None:
    if order.total_cents == 0:
        grant_free(order, actor=actor, now=now)
    elif order.is_link:
        tell_buyer("order-link", order, actor=actor, now=now)


def _product(slug: str) -> tuple[Product, str]:
    """The product, kept from changing until the end of the transaction."""
    wanted = (
        select(Product, Service.slug)
        .join(Service, Service.id == Product.service_id)
        .where(Product.slug == slug, Product.active, Product.retired_at.is_(None))
        .with_for_update(read=True, of=Product)
        .execution_options(populate_existing=True)
    )
    row = db.session.execute(wanted).one_or_none()
    if row is None:
        raise Invalid({"product": [_("There is no such product.")]})
    return row[0], row[1]


def _refuse_second_purchase(product: Product, person: Patient, actor: Actor) -> None:
    """While a payment for the same is on its way with the bank, the public buys no second one."""
    if actor.is_staff:
        return
    wanted = select(Order.id).where(
        Order.patient_id == person.id,
        Order.product == product.slug,
        Order.status == Status.PROCESSING.value,
    )
    if db.session.scalar(wanted.limit(1)) is not None:
        raise PaymentPending


def _price_version(product: Product, now: datetime) -> int:
    """The number of the price that holds; a price that was never ordered at gets the next one."""
    wanted = select(ProductPrice).where(ProductPrice.product_id == product.id)
    last = db.session.scalars(wanted.order_by(ProductPrice.version.desc()).limit(1)).first()
    price = (product.price_cents, product.currency)
    if last is not None and (last.price_cents, last.currency) == price:
        return last.version
    made = ProductPrice(
        product_id=product.id,
        version=last.version + 1 if last else 1,
        price_cents=product.price_cents,
        currency=product.currency,
        seen_at=now,
    )
    db.session.add(made)
    db.session.flush()
    return made.version
