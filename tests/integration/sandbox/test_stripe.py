"""The double of the payment service: what it takes and refuses, and that our requests are right."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stripe
from stripe._api_version import _ApiVersion

from clinic.payments.gateway import API_VERSION
from sandbox.stripe import checkout
from sandbox.stripe.app import KEY
from sandbox.stripe.forms import nested
from sandbox.stripe.state import State
from tests.support.stripe_double import Double, running_double
from tests.unit.intake.outside import EXTERNAL

SCHEMA = EXTERNAL / "stripe" / "stripe_sdk_schema_2026-10-28.endive.json"


@pytest.fixture
def double() -> Iterator[Double]:
    with running_double(State()) as running:
        yield running


@pytest.fixture
def client(double: Double) -> Any:
    return stripe.StripeClient(KEY, base_addresses={"api": double.url}).v1


def asked(**more: Any) -> dict[str, Any]:
    price = {"currency": "usd", "unit_amount": 35000, "product_data": {"name": "Your order"}}
    return {
        "mode": "payment",
        "success_url": "https://clinic.example/s?session_id={CHECKOUT_SESSION_ID}",
        "line_items": [{"quantity": 1, "price_data": price}],
        "client_reference_id": "o1",
        **more,
    }


class TestThePackage:
    def test_speaks_the_version_that_we_read_the_changelog_of(self) -> None:
        """When this fails, read the changelog, then docs/payments.md, then change the version."""
        assert _ApiVersion.CURRENT == API_VERSION


class TestSessions:
    def test_once_for_a_key(self, client: Any) -> None:
        options = {"idempotency_key": "k"}
        first = client.checkout.sessions.create(asked(), options)
        assert client.checkout.sessions.create(asked(), options)["id"] == first["id"]
        with pytest.raises(stripe.IdempotencyError):
            client.checkout.sessions.create(asked(client_reference_id="o2"), options)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"success_url": ""},
            {"line_items": []},
            {"nonsense": 1},
            {"expires_at": 1},
            {"client_reference_id": "x" * 201},
            {"metadata": {"k": "v" * 501}},
            {"payment_method_types": ["card"]},
        ],
    )
    def test_refuses_what_the_service_would(self, client: Any, wrong: dict[str, Any]) -> None:
        with pytest.raises(stripe.InvalidRequestError):
            client.checkout.sessions.create(asked(**wrong))

    def test_expires_only_what_is_open(self, client: Any, double: Double) -> None:
        page = client.checkout.sessions.create(asked())
        double.pay("o1")
        with pytest.raises(stripe.InvalidRequestError):
            client.checkout.sessions.expire(page["id"])

    def test_lists_page_after_page(self, client: Any) -> None:
        made = [client.checkout.sessions.create(asked())["id"] for _ in range(5)]
        first = client.checkout.sessions.list({"limit": 3})
        rest = client.checkout.sessions.list(
            {"limit": 3, "starting_after": first["data"][-1]["id"]}
        )
        assert [one["id"] for one in [*first["data"], *rest["data"]]] == made[::-1]
        assert (first["has_more"], rest["has_more"]) == (True, False)

    def test_are_noted_as_they_were_asked_for(self, client: Any, double: Double) -> None:
        client.checkout.sessions.create(asked())
        assert "client_reference_id=" in double.state.calls[-1].body

    def test_wants_a_key(self, double: Double) -> None:
        other = stripe.StripeClient("sk_live_x", base_addresses={"api": double.url})
        with pytest.raises(stripe.AuthenticationError):
            other.v1.events.list()


class TestMoney:
    def test_goes_back_no_further_than_it_came(self, client: Any, double: Double) -> None:
        client.checkout.sessions.create(asked())
        double.pay("o1")
        intent = double.intent("o1")["id"]
        client.refunds.create({"payment_intent": intent, "amount": 30000})
        with pytest.raises(stripe.InvalidRequestError):
            client.refunds.create({"payment_intent": intent, "amount": 5001})
        assert (
            client.charges.retrieve(double.intent("o1")["latest_charge"])["amount_refunded"]
            == 30000
        )

    def test_is_kept_over_a_restart(self, tmp_path: Any) -> None:
        file = tmp_path / "payments.json"
        state = State(file=file)
        page = checkout.create_session(state, asked())
        state.save()
        assert State(file=file).objects[page["id"]] == page


class TestPages:
    @pytest.mark.parametrize("action", ["pay", "3ds", "decline", "delayed", "leave"])
    def test_lead_on(self, client: Any, double: Double, action: str) -> None:
        page = client.checkout.sessions.create(asked(allow_promotion_codes=True))
        visitor = double.app.test_client()
        path = f"/c/pay/{page['id']}"
        assert "350.00" in visitor.get(path).text
        answer = visitor.post(path, data={"action": action})
        assert answer.status_code == 303
        ends = {"pay": "complete", "delayed": "complete"}
        assert double.session("o1")["status"] == ends.get(action, "open")

    def test_take_codes_that_exist(self, client: Any, double: Double) -> None:
        page = client.checkout.sessions.create(asked(allow_promotion_codes=True))
        visitor = double.app.test_client()
        path = f"/c/pay/{page['id']}"
        said = visitor.post(path, data={"action": "code", "code": "NO"}, follow_redirects=True).text
        assert "invalid" in said
        visitor.post(path, data={"action": "code", "code": "half50"})
        assert "175.00" in visitor.get(path).text

    def test_show_everything_on_the_panel(self, client: Any, double: Double) -> None:
        client.checkout.sessions.create(asked())
        double.pay("o1")
        visitor = double.app.test_client()
        assert "Payment service" in visitor.get("/").text
        visitor.post("/faults", data={"busy": "1", "refunds": "pending"})
        assert (double.state.faults.busy, double.state.faults.refunds) == (1, "pending")


class TestOurRequests:
    @pytest.mark.skipif(not SCHEMA.is_file(), reason="../shared/external is not on this machine")
    def test_are_what_the_service_says_it_takes(self, client: Any, double: Double) -> None:
        """Every request of the gateway is valid against the service's own closed schemas."""
        import jsonschema

        from tests.integration.sandbox.every_call import make_every_call

        make_every_call(double)
        schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
        seen = set()
        for call in double.state.calls:
            name = operation(call.method, call.path)
            seen.add(name)
            body = {**schema["operations"][name], "$defs": schema["$defs"]}
            jsonschema.Draft202012Validator(body).validate(call.params)
        assert len(seen) >= 8, seen


def operation(method: str, path: str) -> str:
    """The schema's name of a request."""
    parts = path.removeprefix("/v1/").split("/")
    known = {"checkout", "sessions", "expire", "payment_intents", "refunds", "disputes", "charges"}
    shown = [part if part in known | {"events"} else "{id}" for part in parts]
    return f"{method} /v1/{'/'.join(shown)}"


class TestForms:
    def test_are_read_as_the_package_writes_them(self) -> None:
        pairs = [("a[0][b]", "1"), ("a[1][b]", "true"), ("metadata[attempt]", "1"), ("x", "y")]
        assert nested(pairs) == {
            "a": [{"b": 1}, {"b": True}],
            "metadata": {"attempt": "1"},
            "x": "y",
        }
