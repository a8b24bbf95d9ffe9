"""The calls of the API: parameters, bodies and answers."""

from typing import Any

from clinic.interop.presenters.document.orders import ORDER_STATUS
from clinic.interop.presenters.document.schemas import (
    CODE,
    DAY,
    ID,
    REQUEST_STATUS,
    STATE,
    STATUS,
    TEXT,
    ref,
)
from clinic.interop.presenters.document.waitlist import ENTRY_STATUS
from clinic.scheduling.rules.status import Action

Piece = dict[str, Any]

REFUSALS = {
    400: "Not JSON.",
    401: "No valid token.",
    403: "Not for this role.",
    404: "There is no such thing.",
    409: "Refused as things stand: limit-reached, patient-busy, slot-taken, wrong-state ...",
    412: "Somebody changed it meanwhile.",
    413: "Too large.",
    422: "invalid, with `errors`; too-soon, too-far, not-licensed, not-offered, needs-screening.",
    428: "If-Match is missing.",
    429: "Too many bookings from one address.",
    502: "The payment service declined: payment-refused.",
    503: "Busy, or the records cannot be reached: try again.",
}
STEPS = {
    Action.CONFIRM: "Note that the patient confirmed.",
    Action.ARRIVE: "The patient is here.",
    Action.CHECK_IN: "The patient is checked in.",
    Action.FULFIL: "The visit took place.",
    Action.NO_SHOW: "The patient did not come.",
    Action.CANCEL: "Cancel; the time is free again.",
    Action.UNDO: "Take back the last step.",
}
REQUEST_STEPS = (
    ("schedule", "VisitRequestSchedule", "Book a visit for the one who asked: both or neither."),
    ("offer", "VisitRequestOffers", "Offer up to three times, each held for the patient."),
    ("answer", "VisitRequestAnswer", "Answer in words that the patient reads."),
    ("decline", "VisitRequestDecline", "Decline with a reason that the patient reads."),
)
STAFF: Piece = {"security": [{"token": []}]}
ANYBODY: Piece = {"security": [{}, {"token": []}]}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
IN_PATH = {"name": "id", "in": "path", "required": True, "schema": ID}


def _query(name: str, schema: Piece, *, needed: bool = False) -> Piece:
    return {"name": name, "in": "query", "required": needed, "schema": schema}


def _if_match(*, needed: bool) -> Piece:
    schema = {"type": "string", "pattern": '^("[0-9]+"|[0-9]+)$'}
    return {"name": "If-Match", "in": "header", "required": needed, "schema": schema}


def _takes(name: str, *, needed: bool = True) -> Piece:
    content = {"application/json": {"schema": ref(name)}}
    return {"requestBody": {"required": needed, "content": content}}


def _call(
    summary: str, gives: dict[int, str], refusals: tuple[int, ...], *pieces: Piece, **more: Any
) -> Piece:
    answers: Piece = {str(status): _answer(status, name) for status, name in gives.items()}
    for status in sorted({*refusals, 422, 503}):
        content = {"application/problem+json": {"schema": ref("Problem")}}
        answers[str(status)] = {"description": REFUSALS[status], "content": content}
    call: Piece = {"summary": summary, "responses": answers}
    for piece in pieces:
        call |= piece
    return call | more


def _answer(status: int, name: str) -> Piece:
    answer: Piece = {
        "description": "Done." if status == 201 else "As asked.",
        "content": {"application/json": {"schema": ref(name)}},
    }
    if name == "Appointment":
        answer["headers"] = {"ETag": {"schema": TEXT, "description": "The version."}}
        if status == 201:
            answer["headers"]["Location"] = {"schema": TEXT}
    return answer


def paths() -> Piece:
    """Every call below /api/v1."""
    return {
        **_catalogue(),
        **_appointments(),
        **_steps(),
        **_series(),
        **_visit_requests(),
        **_waitlist(),
        **_orders(),
        "/openapi.json": {
            "get": {
                "summary": "This document.",
                "responses": {
                    "200": {
                        "description": "As asked.",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    }
                },
            }
        },
    }


def _catalogue() -> Piece:
    slots = _call(
        "Times that can be booked, or why there are none; at most 62 days.",
        {200: "Slots"},
        (401,),
        ANYBODY,
        parameters=[
            _query("service", CODE, needed=True),
            _query("from", DAY, needed=True),
            _query("to", DAY, needed=True),
            _query("practitioner", CODE),
            _query("location", CODE),
            _query("state", STATE),
        ],
    )
    found: Piece = {"/slots": {"get": slots}}
    for name in ("services", "practitioners", "locations"):
        summary = f"The {name} that may be booked online; all of them for staff."
        found[f"/{name}"] = {"get": _call(summary, {200: name.title()}, (401,), ANYBODY)}
    return found


def _appointments() -> Piece:
    book = _call(
        "Book a visit.",
        {201: "Appointment"},
        (400, 401, 403, 409, 413, 429),
        ANYBODY,
        _takes("Booking"),
        parameters=[KEY],
    )
    listed = _call(
        "The visits of some dates, by start; at most 62 days.",
        {200: "Appointments"},
        (401, 403),
        STAFF,
        parameters=[
            _query("from", DAY, needed=True),
            _query("to", DAY, needed=True),
            _query("practitioner", CODE),
            _query("status", STATUS),
            _query("cursor", TEXT),
        ],
    )
    seen = _call("One visit.", {200: "Appointment"}, (401, 403, 404), STAFF, parameters=[IN_PATH])
    moved = _call(
        "Move a visit in one step, or leave it as it was.",
        {200: "Appointment"},
        (400, 401, 403, 404, 409, 412, 413, 428),
        STAFF,
        _takes("Move"),
        parameters=[IN_PATH, _if_match(needed=True)],
    )
    return {
        "/appointments": {"get": listed, "post": book},
        "/appointments/{id}": {"get": seen, "patch": moved},
    }


def _steps() -> Piece:
    return {
        f"/appointments/{{id}}/{action}": {
            "post": _call(
                summary,
                {200: "Appointment"},
                (400, 401, 403, 404, 409, 412, 413),
                STAFF,
                _takes("Cancellation")
                if action is Action.CANCEL
                else _takes("Nothing", needed=False),
                parameters=[IN_PATH, _if_match(needed=False), KEY],
            )
        }
        for action, summary in STEPS.items()
    }


def _series() -> Piece:
    refusals = (400, 401, 403, 404, 409, 413)
    booked = _call(
        "Preview or book a plan of care.",
        {200: "Series", 201: "Series"},
        (400, 401, 403, 409, 413),
        STAFF,
        _takes("SeriesBooking"),
        parameters=[KEY],
    )
    cancelled = _call(
        "Cancel a series, or what is left of it from a visit on.",
        {200: "Series"},
        refusals,
        STAFF,
        _takes("SeriesCancellation", needed=False),
        parameters=[IN_PATH, KEY],
    )
    moved = _call(
        "Give a series, or the rest of it from a visit on, another time or practitioner.",
        {200: "Series"},
        refusals,
        STAFF,
        _takes("SeriesMove"),
        parameters=[IN_PATH],
    )
    return {
        "/appointments/series": {"post": booked},
        "/series/{id}/cancel": {"post": cancelled},
        "/series/{id}": {"patch": moved},
    }


def _visit_requests() -> Piece:
    asked = _call(
        "Ask for a visit; a person answers.",
        {201: "VisitRequest"},
        (400, 401, 403, 409, 413, 429),
        ANYBODY,
        _takes("VisitRequestAsked"),
        parameters=[KEY],
    )
    listed = _call(
        "Visit requests, the oldest first.",
        {200: "VisitRequests"},
        (401, 403),
        STAFF,
        parameters=[_query("status", REQUEST_STATUS), _query("cursor", TEXT)],
    )
    seen = _call(
        "One visit request.", {200: "VisitRequest"}, (401, 403, 404), STAFF, parameters=[IN_PATH]
    )
    return {
        "/visit-requests": {"get": listed, "post": asked},
        "/visit-requests/{id}": {"get": seen},
        **{
            f"/visit-requests/{{id}}/{action}": {
                "post": _call(
                    summary,
                    {200: "VisitRequest"},
                    (400, 401, 403, 404, 409, 412, 413),
                    STAFF,
                    _takes(body),
                    parameters=[IN_PATH, _if_match(needed=False), KEY],
                )
            }
            for action, body, summary in REQUEST_STEPS
        },
    }


def _waitlist() -> Piece:
    joined = _call(
        "Wait for a time that becomes free: it is held and offered by a link, in order of joining.",
        {201: "WaitlistEntry"},
        (400, 401, 403, 409, 413, 429),
        ANYBODY,
        _takes("WaitlistAsked"),
        parameters=[KEY],
    )
    listed = _call(
        "Waitlist entries, the oldest first.",
        {200: "WaitlistEntries"},
        (401, 403),
        STAFF,
        parameters=[_query("status", ENTRY_STATUS), _query("cursor", TEXT)],
    )
    seen = _call("One entry.", {200: "WaitlistEntry"}, (401, 403, 404), STAFF, parameters=[IN_PATH])
    withdrawn = _call(
        "Take somebody off the waitlist; a time that is held for them goes on to the next.",
        {200: "WaitlistEntry"},
        (400, 401, 403, 404, 409, 413),
        STAFF,
        _takes("Nothing", needed=False),
        parameters=[IN_PATH, KEY],
    )
    booked = _call(
        "Book a visit for somebody who waits: both or neither.",
        {200: "WaitlistEntry"},
        (400, 401, 403, 404, 409, 413),
        STAFF,
        _takes("WaitlistBooking"),
        parameters=[IN_PATH, KEY],
    )
    return {
        "/waitlist": {"get": listed, "post": joined},
        "/waitlist/{id}": {"get": seen},
        "/waitlist/{id}/withdraw": {"post": withdrawn},
        "/waitlist/{id}/book": {"post": booked},
    }


def _orders() -> Piece:
    made = _call(
        "Order a product, and hold its time while it is paid on the page of checkout_url.",
        {201: "Order"},
        (400, 401, 403, 409, 413, 429, 502),
        ANYBODY,
        _takes("OrderAsked"),
        parameters=[KEY],
    )
    listed = _call(
        "Orders, the newest first.",
        {200: "Orders"},
        (401, 403),
        STAFF,
        parameters=[_query("status", ORDER_STATUS), _query("cursor", TEXT)],
    )
    seen = _call("One order.", {200: "Order"}, (401, 403, 404), STAFF, parameters=[IN_PATH])
    refunded = _call(
        "Give money back; it counts once the bank has it.",
        {201: "Refund"},
        (400, 401, 403, 404, 409, 413, 502),
        STAFF,
        _takes("RefundAsked"),
        parameters=[IN_PATH, KEY],
    )
    scheduled = _call(
        "Book the visit of a paid order.",
        {200: "Order"},
        (400, 401, 403, 404, 409, 413),
        STAFF,
        _takes("OrderTime"),
        parameters=[IN_PATH, KEY],
    )
    return {
        "/orders": {"get": listed, "post": made},
        "/orders/{id}": {"get": seen},
        "/orders/{id}/refund": {"post": refunded},
        "/orders/{id}/schedule": {"post": scheduled},
    }
