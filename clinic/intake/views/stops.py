"""Pages that come first: what an answer calls for at once, and safety questions before times."""

import re
from collections.abc import Callable
from functools import wraps
from urllib.parse import quote

from flask import redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.intake.forms.pages import read_page
from clinic.intake.operations.refusals import IntakeIncomplete
from clinic.intake.operations.safety.handling import mark_read
from clinic.intake.operations.screening import keep_screening
from clinic.intake.presenters.block import Drawing, shown_names
from clinic.intake.presenters.blocks import present_blocks
from clinic.intake.presenters.forms import form_path
from clinic.intake.presenters.questions import errors_of
from clinic.intake.presenters.stops import present_stop
from clinic.intake.queries.responses import AssignedForm
from clinic.intake.queries.safety.stories import EventStory, list_interrupts
from clinic.intake.queries.screening import find_screening, list_screened, screening_form
from clinic.intake.rules.alarms import INTERRUPTING, Level, highest
from clinic.intake.rules.form import Form
from clinic.intake.rules.names import named_places
from clinic.intake.rules.sections import Section, missing_places, sections_of
from clinic.intake.rules.sent import Sent
from clinic.intake.rules.working import Answers, state_of
from clinic.intake.views.blueprint import blueprint
from clinic.intake.views.openers import GuardianUnnamed, NobodyHere, Opener, open_response
from clinic.messaging.delivery import clinic_phone
from clinic.web.access import public
from clinic.web.limits import limit_booking
from clinic.web.visitors import named_visitor, visitor_of_browser

STOP = "/intake/stop/<response>"
QUESTIONS = "/intake/questions"
STOPPED = f"{QUESTIONS}/stop"
BOOK = "/book"
VIDEO = "/request/telehealth"
_SERVICE = r"/book/[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?"
_ASKED = r"[a-z]{1,20}=[A-Za-z0-9-]{1,64}"
_WAITLIST = rf"/waitlist(?:\?{_ASKED}(?:&{_ASKED}){{0,5}})?"
_THEN = re.compile(rf"/request/telehealth|{_SERVICE}(?:{_WAITLIST})?")


def opened(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Let a view have the form of a response; whoever has not proven who they are does it first."""

    @wraps(view)
    def run(response: str) -> ResponseReturnValue:
        try:
            assigned, opener = open_response(response)
        except NobodyHere:
            return redirect("/intake", 303)
        except GuardianUnnamed:
            return redirect("/intake/who", 303)
        return view(response, assigned, opener)

    return run


@blueprint.get(STOP)
@public
@opened
def stop(response: str, assigned: AssignedForm, opener: Opener) -> ResponseReturnValue:
    """What the answers call for, readable without a script, until it was read."""
    events, path = _waiting(response), form_path(assigned.assignment.public_id)
    if not events:
        return redirect(path, 303)
    record_look(
        action="safety.shown",
        actor=opener.author.actor,
        now=now(),
        subject=f"patient:{assigned.patient.public_id}",
        details={"events": [event.event for event in events]},
    )
    section = assigned.response.section if assigned.response is not None else 1
    return _stop_page(events, action=f"/intake/stop/{response}", way_back=f"{path}/{section}")


@blueprint.post(STOP)
@public
@opened
def read_stop(response: str, assigned: AssignedForm, opener: Opener) -> ResponseReturnValue:
    """Note that it was read, and on with the form."""
    waiting = [event.event for event in _waiting(response)]
    mark_read(events=waiting, actor=opener.author.actor, now=now())
    return redirect(form_path(assigned.assignment.public_id), 303)


@blueprint.get(QUESTIONS)
@public
def questions() -> ResponseReturnValue:
    """The safety questions, asked of everybody who wants a time of a service that asks them."""
    visitor = visitor_of_browser()
    if visitor and find_screening(visitor=visitor, now=now()) is not None:
        return redirect(_then(), 303)
    return _questions_page({}, None)


@blueprint.post(QUESTIONS)
@public
def answer_questions() -> ResponseReturnValue:
    """Keep the answers; an alarming one is answered at once, any other by the times."""
    limit_booking()
    sent = read_page(section=_first_of(screening_form()), stored={}, values=request.form)
    if sent.wrong:
        return _questions_page(sent.answers, sent), 422
    try:
        found = keep_screening(visitor=named_visitor(), answers=sent.answers, now=now())
    except IntakeIncomplete as refusal:
        return _questions_page(sent.answers, sent), refusal.status
    return redirect(_address(STOPPED) if found.level in INTERRUPTING else _then(), 303)


@blueprint.get(STOPPED)
@public
def questions_stop() -> ResponseReturnValue:
    """What a visitor's answers call for."""
    visitor = visitor_of_browser()
    found = list_screened(visitor=visitor, now=now()) if visitor else None
    if found is None or found.level not in INTERRUPTING:
        return redirect(_then(), 303)
    view = present_stop(
        level=found.level, rules=found.rules, answers=found.answers, phone=clinic_phone()
    )
    return render_template(
        "intake/stop.html",
        stop=view,
        told=_("Nobody here knows yet who you are, so nobody can call you."),
        action=_address(STOPPED),
        way_back="/",
        back_words=_("Back to the home page"),
    )


@blueprint.post(STOPPED)
@public
def questions_read() -> ResponseReturnValue:
    """On to the times, or to the page that says to call."""
    return redirect(_then(), 303)


def _waiting(response: str) -> list[EventStory]:
    return list_interrupts(response=response)


def _stop_page(events: list[EventStory], *, action: str, way_back: str) -> str:
    level = Level(highest(event.level for event in events) or Level.SAME_DAY)
    worst = [event for event in events if event.level is level]
    view = present_stop(
        level=level,
        rules=[event.rule_id for event in worst],
        answers=[one for event in worst for one in event.answers],
        phone=clinic_phone(),
    )
    told = _("We have alerted the clinic, but do not wait for our call.")
    return render_template(
        "intake/stop.html",
        stop=view,
        told=told,
        action=action,
        way_back=way_back,
        back_words=_("Back to the questions"),
    )


def _questions_page(answers: Answers, sent: Sent | None) -> str:
    form = screening_form()
    section = _first_of(form)
    state = state_of(form=form, answers=answers)
    names = {id(place): name for name, place in named_places(state=state, items=section.items)}
    left = {names[id(one)] for one in missing_places(section=section, state=state)}
    missing = frozenset(left & sent.shown) if sent is not None else frozenset[str]()
    drawing = Drawing(form=form, state=state, sent=sent, missing=missing)
    blocks = present_blocks(drawing=drawing, items=section.items)
    return render_template(
        "intake/questions.html",
        action=_address(QUESTIONS),
        blocks=blocks,
        errors=errors_of(blocks),
        shown=",".join(shown_names(blocks)),
        is_new=sent is not None and not missing and not sent.wrong,
        is_for_video=_then() == VIDEO,
    )


def _first_of(form: Form) -> Section:
    return sections_of(form=form)[0]


def _then() -> str:
    """The page that was wanted, a service's with its waitlist or the video request's; for any other
    address the list of services."""
    wanted = request.args.get("then", "")
    return wanted if _THEN.fullmatch(wanted) else BOOK


def _address(path: str) -> str:
    return f"{path}?then={quote(_then())}"
