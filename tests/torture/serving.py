"""The product with a door for holds: what the booking pages do, in the form that programs take.

Only the tests serve this (``gunicorn tests.torture.serving:app``). The operations, transactions
and errors are the product's own.
"""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from clinic import create_app
from clinic.core.clock import now
from clinic.core.values import PUBLIC, Actor, Role
from clinic.desk.operations.merging import merge_patients, stand_as, undo_merge
from clinic.people.queries import get_patient
from clinic.people.rules.patients import patient_details
from clinic.scheduling.operations import holding
from clinic.scheduling.operations.request_offers import choose_offer, offer_times
from clinic.scheduling.operations.requests import Step, withdraw_request
from clinic.scheduling.operations.wishes import Wish
from clinic.web.access import public

DESK = Actor(kind="staff", name="Kim Torres", id="kim", role=Role.FRONT_DESK)

door = Blueprint("torture", __name__, url_prefix="/api/v1/torture")


@door.post("/holds")
@public
def hold() -> Response:
    """Hold a time; asked again by the same visitor it is the same hold."""
    asked: dict[str, Any] = request.get_json()
    wish = Wish(
        service=asked["service"],
        starts_at=datetime.fromisoformat(asked["starts_at"]),
        practitioner=asked.get("practitioner"),
    )
    held = holding.hold_time(wish=wish, visitor=asked["visitor"], now=now())
    return jsonify(id=held.public_id, practitioner=held.practitioner)


@door.post("/holds/<public_id>/book")
@public
def book(public_id: str) -> Response:
    """Make the hold a visit; asked again it is the same visit."""
    asked: dict[str, Any] = request.get_json()
    today = now().date()
    visit = holding.book_held_time(
        public_id=public_id,
        visitor=asked["visitor"],
        patient=patient_details(asked["patient"], contact_required=True, today=today),
        actor=PUBLIC,
        now=now(),
    )
    return jsonify(
        id=visit.public_id,
        status=visit.status,
        confirmed=visit.is_confirmed,
        version=visit.version,
        practitioner=visit.practitioner,
        resources=list(visit.resources),
        starts_at=visit.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


@door.post("/holds/<public_id>/let-go")
@public
def let_go(public_id: str) -> Response:
    """Give the time back."""
    asked: dict[str, Any] = request.get_json()
    holding.let_go(public_id=public_id, visitor=asked["visitor"], now=now())
    return jsonify(id=public_id)


@door.post("/visit-requests/<public_id>/withdraw")
@public
def withdraw(public_id: str) -> Response:
    """Take a request back, as the button on its own page does."""
    step = Step(public_id=public_id, actor=PUBLIC, now=now())
    found = withdraw_request(step=step)
    return jsonify(id=found.public_id, status=found.status.value)


@door.post("/merges")
@public
def merge() -> Response:
    """Make one record of two, as they are looked at now."""
    asked: dict[str, Any] = request.get_json()
    kept, gone = (get_patient(public_id=asked[name]) for name in ("kept", "gone"))
    merged = merge_patients(
        kept=kept.public_id,
        gone=gone.public_id,
        from_gone=(),
        looked_at=stand_as(kept, gone),
        actor=DESK,
        now=now(),
    )
    return jsonify(id=merged)


@door.post("/merges/<public_id>/undo")
@public
def part(public_id: str) -> Response:
    """Make two of it again."""
    return jsonify(kept=undo_merge(merge=public_id, actor=DESK, now=now()))


@door.post("/visit-requests/<public_id>/offer")
@public
def offer(public_id: str) -> Response:
    """Offer a time, as the desk's page does."""
    asked: dict[str, Any] = request.get_json()
    wish = Wish(
        service=asked["service"],
        starts_at=datetime.fromisoformat(asked["starts_at"]),
        practitioner=asked["practitioner"],
    )
    found = offer_times(step=Step(public_id=public_id, actor=DESK, now=now()), wishes=[wish])
    return jsonify(status=found.status.value, offer=found.offers[0].public_id)


@door.post("/visit-requests/<public_id>/choose")
@public
def choose(public_id: str) -> Response:
    """Choose the offered time, as the patient does."""
    asked: dict[str, Any] = request.get_json()
    step = Step(public_id=public_id, actor=PUBLIC, now=now())
    found = choose_offer(step=step, offer=asked["offer"])
    return jsonify(status=found.status.value, appointment=found.visit)


app = create_app()
app.register_blueprint(door)
