"""A section of a form is saved, as a whole or while somebody types."""

from flask import request, session
from flask.typing import ResponseReturnValue

from clinic.core.clock import now
from clinic.intake.forms.pages import read_page
from clinic.intake.operations.saving import Page, PageSaved, save_page, save_visit
from clinic.intake.queries.links import FormVisitor
from clinic.intake.queries.responses import AssignedForm, answers_of, get_assigned
from clinic.intake.rules.parties import Author
from clinic.intake.rules.sections import Section
from clinic.intake.rules.sent import Sent, read_base
from clinic.intake.rules.typed import Wrong
from clinic.intake.views.attaching import files_named, forget_replaced, has_uploads, take_files
from clinic.intake.views.blueprint import blueprint
from clinic.intake.views.going_on import go_on
from clinic.intake.views.ground import FORM, as_shown, opened
from clinic.intake.views.keeping import SAVING, forget_page, keep_unproven
from clinic.intake.views.openers import TOKEN, Opener, greet
from clinic.intake.views.section_page import asks_safety_again, section_of
from clinic.web.access import public
from clinic.web.proof import when_unproven
from clinic.web.uploads import takes_files


@blueprint.post(f"{FORM}/<int:number>")
@public
@takes_files
@when_unproven(keep_unproven)
def save(assignment: str, number: int) -> ResponseReturnValue:
    """Save a section, and go on, or stay where something is wrong."""
    return _save_at_once(assignment, number) or _save_step_by_step(assignment, number=number)


def _save_at_once(assignment: str, number: int) -> ResponseReturnValue | None:
    """The usual page: of a form that was begun, by whom a link let in, without files; else None."""
    token = session.get(TOKEN)
    if not isinstance(token, str) or has_uploads():
        return None
    read: list[tuple[Opener, Section, Sent]] = []

    def read_sent(visitor: FormVisitor, assigned: AssignedForm) -> tuple[Page, Author] | None:
        opener, section = greet(visitor, assigned), section_of(as_shown(assigned), number)
        if opener is None or section.files:
            return None
        sent = _read(assigned, opener, section)
        read[:] = [(opener, section, sent)]
        return _sent_page(assigned, section, sent), opener.author

    done = save_visit(token=token, assignment=assignment, read=read_sent, now=now())
    if done is None:
        return None
    opener, section, sent = read[0]
    forget_page(done.assigned, section)
    return go_on(done.assigned, opener, section, sent, done.saved)


@opened
def _save_step_by_step(assigned: AssignedForm, opener: Opener, number: int) -> ResponseReturnValue:
    """The same where a page begins a form, brings or names files, or is a signed-in family's."""
    assigned = as_shown(assigned)
    section = section_of(assigned, number)
    if assigned.response is None and has_uploads():  # files belong to a response: begin it
        _save(assigned, opener, section, Sent())
        assigned = get_assigned(public_id=assigned.assignment.public_id)
    named = files_named(assigned) if section.files else frozenset()
    sent = _read(assigned, opener, section)
    saved = _save(assigned, opener, section, sent)
    forget_page(assigned, section)
    if named:
        forget_replaced(assigned, opener, named)
    if assigned.response is None:  # begun by this save; else the save has read it afresh
        assigned = get_assigned(public_id=assigned.assignment.public_id)
    return go_on(assigned, opener, section, sent, saved)


def _read(assigned: AssignedForm, opener: Opener, section: Section) -> Sent:
    """What the page says, with the files that came with it."""
    stored = answers_of(assigned.response) if assigned.response is not None else {}
    brought = take_files(assigned, opener, section)
    sent = read_page(section=section, stored=stored, values=brought.values, files=brought.files)
    if asks_safety_again(assigned, section):  # what the page did not show is not answered anew
        sent.answers = {**{item.link_id: [] for item in section.units}, **sent.answers}
    for name, words in brought.refused.items():
        sent.wrong[name] = Wrong("file", words=words)
    return sent


def _save(assigned: AssignedForm, opener: Opener, section: Section, sent: Sent) -> PageSaved:
    page = _sent_page(assigned, section, sent)
    return save_page(page=page, author=opener.author, now=now())


def _sent_page(assigned: AssignedForm, section: Section, sent: Sent) -> Page:
    base, older = read_base(text=request.form.get("base", ""))
    return Page(
        assignment=assigned.assignment.public_id,
        form=request.form.get("form", ""),
        section=section.number,
        base=base,
        answers=sent.answers,
        is_whole=request.headers.get("X-Saving") != SAVING,
        language=assigned.language,
        older={one.link_id: older[one.order] for one in section.units if one.order in older},
    )
