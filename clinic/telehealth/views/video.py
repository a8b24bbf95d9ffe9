"""A video visit's page behind its link and the patient's birth date: prove, say where, wait, join.

The way into the meeting stands on this page only, never in a mail or a calendar. Looking changes
nothing; that somebody waits is said by the page with a form of its own.
"""

from datetime import timedelta

from flask import jsonify, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import Forbidden, NotFound, Refusal
from clinic.core.values import Actor
from clinic.scheduling.queries.links import (
    ID_LENGTH,
    LinkOfThePast,
    get_visit_by_token,
    is_visit_link_over,
)
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit
from clinic.telehealth.forms import PlaceForm, ProofForm
from clinic.telehealth.operations.guests import invite_guests, send_guests_away
from clinic.telehealth.operations.rooms import arrive_at_video, stay_at_video
from clinic.telehealth.presenters import present_room, standing_of
from clinic.telehealth.queries.guests import guest_path
from clinic.telehealth.queries.rooms import Room, get_room, has_agreed
from clinic.telehealth.rules.rooms import Stage
from clinic.telehealth.views.blueprint import blueprint
from clinic.web.access import public
from clinic.web.limits import limit

HERE = "/visits/<token>/video"
PROVEN = "video"
MOST_PROVEN = 4
ATTEMPTS = 10
HOUR = timedelta(hours=1)
PROOF_LASTS = timedelta(hours=4)
"""How long the birth date opens the page in a browser, which others may use after the patient."""
LONGEST_ACTOR = 200


@blueprint.get(HERE)
@public
def video(token: str) -> ResponseReturnValue:
    """The page as it stands: who are you, where are you, please wait, here you go."""
    visit, room = _load(token)
    if not _is_proven(token):
        return render_template("telehealth/prove.html", form=ProofForm(formdata=None), token=token)
    return _room_page(token, visit, room)


@blueprint.post(f"{HERE}/prove")
@public
def prove(token: str) -> ResponseReturnValue:
    """The patient's birth date opens the page in this browser."""
    visit, _room = _load(token)
    form = ProofForm()
    is_sound = form.validate()
    limit(name="video-proof", who=visit.public_id, at_most=ATTEMPTS, now=now(), window=HOUR)
    if is_sound and form.birth_date.data == visit.birth_date:
        until = int((now() + PROOF_LASTS).timestamp())
        session[PROVEN] = [*_proven(), [token, until]][-MOST_PROVEN:]
        return redirect(f"/visits/{token}/video", 303)
    if is_sound:
        form.birth_date.errors = [_("This date of birth does not fit. Enter the patient’s.")]
    return render_template("telehealth/prove.html", form=form, token=token), 422


@blueprint.post(f"{HERE}/place")
@public
def place(token: str) -> ResponseReturnValue:
    """Where the patient is now; then they wait."""
    visit, room = _load(token)
    if not _is_proven(token):
        return redirect(f"/visits/{token}/video", 303)
    form = PlaceForm()
    if not form.validate():
        return _room_page(token, visit, room, form=form, status=422)
    try:
        arrive_at_video(
            visit=visit.public_id,
            state=form.state.data,
            place=form.place.data,
            phone=form.phone.data,
            actor=_patient(visit),
            now=now(),
        )
    except Refusal as refusal:
        return _room_page(token, visit, room, form=form, refusal=refusal, status=refusal.status)
    return redirect(f"/visits/{token}/video", 303)


@blueprint.post(f"{HERE}/here")
@public
def here(token: str) -> ResponseReturnValue:
    """The page says that its patient still waits."""
    visit, _room = _load(token)
    if not _is_proven(token):
        raise Forbidden
    stay_at_video(visit=visit.public_id, now=now())
    return redirect(f"/visits/{token}/video", 303)


@blueprint.post(f"{HERE}/guests")
@public
def guests(token: str) -> ResponseReturnValue:
    """The patient asks for a link for somebody who joins them, or ends it."""
    visit, _room = _load(token)
    if not _is_proven(token):
        raise Forbidden
    act = send_guests_away if request.form.get("do") == "end" else invite_guests
    act(visit=visit.public_id, actor=_patient(visit), now=now())
    return redirect(f"/visits/{token}/video#guests", 303)


@blueprint.get(f"{HERE}/state")
@public
def state(token: str) -> ResponseReturnValue:
    """What the page compares every few seconds: one query, and nothing to send when it is old."""
    if not _is_proven(token):
        raise NotFound
    return answer_state(get_room(token[:ID_LENGTH]))


def answer_state(room: Room) -> ResponseReturnValue:
    """The mark of a room's page, with the ETag by which an old one is known."""
    answer = jsonify(mark=standing_of(room=room, setting=get_setting(), now=now()).mark)
    answer.add_etag()
    answer.cache_control.private = True
    return answer.make_conditional(request)


def _load(token: str) -> tuple[Visit, Room]:
    visit = get_visit_by_token(token)
    if is_visit_link_over(visit=visit, now=now()):
        raise LinkOfThePast
    return visit, get_room(visit.public_id)


def _proven() -> list[list[str | int]]:
    """The links that this browser proved, each with the second until which that holds."""
    kept = session.get(PROVEN)
    at = now().timestamp()
    return [one for one in kept or () if isinstance(one, list) and at < one[1]]


def _is_proven(token: str) -> bool:
    return any(proven == token for proven, _until in _proven())


def _room_page(
    token: str,
    visit: Visit,
    room: Room,
    *,
    form: PlaceForm | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    view = present_room(visit=visit, room=room, setting=get_setting(), now=now())
    asks_place = view.stage == Stage.OPEN and not view.is_waiting
    return render_template(
        "telehealth/room.html",
        room=view,
        token=token,
        form=form or PlaceForm(formdata=None, data={"state": visit.patient_state}),
        refusal=_(refusal.message) if refusal else "",
        needs_consent=asks_place and not has_agreed(patient=visit.patient),
        guest_path=guest_path(room),
    ), status


def _patient(visit: Visit) -> Actor:
    name = f"{visit.given_name} {visit.family_name}"[:LONGEST_ACTOR]
    return Actor(kind="patient", name=name, id=visit.patient)
