"""The hosted page to click on, and the panel of the payment service."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request

from sandbox.stripe import checkout, money_back
from sandbox.stripe.api import state
from sandbox.stripe.checkout import Rejected
from sandbox.stripe.state import Object

blueprint = Blueprint("pages", __name__)
NUMBERS = ("drop", "error", "busy", "refuse", "deny", "garbage", "hang", "lose", "duplicate")


@blueprint.errorhandler(Rejected)
def _rejected(error: Rejected) -> tuple[str, int]:
    return render_template("told.html", words=str(error)), 409


@blueprint.get("/c/pay/<ident>")
def page(ident: str) -> str:
    """The page that a buyer is led to."""
    session = _session(ident)
    step = "3ds" if request.args.get("step") == "3ds" else "pay"
    said = {"declined": "Your card was declined.", "code": "This code is invalid."}
    return render_template(
        "checkout.html",
        session=session,
        step=step,
        said=said.get(request.args.get("said", "")),
        codes=checkout.CODES,
    )


@blueprint.post("/c/pay/<ident>")
def act(ident: str) -> Response:
    """What the buyer does there."""
    here, session = state(), _session(ident)
    action = request.form.get("action", "")
    with here.lock:
        if action == "code":
            fits = checkout.apply_code(session, request.form.get("code", ""))
            here.save()
            return _to(f"/c/pay/{ident}" + ("" if fits else "?said=code"))
        if action in {"decline", "3ds-fail"}:
            checkout.decline(here, session)
            here.save()
            return _to(f"/c/pay/{ident}?said=declined")
        if action == "3ds":
            return _to(f"/c/pay/{ident}?step=3ds")
        if action == "leave":
            return _to(session["cancel_url"] or session["success_url"])
        checkout.pay(here, session, delayed=action == "delayed")
        here.save()
    return _to(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))


@blueprint.get("/")
def panel() -> str:
    """Everything at a glance, and what may go wrong next."""
    here = state()
    return render_template(
        "panel.html",
        sessions=list(here.all("checkout.session"))[:50],
        intents=here.objects,
        refunds=list(here.all("refund"))[:50],
        disputes=list(here.all("dispute"))[:50],
        events=list(here.all("event"))[:50],
        faults=here.faults,
        numbers=NUMBERS,
    )


@blueprint.post("/faults")
def set_faults() -> Response:
    """Let something go wrong."""
    faults = state().faults
    for name in NUMBERS:
        setattr(faults, name, _number(name))
    faults.delay_seconds = float(_number("delay_seconds"))
    faults.reorder = request.form.get("reorder") == "on"
    faults.refunds = request.form.get("refunds", "succeeded")
    return _to("/")


@blueprint.post("/objects/<ident>")
def change(ident: str) -> Response:
    """What the bank, the buyer or somebody in the service's own pages does."""
    here = state()
    found = here.objects.get(ident) or abort(404)
    with here.lock:
        _change(found, request.form.get("action", ""))
        here.save()
    return _to("/")


def _change(found: Object, action: str) -> None:
    here = state()
    kind, _, word = action.partition(":")
    if kind == "bank":
        checkout.bank_says(here, found, yes=word == "yes")
    elif kind == "expire":
        checkout.close_session(here, found)
    elif kind == "refund":
        money_back.create_refund(here, {"payment_intent": found["payment_intent"]})
    elif kind == "settle":
        money_back.settle_refund(here, found, word)
    elif kind == "dispute":
        money_back.open_dispute(here, here.objects[found["payment_intent"]])
    elif kind == "close":
        money_back.close_dispute(here, found, word)
    elif kind == "send":
        _post_again(found)


def _post_again(event: Object) -> None:
    post: Any = current_app.extensions.get("post")
    if post is not None:
        post.again(event)


def _session(ident: str) -> Object:
    here = state()
    with here.lock:
        checkout.expire_old(here)
    found = here.objects.get(ident)
    if found is None or found["object"] != "checkout.session":
        abort(404)
    return found


def _number(name: str) -> int:
    text = request.form.get(name, "0").strip()
    return min(int(text), 100_000) if text.isdecimal() else 0


def _to(address: str) -> Response:
    return current_app.make_response(redirect(address, 303))
