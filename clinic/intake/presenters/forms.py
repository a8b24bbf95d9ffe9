"""The lists around the pages: forms to fill in, the sections of one, and all answers to check."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.intake.presenters.answers import answer_words
from clinic.intake.presenters.blocks import missing_sentence
from clinic.intake.presenters.wrong import about_question
from clinic.intake.queries.responses import AssignedForm
from clinic.intake.rules.controls import Control, control_of
from clinic.intake.rules.faults import Fault
from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.names import field_name, is_repeated, named_places
from clinic.intake.rules.sections import Progress, Section, progress_of, sections_of
from clinic.intake.rules.state import Place, State
from clinic.web.fields import ErrorView

FORMS = "/intake/forms"


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form in a patient's list."""

    title: str
    href: str
    icon: str
    word: str
    look: str
    due: str = ""


@dataclass(frozen=True, slots=True)
class SectionLine:
    """A section in a form's list; without an address it cannot be opened yet."""

    number: int
    title: str
    href: str
    icon: str
    word: str
    look: str


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A question with its answers, and where it is changed; ``is_missing`` needs an answer."""

    id: str
    question: str
    answers: tuple[str, ...]
    href: str
    is_missing: bool = False


@dataclass(frozen=True, slots=True)
class CheckPart:
    """The rows of a section."""

    title: str
    rows: tuple[CheckRow, ...]


def form_path(public_id: str) -> str:
    """Where the pages of an assigned form begin."""
    return f"{FORMS}/{public_id}"


def present_form_line(assigned: AssignedForm) -> FormLine:
    """A form as its patient's list shows it."""
    if not assigned.is_open:
        icon, word, look = "done", str(_("Sent")), ""
    elif assigned.response is None:
        icon, word, look = "circle", str(_("To do")), "w"
    else:
        icon, word, look = "form", str(_("Begun")), "w"
    title = assigned.title or assigned.questionnaire.slug
    href = form_path(assigned.assignment.public_id)
    return FormLine(title, href, icon, word, look)


def present_sections(
    *, assigned: AssignedForm, state: State, first: Section | None
) -> tuple[SectionLine, ...]:
    """The sections that are asked; until the safety questions are answered no other opens."""
    seen = assigned.response.seen if assigned.response is not None else ()
    path = form_path(assigned.assignment.public_id)
    found = []
    for section in sections_of(form=assigned.form):
        progress = progress_of(section=section, state=state, seen=seen)
        if progress is Progress.NOT_ASKED:
            continue
        is_closed = first is not None and section.number != first.number
        icon, word, look = _status(progress)
        if first is not None and not is_closed and progress is Progress.DONE:
            icon, word, look = "form", str(_("To be answered again")), "w"
        found.append(
            SectionLine(
                number=section.number,
                title=section.title,
                href="" if is_closed else f"{path}/{section.number}",
                icon="no" if is_closed else icon,
                word=str(_("Answer the first section first")) if is_closed else word,
                look="muted" if is_closed else look,
            )
        )
    return tuple(found)


def _status(progress: Progress) -> tuple[str, str, str]:
    match progress:
        case Progress.NOT_STARTED:
            return "circle", str(_("Not started")), "muted"
        case Progress.STARTED:
            return "form", str(_("Something is missing")), "w"
        case Progress.DONE:
            return "done", str(_("Done")), ""
        case Progress.NOT_ASKED:
            return "gone", "", "muted"


def sections_left(lines: Sequence[SectionLine]) -> str:
    """How much is left, in words."""
    left = sum(line.icon != "done" for line in lines)
    if not left:
        return str(_("Every section is done. Check your answers and send them."))
    return str(ngettext("%(num)d section is left.", "%(num)d sections are left.", left))


def present_check(
    *, assigned: AssignedForm, state: State, faults: Iterable[Fault] = ()
) -> tuple[CheckPart, ...]:
    """All questions that are asked, with what was answered, section by section."""
    missing = {fault.link_id for fault in faults}
    path = form_path(assigned.assignment.public_id)
    parts = []
    for section in sections_of(form=state.form):
        rows = tuple(_rows(section, state, missing, f"{path}/{section.number}"))
        if rows:
            parts.append(CheckPart(section.title, rows))
    return tuple(parts)


def _rows(section: Section, state: State, missing: set[str], path: str) -> Iterable[CheckRow]:
    for name, place in named_places(state=state, items=section.items):
        if not place.is_enabled:
            continue
        if is_repeated(place.item) and place.item.link_id in missing and not place.has_answers:
            yield CheckRow(f"row-{name}", place.item.text, (), f"{path}#{name}", is_missing=True)
        elif place.item.is_question and _is_listed(place, missing):
            yield CheckRow(
                id=f"row-{name}",
                question=_question_words(place),
                answers=tuple(answer_words(answer.raw) for answer in place.answers),
                href=f"{path}?check=1#{name}",
                is_missing=place.item.link_id in missing and not place.answers,
            )


def _is_listed(place: Place, missing: set[str]) -> bool:
    if control_of(place.item) is Control.NOTHING:
        return False
    if place.answers or place.item.link_id in missing:
        return True
    # What nobody answered in an optional repetition is no row of its own.
    above = place.parent
    return place.item.limits.calculated is None and not (above and is_repeated(above.item))


def _question_words(place: Place) -> str:
    """The question, after the name of the group that it only makes sense with."""
    above = place.parent
    is_nested = above is not None and above.parent is not None and above.parent.parent is not None
    if above is not None and is_nested and not above.item.is_question and above.item.text:
        stop = "" if above.item.text.endswith(("?", ".", "!", ":")) else ":"
        return f"{above.item.text}{stop} {place.item.text}"
    return place.item.text


def present_faults(*, form: Form, state: State, faults: Iterable[Fault]) -> tuple[ErrorView, ...]:
    """The error summary of the check page; each line leads to the question's row."""
    names = {
        place.item.link_id: name
        for name, place in reversed(
            list(named_places(state=state, items=tuple(form.root.children)))
        )
    }
    found = []
    for fault in faults:
        item: Item | None = form.by_link.get(fault.link_id)
        if item is None:
            found.append(ErrorView("", fault.text or str(_("Something in this form is not right"))))
            continue
        anchor = f"row-{names.get(fault.link_id, field_name(item))}"
        found.append(ErrorView(anchor, _fault_words(fault, item)))
    return tuple(found)


def _fault_words(fault: Fault, item: Item) -> str:
    if fault.kind == "missing":
        return missing_sentence(item)
    return about_question(fault.text or str(_("Check your answer")), question=item.text)
