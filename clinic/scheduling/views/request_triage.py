"""Triage of visit requests at the desk: times are offered, clinicians asked, kinds turned."""

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.values import Role
from clinic.scheduling.forms.request_steps import (
    OpinionForm,
    QuestionForm,
    TurnForm,
    read_urgency,
)
from clinic.scheduling.operations.requests import talk as request_talk
from clinic.scheduling.operations.requests.offers import offer_times, retract_offers
from clinic.scheduling.operations.requests.turning import merge_request, turn_request
from clinic.scheduling.operations.requests.wishes import REQUEST_ROLES
from clinic.scheduling.queries.requests import get_request
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.requests import MOST_OFFERS, Modality
from clinic.scheduling.rules.week_address import read_public_id, read_slot
from clinic.scheduling.views.pages import Notice, blueprint
from clinic.scheduling.views.request_page import (
    Typed,
    request_page,
    step_of,
    take,
    take_words,
    times_ask,
    wish_of,
)
from clinic.web.access import allow


@blueprint.post("/desk/requests/<public_id>/offer")
@allow(*REQUEST_ROLES)
def offer_request_times(public_id: str) -> ResponseReturnValue:
    """Offer the ticked times, and hold them."""
    found = get_request(read_public_id(public_id))
    ask = times_ask(found, get_setting())
    chosen = [read_slot(one) for one in request.form.getlist("offer")]
    slots = [one for one in chosen if one is not None]
    if ask is None or not 1 <= len(slots) <= MOST_OFFERS or len(slots) < len(chosen):
        notice = Notice(_("Tick one to %(most)s times to offer.", most=MOST_OFFERS))
        return request_page(found, notice, status=422)
    step, wishes = step_of(found), [wish_of(ask, one) for one in slots]
    return take(found, lambda: offer_times(step=step, wishes=wishes))


@blueprint.post("/desk/requests/<public_id>/retract")
@allow(*REQUEST_ROLES)
def retract_request_times(public_id: str) -> ResponseReturnValue:
    """Take the offered times back."""
    found = get_request(read_public_id(public_id))
    step = step_of(found)
    return take(found, lambda: retract_offers(step=step), stays="retracted")


@blueprint.post("/desk/requests/<public_id>/question")
@allow(*REQUEST_ROLES)
def ask_clinicians(public_id: str) -> ResponseReturnValue:
    """Ask the clinicians what to do."""
    found, form = get_request(read_public_id(public_id)), QuestionForm()
    return take_words(
        found,
        form,
        Typed(question=form),
        lambda step: request_talk.ask_opinion(step=step, question=form.question.data),
    )


@blueprint.post("/desk/requests/<public_id>/opinion")
@allow(Role.CLINICIAN)
def give_opinion(public_id: str) -> ResponseReturnValue:
    """A clinician says what they think, asked or not."""
    found, form = get_request(read_public_id(public_id)), OpinionForm()
    return take_words(
        found,
        form,
        Typed(opinion=form),
        lambda step: request_talk.give_opinion(
            step=step, opinion=form.opinion.data, advice=form.advised()
        ),
    )


@blueprint.post("/desk/requests/<public_id>/turn")
@allow(*REQUEST_ROLES)
def turn_request_kind(public_id: str) -> ResponseReturnValue:
    """Let it be a request for the other kind of visit."""
    found, form = get_request(read_public_id(public_id)), TurnForm()
    is_video = found.modality is Modality.TELEHEALTH
    kind = Modality.IN_PERSON if is_video else Modality.TELEHEALTH
    if kind is Modality.TELEHEALTH and not form.state.data:
        form.state.errors = [_("Say in which state the patient will be during the video visit.")]
        return request_page(found, typed=Typed(turn=form), status=422)
    step, state = step_of(found, form.looked_at()), form.state.data or None
    return take(
        found,
        lambda: turn_request(step=step, modality=kind, state=state),
        typed=Typed(turn=form),
        stays="turned",
    )


@blueprint.post("/desk/requests/<public_id>/merge")
@allow(*REQUEST_ROLES)
def merge_requests(public_id: str) -> ResponseReturnValue:
    """Let this request live on in another one of the same person."""
    found = get_request(read_public_id(public_id))
    into = read_public_id(request.form.get("into", ""))
    step = step_of(found)
    return take(found, lambda: merge_request(step=step, into=into), stays="merged")


@blueprint.post("/desk/requests/<public_id>/urgency")
@allow(*REQUEST_ROLES)
def set_request_urgency(public_id: str) -> ResponseReturnValue:
    """Say how soon somebody has to read it."""
    found = get_request(read_public_id(public_id))
    urgency = read_urgency(request.form.get("urgency", ""))
    if urgency is None:
        return request_page(found, Notice(_("Choose how urgent it is.")), status=422)
    step = step_of(found)
    return take(
        found, lambda: request_talk.set_urgency(step=step, urgency=urgency), stays="urgency"
    )
