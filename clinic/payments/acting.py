"""The worker's duty to act on events: read what is true there, apply it, mark the event done."""

import logging
import traceback
from datetime import datetime

from sqlalchemy.exc import OperationalError

from clinic.core.errors import NotFound, Unavailable
from clinic.payments import reading
from clinic.payments.gateway import (
    KeyRefused,
    NotThere,
    Patience,
    PaymentUnavailable,
    gateway,
    takes_payments,
)
from clinic.payments.operations.applying import Told
from clinic.payments.operations.inbox import (
    Taken,
    act_on_event,
    finish_event,
    is_any_due,
    put_off,
    set_aside,
    take_events,
)
from clinic.payments.operations.story import note_refused_key
from clinic.payments.queries.attempts import find_session_of_intent, list_sessions_of_order
from clinic.payments.rules.facts import EventFacts
from clinic.payments.rules.tasks import Task
from clinic.payments.settling import Foreign, order_of, read_told

log = logging.getLogger(__name__)

BATCH = 5
"""Each takes a second or two at most when all is well: a batch is done long before its lease."""
OURS = (
    "checkout.session.",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "charge.",
    "refund.",
    "radar.early_fraud_warning.",
    "review.",
)
ABOUT_MONEY_BACK = ("charge.refund", "refund.", "charge.dispute")


def act_on_events(*, now: datetime, batches: int = 20) -> int:
    """Act on what is due, some batches of it; answers how many events were taken."""
    if not takes_payments() or not is_any_due(now=now):
        return 0
    count = 0
    for _ in range(batches):
        taken = take_events(limit=BATCH, now=now)
        for one in taken:
            act_on(one, now=now)
        count += len(taken)
        if len(taken) < BATCH:
            break
    return count


def act_on(taken: Taken, *, now: datetime) -> None:
    """Act on one event. Whatever goes wrong, it is tried again or on a person's list."""
    event = reading.event(taken.body)
    try:
        if event is None:
            set_aside(taken=taken, code=Task.EVENT_FAILED, why="unreadable", now=now)
        else:
            _act(taken, event, now)
    except PaymentUnavailable as refusal:
        if isinstance(refusal, KeyRefused):
            note_refused_key(now=now)
        put_off(taken=taken, why="no answer", now=now, is_attempt=False)
    except (Unavailable, OperationalError):
        raise
    except Exception as error:  # noqa: BLE001 - one event's fault must not stop the others
        where = "".join(traceback.format_tb(error.__traceback__)[-3:])
        log.warning("event of kind %s: %s\n%s", event and event.kind, type(error).__name__, where)
        put_off(taken=taken, why=type(error).__name__, now=now, is_attempt=True)


def _act(taken: Taken, event: EventFacts, now: datetime) -> None:
    if event.kind == "payout.failed":
        set_aside(taken=taken, code=Task.PAYOUT_FAILED, why="payout failed", now=now)
        return
    if not event.kind.startswith(OURS):
        finish_event(taken=taken, why="nothing to do", now=now)
        return
    try:
        tolds = _read(event)
        if not tolds:
            raise Foreign("no page of ours")
        order_id = order_of(tolds[0])
        step = "card-declined" if event.kind == "payment_intent.payment_failed" else None
        act_on_event(taken=taken, order_id=order_id, tolds=tolds, step=step, now=now)
    except (Foreign, NotThere, NotFound) as error:
        why = str(error) or "not there"
        set_aside(taken=taken, code=Task.UNKNOWN_ORDER, why=why, now=now)


def _read(event: EventFacts) -> list[Told]:
    """What is true now of every page that the event may be about."""
    has_failed = event.kind == "checkout.session.async_payment_failed"
    is_back = event.kind.startswith(ABOUT_MONEY_BACK)
    return [
        read_told(
            session_id,
            patience=Patience.WORKER,
            thorough=is_back,
            has_failed=has_failed,
        )
        for session_id in _sessions(event)
    ]


def _sessions(event: EventFacts) -> list[str]:
    if event.session_id is not None:
        return [event.session_id]
    if event.intent_id is not None:
        known = find_session_of_intent(event.intent_id)
        if known is not None:
            return [known]
    order = event.order
    if order is None and event.intent_id is not None:
        order = gateway().get_intent(event.intent_id, patience=Patience.WORKER).order
    return list_sessions_of_order(order) if order else []
