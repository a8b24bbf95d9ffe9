"""The payment service for tests: the demo's double, in this process, deaf until told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from clinic.core import clock
from sandbox.stripe import checkout, money_back
from sandbox.stripe.__main__ import Quiet
from sandbox.stripe.app import KEY, SECRET, make_app
from sandbox.stripe.delivery import signed
from sandbox.stripe.state import Object, State

WEBHOOK = "/payments/stripe/webhook"


@dataclass
class Double:
    """A running double: what buyers and banks do, and the events that it would have sent."""

    state: State
    url: str
    app: Flask

    @property
    def settings(self) -> dict[str, str]:
        """The clinic's settings for it."""
        return {
            "STRIPE_API_KEY": KEY,
            "STRIPE_API_BASE": self.url,
            "STRIPE_WEBHOOK_SECRET": SECRET,
        }

    def session(self, order: str) -> Object:
        """The newest page of an order."""
        return next(
            one for one in self.state.all("checkout.session") if one["client_reference_id"] == order
        )

    def sessions(self, order: str) -> list[Object]:
        """Every page of an order, the newest first."""
        found = self.state.all("checkout.session")
        return [one for one in found if one["client_reference_id"] == order]

    def pay(self, order: str, **more: Any) -> str:
        """The buyer pays; the page's id."""
        with self.state.lock:
            return str(checkout.pay(self.state, self.session(order), **more)["id"])

    def intent(self, order: str) -> Object:
        """What the newest page collected money with."""
        return self.state.objects[self.session(order)["payment_intent"]]

    def refund(self, order: str, cents: int) -> Object:
        """Somebody gives money back in the service's own pages."""
        asked = {"payment_intent": self.intent(order)["id"], "amount": cents}
        with self.state.lock:
            return money_back.create_refund(self.state, asked)

    def net(self, order: str) -> int:
        """What the service holds for an order: received, less what went back for good."""
        total = 0
        for page in self.sessions(order):
            intent = self.state.objects.get(page["payment_intent"] or "")
            if intent is None:
                continue
            total += intent["amount_received"]
            total -= sum(
                one["amount"]
                for one in self.state.all("refund")
                if one["payment_intent"] == intent["id"] and one["status"] == "succeeded"
            )
            total -= sum(
                one["amount"]
                for one in self.state.all("dispute")
                if one["payment_intent"] == intent["id"]
                and one["status"] != "won"
                and not one["status"].startswith("warning")
            )
        return total

    def events(self, *kinds: str) -> list[Object]:
        """Every event so far, the oldest first; of these kinds, or all."""
        found = reversed(list(self.state.all("event")))
        return [one for one in found if not kinds or one["type"] in kinds]

    def deliver(
        self, app: Flask, event: Object, *, secret: str = SECRET, **changed: Any
    ) -> TestResponse:
        """Send an event, signed now or with a header of the test's own."""
        body = changed.get("body", json.dumps(event).encode())
        at = clock.now().timestamp() + changed.get("late", 0)
        header = changed.get("header", signed(body, secret=secret, at=at))
        headers = {} if header is None else {"Stripe-Signature": header}
        return app.test_client().post(
            WEBHOOK, data=body, headers=headers, content_type="application/json"
        )


@dataclass(frozen=True)
class Service:
    """A running server that one double after another can answer from."""

    url: str
    app: Flask

    def opened(self, state: State | None = None) -> Double:
        """A double that remembers nothing but ``state``; earlier ones are not asked any more."""
        kept = self.app.extensions["state"] = state or State()
        return Double(state=kept, url=self.url, app=self.app)


@contextmanager
def running_double(state: State | None = None) -> Iterator[Double]:
    """A double on a free port, until the block ends; it sends no webhooks by itself."""
    with running_service() as service:
        yield service.opened(state)


@contextmanager
def running_service() -> Iterator[Service]:
    """The server of a double on a free port, until the block ends."""
    app = make_app(State())
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield Service(url=f"http://127.0.0.1:{server.server_port}", app=app)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
