"""The desk's queue of visit requests at /desk/requests: read, answer, schedule, decline."""

from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.scheduling.forms.request_steps import AnswerForm, DeclineForm
from clinic.scheduling.operations import requests as operations
from clinic.scheduling.operations.requests.wishes import REQUEST_ROLES
from clinic.scheduling.presenters.request_queue import present_queue, queue_address
from clinic.scheduling.queries.request_list import (
    QueuedRequest,
    count_open,
    find_queued,
    list_queue,
)
from clinic.scheduling.queries.requests import get_request
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.request_queue import (
    Place,
    Show,
    queue_place_text,
    read_queue_place,
    read_show,
)
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
from clinic.web.access import allow, current_actor


@blueprint.get("/desk/requests")
@allow(*REQUEST_ROLES)
def request_queue() -> ResponseReturnValue:
    """Who waits for an answer, the most urgent and then the longest first."""
    at, show = now(), read_show(request.args.get("show", ""))
    page = list_queue(show=show, after=read_queue_place(request.args.get("after", "")))
    done = _just_done()
    _record_list(show, (*page.requests, done) if done else page.requests)
    view = present_queue(
        page=page,
        counts=count_open(now=at),
        show=show,
        more=_more(show, page.following),
        setting=get_setting(),
        now=at,
        done=done,
    )
    return render_template("scheduling/request_queue.html", page=view)


@blueprint.get("/desk/requests/<public_id>")
@allow(*REQUEST_ROLES)
def desk_request(public_id: str) -> ResponseReturnValue:
    """One request: the patient's words, free times that fit, and what can be done."""
    return request_page(get_request(read_public_id(public_id)))


@blueprint.post("/desk/requests/<public_id>/answer")
@allow(*REQUEST_ROLES)
def answer_request(public_id: str) -> ResponseReturnValue:
    """Answer in words."""
    found, form = get_request(read_public_id(public_id)), AnswerForm()
    return take_words(
        found,
        form,
        Typed(answer=form),
        lambda step: operations.answer_request(step=step, message=form.message.data),
    )


@blueprint.post("/desk/requests/<public_id>/decline")
@allow(*REQUEST_ROLES)
def decline_request(public_id: str) -> ResponseReturnValue:
    """Decline with a reason."""
    found, form = get_request(read_public_id(public_id)), DeclineForm()
    return take_words(
        found,
        form,
        Typed(decline=form),
        lambda step: operations.decline_request(step=step, reason=form.reason.data),
    )


@blueprint.post("/desk/requests/<public_id>/schedule")
@allow(*REQUEST_ROLES)
def schedule_request(public_id: str) -> ResponseReturnValue:
    """Book one of the free times for the one who asked."""
    found = get_request(read_public_id(public_id))
    ask, chosen = times_ask(found, get_setting()), read_slot(request.form.get("slot", ""))
    if ask is None or chosen is None:
        notice = Notice(_("Please choose one of the free times."))
        return request_page(found, notice, status=422)
    step, wish = step_of(found), wish_of(ask, chosen)
    return take(found, lambda: operations.schedule_request(step=step, wish=wish))


@blueprint.post("/desk/requests/<public_id>/reopen")
@allow(*REQUEST_ROLES)
def reopen_request(public_id: str) -> ResponseReturnValue:
    """Take up again what was declined, or whose visit was cancelled."""
    found = get_request(read_public_id(public_id))
    step = step_of(found)
    return take(found, lambda: operations.reopen_request(step=step))


def _record_list(show: Show, shown: Sequence[QueuedRequest]) -> None:
    record_look(
        action="visit-requests.listed",
        actor=current_actor(),
        now=now(),
        details={"show": show.value},
        seen=[f"patient:{one.patient}" for one in shown],
    )


def _more(show: Show, following: Place | None) -> str:
    if following is None:
        return ""
    address = queue_address(show)
    return f"{address}{'&' if '?' in address else '?'}after={queue_place_text(following)}"


def _just_done() -> QueuedRequest | None:
    """The request that a step was taken with a moment ago; None for any other word."""
    try:
        asked = read_public_id(request.args.get("done", ""))
    except NotFound:
        return None
    return find_queued(asked)
