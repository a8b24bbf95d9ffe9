"""The shapes of the waitlist in the API's description."""

from typing import Any

from clinic.interop.rules.bounds import DAYS, LONGEST_CODE
from clinic.scheduling.rules.requests import LANGUAGE_TAG, LONGEST_LANGUAGE
from clinic.scheduling.rules.waitlist import MOST_WINDOWS, EntryStatus

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_CODE: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_CODE}
_ID: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"}
_DAY: Schema = {"type": "string", "format": "date"}
_INSTANT: Schema = {"type": "string", "format": "date-time"}
_UTC: Schema = {**_INSTANT, "pattern": "Z$"}
_CLOCK: Schema = {"type": "string", "pattern": "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"}
_LANGUAGE: Schema = {
    "type": "string",
    "pattern": f"^{LANGUAGE_TAG}$",
    "maxLength": LONGEST_LANGUAGE,
    "description": "The language in which the patient is written to, by its BCP 47 tag.",
}
_DAYS: Schema = {
    "type": "array",
    "items": {"type": "string", "enum": list(DAYS)},
    "uniqueItems": True,
}
_TIMES: Schema = {
    "type": "array",
    "items": {"type": "array", "items": _CLOCK, "minItems": 2, "maxItems": 2},
    "maxItems": MOST_WINDOWS,
    "description": "Times of day on the location's wall in which the whole visit lies; none: any.",
}


def _or_null(schema: Schema) -> Schema:
    return {"oneOf": [schema, {"type": "null"}]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


ENTRY_STATUS: Schema = {"type": "string", "enum": list(EntryStatus)}
WAITLIST_SCHEMAS: dict[str, Schema] = {
    "WaitlistAsked": {
        "type": "object",
        "additionalProperties": False,
        "required": ["service", "from", "to", "patient"],
        "properties": {
            "service": _CODE,
            "practitioner": _or_null(_CODE),
            "location": _or_null(_CODE),
            "from": _DAY,
            "to": _DAY | {"description": "The last date, itself included."},
            "days": _or_null({**_DAYS, "minItems": 1}),
            "times": _or_null({**_TIMES, "minItems": 1}),
            "patient": _ref("Patient"),
            "guardian": _or_null(_ref("Guardian")),
            "state": _or_null({"type": "string", "pattern": "^[A-Z]{2}$"}),
            "time_zone": _or_null(_TEXT | {"description": "By video only: the patient's clock."}),
            "language": _or_null(_LANGUAGE),
        },
    },
    "WaitlistEntry": {
        "type": "object",
        "description": "For the public: id, status and status_url. For staff all of it.",
        "required": ["id", "status", "status_url"],
        "properties": {
            "id": _ID,
            "status": ENTRY_STATUS,
            "status_url": {"type": "string", "format": "uri"},
            "service": _CODE,
            "practitioner": _or_null(_CODE),
            "location": _or_null(_CODE),
            "state": _or_null(_TEXT),
            "from": _DAY,
            "to": _DAY,
            "days": _DAYS | {"description": "None: any day."},
            "times": _TIMES,
            "time_zone": _TEXT,
            "language": _or_null(_TEXT),
            "offer": _or_null(_ref("WaitlistOffer")),
            "appointment": _or_null(_ID),
            "joined_at": _UTC,
            "closed_at": _or_null(_UTC),
            "patient": {"type": "object", "properties": {"id": _ID}, "required": ["id"]},
            "version": {"type": "integer", "minimum": 1},
        },
    },
    "WaitlistOffer": {
        "type": "object",
        "required": ["id", "practitioner", "location", "starts_at", "local", "expires_at"],
        "properties": {
            "id": _ID,
            "practitioner": _CODE,
            "location": _CODE,
            "starts_at": _UTC,
            "local": _INSTANT,
            "expires_at": _UTC | {"description": "Until when the time is held for the patient."},
        },
    },
    "WaitlistEntries": {
        "type": "object",
        "required": ["entries", "next"],
        "properties": {
            "entries": {"type": "array", "items": _ref("WaitlistEntry")},
            "next": _or_null(_TEXT),
        },
    },
    "WaitlistBooking": {
        "type": "object",
        "additionalProperties": False,
        "required": ["starts_at"],
        "properties": {
            "starts_at": _INSTANT,
            "practitioner": _or_null(_CODE),
            "location": _or_null(_CODE),
            "override": _or_null(_ref("OverrideAsked")),
        },
    },
}
