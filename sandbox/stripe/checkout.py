"""Sessions and the money that is collected with them: made, paid, declined, delayed, expired."""

from typing import Any

from sandbox.stripe.state import Object, State

SHORTEST, LONGEST = 30 * 60, 24 * 3600
SLACK = 5
"""Seconds that a request may have been on its way."""
CODES = {"WELCOME10": 10, "FREE100": 100, "HALF50": 50}
"""Promotion codes that every double knows, and their percentages."""
LEAST_CENTS = 50


class Rejected(Exception):
    """A request that the service declines: HTTP status, type, code, words, and the parameter."""

    def __init__(self, message: str, *, code: str = "", param: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.status, self.code, self.param = status, code, param
        self.kind = "invalid_request_error"


def create_session(state: State, params: Object) -> Object:
    """Open a page, or decline with the service's reasons."""
    _check_session(state, params)
    items = params["line_items"]
    subtotal = sum(one["price_data"]["unit_amount"] * one.get("quantity", 1) for one in items)
    currency = items[0]["price_data"]["currency"].lower()
    return state.add(
        "checkout.session",
        mode="payment",
        status="open",
        payment_status="unpaid",
        client_reference_id=params.get("client_reference_id"),
        metadata=params.get("metadata", {}),
        customer_email=params.get("customer_email"),
        customer_details=None,
        amount_subtotal=subtotal,
        amount_total=subtotal,
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        currency=currency,
        expires_at=params.get("expires_at", state.now() + LONGEST),
        success_url=params["success_url"],
        cancel_url=params.get("cancel_url"),
        allow_promotion_codes=params.get("allow_promotion_codes"),
        adaptive_pricing={"enabled": params.get("adaptive_pricing", {}).get("enabled", True)},
        ui_mode=params.get("ui_mode", "hosted_page"),
        payment_intent=None,
        payment_method_types=["card"],
        discounts=[],
        url=None,
        name=items[0]["price_data"].get("product_data", {}).get("name", ""),
        intent_metadata=params.get("payment_intent_data", {}).get("metadata", {}),
    )


def _check_session(state: State, params: Object) -> None:
    if params.get("mode") != "payment":
        raise Rejected("Only mode=payment is spoken here.", param="mode")
    if not params.get("success_url"):
        raise Rejected(
            "You must provide success_url.", code="parameter_missing", param="success_url"
        )
    items = params.get("line_items") or []
    if not items or any("price_data" not in one for one in items):
        raise Rejected("Line items need price_data here.", param="line_items")
    amounts = [one["price_data"].get("unit_amount") for one in items]
    if any(not isinstance(one, int) or one < 0 for one in amounts):
        raise Rejected("Invalid integer.", code="parameter_invalid_integer", param="unit_amount")
    if sum(amounts) < LEAST_CENTS:
        raise Rejected("Too small an amount.", code="amount_too_small", param="line_items")
    span = params.get("expires_at", state.now() + LONGEST) - state.now()
    if not SHORTEST - SLACK <= span <= LONGEST + SLACK:
        raise Rejected("expires_at must be 30 minutes to 24 hours away.", param="expires_at")
    _check_texts(params)


def _check_texts(params: Object) -> None:
    if len(str(params.get("client_reference_id") or "")) > 200:
        raise Rejected("Too long.", code="parameter_invalid_string", param="client_reference_id")
    metadata = params.get("metadata") or {}
    if len(metadata) > 50 or any(len(k) > 40 or len(str(v)) > 500 for k, v in metadata.items()):
        raise Rejected("Metadata is too large.", param="metadata")


def close_session(state: State, session: Object) -> Object:
    """Expire an open page; one that is not open is declined."""
    if session["status"] != "open":
        raise Rejected("Only open Checkout Sessions can be expired.", param="session")
    session.update(status="expired", url=None)
    state.emit("checkout.session.expired", session)
    return session


def expire_old(state: State) -> None:
    """What was not paid in time is over."""
    for session in list(state.all("checkout.session")):
        if session["status"] == "open" and session["expires_at"] <= state.now():
            close_session(state, session)


def apply_code(session: Object, code: str) -> bool:
    """Take a promotion code; False for one that does not exist."""
    percent = CODES.get(code.strip().upper())
    if percent is None or not session.get("allow_promotion_codes"):
        return False
    discount = session["amount_subtotal"] * percent // 100
    session["discounts"] = [{"promotion_code": code.strip().upper(), "coupon": None}]
    session["total_details"]["amount_discount"] = discount
    session["amount_total"] = session["amount_subtotal"] - discount
    return True


def pay(state: State, session: Object, *, delayed: bool = False, **changed: Any) -> Object:
    """The buyer is done: paid at once, or (``delayed``) the bank takes days.

    ``changed`` lets a test collect another amount or currency than was asked.
    """
    if session["status"] != "open":
        raise Rejected("The session is not open.", param="session")
    session.update(changed)
    if session["amount_total"] == 0:
        session.update(status="complete", payment_status="no_payment_required", url=None)
        state.emit("checkout.session.completed", session)
        return session
    intent = session["payment_intent"]
    found = state.objects[intent] if intent else _new_intent(state, session)
    found.update(amount=session["amount_total"], currency=session["currency"])
    session.update(status="complete", url=None, payment_intent=found["id"])
    if delayed:
        found["status"] = "processing"
        state.emit("checkout.session.completed", session)
        return session
    _charge(state, session, found)
    state.emit("payment_intent.succeeded", found)
    state.emit("checkout.session.completed", session)
    return session


def decline(state: State, session: Object, *, code: str = "card_declined") -> None:
    """A card was declined; the page stays open."""
    intent = session["payment_intent"]
    found = state.objects[intent] if intent else _new_intent(state, session)
    session["payment_intent"] = found["id"]
    found["status"] = "requires_payment_method"
    found["last_payment_error"] = {"type": "card_error", "code": code}
    state.emit("payment_intent.payment_failed", found)


def bank_says(state: State, session: Object, *, yes: bool) -> None:
    """What became of a delayed payment."""
    intent = state.objects[session["payment_intent"]]
    if session["status"] != "complete" or intent["status"] != "processing":
        raise Rejected("No payment is on its way.", param="session")
    if yes:
        _charge(state, session, intent)
        state.emit("payment_intent.succeeded", intent)
        state.emit("checkout.session.async_payment_succeeded", session)
        return
    intent["status"] = "requires_payment_method"
    state.emit("payment_intent.payment_failed", intent)
    state.emit("checkout.session.async_payment_failed", session)


def _new_intent(state: State, session: Object) -> Object:
    return state.add(
        "payment_intent",
        amount=session["amount_total"],
        amount_received=0,
        currency=session["currency"],
        status="requires_payment_method",
        latest_charge=None,
        metadata=dict(session["intent_metadata"]),
    )


def _charge(state: State, session: Object, intent: Object) -> None:
    charge = state.add(
        "charge",
        amount=intent["amount"],
        amount_refunded=0,
        refunded=False,
        disputed=False,
        paid=True,
        captured=True,
        status="succeeded",
        currency=intent["currency"],
        payment_intent=intent["id"],
        metadata=dict(intent["metadata"]),
        receipt_url=None,
    )
    intent.update(status="succeeded", amount_received=intent["amount"])
    intent["latest_charge"] = charge["id"]
    session["payment_status"] = "paid"
