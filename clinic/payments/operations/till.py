"""Cash in and out of the drawer, and closing the day's till. Nothing is ever changed."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from clinic.core import audit
from clinic.core.crypto import keyring
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, Refusal
from clinic.core.schema import violates
from clinic.core.values import Actor
from clinic.payments.models import TillClosing, TillMovement
from clinic.payments.queries.till import Till, get_till

LONGEST_REASON = 500
_LOCK = "till"


class TillMoved(Refusal):
    """Money came or went, or somebody closed, while the drawer was being counted."""

    code = "till-moved"
    status = 409
    message = "Something moved in the till while you were counting. Look again, then close it."


@dataclass(frozen=True, slots=True)
class TillDay:
    """A date of the clinic, and the instants between which it lies."""

    day: date
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What somebody counted, what of it goes to the bank, and what the page said there should be.

    ``seen`` is the number of closings that the page knew.
    """

    cents: int
    banked_cents: int
    expected_cents: int
    seen: int
    note: str | None = None


@transaction
def move_cash(
    *, day: date, cents: int, reason: str, actor: Actor, now: datetime, key: str | None = None
) -> None:
    """Note cash put into the drawer (positive) or taken out, once for a key. Raises Invalid."""
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid({"reason": ["Say what for, in at most 500 characters."]})
    if cents == 0:
        raise Invalid({"amount": ["Enter an amount like 420 or 420.50."]})
    _lock_till()
    if _is_known(TillMovement, key):
        return
    row = TillMovement(
        day=day, cents=cents, made_at=now, made_by=actor.name, submission=_stored(key)
    )
    row.reason = reason
    db.session.add(row)
    db.session.flush()
    _record("till.moved", actor, now, day, cents=cents)


@transaction
def close_till(
    *, till: TillDay, counted: Counted, actor: Actor, now: datetime, key: str | None = None
) -> None:
    """Close a day as it was counted; again, it is another closing. Once for a key.

    Raises TillMoved when what should be there is no longer what the person saw, Invalid when more
    goes to the bank than was counted.
    """
    if not 0 <= counted.banked_cents <= counted.cents:
        raise Invalid({"banked": ["No more can leave the drawer than was counted."]})
    _lock_till()
    if _is_known(TillClosing, key):
        return
    stands = get_till(day=till.day, begins=till.begins, ends=till.ends)
    if (stands.drawer.expected_cents, len(stands.closings)) != (
        counted.expected_cents,
        counted.seen,
    ):
        raise TillMoved
    _write(stands, counted, actor, now, key)
    details = {"counted": counted.cents, "expected": counted.expected_cents}
    _record("till.closed", actor, now, till.day, **details)


def _write(stands: Till, counted: Counted, actor: Actor, now: datetime, key: str | None) -> None:
    row = TillClosing(
        day=stands.day,
        number=len(stands.closings) + 1,
        start_cents=stands.drawer.start_cents,
        cash_cents=stands.drawer.cash_cents,
        moved_cents=stands.drawer.moved_cents,
        counted_cents=counted.cents,
        banked_cents=counted.banked_cents,
        sums=dict(stands.sums),
        closed_at=now,
        closed_by=actor.name,
        submission=_stored(key),
    )
    row.note = counted.note
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, "uq_till_closings_day_number"):
            raise TillMoved from error
        raise


def _lock_till() -> None:
    """Whoever writes into the till follows the one before; SQLite's writers do anyway."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(_LOCK, 1))))


def _stored(key: str | None) -> str | None:
    return keyring().mac("till-submission", key) if key else None


def _is_known(model: type[TillMovement | TillClosing], key: str | None) -> bool:
    stored = _stored(key)
    wanted = select(model.id).where(model.submission == stored)
    return stored is not None and db.session.scalar(wanted) is not None


def _record(action: str, actor: Actor, now: datetime, day: date, **details: int) -> None:
    audit.record(action=action, actor=actor, now=now, subject=f"till:{day}", details=details)
