"""What a clinician looks for in answers: a question's words, what changed, what is open. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clinic.intake.rules.alarms import words_of
from clinic.intake.rules.form import DISPLAY, Item
from clinic.intake.rules.state import Place, State
from clinic.intake.rules.values import Value

Words = Callable[[Item, Value], str]
"""How an answer is said."""


def as_offered(item: Item, value: Value) -> str:
    """In the words that were offered; what was typed as it is kept."""
    return words_of(item=item, value=value)


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose answer is not what it was; "" where there is none."""

    question: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A question in its section, with its answers in words; ``files`` are names and addresses."""

    section: str
    question: str
    answers: tuple[str, ...]
    files: tuple[tuple[str, str], ...] = ()


def words_at(state: State, link_id: str) -> tuple[str, ...]:
    """The answers that count to a question, in words."""
    item = state.form.by_link.get(link_id)
    if item is None:
        return ()
    return tuple(
        words_of(item=item, value=value)
        for place in state.places_of(item)
        if place.is_enabled
        for value in place.values
    )


def rows_at(state: State, group: str, links: tuple[str, ...]) -> tuple[str, ...]:
    """What stands in each repetition of a group: the answers to these questions, side by side."""
    item = state.form.by_link.get(group)
    rows = (
        ", ".join(
            words_of(item=child.item, value=value)
            for link in links
            for child in place.children
            if child.item.link_id == link and child.is_enabled
            for value in child.values
        )
        for place in (state.places_of(item) if item is not None else ())
        if place.is_enabled
    )
    return tuple(row for row in rows if row)


def codes_at(state: State, link_id: str) -> tuple[str, ...]:
    """The codes of the chosen options."""
    item = state.form.by_link.get(link_id)
    if item is None:
        return ()
    raws = (
        value.raw for place in state.places_of(item) if place.is_enabled for value in place.values
    )
    return tuple(str(raw["code"]) for raw in raws if isinstance(raw, dict) and "code" in raw)


def number_at(state: State, link_id: str) -> Decimal | None:
    """The number that was given, None without one."""
    numbers = numbers_at(state, link_id)
    return numbers[0] if numbers else None


def numbers_at(state: State, link_id: str) -> tuple[Decimal, ...]:
    """All numbers that were given to a question, over its repetitions."""
    item = state.form.by_link.get(link_id)
    places = state.places_of(item) if item is not None else []
    raws = (value.raw for place in places if place.is_enabled for value in place.values)
    return tuple(
        Decimal(raw) for raw in raws if isinstance(raw, int | Decimal) and not isinstance(raw, bool)
    )


def answered(state: State, *, words: Words = as_offered) -> Iterator[Answered]:
    """Every answer that counts, in the form's order."""
    for place in state.places:
        item = place.item
        if place.is_enabled and item.is_question and place.answers:
            said = tuple(words(item, value) for value in place.values)
            files = tuple(zip(said, _addresses(place), strict=True)) if _is_file(item) else ()
            yield Answered(_section(item), question_of(item), said, files)


def _is_file(item: Item) -> bool:
    return item.type == "attachment"


def _addresses(place: Place) -> list[str]:
    """Of files: where they are read; only those that this clinic keeps have an address here."""
    raws = (value.raw for value in place.values)
    urls = [str(raw.get("url", "")) if isinstance(raw, dict) else "" for raw in raws]
    return [url if url.startswith("/desk/documents/") else "" for url in urls]


def own_words(state: State) -> tuple[tuple[str, str], ...]:
    """What was written freely and at length: the question and the words."""
    return tuple(
        (one.item.text, str(value.raw))
        for one in state.places
        if one.is_enabled and one.item.type == "text"
        for value in one.values
    )


def unanswered(state: State) -> tuple[str, ...]:
    """Questions that are asked and have no answer, each once."""
    found: dict[int, str] = {}
    for place in state.places:
        if _is_open(place):
            found.setdefault(place.item.order, question_of(place.item))
    return tuple(found.values())


def changes(*, before: State, after: State, words: Words = as_offered) -> tuple[Change, ...]:
    """What is answered differently, or only in one of the two, by the question's linkId."""
    old, new = _by_link(before, words), _by_link(after, words)
    found = []
    for link_id in dict.fromkeys([*new, *old]):
        (asked, then), (_asked, now) = old.get(link_id, ("", "")), new.get(link_id, ("", ""))
        if then != now:
            found.append(Change(_asked or asked, then, now))
    return tuple(found)


def is_open(state: State, link_id: str) -> bool:
    """Whether a question is asked and has no answer."""
    return any(_is_open(place) for place in state.places_of(state.form.by_link[link_id]))


def _by_link(state: State, words: Words) -> dict[str, tuple[str, str]]:
    found: dict[str, Any] = {}
    for place in state.places:
        item = place.item
        if place.is_enabled and item.is_question and place.answers:
            said = [words(item, value) for value in place.values]
            found.setdefault(item.link_id, (question_of(item), []))[1].extend(said)
    return {link_id: (text, "; ".join(said)) for link_id, (text, said) in found.items()}


def _is_open(place: Place) -> bool:
    item = place.item
    if not place.is_enabled or not item.is_question or place.answers or item.type == DISPLAY:
        return False
    if item.read_only or item.limits.hidden or item.limits.calculated:
        return False
    above = place.parent
    while above is not None and above.parent is not None:
        if above.item.repeats and not above.item.is_question and not above.has_answers:
            return False
        above = above.parent
    return True


def question_of(item: Item) -> str:
    """The question with the group it stands in, where that is not the page itself."""
    groups = [one for one in item.ancestors() if one.type == "group" and one.text]
    return f"{groups[0].text}: {item.text}" if len(groups) > 1 else item.text


def _section(item: Item) -> str:
    tops = [item, *item.ancestors()]
    groups = [one for one in tops if one.type == "group" and one.text]
    return groups[-1].text if groups else ""
