"""The safety queue at the desk: everybody sees that somebody must call, clinicians see why."""

from flask import redirect, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Refusal
from clinic.core.heartbeat import is_alive
from clinic.core.values import Role
from clinic.core.worker import PART
from clinic.intake.forms.safety import CloseForm
from clinic.intake.operations.alerts import KINDS
from clinic.intake.operations.safety.handling import acknowledge_event, close_event
from clinic.intake.presenters.safety import QUEUE, present_event, present_queue, trouble_words
from clinic.intake.queries.safety.queue import (
    count_alerts_not_sent,
    list_open_of_patient,
    list_queue,
)
from clinic.intake.queries.safety.stories import get_event
from clinic.intake.views.blueprint import blueprint
from clinic.messaging.delivery import can_send, clinic_zone
from clinic.web.access import allow, current_actor

READERS = (Role.CLINICIAN, Role.FRONT_DESK, Role.ADMIN)
EVENT = f"{QUEUE}/<event>"


@blueprint.get(QUEUE)
@allow(*READERS)
def safety_queue() -> ResponseReturnValue:
    """What is open: first what nobody has taken on, with how long it has waited."""
    at, actor, events = now(), current_actor(), list_queue()
    record_look(
        action="safety.listed",
        actor=actor,
        now=at,
        seen=[f"patient:{one.patient}" for one in events],
    )
    trouble = trouble_words(
        can_send=can_send(),
        not_sent=count_alerts_not_sent(kinds=KINDS, now=at),
        worker_alive=is_alive(part=PART, now=at),
    )
    view = present_queue(
        events=events, has_answers=actor.role is Role.CLINICIAN, trouble=trouble, now=at
    )
    return render_template("intake/safety_queue.html", page=view)


@blueprint.get(EVENT)
@allow(Role.CLINICIAN)
def safety_event(event: str) -> ResponseReturnValue:
    """One event: what was answered, by which rule, and what has happened since."""
    return _event_page(event, CloseForm(formdata=None))


@blueprint.post(f"{EVENT}/take")
@allow(Role.CLINICIAN)
def take_safety_event(event: str) -> ResponseReturnValue:
    """Take it on, so that nobody else is called."""
    acknowledge_event(event=event, actor=current_actor(), now=now())
    return redirect(f"{QUEUE}/{event}?done=taken", 303)


@blueprint.post(f"{EVENT}/close")
@allow(Role.CLINICIAN)
def close_safety_event(event: str) -> ResponseReturnValue:
    """Close it with what came of it."""
    form = CloseForm()
    given = form.read()
    if given is None:
        return _event_page(event, form), 422
    try:
        close_event(event=event, outcome=given[0], note=given[1], actor=current_actor(), now=now())
    except Refusal as refusal:
        return _event_page(event, form, notice=_(refusal.message)), refusal.status
    return redirect(f"{QUEUE}/{event}?done=closed", 303)


def _event_page(event: str, form: CloseForm, notice: str = "") -> str:
    story, at = get_event(public_id=event), now()
    record_look(
        action="safety.seen",
        actor=current_actor(),
        now=at,
        subject=f"patient:{story.patient}",
        details={"event": story.event},
    )
    view = present_event(
        story=story,
        others=list_open_of_patient(patient=story.patient),
        zone=clinic_zone(),
        now=at,
    )
    return render_template("intake/safety_event.html", page=view, form=form, notice=notice)
