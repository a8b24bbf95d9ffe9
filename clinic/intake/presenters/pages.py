"""One page of a form, ready to print."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask_babel import gettext as _

from clinic.intake.presenters.answers import answer_words
from clinic.intake.presenters.block import Block, Drawing
from clinic.intake.presenters.blocks import present_blocks
from clinic.intake.presenters.forms import form_path
from clinic.intake.presenters.languages import foreign
from clinic.intake.presenters.shape import shape_of_blocks
from clinic.intake.queries.responses import AssignedForm, answers_of
from clinic.intake.rules.sections import (
    Progress,
    Section,
    progress_of,
    sections_of,
)
from clinic.intake.rules.sent import Sent, sort_names, write_base
from clinic.intake.rules.state import State
from clinic.intake.rules.working import BLANK, Answers, state_of
from clinic.web.fields import ErrorView


@dataclass(frozen=True, slots=True)
class Around:
    """What a page is shown with: see ``PageView`` and ``Drawing``. ``kept_base``: what was sent is
    not saved; it was made from this version of the answers."""

    offers: Answers
    conflicts: tuple[str, ...] = ()
    missing: frozenset[str] = frozenset()
    saved_at: str = ""
    gone: tuple[str, ...] = ()
    is_new: bool = False
    to_check: bool = False
    way_back: str = ""
    is_asked_again: bool = False
    is_own_device: bool = False
    kept_base: int | None = None
    behind: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageView:
    """A page. ``shown`` names the questions that are asked, ``off`` what is on the page and not
    asked; ``base`` is the version of the answers it was made from."""

    title: str
    form_title: str
    number: int
    count: int
    action: str
    back: str
    form: str
    base: str
    shown: str
    blocks: tuple[Block, ...]
    errors: tuple[ErrorView, ...]
    off: tuple[str, ...] = ()
    saved_at: str = ""
    gone: tuple[str, ...] = ()
    is_new: bool = False
    is_kept: bool = False
    has_conflicts: bool = False
    has_files: bool = False
    is_asked_again: bool = False
    to_check: bool = False
    language: str = ""
    leave: str = ""
    still: str = ""
    lines: tuple[str, ...] = field(default=())


def present_page(
    *,
    assigned: AssignedForm,
    section: Section,
    around: Around,
    sent: Sent | None = None,
    more: str = "",
) -> PageView:
    """A section with what is stored, over it what is offered, over that what was sent."""
    form = assigned.form
    stored: Answers = answers_of(assigned.response) if assigned.response is not None else {}
    if around.is_asked_again:
        asked = {item.link_id for item in section.units}
        stored = {name: answer for name, answer in stored.items() if name not in asked}
    offers = {
        item.link_id: around.offers[item.link_id]
        for item in section.units
        if item.link_id in around.offers and not stored.get(item.link_id)
    }
    is_kept = around.kept_base is not None
    layout = dict(sent.layout) if sent is not None and (sent.wrong or is_kept) else {}
    answers: Answers = {**stored, **offers, **layout}
    _offer_more(section, answers, more)
    state = state_of(form=form, answers=answers)
    drawing = Drawing(
        form=form,
        state=state,
        sent=sent
        if sent is not None and (sent.wrong or around.conflicts or around.missing or is_kept)
        else None,
        offered=frozenset(offers),
        theirs=_theirs(state, around.conflicts),
        missing=around.missing,
        is_own_device=around.is_own_device,
    )
    blocks = present_blocks(drawing=drawing, items=section.items)
    shape = shape_of_blocks(blocks)
    numbers = _numbers(assigned, state)
    path = form_path(assigned.assignment.public_id)
    return PageView(
        title=section.title or assigned.title,
        form_title=assigned.title,
        number=numbers.index(section.number) + 1 if section.number in numbers else 1,
        count=max(len(numbers), 1),
        action=f"{path}/{section.number}",
        back=_back(numbers, section, path),
        language=foreign(assigned.language),
        form=assigned.version.public_id if assigned.version else "",
        base=_base(assigned, around),
        shown=shape.shown,
        blocks=blocks,
        errors=_errors(blocks),
        off=shape.off,
        saved_at=around.saved_at,
        gone=around.gone,
        is_new=around.is_new,
        is_asked_again=around.is_asked_again,
        is_kept=is_kept,
        has_conflicts=bool(around.conflicts),
        has_files=bool(section.files),
        to_check=around.to_check,
        leave=around.way_back,
        still=str(_("We filled in what we know. Look at it and change what is no longer right."))
        if offers
        else "",
    )


def _base(assigned: AssignedForm, around: Around) -> str:
    """What others saved since a kept page was drawn is told when it is saved."""
    if around.kept_base is not None:
        return str(around.kept_base)
    version = assigned.response.version if assigned.response is not None else 0
    return write_base(form=assigned.form, version=version, behind=around.behind)


def _offer_more(section: Section, answers: Answers, more: str) -> None:
    """A repetition to fill in where somebody asked for another one."""
    for item in section.units:
        if more == f"q{item.order}" and item.repeats and not item.is_question:
            answers[item.link_id] = [*answers.get(item.link_id, []), {BLANK: []}]


def _theirs(state: State, conflicts: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    found = []
    for link_id in conflicts:
        places = state.places_of(state.form.by_link[link_id])
        words = ", ".join(answer_words(a.raw) for place in places for a in place.answers)
        text = (
            _(
                "On another device “%(question)s” was answered: “%(words)s”. Save again to keep"
                " yours.",
                question=state.form.by_link[link_id].text,
                words=words,
            )
            if words
            else _(
                "On another device “%(question)s” was changed. Save again to keep yours.",
                question=state.form.by_link[link_id].text,
            )
        )
        found.append((link_id, str(text)))
    return tuple(found)


def _numbers(assigned: AssignedForm, state: State) -> list[int]:
    """The sections that are asked."""
    return [
        one.number
        for one in sections_of(form=assigned.form)
        if progress_of(section=one, state=state) is not Progress.NOT_ASKED
    ]


def _back(numbers: list[int], section: Section, path: str) -> str:
    before = [number for number in numbers if number < section.number]
    return f"{path}/{before[-1]}" if before else path


def _errors(blocks: tuple[Block, ...]) -> tuple[ErrorView, ...]:
    found: dict[str, str] = {}
    _collect(blocks, found)
    return tuple(ErrorView(name, found[name]) for name in sort_names(found))


def _collect(blocks: tuple[Block, ...], found: dict[str, str]) -> None:
    for block in blocks:
        if block.field is not None and block.field.error:
            found[block.key] = block.field.error
        _collect(block.blocks, found)
