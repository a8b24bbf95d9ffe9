"""What the browser or the page's script is told once a section is saved."""

from flask import jsonify, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.intake.operations.leaving import leave_form
from clinic.intake.operations.saving import PageSaved
from clinic.intake.presenters.forms import form_path, present_sections
from clinic.intake.presenters.pages import Around, present_page
from clinic.intake.presenters.shape import Shape, shape_of_page
from clinic.intake.queries.responses import AssignedForm, answers_of
from clinic.intake.rules.names import named_places
from clinic.intake.rules.sections import Section, missing_in, missing_places
from clinic.intake.rules.sent import Sent, write_base
from clinic.intake.rules.state import State
from clinic.intake.views.attaching import DROP
from clinic.intake.views.ground import form_state, interrupt_of
from clinic.intake.views.keeping import SAVING
from clinic.intake.views.openers import Opener
from clinic.intake.views.section_page import section_page
from clinic.messaging.delivery import remembered_zone
from clinic.web.filters import local_time


def go_on(
    assigned: AssignedForm, opener: Opener, section: Section, sent: Sent, saved: PageSaved
) -> ResponseReturnValue:
    """What the script is told; the browser is sent to a page about danger before all else."""
    if request.headers.get("X-Saving") == SAVING:
        return _tell_script(assigned, section, sent, saved)
    if saved.level is not None:
        interrupt = interrupt_of(saved.response)
        if interrupt is not None:
            return redirect(interrupt, 303)
    return _after(assigned, opener, section, sent, saved)


def _after(
    assigned: AssignedForm, opener: Opener, section: Section, sent: Sent, saved: PageSaved
) -> ResponseReturnValue:
    """The same page where something is wrong, else the next one."""
    if sent.wrong or saved.conflicts:
        status = 409 if saved.conflicts else 422
        conflicts, behind = saved.conflicts, saved.behind
        return section_page(assigned, opener, section, sent, conflicts, behind=behind), status
    path, asked = form_path(assigned.assignment.public_id), request.form.get("do", "")
    here = f"{path}/{section.number}"
    gone = _gone(assigned, saved)
    if asked.startswith(("add:", "remove:")):
        name = asked.partition(":")[2]
        more = f"?more={name}" if asked.startswith("add:") else ""
        return redirect(f"{here}{more}#{name.partition('-')[0]}", 303)
    if asked.startswith((DROP, "file:")):
        return redirect(f"{here}#b-{asked.split(':')[1]}", 303)
    if asked == "later":
        return redirect(_left(opener, saved) or f"/intake{gone}", 303)
    state = form_state(assigned)
    if missing_in(section=section, state=state):
        return _missing(assigned, opener, section, sent, state)
    if asked == "check":
        return redirect(f"{path}/check{gone}", 303)
    return redirect(f"{_next(assigned, section, state)}{gone}", 303)


def _left(opener: Opener, saved: PageSaved) -> str | None:
    """The page that whoever goes on later has to read first."""
    if saved.is_calm:
        return None
    leave_form(response=saved.response, author=opener.author, now=now())
    return interrupt_of(saved.response)


def _missing(
    assigned: AssignedForm, opener: Opener, section: Section, sent: Sent, state: State
) -> ResponseReturnValue:
    """What was shown and left out is an error; what an answer brought up is asked now."""
    names = {id(place): name for name, place in named_places(state=state, items=section.items)}
    left = {names[id(place)] for place in missing_places(section=section, state=state)}
    was_shown = frozenset(
        name for name in left if name in sent.shown or f"{name}-count" in request.form
    )
    if not was_shown:
        here = f"{form_path(assigned.assignment.public_id)}/{section.number}"
        return redirect(f"{here}?new=1", 303)
    return section_page(assigned, opener, section, sent, missing=was_shown), 422


def _next(assigned: AssignedForm, section: Section, state: State) -> str:
    """The next section that is asked; behind the last one the answers are checked."""
    path = form_path(assigned.assignment.public_id)
    lines = present_sections(assigned=assigned, state=state, first=None)
    ahead = [line.href for line in lines if line.number > section.number]
    if ahead:
        return ahead[0]
    is_done = all(line.icon == "done" for line in lines)
    return f"{path}/check" if is_done else path


def _gone(assigned: AssignedForm, saved: PageSaved) -> str:
    """The numbers of the questions whose answers were removed, for the page that tells."""
    numbers = [str(assigned.form.by_link[link_id].order) for link_id in saved.removed]
    return f"?gone={'-'.join(numbers[:50])}" if numbers else ""


def _tell_script(
    assigned: AssignedForm, section: Section, sent: Sent, saved: PageSaved
) -> ResponseReturnValue:
    """What the page must know after a save while somebody types; never an answer."""
    shape, conflicts = _shape(assigned, section, sent, saved)
    interrupt = interrupt_of(saved.response) if saved.level is not None else None
    at = local_time(now(), zone=remembered_zone())
    return jsonify(
        version=saved.version,
        base=write_base(form=assigned.form, version=saved.version, behind=saved.behind),
        shown=shape.shown,
        off=shape.off,
        conflicts=conflicts,
        go=interrupt,
        said=_("Saved at %(time)s.", time=at),
        gone=[assigned.form.by_link[link_id].text for link_id in saved.removed],
    )


def _shape(
    assigned: AssignedForm, section: Section, sent: Sent, saved: PageSaved
) -> tuple[Shape, list[str]]:
    """What the page asks now, and what is said of answers that another device changed."""
    response = assigned.response
    if response is not None and not saved.conflicts and not sent.wrong:
        answers = answers_of(response)
        return shape_of_page(form=assigned.form, section=section, answers=answers), []
    around = Around(offers={}, conflicts=saved.conflicts)
    view = present_page(assigned=assigned, section=section, around=around, sent=sent)
    words = [line.text for line in view.errors] if saved.conflicts else []
    return Shape(view.shown, view.off), words
