"""From the payment service's JSON to our facts. What has not the shape it must have is Garbage."""

import json
import re
from datetime import UTC, datetime
from typing import Any

from clinic.payments.rules.facts import (
    ChargeFacts,
    DisputeFacts,
    EventFacts,
    IntentFacts,
    RefundFacts,
    SessionFacts,
)

LONGEST_KIND = 80
SESSION, INTENT = "checkout.session", "payment_intent"
Object = dict[str, Any]
_ID = re.compile(r"[A-Za-z0-9_.-]{1,255}")


class Garbage(Exception):
    """An answer without what it must have."""


def session(raw: Object, *, intent: IntentFacts | None = None) -> SessionFacts:
    """A checkout session."""
    _demand(raw, SESSION)
    totals = raw.get("total_details") or {}
    metadata = raw.get("metadata") or {}
    attempt = str(metadata.get("attempt") or "")
    return SessionFacts(
        session_id=raw["id"],
        status=str(raw.get("status")),
        payment_status=str(raw.get("payment_status")),
        orders=frozenset(
            str(one) for one in (raw.get("client_reference_id"), metadata.get("order_id")) if one
        ),
        attempt=int(attempt) if attempt.isdecimal() and len(attempt) < 9 else None,
        subtotal_cents=_number_or_none(raw, "amount_subtotal"),
        total_cents=_number(raw, "amount_total"),
        discount_cents=_number(totals, "amount_discount"),
        tax_cents=_number(totals, "amount_tax"),
        shipping_cents=_number(totals, "amount_shipping"),
        currency=str(raw.get("currency")).lower(),
        is_live=raw.get("livemode") is True,
        url=raw.get("url"),
        created_at=_instant(raw, "created"),
        expires_at=_instant(raw, "expires_at"),
        intent=intent,
        intent_id=intent.intent_id if intent else _id_of(raw.get("payment_intent")),
    )


def intent(raw: Object, *, charge: Object | None) -> IntentFacts:
    """A payment intent with its last charge."""
    _demand(raw, INTENT)
    return IntentFacts(
        intent_id=raw["id"],
        status=str(raw.get("status")),
        received_cents=_number(raw, "amount_received"),
        currency=str(raw.get("currency")).lower(),
        order=(raw.get("metadata") or {}).get("order_id"),
        charge=ChargeFacts(
            charge_id=str(charge["id"]),
            refunded_cents=_number(charge, "amount_refunded"),
            is_disputed=charge.get("disputed") is True,
            receipt_url=charge.get("receipt_url"),
        )
        if charge
        else None,
    )


def refund(raw: Object) -> RefundFacts:
    """A refund."""
    _demand(raw, "refund")
    return RefundFacts(
        stripe_id=raw["id"],
        cents=_number(raw, "amount"),
        status=str(raw.get("status") or "pending"),
        ours=(raw.get("metadata") or {}).get("refund_id"),
        created_at=_instant(raw, "created"),
        intent_id=_id_of(raw.get("payment_intent")),
        charge_id=_id_of(raw.get("charge")),
    )


def dispute(raw: Object) -> DisputeFacts:
    """A dispute."""
    _demand(raw, "dispute")
    due = (raw.get("evidence_details") or {}).get("due_by")
    return DisputeFacts(
        stripe_id=raw["id"],
        cents=_number(raw, "amount"),
        status=str(raw.get("status")),
        reason=raw.get("reason"),
        due_at=datetime.fromtimestamp(due, UTC) if isinstance(due, int) else None,
        created_at=_instant(raw, "created"),
        intent_id=_id_of(raw.get("payment_intent")),
        charge_id=_id_of(raw.get("charge")),
    )


def event(body: bytes) -> EventFacts | None:
    """The event that a body holds; None when it is none."""
    try:
        raw = json.loads(body)
        found = raw["data"]["object"]
        if raw["object"] != "event" or not _are_texts(raw["id"], raw["type"]):
            return None
        if not isinstance(found, dict) or _id_of(raw["id"]) is None:
            return None
        return _event(raw, found)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _event(raw: Object, about: Object) -> EventFacts:
    kind = str(about.get("object"))
    metadata = about.get("metadata")
    named = metadata.get("order_id") if isinstance(metadata, dict) else None
    is_session = kind == SESSION
    intent_id = _id_of(about.get("id" if kind == INTENT else "payment_intent"))
    order = (about.get("client_reference_id") if is_session else None) or named
    return EventFacts(
        event_id=raw["id"],
        kind=_plain(raw["type"])[:LONGEST_KIND],
        object_id=_id_of(about.get("id")) or "",
        object_kind=kind,
        api_version=_plain(raw["api_version"])[:40] if raw.get("api_version") else None,
        is_live=raw.get("livemode") is True,
        session_id=_id_of(about.get("id")) if is_session else None,
        intent_id=intent_id,
        order=order if isinstance(order, str) else None,
    )


def _demand(raw: Object, kind: str) -> None:
    if raw.get("object") != kind or not _are_texts(raw.get("id")):
        raise Garbage


def _are_texts(*values: object) -> bool:
    return all(isinstance(value, str) and value for value in values)


def _id_of(value: object) -> str | None:
    """The id of an object that is sent whole, or as its id."""
    found = value.get("id") if isinstance(value, dict) else value
    return found if isinstance(found, str) and _ID.fullmatch(found) else None


def _plain(value: object) -> str:
    """The text without what no column, log or address could hold."""
    return "".join(one for one in str(value) if one.isascii() and one.isprintable())


def _number(raw: Object, name: str) -> int:
    return _number_or_none(raw, name) or 0


def _number_or_none(raw: Object, name: str) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise Garbage
    return value


def _instant(raw: Object, name: str) -> datetime:
    return datetime.fromtimestamp(_number(raw, name), UTC)
