"""Every call that the gateway makes, once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from clinic.payments.gateway import NewSession, Patience, gateway
from tests.support.apps import running_app
from tests.support.stripe_double import Double

PERSON = Patience.PERSON


def make_every_call(double: Double) -> None:
    """Open, read, list, pay, give back, contest, close."""
    at = datetime.now(UTC)
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/none.sqlite3"
        with (
            running_app(database_url=url, data_dir=Path(folder), **double.settings) as app,
            app.app_context(),
        ):
            service = gateway()
            asked = NewSession(
                order="o1",
                attempt=1,
                cents=35000,
                currency="usd",
                email="ada@example.com",
                success_url="https://clinic.example/s?session_id={CHECKOUT_SESSION_ID}",
                cancel_url="https://clinic.example/c",
                expires_at=at + timedelta(minutes=40),
                idempotency_key="order:o1:checkout:1",
            )
            page = service.create_session(asked, patience=PERSON)
            double.pay("o1")
            facts = service.get_session(page.session_id, patience=PERSON)
            assert facts.intent_id is not None
            service.get_intent(facts.intent_id, patience=PERSON)
            service.create_refund(
                intent_id=facts.intent_id, cents=100, order="o1", ours="r1", patience=PERSON
            )
            service.list_refunds(intent_id=facts.intent_id)
            service.list_disputes(since=at - timedelta(days=1))
            service.list_sessions(since=at - timedelta(days=1))
            assert service.expire_session(page.session_id, patience=PERSON) is None
