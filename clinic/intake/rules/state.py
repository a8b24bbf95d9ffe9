"""A response laid over its form: every item with its answers, also where nothing was answered.

Each item of the form has at least one place: one per occurrence in the response, or an empty one.
Answers in the wrong place are told as faults, and still heard where their question has none: what
a patient says about safety must not be lost to a misplaced bracket.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.outcome import Code, Issues, shown
from clinic.intake.rules.values import Key, Value, held_keys, read_value, typed_keys

MOST_PLACES = 40_000
MOST_ANSWERS = 40_000
ROOT = "QuestionnaireResponse"


@dataclass(slots=True, eq=False)
class Answer:
    """One answer: `value` is None when it has none, `fault` says what is wrong with it."""

    raw: dict[str, Any]
    path: str
    value: Value | None
    fault: str = ""
    kind: str = ""


@dataclass(slots=True, eq=False)
class Place:
    """An occurrence of an item. `raw` is None where the response says nothing of it."""

    item: Item
    parent: "Place | None"
    raw: dict[str, Any] | None
    path: str
    order: int
    answer_index: int | None = None  # of the parent's answers, for items below a question
    answers: list[Answer] = field(default_factory=list)
    children: list["Place"] = field(default_factory=list)
    last: int = 0  # the highest order among the places below it, its own without any
    has_answers: bool = False  # itself or below, enabled or not
    is_enabled: bool = True
    _keys: frozenset[Key] | None = None

    @property
    def is_there(self) -> bool:
        """Whether the response has this occurrence."""
        return self.raw is not None

    @property
    def values(self) -> Iterator[Value]:
        """The answers' values that could be read."""
        return (answer.value for answer in self.answers if answer.value is not None)

    @property
    def keys(self) -> frozenset[Key]:
        """What conditions compare with."""
        if self._keys is None:
            self._keys = held_keys(self.values)
        return self._keys


@dataclass(slots=True, eq=False)
class State:
    """Form and response together; `by_item` lists the places of an item in document order."""

    form: Form
    raw: dict[str, Any]
    root: Place
    places: list[Place]
    by_item: dict[int, list[Place]]
    issues: Issues
    _by_top: dict[int, list[Place]] | None = None

    def places_of(self, item: Item) -> list[Place]:
        """The item's places; there may be none under the answers of others."""
        return self.by_item.get(item.order, [])

    def places_under(self, item: Item) -> list[Place]:
        """The places of one of the form's own items and of all that stands below it."""
        if self._by_top is None:
            self._by_top = self._listed_by_top()
        return self._by_top.get(item.order, [])

    def _listed_by_top(self) -> dict[int, list[Place]]:
        found: dict[int, list[Place]] = {}
        tops: dict[int, int] = {}
        for place in self.places:  # what stands above comes before
            above = place.parent
            is_top = above is None or above.parent is None
            top = place.item.order if is_top else tops[id(above)]
            tops[id(place)] = top
            found.setdefault(top, []).append(place)
        return found


def lay_over(*, form: Form, raw: dict[str, Any]) -> State:
    """The state; `issues` holds what is wrong with the response's shape."""
    builder = _Builder(form, raw)
    builder.build()
    return builder.state


class _Builder:
    """Walks form and response side by side, without recursion."""

    def __init__(self, form: Form, raw: dict[str, Any]) -> None:
        root = Place(item=form.root, parent=None, raw=raw, path=ROOT, order=-1)
        self.state = State(form, raw, root, [], {}, Issues())
        self._issues = self.state.issues
        self._misplaced: list[tuple[dict[str, Any], str]] = []
        self._answers = 0

    def build(self) -> None:
        waiting = list(reversed(self._children(self.state.root)))
        while waiting:
            place = waiting.pop()
            if len(self.state.places) >= MOST_PLACES:
                words = f"Form and response together have more than {MOST_PLACES} places."
                self._issues.fatal(Code.TOO_COSTLY, f"{words} The rest is not checked.", place.path)
                break
            place.order = len(self.state.places)
            self.state.places.append(place)
            self.state.by_item.setdefault(place.item.order, []).append(place)
            self._read_answers(place)
            if place.item.children or place.raw is not None:
                waiting.extend(reversed(self._children(place)))
        self._settle_misplaced()
        self._sum_up()

    def _sum_up(self) -> None:
        """Tell every place what lies below it."""
        for place in reversed(self.state.places):
            place.last = max(place.last, place.order)
            place.has_answers = place.has_answers or bool(place.answers)
            above = place.parent
            if above is not None:
                above.last = max(above.last, place.last)
                above.has_answers = above.has_answers or place.has_answers

    def _read_answers(self, place: Place) -> None:
        raw = place.raw
        if raw is None or "answer" not in raw:
            return
        listed = raw["answer"]
        if not isinstance(listed, list) or not listed:
            words = f"{place.item.link_id}: answer must be a list that is not empty."
            self._issues.fatal(Code.STRUCTURE, words, f"{place.path}.answer")
            return
        for index, entry in enumerate(listed):
            self._answers += 1
            if self._answers > MOST_ANSWERS:
                words = f"There are more than {MOST_ANSWERS} answers. The rest is not checked."
                self._issues.fatal(Code.TOO_COSTLY, words, place.path)
                return
            place.answers.append(_answer(entry, f"{place.path}.answer[{index}]"))

    def _children(self, place: Place) -> list[Place]:
        """The places one level down."""
        found: list[Place] = []
        raw, item = place.raw, place.item
        if not item.is_question:
            own = self._listed(raw, place.path) if raw is not None else []
            return self._matched(place, own, None)
        if raw is not None and "item" in raw:
            words = f"{item.link_id}: items below a question belong into its answers."
            self._issues.fatal(Code.STRUCTURE, words, f"{place.path}.item")
            self._misplaced.extend(self._listed(raw, place.path))
        for index, answer in enumerate(place.answers):
            if item.children or "item" in answer.raw:
                nested = self._listed(answer.raw, answer.path)
                found.extend(self._matched(place, nested, index))
        return found if place.answers else self._matched(place, [], None)

    def _listed(self, raw: dict[str, Any], path: str) -> list[tuple[dict[str, Any], str]]:
        listed = raw.get("item", [])
        if not isinstance(listed, list) or (not listed and "item" in raw):
            words = "item must be a list that is not empty."
            self._issues.fatal(Code.STRUCTURE, words, f"{path}.item")
            return []
        found = []
        for index, entry in enumerate(listed):
            place = f"{path}.item[{index}]"
            if isinstance(entry, dict):
                found.append((entry, place))
            else:
                self._issues.fatal(Code.STRUCTURE, "item must hold objects.", place)
        return found

    def _matched(
        self, parent: Place, entries: list[tuple[dict[str, Any], str]], index: int | None
    ) -> list[Place]:
        """Places for the parent's items, in the form's order."""
        by_link: dict[Any, list[tuple[dict[str, Any], str]]] = {}
        for entry, path in entries:
            link_id = entry.get("linkId")
            known = link_id if isinstance(link_id, str) else None
            by_link.setdefault(known, []).append((entry, path))
        found = []
        for item in parent.item.children:
            occurrences = by_link.pop(item.link_id, None)
            for raw, path in occurrences or ((None, parent.path),):
                place = Place(item, parent, raw, path, 0, index)
                found.append(place)
        parent.children.extend(found)
        self._check_order(parent, [place for place in found if place.raw is not None], entries)
        for listed in by_link.values():
            for entry, path in listed:
                self._tell_stray(entry, path)
        return found

    def _check_order(
        self, parent: Place, found: list[Place], entries: list[tuple[dict[str, Any], str]]
    ) -> None:
        known = {place.path for place in found}
        given = [path for _entry, path in entries if path in known]
        if given != [place.path for place in found]:
            words = "The items are not in the order of the questionnaire."
            self._issues.warn(Code.STRUCTURE, words, parent.path)

    def _tell_stray(self, entry: dict[str, Any], path: str) -> None:
        link_id = entry.get("linkId")
        if not isinstance(link_id, str) or not link_id:
            self._issues.error(Code.REQUIRED, "The item has no linkId.", path)
            return
        if link_id in self.state.form.by_link:
            words = f"{shown(link_id)} stands in the wrong place."
            self._issues.error(Code.STRUCTURE, words, path)
            self._misplaced.append((entry, path))
        else:
            words = f"The questionnaire has no item {shown(link_id)}."
            self._issues.error(Code.NOT_FOUND, words, path)

    def _settle_misplaced(self) -> None:
        """Hear misplaced answers where their question has none."""
        while self._misplaced:
            entry, path = self._misplaced.pop()
            item = self.state.form.by_link.get(str(entry.get("linkId")))
            places = self.state.places_of(item) if item is not None else []
            if places and places[0].raw is None and "answer" in entry:
                places[0].raw, places[0].path = entry, path
                self._read_answers(places[0])
            self._misplaced.extend(
                (nested, nested_path)
                for nested, nested_path in self._listed(entry, path)
                if isinstance(nested.get("linkId"), str)
            )


def _answer(entry: Any, path: str) -> Answer:
    if not isinstance(entry, dict):
        return Answer({}, path, None, "an answer must be an object")
    keys = typed_keys(raw=entry, prefix="value")
    if not keys:
        return Answer(entry, path, None, "the answer has no value")
    if len(keys) > 1:
        return Answer(entry, path, None, "the answer has several values")
    kind = keys[0][5:]
    value = read_value(kind=kind, raw=entry[keys[0]])
    if isinstance(value, str):
        return Answer(entry, path, None, f"the answer {value}", kind)
    return Answer(entry, path, value, "", kind)
