"""The shapes that the API takes and gives, as JSON Schema 2020-12."""

from typing import Any

from clinic.interop.presenters.document.orders import ORDER_SCHEMAS, ORDER_STATUS
from clinic.interop.presenters.document.waitlist import ENTRY_STATUS, WAITLIST_SCHEMAS
from clinic.interop.rules.bounds import DAYS, LONGEST_CODE, LONGEST_REASON, MOST_CODES, WAYS
from clinic.people.rules.guardians import RELATIONS
from clinic.scheduling.operations.series import MOST_VISITS
from clinic.scheduling.rules.asking import Reason
from clinic.scheduling.rules.requests import (
    LANGUAGE_TAG,
    LONGEST_ADDRESS,
    LONGEST_LANGUAGE,
    MOST_OFFERS,
    MOST_TIMES,
    Modality,
    RequestStatus,
    Tried,
    Urgency,
)
from clinic.scheduling.rules.requests import LONGEST_REASON as LONGEST_WORDS
from clinic.scheduling.rules.status import Status

Schema = dict[str, Any]


def ref(name: str) -> Schema:
    """A schema by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def _object(*, needed: tuple[str, ...] | None = None, **members: Schema) -> Schema:
    """An object whose members are all there, or those ``needed``."""
    return {
        "type": "object",
        "properties": members,
        "required": list(members if needed is None else needed),
    }


def _strict(*, needed: tuple[str, ...] = (), **members: Schema) -> Schema:
    """An object that we are sent: unknown members are refused."""
    return _object(needed=needed, **members) | {"additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"oneOf": [schema, {"type": "null"}]}


TEXT: Schema = {"type": "string"}
CODE: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_CODE}
ID: Schema = {"type": "string", "pattern": "^[A-Za-z0-9_-]{22}$"}
NUMBER: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}
DAY: Schema = {"type": "string", "format": "date"}
INSTANT: Schema = {"type": "string", "format": "date-time"}
UTC_INSTANT: Schema = {**INSTANT, "pattern": "Z$"}
STATE: Schema = {"type": "string", "pattern": "^[A-Z]{2}$"}
REASON: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_REASON}
STATUS: Schema = {"type": "string", "enum": list(Status)}
REQUEST_STATUS: Schema = {"type": "string", "enum": list(RequestStatus)}
MODALITY: Schema = {"type": "string", "enum": list(Modality)}
WORDS: Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_WORDS}
PATIENT_ZONE: Schema = TEXT | {
    "description": "By video only: the patient's own clock, by its IANA name."
}
LANGUAGE: Schema = {
    "type": "string",
    "pattern": f"^{LANGUAGE_TAG}$",
    "maxLength": LONGEST_LANGUAGE,
    "description": "The language the patient would like to speak, by its BCP 47 tag.",
}
ADDRESS: Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST_ADDRESS,
    "description": "By video only: where help is sent to.",
}
TRIED: Schema = {"enum": [*Tried, None]}
VISIT_NUMBER: Schema = {"type": "integer", "minimum": 1, "maximum": MOST_VISITS}

_WISH: dict[str, Schema] = {
    "service": CODE,
    "practitioner": _or_null(CODE),
    "location": _or_null(CODE),
    "starts_at": INSTANT,
    "state": _or_null(STATE),
    "patient": ref("Patient"),
    "guardian": _or_null(ref("Guardian")),
    "override": _or_null(ref("OverrideAsked")),
}

SCHEMAS: dict[str, Schema] = {
    "Service": _object(
        slug=CODE,
        name=TEXT,
        minutes=NUMBER,
        modality={"type": "string", "enum": ["in_person", "telehealth"]},
        price_cents=NUMBER,
        currency=TEXT,
        capacity=NUMBER,
        online=FLAG,
    ),
    "Licence": _object(
        needed=("state", "kind"),
        state=_or_null(TEXT),
        kind=TEXT,
        number=_or_null(TEXT),
        valid_from=_or_null(DAY),
        valid_to=_or_null(DAY),
    ),
    "Practitioner": _object(
        slug=CODE, name=TEXT, licences=_list(ref("Licence")), services=_list(CODE)
    ),
    "Location": _object(slug=CODE, name=TEXT, time_zone=TEXT, address=TEXT),
    "Services": _object(services=_list(ref("Service"))),
    "Practitioners": _object(practitioners=_list(ref("Practitioner"))),
    "Locations": _object(locations=_list(ref("Location"))),
    "Slot": _object(
        starts_at=UTC_INSTANT,
        ends_at=UTC_INSTANT,
        local=INSTANT,
        practitioner=CODE,
        location=CODE,
        time_zone=TEXT,
    ),
    "Slots": _object(
        time_zone=TEXT,
        slots=_list(ref("Slot")),
        reason={"enum": [*Reason, None]},
        next_available=_or_null(ref("Slot")),
    ),
    "Patient": _strict(
        needed=("given_name", "family_name", "birth_date"),
        given_name={"type": "string", "minLength": 1, "maxLength": 100},
        family_name={"type": "string", "minLength": 1, "maxLength": 100},
        birth_date=DAY,
        email=_or_null(TEXT),
        phone=_or_null(TEXT),
    )
    | {"description": "The public gives an e-mail address or a phone number too."},
    "Guardian": _strict(
        needed=("name", "birth_date", "relation"),
        name={"type": "string", "minLength": 1, "maxLength": 100},
        birth_date=DAY,
        relation={"type": "string", "enum": list(RELATIONS)},
    )
    | {"description": "Who acts for a patient under 18, reached at the patient's contact."},
    "OverrideAsked": _strict(needed=("reason",), reason=REASON)
    | {"description": "Staff only: go against hours, closures, claims or a busy patient."},
    "Booking": _strict(
        needed=("service", "starts_at", "patient"), **_WISH, time_zone=_or_null(PATIENT_ZONE)
    ),
    "Move": _strict(
        starts_at=_or_null(INSTANT),
        practitioner=_or_null(CODE),
        resources=_or_null(_list(CODE) | {"uniqueItems": True, "maxItems": MOST_CODES}),
        override=_or_null(ref("OverrideAsked")),
    ),
    "Nothing": _strict(),
    "Cancellation": _strict(needed=("reason",), reason=REASON),
    "Appointment": _object(
        needed=(
            *("id", "status", "confirmed", "review", "service", "practitioner", "location"),
            *("resources", "starts_at", "ends_at", "local", "series", "override"),
            *("manage_url", "version"),
        ),
        id=ID,
        status=STATUS,
        confirmed=FLAG,
        review={"type": "string", "enum": ["none", "needed", "cleared"]},
        service=CODE,
        practitioner=CODE,
        location=CODE,
        resources=_list(CODE),
        starts_at=UTC_INSTANT,
        ends_at=UTC_INSTANT,
        local=INSTANT,
        series=_or_null(ID),
        override=_or_null(_object(reason=TEXT, by=TEXT)),
        patient=_object(id=ID) | {"description": "For staff only."},
        manage_url={"type": "string", "format": "uri"},
        version={"type": "integer", "minimum": 1},
    ),
    "Appointments": _object(appointments=_list(ref("Appointment")), next=_or_null(TEXT)),
    "SeriesBooking": _strict(
        needed=("service", "practitioner", "starts_at", "patient", "rule", "on_conflict"),
        **_WISH
        | {
            "practitioner": CODE,
            "rule": _strict(
                needed=("weekly", "count"),
                weekly=_list({"type": "string", "enum": list(DAYS)})
                | {"minItems": 1, "uniqueItems": True},
                count=VISIT_NUMBER,
            ),
            "on_conflict": {"type": "string", "enum": list(WAYS)},
        },
    ),
    "SeriesVisit": _object(
        n=NUMBER,
        starts_at=_or_null(UTC_INSTANT),
        local=_or_null(INSTANT),
        result={"type": "string", "enum": ["free", "booked", "conflict"]},
        conflict=_or_null(TEXT),
        alternatives=_list(ref("Slot")),
        appointment=_or_null(ref("Appointment")),
    ),
    "Series": _object(series=_or_null(ID), visits=_list(ref("SeriesVisit"))),
    "SeriesCancellation": _strict(from_visit=_or_null(VISIT_NUMBER), reason=_or_null(REASON)),
    "SeriesMove": _strict(
        from_visit=_or_null(VISIT_NUMBER),
        practitioner=_or_null(CODE),
        local_time=_or_null({"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"}),
    ),
    "Period": _strict(needed=("from", "to"), **{"from": INSTANT, "to": INSTANT}),
    "VisitRequestAsked": _strict(
        needed=("modality", "reason", "patient"),
        modality=MODALITY,
        reason=WORDS,
        preferred=_or_null(_list(ref("Period")) | {"maxItems": MOST_TIMES}),
        patient=ref("Patient"),
        guardian=_or_null(ref("Guardian")),
        state=_or_null(STATE),
        practitioner=_or_null(CODE),
        time_zone=_or_null(PATIENT_ZONE),
        language=_or_null(LANGUAGE),
        interpreter=_or_null(FLAG),
        emergency_address=_or_null(ADDRESS),
        emergency_phone=_or_null(TEXT) | {"description": "By video only."},
        device=_or_null(ref("DeviceCheckAsked")),
    ),
    "DeviceCheckAsked": _strict(camera=TRIED, microphone=TRIED, connection=TRIED)
    | {"description": "By video only: what the patient's browser found; null: not tried."},
    "DeviceCheck": _object(camera=TRIED, microphone=TRIED, connection=TRIED),
    "VisitRequest": _object(
        needed=("id", "status", "status_url"),
        id=ID,
        status=REQUEST_STATUS,
        status_url={"type": "string", "format": "uri"},
        modality=MODALITY,
        reason=TEXT,
        preferred=_list(ref("Period")),
        time_zone=TEXT,
        state=_or_null(TEXT),
        practitioner=_or_null(CODE),
        language=_or_null(TEXT),
        interpreter=FLAG,
        emergency_address=_or_null(TEXT),
        emergency_phone=_or_null(TEXT),
        device=ref("DeviceCheck"),
        urgency={"type": "string", "enum": [one.name.lower() for one in Urgency]},
        offers=_list(ref("VisitRequestOffer")),
        answer=_or_null(TEXT),
        decline_reason=_or_null(TEXT),
        appointment=_or_null(ID),
        created_at=UTC_INSTANT,
        due_at=UTC_INSTANT | {"description": "By when an answer was promised."},
        patient=_object(id=ID),
        version={"type": "integer", "minimum": 1},
    )
    | {"description": "For the public: id, status and status_url. For staff all of it."},
    "VisitRequestOffer": _object(
        id=ID,
        service=CODE,
        practitioner=CODE,
        location=CODE,
        starts_at=UTC_INSTANT,
        expires_at=UTC_INSTANT | {"description": "Until when the time is held for the patient."},
    ),
    "VisitRequestOffers": _strict(
        needed=("times",),
        times=_list(ref("VisitRequestSchedule")) | {"minItems": 1, "maxItems": MOST_OFFERS},
    ),
    "VisitRequests": _object(visit_requests=_list(ref("VisitRequest")), next=_or_null(TEXT)),
    "VisitRequestSchedule": _strict(
        needed=("starts_at", "service"),
        starts_at=INSTANT,
        service=CODE,
        practitioner=_or_null(CODE),
        location=_or_null(CODE),
        state=_or_null(STATE),
        override=_or_null(ref("OverrideAsked")),
    ),
    "VisitRequestAnswer": _strict(needed=("message",), message=WORDS),
    "VisitRequestDecline": _strict(needed=("reason",), reason=WORDS),
    **WAITLIST_SCHEMAS,
    **ORDER_SCHEMAS,
    "Problem": _object(
        needed=("type", "title", "status"),
        type=TEXT | {"description": "Ends in the code of the refusal."},
        title=TEXT,
        status=NUMBER,
        detail=TEXT,
        errors={"type": "object", "additionalProperties": _list(TEXT)},
        alternatives=_list(ref("Slot")),
        book_url={"type": "string", "format": "uri"},
        appointment_status=STATUS,
        request_status=REQUEST_STATUS,
        entry_status=ENTRY_STATUS,
        visits=_list(ref("SeriesVisit")),
        left_cents=NUMBER,
        order_status=ORDER_STATUS,
    ),
}
