"""The calls and shapes of orders in the API's description."""

from typing import Any

from clinic.interop.rules.bounds import LONGEST_CODE, LONGEST_REASON, PRICES
from clinic.payments.rules.states import Paid, Status
from clinic.payments.rules.tasks import Task

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"}
_CODE: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_CODE}
_STATE: Schema = {"type": "string", "pattern": "^[A-Z]{2}$"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_NOT_READ: Schema = {"description": "Not read: the clinic's own price holds."}
_CENTS: Schema = {"type": "integer", "minimum": 0}

ORDER_STATUS: Schema = {"type": "string", "enum": list(Status)}
ORDER_SCHEMAS: dict[str, Schema] = {
    "OrderAsked": {
        "type": "object",
        "additionalProperties": False,
        "required": ["product", "patient"],
        "properties": {
            "product": _CODE,
            "patient": {"$ref": "#/components/schemas/Patient"},
            "starts_at": {"oneOf": [_INSTANT, {"type": "null"}]},
            "practitioner": {"oneOf": [_CODE, {"type": "null"}]},
            "state": {"oneOf": [_STATE, {"type": "null"}]},
            **dict.fromkeys(PRICES, _NOT_READ),
        },
    },
    "Order": {
        "type": "object",
        "description": "For staff also paid_cents, refunded_cents, appointment, product, patient.",
        "required": [
            *("id", "status", "payment", "disputed", "tasks", "total_cents", "currency"),
            *("checkout_url", "story_url"),
        ],
        "properties": {
            "id": _ID,
            "status": ORDER_STATUS,
            "payment": {"type": "string", "enum": list(Paid)},
            "disputed": {"type": "boolean"},
            "tasks": {"type": "array", "items": {"type": "string", "enum": list(Task)}},
            "total_cents": _CENTS,
            "currency": _TEXT,
            "checkout_url": {"type": ["string", "null"], "format": "uri"},
            "story_url": {"type": "string", "format": "uri"},
            "paid_cents": _CENTS,
            "refunded_cents": _CENTS,
            "appointment": {"oneOf": [_ID, {"type": "null"}]},
            "product": {"type": ["string", "null"]},
            "patient": {"type": "object", "properties": {"id": _ID}},
        },
    },
    "Orders": {
        "type": "object",
        "required": ["orders", "next"],
        "properties": {
            "orders": {"type": "array", "items": {"$ref": "#/components/schemas/Order"}},
            "next": {"type": ["string", "null"]},
        },
    },
    "RefundAsked": {
        "type": "object",
        "additionalProperties": False,
        "required": ["cents", "reason"],
        "properties": {
            "cents": {"type": "integer", "minimum": 1},
            "reason": {"type": "string", "minLength": 1, "maxLength": LONGEST_REASON},
        },
    },
    "Refund": {
        "type": "object",
        "required": ["id", "status", "cents"],
        "properties": {
            "id": _ID,
            "status": {"type": "string", "enum": ["pending", "succeeded", "failed", "canceled"]},
            "cents": _CENTS,
        },
    },
    "OrderTime": {
        "type": "object",
        "additionalProperties": False,
        "required": ["starts_at"],
        "properties": {
            "starts_at": _INSTANT,
            "practitioner": {"oneOf": [_CODE, {"type": "null"}]},
            "state": {"oneOf": [_STATE, {"type": "null"}]},
            "override": {
                "oneOf": [{"$ref": "#/components/schemas/OverrideAsked"}, {"type": "null"}]
            },
        },
    },
}
