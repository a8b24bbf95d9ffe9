"""Opening a page of the payment service for an order. No transaction is open while we wait."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from clinic.core.values import Actor
from clinic.payments.gateway import (
    KeyRefused,
    NewSession,
    NotThere,
    Patience,
    PaymentRefused,
    PaymentUnavailable,
    gateway,
)
from clinic.payments.operations.applying import Told, apply_told
from clinic.payments.operations.attempts import (
    Attempt,
    open_attempt,
    plan_attempt,
    refuse_attempt,
)
from clinic.payments.operations.story import note_refused_key
from clinic.payments.queries.orders import OrderSeen, get_order
from clinic.payments.rules.facts import SessionFacts
from config import Config

TRIES = 3
AROUND = timedelta(minutes=2)
"""How far our clock and theirs may be apart."""


@dataclass(frozen=True, slots=True)
class Begun:
    """The order and the page to pay it on; None where nothing is due (any more)."""

    order: OrderSeen
    url: str | None


def begin_checkout(
    *, public_id: str, actor: Actor, now: datetime, patience: Patience = Patience.PERSON
) -> Begun:
    """The page where the order is paid: the one that is open, else a new one.

    However often it is asked for, one page is open at a time. Raises NotFound, AlreadyPaid,
    PaymentPending, OrderClosed; PaymentUnavailable, and then asking again goes on with the same
    order and page; PaymentRefused, and then the order is cancelled.
    """
    gateway()
    for _ in range(TRIES):
        attempt = plan_attempt(public_id=public_id, now=now)
        if attempt is None:
            break
        if attempt.session_id is not None:
            if (url := _still_open(attempt, now, patience)) is not None:
                return Begun(get_order(public_id), url)
        elif attempt.is_doubtful(now):
            resolve(attempt, actor=actor, now=now)
        else:
            facts = _create(attempt, actor, now, patience)
            order = open_attempt(attempt=attempt, facts=facts, actor=actor, now=now)
            return Begun(order, facts.url)
    return Begun(get_order(public_id), None)


def _create(attempt: Attempt, actor: Actor, now: datetime, patience: Patience) -> SessionFacts:
    config: Config = current_app.config["CLINIC"]
    asked = NewSession(
        order=attempt.order,
        attempt=attempt.number,
        cents=attempt.cents,
        currency=attempt.currency,
        email=attempt.email,
        success_url=f"{config.base_url}/payments/success?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{config.base_url}/gait/orders/{attempt.order}?left=1",
        expires_at=attempt.expires_at,
        idempotency_key=attempt.idempotency_key,
    )
    try:
        return gateway().create_session(asked, patience=patience)
    except KeyRefused:
        note_refused_key(now=now)
        raise
    except (PaymentRefused, NotThere) as refused:
        refuse_attempt(attempt=attempt, actor=actor, now=now, cancels_order=True)
        raise PaymentRefused from refused


def _still_open(attempt: Attempt, now: datetime, patience: Patience) -> str | None:
    """Where the page can be paid; None when it is over, which is then known here."""
    session_id = attempt.session_id or ""
    try:
        facts = gateway().get_session(session_id, patience=patience)
    except PaymentUnavailable:
        return attempt.url
    if facts.status == "open" and facts.url:
        return facts.url
    apply_told(public_id=attempt.order, told=Told(session=facts), now=now)
    return None


def resolve(attempt: Attempt, *, actor: Actor, now: datetime) -> SessionFacts | None:
    """Find out what became of a call that nobody answered; None when it never arrived.

    Raises PaymentUnavailable.
    """
    for facts in gateway().list_sessions(since=attempt.created_at - AROUND):
        if attempt.order in facts.orders and facts.attempt == attempt.number:
            apply_told(public_id=attempt.order, told=Told(session=facts), now=now)
            return facts
    refuse_attempt(attempt=attempt, actor=actor, now=now, cancels_order=False)
    return None
