"""The desk's queue of visit requests at /desk/requests: read, answer, schedule, decline."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import NotFound, Refusal
from clinic.people.queries import may_decide_alone
from clinic.people.rules.ages import is_minor
from clinic.scheduling.forms.request_steps import (
    AnswerForm,
    DeclineForm,
    TimesAsk,
    read_times_ask,
    read_version,
    times_fields,
)
from clinic.scheduling.operations import requests as operations
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.operations.request_wishes import REQUEST_ROLES
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.presenters.request_queue import (
    QUEUE,
    DeskRequestView,
    present_desk_request,
    present_queue,
    queue_address,
)
from clinic.scheduling.queries.diary import instant, query_now
from clinic.scheduling.queries.request_times import FreeTimes, find_times_for
from clinic.scheduling.queries.requests import (
    RequestedVisit,
    count_requests,
    get_request,
    list_request_steps,
    list_requests,
)
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.request_queue import (
    STATUSES,
    Show,
    place_text,
    read_place,
    read_show,
)
from clinic.scheduling.rules.requests import OPEN
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.week_address import ChosenSlot, read_public_id, read_slot
from clinic.scheduling.views.pages import Notice, blueprint, clinic_today, notice_of
from clinic.web.access import allow, current_actor


@blueprint.get("/desk/requests")
@allow(*REQUEST_ROLES)
def request_queue() -> ResponseReturnValue:
    """Who waits for an answer, the longest first."""
    at, show = now(), read_show(request.args.get("show", ""))
    page = list_requests(
        statuses=STATUSES[show],
        is_newest_first=show is Show.CLOSED,
        after=read_place(request.args.get("after", "")),
    )
    done = _just_done()
    _record_list(show, (*page.requests, done) if done else page.requests)
    view = present_queue(
        page=page,
        counts=count_requests(now=at),
        show=show,
        more=_more(show, page.next_cursor),
        setting=get_setting(),
        now=at,
        done=done,
    )
    return render_template("scheduling/request_queue.html", page=view)


@blueprint.get("/desk/requests/<public_id>")
@allow(*REQUEST_ROLES)
def desk_request(public_id: str) -> ResponseReturnValue:
    """One request: the patient's words, free times that fit, and what can be done."""
    return _request_page(get_request(read_public_id(public_id)))


@blueprint.post("/desk/requests/<public_id>/answer")
@allow(*REQUEST_ROLES)
def answer_request(public_id: str) -> ResponseReturnValue:
    """Answer in words."""
    found, form = get_request(read_public_id(public_id)), AnswerForm()
    if not form.validate():
        return _request_page(found, answer=form, status=422)
    step = _step(found, form.looked_at())
    return _take(
        found,
        lambda: operations.answer_request(step=step, message=form.message.data),
        answer=form,
    )


@blueprint.post("/desk/requests/<public_id>/decline")
@allow(*REQUEST_ROLES)
def decline_request(public_id: str) -> ResponseReturnValue:
    """Decline with a reason."""
    found, form = get_request(read_public_id(public_id)), DeclineForm()
    if not form.validate():
        return _request_page(found, decline=form, status=422)
    step = _step(found, form.looked_at())
    return _take(
        found,
        lambda: operations.decline_request(step=step, reason=form.reason.data),
        decline=form,
    )


@blueprint.post("/desk/requests/<public_id>/schedule")
@allow(*REQUEST_ROLES)
def schedule_request(public_id: str) -> ResponseReturnValue:
    """Book one of the free times for the one who asked."""
    found = get_request(read_public_id(public_id))
    ask, chosen = _times_ask(found, get_setting()), read_slot(request.form.get("slot", ""))
    if ask is None or chosen is None:
        notice = Notice(_("Please choose one of the free times."))
        return _request_page(found, notice=notice, status=422)
    step = _step(found, read_version(request.form.get("version", "")))
    wish = _wish(ask, chosen)
    return _take(found, lambda: operations.schedule_request(step=step, wish=wish))


@blueprint.post("/desk/requests/<public_id>/reopen")
@allow(*REQUEST_ROLES)
def reopen_request(public_id: str) -> ResponseReturnValue:
    """Take up again what was declined, or whose visit was cancelled."""
    found = get_request(read_public_id(public_id))
    step = _step(found, read_version(request.form.get("version", "")))
    return _take(found, lambda: operations.reopen_request(step=step))


def _take(
    found: RequestedVisit,
    do: Callable[[], RequestedVisit],
    *,
    answer: AnswerForm | None = None,
    decline: DeclineForm | None = None,
) -> ResponseReturnValue:
    """Take the step and go back to the queue, or say why not and show how the request stands."""
    try:
        done = do()
    except Refusal as refusal:
        stands = get_request(found.public_id)
        notice = notice_of(refusal)
        if isinstance(refusal, SlotTaken):
            notice = Notice(notice.title, _("The times below are free now."))
        for form in (answer, decline):
            if form is not None:
                form.version.data = str(stands.version)
                form.version.raw_data = None
        return _request_page(stands, notice, answer=answer, decline=decline, status=refusal.status)
    return redirect(f"{QUEUE}?done={done.public_id}", 303)


def _request_page(
    found: RequestedVisit,
    notice: Notice | None = None,
    *,
    answer: AnswerForm | None = None,
    decline: DeclineForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    setting = get_setting()
    _record_sight(found)
    ask = _times_ask(found, setting) if found.status in OPEN else None
    version = {"version": str(found.version)}
    return render_template(
        "scheduling/desk_request.html",
        asked=_view(found, ask, setting, now()),
        filters=times_fields(ask=ask, setting=setting, state=found.state) if ask else (),
        ask=ask,
        answer=answer or AnswerForm(formdata=None, data=version),
        decline=decline or DeclineForm(formdata=None, data=version),
        is_declining=decline is not None,
        notice=notice,
    ), status


def _view(
    found: RequestedVisit, ask: TimesAsk | None, setting: Setting, at: datetime
) -> DeskRequestView:
    visit = get_visit(found.visit) if found.visit else None
    return present_desk_request(
        found=found,
        steps=list_request_steps(found.request_id),
        times=_free_times(found, ask, setting, at) if ask else None,
        visit_starts_at=visit.starts_at if visit else None,
        may_decide_alone=_may_decide_alone(found, at),
        setting=setting,
        now=at,
    )


def _may_decide_alone(found: RequestedVisit, at: datetime) -> bool:
    today = clinic_date(at)
    if not is_minor(birth_date=found.birth_date, today=today):
        return True
    return may_decide_alone(patient=found.patient, today=today)


def _free_times(found: RequestedVisit, ask: TimesAsk, setting: Setting, at: datetime) -> FreeTimes:
    query = Query(
        setting=setting,
        service=ask.service.slug,
        practitioner=ask.practitioner,
        state=found.state,
        now=query_now(at),
        staff=True,
    )
    return find_times_for(
        query=query,
        times=found.times,
        part=found.part,
        zone=setting.zone,
        since=ask.since,
        now=at,
    )


def _times_ask(found: RequestedVisit, setting: Setting) -> TimesAsk | None:
    return read_times_ask(
        args=request.values,
        setting=setting,
        modality=found.modality,
        state=found.state,
        wanted=found.practitioner,
        today=clinic_today(setting),
    )


def _wish(ask: TimesAsk, chosen: ChosenSlot) -> Wish:
    return Wish(
        service=ask.service.slug,
        starts_at=instant(chosen.start),
        practitioner=chosen.practitioner,
        location=chosen.location,
    )


def _step(found: RequestedVisit, version: int | None) -> operations.Step:
    return operations.Step(
        public_id=found.public_id, actor=current_actor(), now=now(), version=version
    )


def _record_list(show: Show, shown: Sequence[RequestedVisit]) -> None:
    record_look(
        action="visit-requests.listed",
        actor=current_actor(),
        now=now(),
        details={"show": show.value},
        seen=[f"patient:{one.patient}" for one in shown],
    )


def _record_sight(found: RequestedVisit) -> None:
    record_look(
        action="visit-request.seen",
        actor=current_actor(),
        now=now(),
        subject=f"visit-request:{found.public_id}",
        seen=[f"patient:{found.patient}"],
    )


def _more(show: Show, cursor: tuple[datetime, int] | None) -> str:
    if cursor is None:
        return ""
    address = queue_address(show)
    return f"{address}{'&' if '?' in address else '?'}after={place_text(cursor)}"


def _just_done() -> RequestedVisit | None:
    """The request that a step was taken with a moment ago; None for any other word."""
    try:
        return get_request(read_public_id(request.args.get("done", "")))
    except NotFound:
        return None
