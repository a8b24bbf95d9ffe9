"""A form is filled in: its sections, one a page."""

from flask import redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.intake.operations.saving import choose_language
from clinic.intake.presenters.forms import form_path, present_sections, sections_left
from clinic.intake.presenters.languages import foreign, present_languages
from clinic.intake.queries.responses import AssignedForm
from clinic.intake.views.blueprint import blueprint
from clinic.intake.views.ground import FORM, form_state, interrupt_of, note_look, opened
from clinic.intake.views.keeping import page_again
from clinic.intake.views.openers import LANGUAGE, Opener
from clinic.intake.views.section_page import first_open, section_of, section_page
from clinic.web.access import public


@blueprint.get(FORM)
@public
@opened
def form(assigned: AssignedForm, opener: Opener) -> ResponseReturnValue:
    """The sections of a form, and how far each has come."""
    if not assigned.is_open:
        return redirect(f"{form_path(assigned.assignment.public_id)}/sent", 303)
    interrupt = interrupt_of(assigned.response.public_id) if assigned.response else None
    if interrupt is not None:  # raised while nobody was here, or left unread
        return redirect(interrupt, 303)
    state = form_state(assigned)
    note_look(assigned, opener)
    lines = present_sections(assigned=assigned, state=state, first=first_open(assigned, state))
    return render_template(
        "intake/form.html",
        title=assigned.title,
        opener=opener,
        lines=lines,
        left=sections_left(lines),
        path=form_path(assigned.assignment.public_id),
        is_done=all(line.icon == "done" for line in lines),
        language=foreign(assigned.language),
        languages=present_languages(assigned),
    )


@blueprint.post(f"{FORM}/language")
@public
@opened
def speak(assigned: AssignedForm, _opener: Opener) -> ResponseReturnValue:
    """Go on in another language, where the form has every word of it."""
    wanted = request.form.get("language", "")
    if wanted in assigned.languages:
        session[LANGUAGE] = wanted
        if assigned.response is not None:
            choose_language(response=assigned.response.public_id, language=wanted, now=now())
    return redirect(form_path(assigned.assignment.public_id), 303)


@blueprint.get(f"{FORM}/<int:number>")
@public
@opened
def page(assigned: AssignedForm, opener: Opener, number: int) -> ResponseReturnValue:
    """One section."""
    if not assigned.is_open:
        return redirect(form_path(assigned.assignment.public_id), 303)
    section = section_of(assigned, number)
    first = first_open(assigned, form_state(assigned))
    if first is not None and number != first.number:
        return redirect(form_path(assigned.assignment.public_id), 303)
    note_look(assigned, opener)
    again = page_again(assigned, opener, section)
    if again is None:
        return section_page(assigned, opener, section)
    drawn, kept = again
    return section_page(drawn, opener, section_of(drawn, number), kept.sent, kept=kept)
