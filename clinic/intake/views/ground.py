"""What all pages of a form share."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.intake.queries.interrupts import find_interrupt
from clinic.intake.queries.responses import AssignedForm, answers_of, is_safety_old
from clinic.intake.rules.state import State
from clinic.intake.rules.working import Answers, state_of
from clinic.intake.views.openers import GuardianUnnamed, NobodyHere, Opener, as_drawn, open_form
from clinic.intake.views.returning import come_back
from clinic.web.pages import page_at

FORM = "/intake/forms/<assignment>"


def opened(view: Callable[..., ResponseReturnValue]) -> Callable[..., ResponseReturnValue]:
    """Let a view have the form and who fills it in; whoever has not proven that proves it first."""

    @wraps(view)
    def run(assignment: str, **places: Any) -> ResponseReturnValue:
        try:
            assigned, opener = open_form(assignment)
        except NobodyHere:
            answer = come_back()
            if answer is not None:
                return answer
            return run(assignment, **places)
        except GuardianUnnamed:
            return redirect("/intake/who", 303)
        return view(assigned, opener, **places)

    return run


def as_shown(assigned: AssignedForm) -> AssignedForm:
    """The form by the version that the sent page was drawn of; see ``as_drawn``."""
    return as_drawn(assigned, request.form.get("form", ""))


def interrupt_of(response: str) -> str | None:
    """The page that these answers call for before anything else."""
    found = find_interrupt(response=response)
    return found if found is not None and page_at(found) else None


def is_safety_asked_again(assigned: AssignedForm) -> bool:
    """Whether the safety questions were answered too long ago to go on with the form."""
    response = assigned.response
    if response is None or not assigned.is_open:
        return False
    return is_safety_old(response=response, form=assigned.form, now=now())


def form_state(assigned: AssignedForm) -> State:
    """The form with what is stored."""
    stored: Answers = answers_of(assigned.response) if assigned.response is not None else {}
    return state_of(form=assigned.form, answers=stored)


def removed_words(assigned: AssignedForm) -> tuple[str, ...]:
    """The questions that ``gone`` names; numbers that mean none are left out."""
    items = assigned.form.items
    numbers = request.args.get("gone", "")[:300].split("-")
    known = (int(one) for one in numbers if one.isascii() and one.isdecimal() and len(one) < 6)
    return tuple(items[number].text for number in known if number < len(items))


def note_look(assigned: AssignedForm, opener: Opener) -> None:
    """Put on record that somebody looked."""
    record_look(
        action="form.seen",
        actor=opener.author.actor,
        now=now(),
        subject=f"patient:{assigned.patient.public_id}",
        details={"form": assigned.assignment.public_id, "by": opener.author.source.value},
    )
