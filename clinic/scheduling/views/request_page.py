"""One visit request at the desk: how its page is drawn, and how a step with it is taken."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.values import Role
from clinic.intake.queries.safety.gate import list_must_call
from clinic.intake.queries.screening import ToldBefore, find_told_before
from clinic.intake.queries.signatures import has_consent
from clinic.people.queries import may_decide_alone
from clinic.people.rules.ages import is_minor
from clinic.scheduling.forms.request_steps import (
    AnswerForm,
    DeclineForm,
    OpinionForm,
    QuestionForm,
    TimesAsk,
    TurnForm,
    WordsForm,
    read_times_ask,
    read_version,
    times_fields,
)
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.operations.requests.steps import Step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.presenters.desk_request import (
    Beside,
    DeskRequestView,
    present_desk_request,
)
from clinic.scheduling.presenters.request_queue import QUEUE
from clinic.scheduling.presenters.times import moment_words
from clinic.scheduling.queries.diary import instant, query_now
from clinic.scheduling.queries.request_parts import find_request_screening
from clinic.scheduling.queries.request_times import FreeTimes, find_times_for
from clinic.scheduling.queries.requests import (
    RequestedVisit,
    get_request,
    list_open_requests_of,
    list_request_steps,
)
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.queries.visits import get_visit
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.requests import OPEN, Modality
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.week_address import ChosenSlot
from clinic.scheduling.views.pages import Notice, clinic_today, notice_of
from clinic.web.access import current_actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """The forms that were sent, with what was typed; those that were not are drawn anew."""

    answer: AnswerForm | None = None
    decline: DeclineForm | None = None
    question: QuestionForm | None = None
    opinion: OpinionForm | None = None
    turn: TurnForm | None = None

    def forms(self) -> tuple[WordsForm, ...]:
        """Those that there are."""
        every = (self.answer, self.decline, self.question, self.opinion, self.turn)
        return tuple(one for one in every if one is not None)


NOTHING = Typed()


def take(
    found: RequestedVisit,
    do: Callable[[], RequestedVisit],
    *,
    typed: Typed = NOTHING,
    stays: str = "",
) -> ResponseReturnValue:
    """Take the step and go back to the queue, or say why not and show how the request stands.

    With ``stays`` one goes on with the request itself, which then says what was done.
    """
    try:
        done = do()
    except Refusal as refusal:
        stands = get_request(found.public_id)
        for form in typed.forms():
            form.version.data = str(stands.version)
            form.version.raw_data = None
        notice = _notice(refusal, get_setting())
        return request_page(stands, notice, typed=typed, status=refusal.status)
    if stays:
        return redirect(f"{QUEUE}/{done.public_id}?done={stays}", 303)
    return redirect(f"{QUEUE}?done={done.public_id}", 303)


def take_words(
    found: RequestedVisit, form: WordsForm, typed: Typed, do: Callable[[Step], RequestedVisit]
) -> ResponseReturnValue:
    """Take a step that needs words; what is wrong with them is said beside what was typed."""
    if not form.validate():
        return request_page(found, typed=typed, status=422)
    step = step_of(found, form.looked_at())
    return take(found, lambda: do(step), typed=typed)


def request_page(
    found: RequestedVisit,
    notice: Notice | None = None,
    *,
    typed: Typed = NOTHING,
    status: int = 200,
) -> ResponseReturnValue:
    """The page of a request as it stands; the look is put on record."""
    setting = get_setting()
    _record_sight(found)
    ask = times_ask(found, setting) if found.status in OPEN else None
    version = {"version": str(found.version)}
    return render_template(
        "scheduling/desk_request.html",
        asked=_view(found, ask, setting, now()),
        filters=times_fields(ask=ask, setting=setting, state=found.state) if ask else (),
        ask=ask,
        answer=typed.answer or AnswerForm(formdata=None, data=version),
        decline=typed.decline or DeclineForm(formdata=None, data=version),
        question=typed.question or QuestionForm(formdata=None, data=version),
        opinion=typed.opinion or OpinionForm(formdata=None, data=version),
        turn=typed.turn or TurnForm(formdata=None, data={**version, "state": found.state or ""}),
        typed=typed,
        notice=notice,
        done=_done_words().get(request.args.get("done", "")) if not notice else None,
    ), status


def times_ask(found: RequestedVisit, setting: Setting) -> TimesAsk | None:
    """Which free times are looked at; None when the clinic has no service that would do."""
    return read_times_ask(
        args=request.values,
        setting=setting,
        modality=found.modality,
        state=found.state,
        wanted=found.practitioner,
        today=clinic_today(setting),
    )


def wish_of(ask: TimesAsk, chosen: ChosenSlot) -> Wish:
    """The chosen time as booking takes it."""
    return Wish(
        service=ask.service.slug,
        starts_at=instant(chosen.start),
        practitioner=chosen.practitioner,
        location=chosen.location,
    )


def step_of(found: RequestedVisit, version: int | None = None) -> Step:
    """A step with the request as its page was drawn."""
    if version is None:
        version = read_version(request.form.get("version", ""))
    return Step(public_id=found.public_id, actor=current_actor(), now=now(), version=version)


def _notice(refusal: Refusal, setting: Setting) -> Notice:
    if isinstance(refusal, SlotTaken):
        title = _("This time has just been taken.")
        if refusal.starts_at is not None:
            moment = moment_words(refusal.starts_at, zone=setting.zone)
            title = _("%(moment)s has just been taken.", moment=moment)
        text = _("Nothing was booked; the request is still open. The times below are free now.")
        if len(request.form.getlist("offer")) > 1:
            text = _("Or it overlaps another time that you ticked. Nothing was offered.")
        return Notice(title, text)
    for lines in refusal.details.get("errors", {}).values():
        return Notice(str(_(lines[0])))
    return notice_of(refusal)


def _done_words() -> dict[str, str]:
    return {
        "turned": _("It is a request for the other kind now."),
        "retracted": _("The offered times are free again. The request waits in the queue."),
        "urgency": _("The urgency is changed, and by when it is to be answered with it."),
        "merged": _("The other request lives on in this one: its words are in the story."),
    }


def _view(
    found: RequestedVisit, ask: TimesAsk | None, setting: Setting, at: datetime
) -> DeskRequestView:
    visit = get_visit(found.visit) if found.visit else None
    is_open = found.status in OPEN
    is_video = found.modality is Modality.TELEHEALTH
    beside = Beside(
        steps=list_request_steps(found.request_id),
        others=_others(found) if is_open else (),
        times=_free_times(found, ask, setting, at) if ask else None,
        chosen=frozenset(request.form.getlist("offer")),
        visit_starts_at=visit.starts_at if visit else None,
        may_decide_alone=_may_decide_alone(found, at),
        must_call=found.patient in list_must_call(patients=[found.patient]),
        told_before=_told_before(found),
        has_consent=is_video and has_consent(patient=found.patient, name="telehealth"),
    )
    return present_desk_request(found=found, beside=beside, setting=setting, now=at)


def _told_before(found: RequestedVisit) -> ToldBefore | None:
    """The answers about safety that came before it: health answers, so clinicians alone."""
    if current_actor().role is not Role.CLINICIAN:
        return None
    screening = find_request_screening(request_id=found.request_id)
    return find_told_before(screening=screening) if screening is not None else None


def _others(found: RequestedVisit) -> tuple[RequestedVisit, ...]:
    return list_open_requests_of(patient=found.patient, besides=found.public_id)


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


def _record_sight(found: RequestedVisit) -> None:
    record_look(
        action="visit-request.seen",
        actor=current_actor(),
        now=now(),
        subject=f"visit-request:{found.public_id}",
        seen=[f"patient:{found.patient}"],
    )
