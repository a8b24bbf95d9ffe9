"""A form is filled in: its sections, one a page, then all answers to check, then it is sent."""

from collections.abc import Mapping
from dataclasses import replace

from flask import jsonify, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from clinic.core.clock import now
from clinic.core.errors import NotFound
from clinic.intake.forms.pages import read_page
from clinic.intake.library import safety_rules
from clinic.intake.operations.leaving import leave_form
from clinic.intake.operations.saving import (
    Page,
    PageSaved,
    choose_language,
    save_page,
    save_visit,
)
from clinic.intake.presenters.forms import (
    form_path,
    present_sections,
    sections_left,
)
from clinic.intake.presenters.languages import foreign, present_languages
from clinic.intake.presenters.pages import Around, present_page
from clinic.intake.presenters.shape import Shape, shape_of_page
from clinic.intake.queries.links import FormVisitor
from clinic.intake.queries.offers import list_offers
from clinic.intake.queries.responses import AssignedForm, answers_of, get_assigned
from clinic.intake.rules.names import named_places
from clinic.intake.rules.parties import Author
from clinic.intake.rules.sections import (
    Section,
    comes_first,
    missing_in,
    missing_places,
    sections_of,
)
from clinic.intake.rules.sent import Sent, read_base, write_base
from clinic.intake.rules.state import State
from clinic.intake.rules.typed import Wrong
from clinic.intake.views.attaching import (
    DROP,
    files_named,
    forget_replaced,
    has_uploads,
    take_files,
)
from clinic.intake.views.blueprint import blueprint
from clinic.intake.views.ground import (
    FORM,
    as_shown,
    form_state,
    interrupt_of,
    is_safety_asked_again,
    note_look,
    opened,
    removed_words,
)
from clinic.intake.views.keeping import (
    SAVING,
    Again,
    forget_page,
    keep_unproven,
    mark_for,
    page_again,
)
from clinic.intake.views.openers import LANGUAGE, TOKEN, Opener, greet
from clinic.messaging.delivery import clinic_zone, remembered_zone
from clinic.web.access import public
from clinic.web.filters import local_time
from clinic.web.proof import when_unproven
from clinic.web.uploads import takes_files


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
    lines = present_sections(assigned=assigned, state=state, first=_first_open(assigned, state))
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
    section = _section(assigned, number)
    first = _first_open(assigned, form_state(assigned))
    if first is not None and number != first.number:
        return redirect(form_path(assigned.assignment.public_id), 303)
    note_look(assigned, opener)
    again = page_again(assigned, opener, section)
    if again is None:
        return _page(assigned, opener, section)
    drawn, kept = again
    return _page(drawn, opener, _section(drawn, number), kept.sent, kept=kept)


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
        opener, section = greet(visitor, assigned), _section(as_shown(assigned), number)
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
    return _saved(done.assigned, opener, section, sent, done.saved)


@opened
def _save_step_by_step(assigned: AssignedForm, opener: Opener, number: int) -> ResponseReturnValue:
    """The same where a page begins a form, brings or names files, or is a signed-in family's."""
    assigned = as_shown(assigned)
    section = _section(assigned, number)
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
    return _saved(assigned, opener, section, sent, saved)


def _saved(
    assigned: AssignedForm, opener: Opener, section: Section, sent: Sent, saved: PageSaved
) -> ResponseReturnValue:
    """What the script or the browser is told."""
    if request.headers.get("X-Saving") == SAVING:
        return _tell_script(assigned, section, sent, saved)
    if saved.level is not None:
        interrupt = interrupt_of(saved.response)
        if interrupt is not None:
            return redirect(interrupt, 303)
    return _after(assigned, opener, section, sent, saved)


def _read(assigned: AssignedForm, opener: Opener, section: Section) -> Sent:
    """What the page says, with the files that came with it."""
    stored = answers_of(assigned.response) if assigned.response is not None else {}
    brought = take_files(assigned, opener, section)
    sent = read_page(section=section, stored=stored, values=brought.values, files=brought.files)
    if _is_asked_again(assigned, section):  # what the page did not show is not answered anew
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


def _after(
    assigned: AssignedForm, opener: Opener, section: Section, sent: Sent, saved: PageSaved
) -> ResponseReturnValue:
    """The same page where something is wrong, else the next one."""
    if sent.wrong or saved.conflicts:
        return _page(assigned, opener, section, sent, saved.conflicts, behind=saved.behind), (
            409 if saved.conflicts else 422
        )
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
    return _page(assigned, opener, section, sent, missing=was_shown), 422


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


def _page(
    assigned: AssignedForm,
    opener: Opener,
    section: Section,
    sent: Sent | None = None,
    conflicts: tuple[str, ...] = (),
    missing: frozenset[str] = frozenset(),
    kept: Again | None = None,
    behind: Mapping[str, int] | None = None,
) -> str:
    around = _around(assigned, opener, section, conflicts, missing)
    view = present_page(
        assigned=assigned,
        section=section,
        around=replace(around, kept_base=kept.base if kept else None, behind=behind or {}),
        sent=sent,
        more=request.args.get("more", ""),
    )
    return render_template(
        "intake/page.html", page=view, opener=opener, mark=mark_for(assigned, opener)
    )


def _around(
    assigned: AssignedForm,
    opener: Opener,
    section: Section,
    conflicts: tuple[str, ...],
    missing: frozenset[str],
) -> Around:
    response = assigned.response
    is_first_time = response is None or section.number not in response.seen
    is_again = _is_asked_again(assigned, section)
    saved_at = local_time(response.saved_at, zone=clinic_zone()) if response is not None else ""
    return Around(
        offers=list_offers(assigned=assigned, now=now()) if is_first_time and not is_again else {},
        is_asked_again=is_again,
        conflicts=conflicts,
        missing=missing,
        saved_at=saved_at,
        gone=removed_words(assigned),
        is_new=request.args.get("new") == "1",
        to_check=request.args.get("check") == "1" or request.form.get("do") == "check",
        way_back="/intake" if opener.is_family or not opener.is_kiosk else "",
    )


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


def _section(assigned: AssignedForm, number: int) -> Section:
    found = (one for one in sections_of(form=assigned.form) if one.number == number)
    section = next(found, None)
    if section is None:
        raise NotFound
    return section


def _is_asked_again(assigned: AssignedForm, section: Section) -> bool:
    if not is_safety_asked_again(assigned):
        return False
    first = comes_first(form=assigned.form, asked_by_rules=safety_rules().asked)
    return first is not None and first.number == section.number


def _first_open(assigned: AssignedForm, state: State) -> Section | None:
    """The safety questions, as long as they are not answered, or were too long ago."""
    first = comes_first(form=assigned.form, asked_by_rules=safety_rules().asked)
    if first is None or missing_in(section=first, state=state) or is_safety_asked_again(assigned):
        return first
    return None
