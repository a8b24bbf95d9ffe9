"""A form as a patient walks through it: sections, one a page, and how far each has come."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from clinic.intake.rules.controls import Control, control_of, is_asked
from clinic.intake.rules.form import DISPLAY, GROUP, Form, Item
from clinic.intake.rules.state import Place, State
from clinic.intake.rules.working import is_unit, units


class Progress(StrEnum):
    """How far a section has come; one that is not asked has no status."""

    NOT_STARTED = "not-started"
    STARTED = "started"
    DONE = "done"
    NOT_ASKED = "not-asked"


@dataclass(frozen=True, slots=True)
class Section:
    """One page: a group of the form, or questions that stand alone. Numbers begin at 1.

    ``units`` are its questions and repeating groups, those within repeating groups left out;
    ``files`` the questions that are answered by files, those within repeating groups too.
    """

    number: int
    title: str
    items: tuple[Item, ...]
    units: tuple[Item, ...]
    files: tuple[Item, ...]


def sections_of(*, form: Form) -> tuple[Section, ...]:
    """The pages of a form in order. Words before a group belong to its page."""
    return form.once(_sections)


def _sections(form: Form) -> tuple[Section, ...]:
    found: list[Section] = []
    waiting: list[Item] = []
    for item in form.root.children:
        waiting.append(item)
        if item.type == GROUP:
            found.append(_section(len(found) + 1, item.text, waiting))
            waiting = []
    if any(_is_asked(item) for item in waiting):
        title = str(form.raw.get("title") or "")
        found.append(_section(len(found) + 1, title, waiting))
    return tuple(found)


def _section(number: int, title: str, items: list[Item]) -> Section:
    return Section(number, title, tuple(items), tuple(_units(items)), tuple(_files(items)))


def _units(items: list[Item]) -> Iterator[Item]:
    for item in items:
        if is_unit(item):
            yield item
        if not (item.repeats and item.type == GROUP):
            yield from units(item=item)


def _files(items: list[Item]) -> Iterator[Item]:
    waiting = list(items)
    while waiting:
        item = waiting.pop(0)
        if is_asked(item) and control_of(item) is Control.FILE:
            yield item
        waiting += item.children


def section_with(*, form: Form, link_id: str) -> Section | None:
    """The page that asks a question, also one within a repeating group."""
    item = form.by_link.get(link_id)
    if item is None:
        return None
    top = next(iter([*item.ancestors()][::-1]), item)
    return next((one for one in sections_of(form=form) if top in one.items), None)


def progress_of(*, section: Section, state: State, seen: Iterable[int] = ()) -> Progress:
    """How far a page has come. A page without a required question is done once it was saved."""
    places = [place for place in _places(section, state) if place.is_enabled]
    asked = [place for place in places if _is_asked(place.item)]
    if not asked:
        return Progress.NOT_ASKED
    has_any = any(place.answers for place in asked)
    was_saved = section.number in set(seen)
    if missing_in(section=section, state=state):
        return Progress.STARTED if has_any or was_saved else Progress.NOT_STARTED
    if was_saved:
        return Progress.DONE
    is_demanding = any(place.item.required for place in asked)
    return Progress.DONE if has_any and is_demanding else Progress.NOT_STARTED


def missing_in(*, section: Section, state: State) -> tuple[Item, ...]:
    """The questions of a page that must be answered and are not, each once."""
    found: dict[int, Item] = {}
    for place in missing_places(section=section, state=state):
        found.setdefault(place.item.order, place.item)
    return tuple(found.values())


def missing_places(*, section: Section, state: State) -> tuple[Place, ...]:
    """The same by their places: once for each repetition."""
    return tuple(
        place for place in _places(section, state) if place.is_enabled and _is_missing(place)
    )


def removed_by(*, before: State, after: State) -> tuple[Item, ...]:
    """The questions whose answers counted before and do not any more, though they stand."""
    return tuple(
        item
        for item in after.form.items
        if item.is_question and _counts(item, before) and not _counts(item, after)
        if any(place.answers for place in after.places_of(item))
    )


def comes_first(*, form: Form, asked_by_rules: Iterable[str]) -> Section | None:
    """The page of safety questions where the form begins with it, else None."""
    first = next(iter(sections_of(form=form)), None)
    if first is None:
        return None
    asked = frozenset(asked_by_rules)
    is_safety = any(item.required and item.link_id in asked for item in first.units)
    return first if is_safety else None


def _counts(item: Item, state: State) -> bool:
    return any(place.is_enabled and place.answers for place in state.places_of(item))


def _is_asked(item: Item) -> bool:
    """Whether a patient can answer an item or something in it."""
    if item.limits.hidden or item.type == DISPLAY:
        return False
    if item.is_question:
        return not item.read_only and item.limits.calculated is None
    return any(_is_asked(child) for child in item.children)


def _is_missing(place: Place) -> bool:
    item = place.item
    if not (item.required and _is_asked(item)):
        return False
    if item.is_question:
        return not place.answers and _is_begun(place)
    return item.repeats and not place.has_answers


def _is_begun(place: Place) -> bool:
    """Within a repetition that nobody began nothing is missing; the group itself may be."""
    above = place.parent
    while above is not None and above.parent is not None:
        if above.item.type == GROUP and above.item.repeats:
            return above.has_answers
        above = above.parent
    return True


def _places(section: Section, state: State) -> list[Place]:
    return [place for item in section.items for place in state.places_under(item)]
