"""The product with a door for holds: what the booking pages do, in the form that programs take.

Only the tests serve this (``gunicorn tests.torture.serving:app``). The operations, transactions
and errors are the product's own.
"""

from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request

from clinic import create_app
from clinic.core.clock import now
from clinic.core.values import PUBLIC, Actor, Role
from clinic.desk.operations.away import AWAY, Choice, clear_day
from clinic.desk.operations.merging import merge_patients, stand_as, undo_merge
from clinic.desk.queries.calendar import Span
from clinic.people.queries import get_patient
from clinic.people.rules.patients import patient_details
from clinic.scheduling.operations import holding
from clinic.scheduling.operations.blocks import block_time, unblock_time
from clinic.scheduling.operations.moving import Change, move_appointment
from clinic.scheduling.operations.requests import Step, withdraw_request
from clinic.scheduling.operations.requests.offers import choose_offer, offer_times
from clinic.scheduling.operations.waitlist import decline_offer, take_offer
from clinic.scheduling.operations.waitlist.rounds import tend_waitlist
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.blocks import list_blocks
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit, get_visit
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
    return jsonify(_shown(visit))


def _shown(visit: Visit) -> dict[str, Any]:
    return {
        "id": visit.public_id,
        "status": visit.status,
        "confirmed": visit.is_confirmed,
        "version": visit.version,
        "practitioner": visit.practitioner,
        "resources": list(visit.resources),
        "starts_at": visit.starts_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


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


@door.post("/waitlist/tend")
@public
def tend() -> Response:
    """A round over the waitlist, as the worker's."""
    tend_waitlist(now=now())
    return jsonify(status="tended")


@door.post("/waitlist/<public_id>/take")
@public
def take(public_id: str) -> Response:
    """Take the offered time, as the patient does."""
    offered: str = request.get_json()["offer"]
    found = take_offer(public_id=public_id, offer=offered, actor=PUBLIC, now=now())
    return jsonify(status=found.status.value, visit=found.visit)


@door.post("/waitlist/<public_id>/decline")
@public
def do_without(public_id: str) -> Response:
    """Do without the offered time."""
    offered: str = request.get_json()["offer"]
    found = decline_offer(public_id=public_id, offer=offered, actor=PUBLIC, now=now())
    return jsonify(status=found.status.value)


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


@door.patch("/visits/<public_id>")
@public
def stretch(public_id: str) -> Response:
    """Let a visit last longer or shorter, as dragging its edge does."""
    change = Change(
        version=int(request.headers["If-Match"].strip('"')), minutes=request.get_json()["minutes"]
    )
    return jsonify(
        _shown(move_appointment(public_id=public_id, change=change, actor=DESK, now=now()))
    )


@door.post("/blocks")
@public
def block() -> Response:
    """Keep time free, also beside what stands in it."""
    asked: dict[str, Any] = request.get_json()
    made = block_time(
        resource=asked["resource"],
        starts_at=datetime.fromisoformat(asked["starts_at"]),
        ends_at=datetime.fromisoformat(asked["ends_at"]),
        kind="lunch",
        actor=DESK,
        now=now(),
        beside_visits=asked["beside_visits"],
    )
    return jsonify(blocks=[made])


@door.post("/blocks/<public_id>/remove")
@public
def unblock(public_id: str) -> Response:
    """Give the time back; asked again nothing changes."""
    unblock_time(public_id=public_id, actor=DESK, now=now())
    return jsonify(blocks=[])


@door.post("/away")
@public
def away() -> Response:
    """A practitioner is away: what became of each visit, and what keeps the day free."""
    asked: dict[str, Any] = request.get_json()
    setting, day = get_setting(), date.fromisoformat(asked["day"])
    outcomes = clear_day(
        practitioner=asked["practitioner"],
        day=day,
        zone=setting.zone,
        choices=[_choice(one) for one in asked["choices"]],
        reason="ill",
        actor=DESK,
        now=now(),
    )
    done = [_shown(get_visit(one.visit)) for one in outcomes if one.refusal is None]
    span, resource = Span(day, day, setting.zone), setting.practitioners[asked["practitioner"]]
    kept = list_blocks(starts_at=span.begins, ends_at=span.ends)
    blocks = [
        one.public_id for one in kept if one.kind == AWAY and one.resource == resource.resource
    ]
    return jsonify(done=done, blocks=blocks)


def _choice(asked: dict[str, Any]) -> Choice:
    starts_at = asked["starts_at"]
    return Choice(
        visit=asked["visit"],
        version=asked["version"],
        starts_at=datetime.fromisoformat(starts_at) if starts_at else None,
        practitioner=asked["practitioner"],
    )


app = create_app()
app.register_blueprint(door)
