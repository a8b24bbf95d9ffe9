"""The service's API: the calls of the contract, with idempotency, lists, expansion and faults."""

import json
import time
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, request

from sandbox.stripe import checkout, money_back
from sandbox.stripe.checkout import Rejected
from sandbox.stripe.forms import nested
from sandbox.stripe.state import Call, Object, State

blueprint = Blueprint("api", __name__, url_prefix="/v1")
HIDDEN = ("name", "intent_metadata")
LISTED = {
    "checkout/sessions": "checkout.session",
    "payment_intents": "payment_intent",
    "refunds": "refund",
    "disputes": "dispute",
    "events": "event",
    "promotion_codes": "promotion_code",
}
READ = {**LISTED, "charges": "charge"}
TAKEN = {
    "checkout/sessions": {
        *("mode", "ui_mode", "client_reference_id", "metadata", "payment_intent_data"),
        *("line_items", "success_url", "cancel_url", "expires_at", "allow_promotion_codes"),
        *("adaptive_pricing", "customer_email", "automatic_tax", "locale", "submit_type", "expand"),
    },
    "refunds": {"payment_intent", "charge", "amount", "metadata", "reason", "expand"},
}


def state() -> State:
    """What this double remembers."""
    found: State = current_app.extensions["state"]
    return found


@blueprint.before_request
def _arrive() -> Response | None:
    """Note the call; then whatever is to go wrong goes wrong."""
    here = state()
    body = request.get_data(as_text=True)  # before the form, which leaves nothing of it
    pairs = request.form if request.method == "POST" else request.args
    here.calls.append(
        Call(
            method=request.method,
            path=request.path,
            params=nested(pairs.items(multi=True)),
            idempotency_key=request.headers.get("Idempotency-Key"),
            body=body,
        )
    )
    key = request.authorization
    token = request.headers.get("Authorization", "")
    if key is None or not token.startswith(("Bearer sk_test_", "Bearer rk_test_")):
        return _error("Invalid API Key provided.", status=401, kind="invalid_request_error")
    return _fault(here)


def _fault(here: State) -> Response | None:
    if here.faults.delay_seconds:
        time.sleep(here.faults.delay_seconds)
    if here.takes("hang"):
        time.sleep(here.faults.hang_seconds)
    if here.takes("error"):
        return _error("Something went wrong on our end.", status=500, kind="api_error")
    if here.takes("busy"):
        return _error("Too many requests.", status=429, kind="rate_limit_error")
    if here.takes("refuse"):
        return _error("Refused, as you asked for.", status=400, kind="invalid_request_error")
    if here.takes("deny"):
        return _error("This key may not do that.", status=403, kind="invalid_request_error")
    return Response("<html>not what you asked for", status=200) if here.takes("garbage") else None


@blueprint.errorhandler(Rejected)
def _rejected(error: Rejected) -> Response:
    return _error(
        str(error), status=error.status, kind=error.kind, code=error.code, param=error.param
    )


@blueprint.post("/checkout/sessions")
def create_session() -> Response:
    """Open a page."""
    return _once("checkout/sessions", _with_url)


def _with_url(params: Object) -> Object:
    session = checkout.create_session(state(), params)
    session["url"] = f"{request.host_url}c/pay/{session['id']}"
    return session


@blueprint.post("/checkout/sessions/<ident>/expire")
def expire_session(ident: str) -> Response:
    """Close a page."""
    with state().lock:
        made = checkout.close_session(state(), _found(ident, "checkout.session"))
        state().save()
    return _shown(made)


@blueprint.post("/refunds")
def create_refund() -> Response:
    """Give money back."""
    return _once("refunds", lambda params: money_back.create_refund(state(), params))


@blueprint.get("/<path:what>")
def read(what: str) -> Response:
    """A list, or one object."""
    with state().lock:
        checkout.expire_old(state())
        if what in LISTED:
            return _list(what)
        folder, _, ident = what.rpartition("/")
        if folder not in READ:
            return _error("Unrecognized request URL.", status=404, kind="invalid_request_error")
        return _shown(_found(ident, READ[folder]), expand=_expanded())


def _found(ident: str, kind: str) -> Object:
    checkout.expire_old(state())
    found = state().objects.get(ident)
    if found is None or found["object"] != kind:
        raise Rejected(f"No such {kind}.", code="resource_missing", param="id", status=404)
    return found


def _list(what: str) -> Response:
    params = nested(request.args.items(multi=True))
    since = (
        params.get("created", {}).get("gte", 0) if isinstance(params.get("created"), dict) else 0
    )
    wanted = [
        one
        for one in state().all(LISTED[what])
        if one["created"] >= since
        and params.get("payment_intent") in {None, one.get("payment_intent")}
    ]
    after = params.get("starting_after")
    if after is not None:
        ids = [one["id"] for one in wanted]
        wanted = wanted[ids.index(after) + 1 :] if after in ids else []
    limit = min(int(params.get("limit", 10)), 100)
    page = {
        "object": "list",
        "url": request.path,
        "has_more": len(wanted) > limit,
        "data": [_public(one) for one in wanted[:limit]],
    }
    return _json(page)


def _expanded() -> list[str]:
    return [value for name, value in request.args.items(multi=True) if name.startswith("expand")]


def _once(what: str, make: Callable[[Object], Object]) -> Response:
    """Do it once for a key: the same request again gets the same answer, another one an error."""
    params = nested(request.form.items(multi=True))
    if unknown := sorted(params.keys() - TAKEN[what]):
        raise Rejected(
            f"Unknown parameter: {unknown[0]}", code="parameter_unknown", param=unknown[0]
        )
    key, asked = request.headers.get("Idempotency-Key"), json.dumps([what, params], sort_keys=True)
    here = state()
    with here.lock:
        known = here.answers.get(key) if key else None
        if known is not None:
            return _again(known, asked)
        try:
            body, status = _public(make(params)), 200
        except Rejected as error:
            refused = _rejected(error)
            body, status = refused.get_json(), refused.status_code
        if key:
            here.answers[key] = {"asked": asked, "body": body, "status": status}
        here.save()
    if here.takes("drop"):
        time.sleep(here.faults.hang_seconds)
    return _json(body, status)


def _again(known: Object, asked: str) -> Response:
    if known["asked"] != asked:
        return _error(
            "Keys for idempotent requests can only be used with the same parameters.",
            status=400,
            kind="idempotency_error",
        )
    return _json(known["body"], known["status"])


def _public(one: Object) -> Object:
    return {name: value for name, value in one.items() if name not in HIDDEN}


def _shown(one: Object, expand: list[str] | None = None) -> Response:
    shown = _public(one)
    for path in expand or ():
        _expand(shown, path.split("."))
    return _json(shown)


def _expand(shown: Object, path: list[str]) -> None:
    value = shown.get(path[0])
    if isinstance(value, str) and value in state().objects:
        value = shown[path[0]] = _public(state().objects[value])
    if isinstance(value, dict) and len(path) > 1:
        _expand(value, path[1:])


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status=status, mimetype="application/json")


def _error(message: str, *, status: int, kind: str, code: str = "", param: str = "") -> Response:
    told = {"type": kind, "message": message, "code": code or None, "param": param or None}
    return _json({"error": told}, status)
