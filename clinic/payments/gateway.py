"""The payment service behind a typed seam: the only file that imports ``stripe``.

The package is imported when it is first needed: it is large, and most processes never pay. Every
call has a time limit and a bounded number of retries, and none is made inside a transaction.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, TypeVar

from flask import Flask, current_app
from flask_babel import gettext as _

from clinic.core.db import db, in_transaction
from clinic.core.errors import Refusal
from clinic.payments import reading
from clinic.payments.operations.inbox import Door
from clinic.payments.rules.facts import (
    DisputeFacts,
    EventFacts,
    IntentFacts,
    RefundFacts,
    SessionFacts,
)
from clinic.payments.rules.signatures import is_signed

log = logging.getLogger(__name__)

API_VERSION = "2026-10-28.endive"
"""The package's own; a test fails when it changes, so that somebody reads the changelog."""
AT_ONCE = 5
"""Calls that one process makes at the same time: the other threads serve pages meanwhile."""
PAGE_SIZE = 100
EXPANDED = ["payment_intent.latest_charge"]
_EXTENSION = "clinic.payments"
_SHAPELESS = (AttributeError, KeyError, TypeError, ValueError)
"""What reading an answer that is JSON, but none of theirs, ends in."""
R = TypeVar("R")


class PaymentUnavailable(Refusal):
    """The payment service does not answer, or not usably; nothing is lost by trying again."""

    code = "payment-unavailable"
    status = 503
    message = (
        "We cannot reach our payment service right now. You have not been charged."
        " Please try again in a few minutes."
    )
    retry_after_seconds = 10


class KeyRefused(PaymentUnavailable):
    """The payment service does not take our key: a fault of the clinic's own, not of the order."""


class PaymentRefused(Refusal):
    """The payment service understood and declines."""

    code = "payment-refused"
    status = 502
    message = "Our payment service declined this request. You have not been charged."


class NotThere(Exception):
    """The payment service has no such object."""


class BadSignature(Exception):
    """What came is not a signed event for us."""


class Patience(Enum):
    """How long we wait: seconds to connect, seconds to answer, retries."""

    PERSON = (1.0, 2.5, 1)
    WORKER = (2.0, 8.0, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """What a checkout page is asked for. Nothing here says who the patient is or why they come."""

    order: str
    attempt: int
    cents: int
    currency: str
    email: str | None
    success_url: str
    cancel_url: str
    expires_at: datetime
    idempotency_key: str


class Gateway:
    """Calls to the payment service with one key. Made once for each application."""

    def __init__(self, *, key: str, api_base: str | None, secrets: tuple[str, ...]) -> None:
        self.is_live = key.startswith(("sk_live_", "rk_live_"))
        self._key, self._api_base, self._secrets = key, api_base, secrets
        self._clients: dict[Patience, Any] = {}
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._guard = threading.Lock()
        self.door = Door()

    def create_session(self, asked: NewSession, *, patience: Patience) -> SessionFacts:
        """Open a checkout page. Raises PaymentRefused and PaymentUnavailable."""
        metadata = {"order_id": asked.order, "attempt": str(asked.attempt)}
        price = {
            "currency": asked.currency,
            "unit_amount": asked.cents,
            "product_data": {"name": str(_("Your order"))},
        }
        params: dict[str, Any] = {
            "mode": "payment",
            "ui_mode": "hosted_page",
            "client_reference_id": asked.order,
            "metadata": metadata,
            "payment_intent_data": {"metadata": metadata},
            "line_items": [{"quantity": 1, "price_data": price}],
            "success_url": asked.success_url,
            "cancel_url": asked.cancel_url,
            "expires_at": int(asked.expires_at.timestamp()),
            "allow_promotion_codes": True,
            "adaptive_pricing": {"enabled": False},
        }
        if asked.email is not None:
            params["customer_email"] = asked.email
        options = {"idempotency_key": asked.idempotency_key}
        return self._call(
            patience,
            lambda v1: reading.session(v1.checkout.sessions.create(params, options).to_dict()),
        )

    def get_session(self, session_id: str, *, patience: Patience) -> SessionFacts:
        """A page with what was collected. Raises NotThere, PaymentUnavailable."""

        def ask(v1: Any) -> SessionFacts:
            found = v1.checkout.sessions.retrieve(session_id, {"expand": EXPANDED}).to_dict()
            return reading.session(found, intent=_intent_in(v1, found))

        return self._call(patience, ask)

    def expire_session(self, session_id: str, *, patience: Patience) -> SessionFacts | None:
        """Close a page; None when it is not open any more: ask what became of it."""

        def ask(v1: Any) -> SessionFacts:
            return reading.session(v1.checkout.sessions.expire(session_id).to_dict())

        try:
            return self._call(patience, ask)
        except PaymentRefused:
            return None

    def list_sessions(self, *, since: datetime) -> list[SessionFacts]:
        """Pages made since then, newest first."""
        params = {"created": {"gte": int(since.timestamp())}, "limit": PAGE_SIZE}
        return self._call(
            Patience.WORKER,
            lambda v1: [reading.session(one) for one in _pages(v1.checkout.sessions.list, params)],
        )

    def get_intent(self, intent_id: str, *, patience: Patience) -> IntentFacts:
        """What money is collected with. Raises NotThere, PaymentUnavailable."""

        def ask(v1: Any) -> IntentFacts:
            params = {"expand": ["latest_charge"]}
            found = v1.payment_intents.retrieve(intent_id, params).to_dict()
            return reading.intent(found, charge=_charge_in(v1, found))

        return self._call(patience, ask)

    def create_refund(
        self, *, intent_id: str, cents: int, order: str, ours: str, patience: Patience
    ) -> RefundFacts:
        """Give money back; ``ours`` is the refund's id here and its key. Raises PaymentRefused."""
        params = {
            "payment_intent": intent_id,
            "amount": cents,
            "metadata": {"order_id": order, "refund_id": ours},
        }
        options = {"idempotency_key": f"refund:{ours}"}
        return self._call(
            patience, lambda v1: reading.refund(v1.refunds.create(params, options).to_dict())
        )

    def list_refunds(
        self,
        *,
        intent_id: str | None = None,
        since: datetime | None = None,
        patience: Patience = Patience.WORKER,
    ) -> list[RefundFacts]:
        """Refunds of one payment, or made since then."""
        params = _narrowed(intent_id, since)
        found = self._call(
            patience, lambda v1: [reading.refund(one) for one in _pages(v1.refunds.list, params)]
        )
        return [one for one in found if intent_id in {None, one.intent_id}]

    def list_disputes(
        self,
        *,
        intent_id: str | None = None,
        since: datetime | None = None,
        patience: Patience = Patience.WORKER,
    ) -> list[DisputeFacts]:
        """Disputes of one payment, or opened since then."""
        params = _narrowed(intent_id, since)
        found = self._call(
            patience, lambda v1: [reading.dispute(one) for one in _pages(v1.disputes.list, params)]
        )
        return [one for one in found if intent_id in {None, one.intent_id}]

    def read_event(self, *, body: bytes, signature: str | None, now: datetime) -> EventFacts:
        """The event in a body that one of our secrets signed. Raises BadSignature for all else."""
        is_ours = is_signed(
            body, header=signature, secrets=self._secrets, now_seconds=now.timestamp()
        )
        found = reading.event(body) if is_ours else None
        if found is None or found.is_live is not self.is_live:
            raise BadSignature
        return found

    def _call(self, patience: Patience, ask: Callable[[Any], R]) -> R:
        """One conversation; what the package raises becomes one of three words."""
        if in_transaction():
            raise RuntimeError("the payment service is never called inside a transaction")
        db.session.rollback()  # no connection waits with us
        import stripe

        with self._place(patience):
            try:
                return ask(self._client(patience).v1)
            except stripe.InvalidRequestError as error:
                if error.http_status == 404:
                    raise NotThere from None
                raise PaymentRefused(reason=str(error.code or "")) from None
            except (stripe.AuthenticationError, stripe.PermissionError) as error:
                log.warning("the payment service refuses our key: %s", error.http_status)
                raise KeyRefused from None
            except stripe.CardError:
                raise PaymentRefused from None
            except stripe.IdempotencyError:
                raise PaymentRefused(reason="idempotency") from None
            except (stripe.StripeError, reading.Garbage, *_SHAPELESS):
                raise PaymentUnavailable from None

    @contextmanager
    def _place(self, patience: Patience) -> Iterator[None]:
        wait = 1.0 if patience is Patience.PERSON else 30.0
        if not self._places.acquire(timeout=wait):
            raise PaymentUnavailable
        try:
            yield
        finally:
            self._places.release()

    def _client(self, patience: Patience) -> Any:
        import stripe

        with self._guard:
            if patience not in self._clients:
                connect, answer, retries = patience.value
                more: Mapping[str, Any] = (
                    {"base_addresses": {"api": self._api_base}} if self._api_base else {}
                )
                self._clients[patience] = stripe.StripeClient(
                    self._key,
                    http_client=stripe.RequestsClient(timeout=(connect, answer)),
                    max_network_retries=retries,
                    **more,
                )
            return self._clients[patience]


def init_gateway(
    app: Flask, *, key: str | None, api_base: str | None, secrets: tuple[str, ...]
) -> None:
    """Let the application take payments; without a key it takes none."""
    app.extensions[_EXTENSION] = (
        Gateway(key=key, api_base=api_base, secrets=secrets) if key else None
    )


def takes_payments() -> bool:
    """Whether a payment service is configured."""
    return current_app.extensions.get(_EXTENSION) is not None


def gateway() -> Gateway:
    """The application's way to the payment service; PaymentUnavailable where there is none."""
    found: Gateway | None = current_app.extensions.get(_EXTENSION)
    if found is None:
        raise PaymentUnavailable(_("This clinic takes no payments online. Please call us."))
    return found


def _intent_in(v1: Any, session: dict[str, Any]) -> IntentFacts | None:
    """What a session collects money with, asked for where it was not sent along."""
    found = session.get("payment_intent")
    if isinstance(found, str):
        found = v1.payment_intents.retrieve(found, {"expand": ["latest_charge"]}).to_dict()
    return reading.intent(found, charge=_charge_in(v1, found)) if found else None


def _charge_in(v1: Any, intent: dict[str, Any]) -> dict[str, Any] | None:
    found = intent.get("latest_charge")
    if isinstance(found, str):
        found = v1.charges.retrieve(found).to_dict()
    return found


def _narrowed(intent_id: str | None, since: datetime | None) -> dict[str, Any]:
    params: dict[str, Any] = {"limit": PAGE_SIZE}
    if intent_id is not None:
        params["payment_intent"] = intent_id
    if since is not None:
        params["created"] = {"gte": int(since.timestamp())}
    return params


def _pages(ask: Callable[[dict[str, Any]], Any], params: dict[str, Any]) -> Iterator[Any]:
    """Every object of a list, page after page."""
    after: str | None = None
    while True:
        page = ask(params | ({"starting_after": after} if after else {})).to_dict()
        yield from page["data"]
        if not page.get("has_more") or not page["data"]:
            return
        after = page["data"][-1]["id"]
