"""A day's till: what was taken and given back at the desk, movements of cash, closings."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.payments.models import (
    LedgerEntry,
    Order,
    Payment,
    Receipt,
    Refund,
    TillClosing,
    TillMovement,
)
from clinic.payments.rules.till import CASH, DESK_MEANS, Drawer, sums_by_means
from clinic.people.models import Patient

UNCOUNTED = timedelta(days=31)
"""How far back cash of days that nobody closed is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TillLine:
    """Money taken at the desk, or given back there (negative cents)."""

    at: datetime
    means: str
    cents: int
    reference: str | None
    title: str
    order: str
    patient: str
    name: str
    receipt: int | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementSeen:
    """Cash that was put in or taken out without an order."""

    at: datetime
    cents: int
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingSeen:
    """One count of the drawer."""

    number: int
    drawer: Drawer
    counted_cents: int
    banked_cents: int
    sums: Mapping[str, int]
    note: str | None
    at: datetime
    by: str

    @property
    def difference(self) -> int:
        """More (positive) or less than there should have been."""
        return self.drawer.difference(self.counted_cents)


@dataclass(frozen=True, slots=True, kw_only=True)
class Till:
    """A day. ``online_cents`` came through the payment service (less what went back there).

    ``is_open``: it was never closed, or money moved after the last closing.
    """

    day: date
    lines: tuple[TillLine, ...]
    movements: tuple[MovementSeen, ...]
    closings: tuple[ClosingSeen, ...]
    drawer: Drawer
    sums: Mapping[str, int]
    online_cents: int

    @property
    def is_open(self) -> bool:
        """Whether somebody has to count."""
        last = self.closings[-1] if self.closings else None
        return last is None or last.drawer != self.drawer or dict(last.sums) != dict(self.sums)


def get_till(*, day: date, begins: datetime, ends: datetime) -> Till:
    """The till of the clinic's date, from ``begins`` to ``ends``: at most ten queries."""
    lines = _lines(begins, ends)
    movements = _movements(day)
    sums = sums_by_means((one.means, one.cents) for one in lines)
    drawer = Drawer(
        start_cents=_left_before(day, begins),
        cash_cents=sums[CASH],
        moved_cents=sum(one.cents for one in movements),
    )
    return Till(
        day=day,
        lines=lines,
        movements=movements,
        closings=_closings(day),
        drawer=drawer,
        sums=sums,
        online_cents=_booked(begins, ends) - sum(sums.values()),
    )


def _lines(begins: datetime, ends: datetime) -> tuple[TillLine, ...]:
    taken = (
        select(LedgerEntry, Order, Patient, Payment, Payment.recorded_by, Receipt.number)
        .join(Payment, Payment.public_id == LedgerEntry.reference)
        .outerjoin(Receipt, Receipt.payment_id == Payment.id)
        .where(LedgerEntry.kind == "payment")
    )
    given = (
        select(LedgerEntry, Order, Patient, Payment, Refund.requested_by, Receipt.number)
        .join(Refund, Refund.public_id == LedgerEntry.reference)
        .join(Payment, Payment.id == Refund.payment_id)
        .outerjoin(Receipt, Receipt.refund_id == Refund.id)
        .where(LedgerEntry.kind == "refund")
    )
    found = [line for wanted in (taken, given) for line in _read(wanted, begins, ends)]
    return tuple(line for _, line in sorted(found, key=lambda pair: pair[0]))


def _read(wanted: Any, begins: datetime, ends: datetime) -> list[tuple[int, TillLine]]:
    rows = db.session.execute(
        wanted.join(Order, Order.id == LedgerEntry.order_id)
        .join(Patient, Patient.id == Order.patient_id)
        .where(LedgerEntry.at >= begins, LedgerEntry.at < ends, Payment.method.in_(DESK_MEANS))
    )
    return [
        (
            entry.id,
            TillLine(
                at=entry.at,
                means=payment.method,
                cents=entry.cents,
                reference=payment.reference,
                title=order.title,
                order=order.public_id,
                patient=patient.public_id,
                name=f"{patient.given_name} {patient.family_name}",
                receipt=number,
                by=by,
            ),
        )
        for entry, order, patient, payment, by, number in rows
    ]


def _movements(day: date) -> tuple[MovementSeen, ...]:
    wanted = select(TillMovement).where(TillMovement.day == day).order_by(TillMovement.id)
    return tuple(
        MovementSeen(at=one.made_at, cents=one.cents, reason=one.reason or "", by=one.made_by)
        for one in db.session.scalars(wanted)
    )


def _closings(day: date) -> tuple[ClosingSeen, ...]:
    wanted = select(TillClosing).where(TillClosing.day == day).order_by(TillClosing.number)
    return tuple(
        ClosingSeen(
            number=one.number,
            drawer=Drawer(
                start_cents=one.start_cents,
                cash_cents=one.cash_cents,
                moved_cents=one.moved_cents,
            ),
            counted_cents=one.counted_cents,
            banked_cents=one.banked_cents,
            sums=dict(one.sums),
            note=one.note,
            at=one.closed_at,
            by=one.closed_by,
        )
        for one in db.session.scalars(wanted)
    )


def _left_before(day: date, begins: datetime) -> int:
    """What stayed in the drawer when it was last counted, and the cash that moved since.

    A day that nobody closed leaves its cash for the next one. Before the first closing the drawer
    counts as empty: what to begin with is put in as a movement.
    """
    last = db.session.scalars(
        select(TillClosing)
        .where(TillClosing.day < day)
        .order_by(TillClosing.day.desc(), TillClosing.number.desc())
        .limit(1)
    ).first()
    if last is None:
        return 0
    moved = select(func.coalesce(func.sum(TillMovement.cents), 0)).where(
        TillMovement.made_at > last.closed_at, TillMovement.day < day
    )
    since = _lines(max(last.closed_at, begins - UNCOUNTED), begins)
    cash = sum(one.cents for one in since if one.means == CASH and one.at > last.closed_at)
    return last.counted_cents - last.banked_cents + cash + int(db.session.scalar(moved) or 0)


def _booked(begins: datetime, ends: datetime) -> int:
    wanted = select(func.coalesce(func.sum(LedgerEntry.cents), 0)).where(
        LedgerEntry.at >= begins,
        LedgerEntry.at < ends,
        LedgerEntry.kind.in_(("payment", "refund", "refund-returned")),
    )
    return int(db.session.scalar(wanted) or 0)
