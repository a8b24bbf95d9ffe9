"""The inbox of events: stored at once, acted on later, done in the commit of the effect.

An event is taken by a lease that ends by itself, so that a worker that dies loses none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from clinic.core.crypto import EncryptedText
from clinic.core.db import db, housekeeping, transaction, write_at_once
from clinic.core.errors import NotFound
from clinic.core.rows import lock_row
from clinic.core.types import new_public_id
from clinic.core.values import SYSTEM, Actor
from clinic.payments.models import Order, OrderTask, StripeEvent
from clinic.payments.operations.applying import Told, apply_inside
from clinic.payments.operations.orders import lock_order
from clinic.payments.operations.story import add_step, close_task, drop_task, open_task
from clinic.payments.rules.facts import EventFacts
from clinic.payments.rules.tasks import Task

LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 12
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
_TABLE: Any = StripeEvent.__table__
_ANEW = {"state": "due", "done_at": None, "attempts": 0, "lease": None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """An event to act on, as long as the lease stands."""

    ident: int
    lease: str
    body: bytes
    attempts: int


class Door:
    """Where events of one application come in: one commit for all that wait at the same moment.

    A commit waits for the disk, whatever is in it. PostgreSQL lets those that come together share
    the wait. On SQLite whoever finds the pen free writes for everybody who waits, and nobody is
    answered before the commit that holds their event.
    """

    def __init__(self) -> None:
        self._guard, self._pen = Lock(), Lock()
        self._waiting: list[_Entry] = []

    def store(self, row: dict[str, Any]) -> None:
        """Write a row, alone or with others; each of them is told what the database refuses."""
        if db.engine.dialect.name != "sqlite":
            _insert([row])
            return
        entry = _Entry(row)
        with self._guard:
            self._waiting.append(entry)
        with self._pen:
            if not entry.is_done:
                with self._guard:
                    batch, self._waiting = self._waiting, []
                _write_for(batch)
        if entry.error is not None:
            raise entry.error


@dataclass(slots=True)
class _Entry:
    row: dict[str, Any]
    is_done: bool = False
    error: Exception | None = None


def _write_for(batch: list[_Entry]) -> None:
    error: Exception | None = None
    try:
        _insert([entry.row for entry in batch])
    except Exception as failed:  # noqa: BLE001 - raised by everybody whose event was in it
        error = failed
    for entry in batch:
        entry.error, entry.is_done = error, True


def store_event(*, door: Door, event: EventFacts, body: bytes, now: datetime) -> None:
    """Put an event into the inbox; one that is there already stays as it is.

    Unless it was given up or waits for its next try: whoever sends it again (a person, from the
    payment service's own pages) wants it to be acted on now.
    """
    sheet = _Sheet(new_public_id())
    sheet.body = body.decode()
    door.store(
        {
            "public_id": sheet.public_id,
            "event_id": event.event_id,
            "kind": event.kind,
            "object_id": event.object_id,
            "api_version": event.api_version,
            "body_sealed": sheet.body_sealed,
            "order_id": None,
            "state": "due",
            "outcome": None,
            "attempts": 0,
            "lease": None,
            "next_try_at": now,
            "received_at": now,
            "done_at": None,
        }
    )


class _Sheet:
    """What an event's body is sealed on: a row that is never worked on needs no more."""

    __tablename__ = StripeEvent.__tablename__
    body = EncryptedText("body_sealed")

    def __init__(self, public_id: str) -> None:
        self.public_id, self.body_sealed = public_id, ""


@cache
def _add(dialect: str) -> Any:
    insert: Any = sqlite.insert if dialect == "sqlite" else postgresql.insert
    adding = insert(_TABLE).inline()
    return adding.on_conflict_do_update(
        index_elements=["event_id"],
        set_={**_ANEW, "next_try_at": adding.excluded.next_try_at},
        where=or_(
            _TABLE.c.state == "aside",
            and_(
                _TABLE.c.state == "due",
                _TABLE.c.lease.is_(None),
                _TABLE.c.next_try_at > adding.excluded.next_try_at,
            ),
        ),
    )


def _insert(rows: list[dict[str, Any]]) -> None:
    write_at_once(_add(db.engine.dialect.name), rows)


def is_any_due(*, now: datetime) -> bool:
    """Whether there is an event to act on."""
    due = select(StripeEvent.id).where(StripeEvent.state == "due", StripeEvent.next_try_at <= now)
    return db.session.scalar(due.limit(1)) is not None


@housekeeping
def take_events(*, limit: int, now: datetime) -> list[Taken]:
    """Lease up to so many events that are due, the longest waiting first."""
    wanted = (
        select(StripeEvent)
        .where(StripeEvent.state == "due", StripeEvent.next_try_at <= now)
        .order_by(StripeEvent.next_try_at, StripeEvent.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    lease = new_public_id()
    taken = []
    for row in db.session.scalars(wanted):
        row.lease, row.next_try_at = lease, now + LEASE
        taken.append(
            Taken(
                ident=row.id,
                lease=lease,
                body=(row.body or "").encode(),
                attempts=row.attempts,
            )
        )
    return taken


@transaction
def act_on_event(
    *, taken: Taken, order_id: str, tolds: Sequence[Told], step: str | None, now: datetime
) -> None:
    """Let the order be what was read, and the event be done: both or neither."""
    row = _leased(taken)
    if row is None:
        return
    order = lock_order(order_id)
    for told in tolds:
        apply_inside(order, told, now=now)
    if step is not None:
        add_step(order, step, actor=SYSTEM, now=now)
    if row.kind.startswith(("radar.early_fraud_warning", "review.opened")):
        open_task(Task.FRAUD_WARNING, order=order, now=now, reference=row.object_id)
    _done(row, "done", "applied", now, order)


@housekeeping
def finish_event(*, taken: Taken, why: str, now: datetime) -> None:
    """The event asks nothing of us."""
    row = _leased(taken)
    if row is not None:
        _done(row, "done", why, now)


@transaction
def set_aside(*, taken: Taken, code: Task, why: str, now: datetime) -> None:
    """The event is kept, and a person is told: it concerns money that we cannot place."""
    row = _leased(taken)
    if row is None:
        return
    open_task(
        code,
        order=None,
        now=now,
        reference=row.object_id or row.event_id,
        details={"event": row.event_id, "kind": row.kind, "why": why},
    )
    _done(row, "aside", why, now)


@housekeeping
def put_off(*, taken: Taken, why: str, now: datetime, is_attempt: bool) -> None:
    """Try again later; after the twelfth attempt a person is told, and the event is kept."""
    row = _leased(taken)
    if row is None:
        return
    if is_attempt:
        row.attempts += 1
    if row.attempts >= MOST_ATTEMPTS:
        details = {"event": row.event_id, "kind": row.kind}
        open_task(Task.EVENT_FAILED, order=None, now=now, reference=row.event_id, details=details)
        _done(row, "aside", why, now)
        return
    pause = min(FIRST_PAUSE * 2 ** max(row.attempts - 1, 0), LONGEST_PAUSE)
    row.lease, row.outcome, row.next_try_at = None, why[:120], now + pause


@transaction
def retry_task(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Let the event behind a task be tried once more; the task comes back if it fails again.

    Raises NotFound, also for a task that is about no event, or is settled.
    """
    task = lock_row(OrderTask, public_id)
    event_id = task.details.get("event")
    if task.closed_at is not None or not isinstance(event_id, str):
        raise NotFound
    db.session.execute(
        update(StripeEvent)
        .where(StripeEvent.event_id == event_id, StripeEvent.state == "aside")
        .values(**_ANEW, next_try_at=now)
    )
    close_task(task, note=None, actor=actor, now=now)


def _leased(taken: Taken) -> StripeEvent | None:
    """The event, locked, if it is still ours."""
    wanted = (
        select(StripeEvent)
        .where(StripeEvent.id == taken.ident, StripeEvent.lease == taken.lease)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return db.session.scalars(wanted).one_or_none()


def _done(
    row: StripeEvent, state: str, why: str, now: datetime, order: Order | None = None
) -> None:
    row.state, row.outcome, row.done_at, row.lease = state, why[:120], now, None
    if state == "done":
        drop_task(Task.EVENT_FAILED, reference=row.event_id, now=now)
    if order is not None:
        drop_task(Task.UNKNOWN_ORDER, reference=row.object_id, now=now)
        row.order_id = order.id
    db.session.flush()
