"""How a day's visits stand with other parts of the clinic: forms, money, what must be flagged."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, literal, select, union_all

from clinic.core.db import db
from clinic.desk.queries.covering import KINDS as COVERING_KINDS
from clinic.desk.queries.covering import Covering, count_before, covering_parts
from clinic.desk.queries.flags import KINDS, Flags, flag_parts
from clinic.desk.queries.licences import is_unlicensed
from clinic.desk.queries.money import MONEY_KINDS, line, money_parts, read_money
from clinic.desk.rules.money import VisitMoney
from clinic.intake.models import FormAssignment, OpenSafetyEvent, Response
from clinic.intake.queries.status import FormsCount
from clinic.people.models import Patient
from clinic.scheduling.operations.moving import MOVABLE
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.direct_access import Counter


@dataclass(frozen=True, slots=True)
class Standing:
    """By public ids: forms and money of visits, patients whom a clinician must call, visits by
    video that no licence covers, visits with somebody who has left, what else must not be
    overlooked of a patient, and how many visits are left before each where anything counts them."""

    forms: Mapping[str, FormsCount] = field(default_factory=dict)
    money: Mapping[str, VisitMoney] = field(default_factory=dict)
    must_call: frozenset[str] = frozenset()
    unlicensed: frozenset[str] = frozenset()
    without_practitioner: frozenset[str] = frozenset()
    flags: Mapping[str, Flags] = field(default_factory=dict)
    counters: Mapping[str, Counter] = field(default_factory=dict)


def list_standing(*, visits: Sequence[Visit]) -> Standing:
    """How each visit stands, never an answer of a form: one query for any number of visits."""
    if not visits:
        return Standing()
    abouts = [f"appointment:{one.public_id}" for one in visits]
    patients = sorted({one.patient for one in visits})
    last = max(one.starts_at for one in visits)
    wanted = union_all(
        _forms(abouts),
        *money_parts(visits),
        _must_call(patients),
        *flag_parts(patients=patients, abouts=abouts, until=last),
        *covering_parts(visits=visits, patients=patients, setting=get_setting()),
    )
    return _read(list(db.session.execute(wanted)), visits)


def _read(rows: Sequence[Any], visits: Sequence[Visit]) -> Standing:
    forms: dict[str, FormsCount] = {}
    must_call: set[str] = set()
    flags: dict[str, Flags] = {}
    covering: dict[str, Covering] = {}
    for kind, key, first, second, third, payment, currency in rows:
        ident = key.partition(":")[2] or key
        if kind == "forms":
            forms[ident] = FormsCount(first, second, third)
        elif kind == "call":
            must_call.add(ident)
        elif kind in KINDS:
            flags.setdefault(ident, Flags()).take(kind, first, payment, currency)
        elif kind in COVERING_KINDS:
            covering.setdefault(ident, Covering()).take(kind, first, payment, currency)
    money = read_money((row for row in rows if row[0] in MONEY_KINDS), visits)
    return Standing(
        forms=forms,
        money=money,
        must_call=frozenset(must_call),
        unlicensed=_unlicensed(visits),
        without_practitioner=_without_practitioner(visits),
        flags=flags,
        counters=count_before(visits=visits, covering=covering, setting=get_setting()),
    )


def _unlicensed(visits: Sequence[Visit]) -> frozenset[str]:
    setting = get_setting()
    return frozenset(one.public_id for one in visits if is_unlicensed(visit=one, setting=setting))


def _without_practitioner(visits: Sequence[Visit]) -> frozenset[str]:
    """Visits that are still to be kept, by somebody who is no longer in the clinic's file."""
    people = get_setting().practitioners
    return frozenset(
        one.public_id for one in visits if one.practitioner not in people and one.status in MOVABLE
    )


def _forms(abouts: Sequence[str]) -> Any:
    numbers = (func.count(FormAssignment.id), func.count(Response.id))
    numbers = (*numbers, func.count(FormAssignment.done_at))  # type: ignore[assignment]
    words = (literal(""), literal(""))
    return (
        select(*line("forms", FormAssignment.about, numbers, words))
        .outerjoin(Response, Response.assignment_id == FormAssignment.id)
        .where(FormAssignment.about.in_(abouts), FormAssignment.withdrawn_at.is_(None))
        .group_by(FormAssignment.about)
    )


def _must_call(patients: Sequence[str]) -> Any:
    numbers, words = (literal(0), literal(0), literal(0)), (literal(""), literal(""))
    return (
        select(*line("call", Patient.public_id, numbers, words))
        .join(OpenSafetyEvent, OpenSafetyEvent.patient_id == Patient.id)
        .where(Patient.public_id.in_(patients))
    )
