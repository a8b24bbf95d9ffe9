"""What programs send to order, to give money back and to give an order its time."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from clinic.core.errors import Invalid
from clinic.core.values import Actor
from clinic.gait.operations.orders import WishedProduct
from clinic.interop.forms.bodies import Fields, fields_of
from clinic.interop.forms.bookings import read_patient
from clinic.interop.rules.bounds import LONGEST_REASON, PRICES
from clinic.interop.rules.json_text import JsonText
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.wishes import Wish, check_codes
from clinic.scheduling.rules.setting import Setting

ORDER = ("product", "patient", "starts_at", "practitioner", "state")
SCHEDULE = ("starts_at", "practitioner", "state", "override")
MOST_CENTS = 100_000_000


@dataclass(frozen=True, slots=True)
class AskedOrder:
    """What is ordered and for whom."""

    wished: WishedProduct
    patient: PatientDetails


@dataclass(frozen=True, slots=True)
class AskedRefund:
    """How much is given back and why."""

    cents: int
    reason: str


@dataclass(frozen=True, slots=True)
class AskedTime:
    """The time that an order is given."""

    starts_at: datetime
    practitioner: str | None
    state: str | None
    reason: str | None


def read_order(
    body: JsonText, *, products: dict[str, str], setting: Setting, actor: Actor, now: datetime
) -> AskedOrder:
    """An order; ``products`` are the slugs on sale with their services. Raises Invalid.

    A price that comes along is not read; other members that are not known are faults.
    """
    fields = fields_of(body, allowed=(*ORDER, *PRICES))
    product = fields.text("product", needed=True) or ""
    if product and product not in products:
        fields.fault("product", _("There is no such product."))
    starts_at, practitioner = fields.instant("starts_at"), fields.text("practitioner")
    state = fields.state("state")
    if practitioner is not None and starts_at is None:
        fields.fault("practitioner", _("Send this with a time only."))
    if product in products and starts_at is not None:
        _check(
            fields,
            Wish(
                service=products[product],
                starts_at=starts_at,
                practitioner=practitioner,
                state=state,
            ),
            setting,
        )
    patient = read_patient(fields, setting=setting, actor=actor, now=now)
    fields.faults.refuse()
    if patient is None:
        raise AssertionError("a patient without faults was read")
    return AskedOrder(
        WishedProduct(product=product, starts_at=starts_at, practitioner=practitioner, state=state),
        patient,
    )


def _check(fields: Fields, wish: Wish, setting: Setting) -> None:
    try:
        check_codes(setting=setting, wish=wish)
    except Invalid as unknown:
        fields.faults.add_new(unknown.errors)


def read_refund(body: JsonText) -> AskedRefund:
    """How much is given back and why; Invalid with every fault at once."""
    fields = fields_of(body, allowed=("cents", "reason"))
    cents = fields.whole_number("cents", lowest=1, highest=MOST_CENTS)
    if cents is None and fields.raw.get("cents") is None:
        fields.fault("cents", _("This is needed."))
    reason = fields.text("reason", needed=True, most=LONGEST_REASON)
    fields.faults.refuse()
    return AskedRefund(cents or 0, reason or "")


def read_order_time(body: JsonText, *, setting: Setting) -> AskedTime:
    """The time that an order is given; Invalid with every fault at once, unknown codes too."""
    fields = fields_of(body, allowed=SCHEDULE)
    starts_at = fields.instant("starts_at", needed=True)
    practitioner = fields.text("practitioner")
    if practitioner is not None and practitioner not in setting.practitioners:
        fields.fault("practitioner", _("There is no such practitioner."))
    state, reason = fields.state("state"), fields.reason("override")
    if starts_at is not None and starts_at.microsecond:
        fields.fault("starts_at", _("A visit starts at a whole second."))
    fields.faults.refuse()
    if starts_at is None:
        raise AssertionError("what is needed was read")
    return AskedTime(starts_at, practitioner, state, reason)
