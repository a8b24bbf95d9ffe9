"""Asking the payment service by its objects what is true, and mending what differs here.

Events may be lost for days, or never be made. What is found to be as it is known writes nothing.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from clinic.core.errors import NotFound
from clinic.core.values import SYSTEM
from clinic.payments.checkout import resolve
from clinic.payments.gateway import (
    KeyRefused,
    NotThere,
    Patience,
    PaymentUnavailable,
    gateway,
    takes_payments,
)
from clinic.payments.operations.attempts import Attempt
from clinic.payments.operations.orders import expire_order
from clinic.payments.operations.returned import STATES
from clinic.payments.operations.story import note_refused_key
from clinic.payments.queries.attempts import (
    OpenAttempt,
    find_session_of_intent,
    known_disputes,
    known_refunds,
    list_open,
    list_over,
    list_sessions_unsettled,
    list_to_close,
    paid_sessions,
)
from clinic.payments.refunding import send_waiting_refunds
from clinic.payments.rules.states import RefundState
from clinic.payments.settling import Foreign, settle_session

PAGES_BACK = timedelta(days=3)
MONEY_BACK = timedelta(days=60)
"""How far back refunds and disputes that were made outside are looked for."""


@dataclass(slots=True)
class Report:
    """What a run looked at and what it mended: an order and its new state for each."""

    looked_at: int = 0
    mended: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def reconcile(*, now: datetime) -> Report:
    """Look at everything that is not settled, at any age, and at what was made outside.

    Raises PaymentUnavailable when nobody answers; what was mended until then stays mended.
    """
    report = Report()
    close_pages(now=now, report=report)
    for attempt in list_open():
        _settle_attempt(attempt, report, now)
    for session_id in [*_found_pages(now), *list_sessions_unsettled(), *_money_outside(now)]:
        _settle(session_id, report, now)
    if count := send_waiting_refunds(now=now):
        report.mended.append(f"{count} refunds sent")
    return report


def close_pages(*, now: datetime, report: Report | None = None) -> None:
    """Close the pages of orders that are not to be paid any more, then let those orders expire."""
    if not takes_payments():
        return
    report = report or Report()
    for attempt in list_to_close(now=now):
        session_id = attempt.session_id or _find_page(attempt, now)
        if session_id is None:
            continue
        gateway().expire_session(session_id, patience=Patience.WORKER)
        _settle(session_id, report, now)
    for order in list_over(now=now):
        if expire_order(public_id=order, now=now):
            report.mended.append(f"{order}: expired")


def _settle_attempt(attempt: OpenAttempt, report: Report, now: datetime) -> None:
    if attempt.session_id is not None:
        _settle(attempt.session_id, report, now)
        return
    report.looked_at += 1
    if now - attempt.created_at > timedelta(minutes=2) and _find_page(attempt, now):
        report.mended.append(f"{attempt.order}: page found")


def _find_page(attempt: OpenAttempt, now: datetime) -> str | None:
    """The page behind a call that nobody answered; a call that never arrived is noted as such."""
    doubtful = Attempt(
        attempt_id=attempt.attempt_id,
        order=attempt.order,
        number=attempt.number,
        idempotency_key=attempt.idempotency_key,
        session_id=None,
        url=None,
        cents=0,
        currency="",
        email=None,
        created_at=attempt.created_at,
        expires_at=attempt.created_at,
    )
    found = resolve(doubtful, actor=SYSTEM, now=now)
    return found.session_id if found else None


def _settle(session_id: str, report: Report, now: datetime) -> None:
    report.looked_at += 1
    try:
        applied = settle_session(
            session_id=session_id, now=now, patience=Patience.WORKER, thorough=True
        )
    except (Foreign, NotThere, NotFound):
        report.unknown.append(session_id)
        return
    if applied.is_news:
        order = applied.order
        report.mended.append(f"{order.public_id}: {order.status}, {order.payment}")


def _found_pages(now: datetime) -> list[str]:
    """Pages that were paid and are not known here to be: ours by the order they name."""
    recent = gateway().list_sessions(since=now - PAGES_BACK)
    paid = [one for one in recent if one.is_paid and one.orders]
    known = paid_sessions([one.session_id for one in paid])
    return [one.session_id for one in paid if one.session_id not in known]


def _money_outside(now: datetime) -> list[str]:
    """Pages whose refunds or disputes are not as they are known here."""
    service = gateway()
    refunds = service.list_refunds(since=now - MONEY_BACK)
    states = known_refunds([one.stripe_id for one in refunds])
    intents = {
        one.intent_id
        for one in refunds
        if states.get(one.stripe_id) != STATES.get(one.status, RefundState.PENDING).value
    }
    disputes = service.list_disputes(since=now - MONEY_BACK)
    statuses = known_disputes([one.stripe_id for one in disputes])
    intents |= {one.intent_id for one in disputes if statuses.get(one.stripe_id) != one.status}
    found = (find_session_of_intent(intent) for intent in sorted(filter(None, intents)))
    return [session_id for session_id in found if session_id is not None]


def keep_settled(*, now: datetime) -> None:
    """The worker's turn: as ``reconcile``, silent while nobody answers."""
    if not takes_payments():
        return
    try:
        reconcile(now=now)
    except KeyRefused:
        note_refused_key(now=now)
    except PaymentUnavailable:
        return


def keep_closing(*, now: datetime) -> None:
    """The worker's turn between two: pages of orders whose time is over are closed soon."""
    try:
        close_pages(now=now)
    except PaymentUnavailable:
        return
