"""Answers while they are being given: a flat map, in which nothing that was typed goes missing.

Each question has a list of answers (`{"valueInteger": 3}`) under its linkId; a repeating group has
a list of such maps. A FHIR response has no place for answers below a question that is unanswered
just now, or in what is disabled; the map keeps them until the form is completed.
"""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from clinic.intake.rules.checking import settled
from clinic.intake.rules.form import DISPLAY, Form, Item
from clinic.intake.rules.reading import read_json, write_json
from clinic.intake.rules.state import ROOT, State

Answers = dict[str, list[Any]]
"""linkId -> the question's answers, or the repetitions of a group as maps of their own."""
BLANK = ""
"""The key that keeps a repetition without answers in its place, for a page that offers one."""


def read_answers(*, text: str) -> Answers:
    """A map that `write_answers` wrote; numbers with a point are exact."""
    found: Answers = read_json(data=text.encode())
    return found


def write_answers(*, answers: Mapping[str, list[Any]]) -> str:
    """The map as text; empty answers and linkIds without any are left out."""
    return write_json({key: value for key, value in answers.items() if value}, indent=None)


def canonical_of(*, form: Form) -> str:
    """`url|version` of a form, which a response names for ever."""
    return f"{form.raw.get('url')}|{form.raw.get('version')}"


def as_response(
    *, form: Form, answers: Mapping[str, list[Any]], status: str = "in-progress", language: str = ""
) -> dict[str, Any]:
    """The answers as a FHIR QuestionnaireResponse, disabled ones too, in the form's order.

    Answers below a question without an answer have no place in it.
    """
    response: dict[str, Any] = {"resourceType": ROOT}
    if language:
        response["language"] = language
    response["questionnaire"] = canonical_of(form=form)
    response["status"] = status
    listed = _entries(form.root, answers)
    if listed:
        response["item"] = listed
    return response


def state_of(*, form: Form, answers: Mapping[str, list[Any]]) -> State:
    """The settled state of the form with these answers."""
    return settled(form=form, raw=as_response(form=form, answers=answers))


def from_response(*, form: Form, raw: Mapping[str, Any]) -> Answers:
    """The map of a FHIR response; what the form does not ask is left out."""
    answers: Answers = {}
    _collect(form.root, raw, answers)
    return answers


def digest(*, response: Mapping[str, Any]) -> str:
    """SHA-256 of a response's JSON, written in one way."""
    return hashlib.sha256(write_json(response, indent=None).encode()).hexdigest()


def units(*, item: Item) -> Iterator[Item]:
    """The questions and repeating groups below an item that stand in the map, in order."""
    for child in item.children:
        if is_unit(child):
            yield child
        if not _repeats(child):
            yield from units(item=child)


def is_unit(item: Item) -> bool:
    """Whether an item is answered as a whole: a question, or a group that repeats."""
    return item.is_question or _repeats(item)


def _repeats(item: Item) -> bool:
    return item.repeats and not item.is_question and item.type != DISPLAY


def _entries(parent: Item, answers: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for item in parent.children:
        if item.type == DISPLAY:
            continue
        if _repeats(item):
            found += _repetitions(item, answers.get(item.link_id, []))
        elif item.is_question:
            found += _question(item, answers)
        elif nested := _entries(item, answers):
            found.append({"linkId": item.link_id, "item": nested})
    return found


def _repetitions(item: Item, listed: list[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for one in listed:
        nested = _entries(item, one)
        if nested:
            found.append({"linkId": item.link_id, "item": nested})
        elif BLANK in one:
            found.append({"linkId": item.link_id})
    return found


def _question(item: Item, answers: Mapping[str, list[Any]]) -> list[dict[str, Any]]:
    given = [dict(answer) for answer in answers.get(item.link_id, [])]
    if not given:
        return []
    nested = _entries(item, answers)
    if nested:
        given[0]["item"] = nested
    return [{"linkId": item.link_id, "answer": given}]


def _collect(parent: Item, raw: Mapping[str, Any], answers: Answers) -> None:
    by_link: dict[str, list[dict[str, Any]]] = {}
    for entry in raw.get("item", ()):
        by_link.setdefault(entry.get("linkId"), []).append(entry)
    for item in parent.children:
        entries = by_link.get(item.link_id, [])
        if _repeats(item):
            _collect_repetitions(item, entries, answers)
        elif item.is_question:
            _collect_question(item, entries, answers)
        elif entries:
            _collect(item, entries[0], answers)


def _collect_repetitions(item: Item, entries: list[dict[str, Any]], answers: Answers) -> None:
    listed: list[Answers] = []
    for entry in entries:
        own: Answers = {}
        _collect(item, entry, own)
        listed.append(own)
    if listed:
        answers[item.link_id] = listed


def _collect_question(item: Item, entries: list[dict[str, Any]], answers: Answers) -> None:
    given = [answer for entry in entries for answer in entry.get("answer", ())]
    if not given:
        return
    bare = ({key: value for key, value in one.items() if key != "item"} for one in given)
    answers[item.link_id] = list(bare)
    for answer in given[:1]:
        _collect(item, answer, answers)
