"""How a day's visits stand with other parts of the clinic: forms, money, what must be flagged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import String, cast, func, literal, select, union_all

from clinic.core.db import db
from clinic.desk.queries.flags import KINDS, Flags, flag_parts
from clinic.desk.queries.licences import is_unlicensed
from clinic.gait.models import GaitOrder
from clinic.intake.models import FormAssignment, OpenSafetyEvent, Response
from clinic.intake.queries.status import FormsCount
from clinic.payments.models import Order
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit

GONE = ("cancelled", "expired")


@dataclass(frozen=True, slots=True)
class Paid:
    """What stands with the order behind a visit; ``payment`` is the contract's word."""

    payment: str
    due_cents: int
    currency: str


@dataclass(frozen=True, slots=True)
class Standing:
    """By public ids: forms and payment of visits, patients whom a clinician must call, visits by
    video that no licence covers, and what else must not be overlooked of a patient."""

    forms: Mapping[str, FormsCount] = field(default_factory=dict)
    paid: Mapping[str, Paid] = field(default_factory=dict)
    must_call: frozenset[str] = frozenset()
    unlicensed: frozenset[str] = frozenset()
    flags: Mapping[str, Flags] = field(default_factory=dict)


def list_standing(*, visits: Sequence[Visit]) -> Standing:
    """How each visit stands, never an answer of a form: one query for any number of visits.

    An order stands behind a visit that was bought (a gait analysis), or asks for its price.
    """
    if not visits:
        return Standing()
    abouts = [f"appointment:{one.public_id}" for one in visits]
    patients = sorted({one.patient for one in visits})
    last = max(one.starts_at for one in visits)
    wanted = union_all(
        _forms(abouts),
        _bought([one.appointment_id for one in visits]),
        _asked(abouts),
        _must_call(patients),
        *flag_parts(patients=patients, abouts=abouts, until=last),
    )
    return _read(db.session.execute(wanted), _unlicensed(visits))


def _read(rows: Iterable[Any], unlicensed: frozenset[str]) -> Standing:
    forms: dict[str, FormsCount] = {}
    paid: dict[str, Paid] = {}
    must_call: set[str] = set()
    flags: dict[str, Flags] = {}
    for kind, key, first, second, third, payment, currency in rows:
        ident = key.partition(":")[2] or key
        if kind == "forms":
            forms[ident] = FormsCount(first, second, third)
        elif kind == "order":
            paid[ident] = Paid(payment, max(0, first - second), currency)
        elif kind in KINDS:
            flags.setdefault(ident, Flags()).take(kind, first, payment, currency)
        else:
            must_call.add(ident)
    return Standing(forms, paid, frozenset(must_call), unlicensed, flags)


def _unlicensed(visits: Sequence[Visit]) -> frozenset[str]:
    setting = get_setting()
    return frozenset(one.public_id for one in visits if is_unlicensed(visit=one, setting=setting))


def _line(kind: str, key: Any, numbers: Sequence[Any], words: Sequence[Any]) -> tuple[Any, ...]:
    return literal(kind).label("kind"), cast(key, String).label("key"), *numbers, *words


def _forms(abouts: Sequence[str]) -> Any:
    numbers = (func.count(FormAssignment.id), func.count(Response.id))
    numbers = (*numbers, func.count(FormAssignment.done_at))  # type: ignore[assignment]
    words = (literal(""), literal(""))
    return (
        select(*_line("forms", FormAssignment.about, numbers, words))
        .outerjoin(Response, Response.assignment_id == FormAssignment.id)
        .where(FormAssignment.about.in_(abouts), FormAssignment.withdrawn_at.is_(None))
        .group_by(FormAssignment.about)
    )


_MONEY = (Order.total_cents, Order.paid_cents, literal(0)), (Order.payment, Order.currency)


def _bought(appointments: Sequence[int]) -> Any:
    return (
        select(*_line("order", Appointment.public_id, *_MONEY))
        .join(GaitOrder, GaitOrder.appointment_id == Appointment.id)
        .join(Order, Order.id == GaitOrder.order_id)
        .where(Appointment.id.in_(appointments), Order.status.not_in(GONE))
    )


def _asked(abouts: Sequence[str]) -> Any:
    return select(*_line("order", Order.about, *_MONEY)).where(
        Order.about.in_(abouts), Order.status.not_in(GONE)
    )


def _must_call(patients: Sequence[str]) -> Any:
    numbers, words = (literal(0), literal(0), literal(0)), (literal(""), literal(""))
    return (
        select(*_line("call", Patient.public_id, numbers, words))
        .join(OpenSafetyEvent, OpenSafetyEvent.patient_id == Patient.id)
        .where(Patient.public_id.in_(patients))
    )
