"""A response to begin with: what a form says is answered before anybody has typed."""

from collections.abc import Callable
from typing import Any

from clinic.intake.rules.expressions import as_answer
from clinic.intake.rules.fhirpath import Budget, Collection, FhirPathError, evaluate
from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.values import Value

STEPS = 200_000

Lookup = Callable[[str], Collection | None]


def _nothing(_name: str) -> None:
    return None


def first_response(*, form: Form, lookup: Lookup = _nothing) -> dict[str, Any]:
    """A QuestionnaireResponse `in-progress` with the initial values of all questions.

    From `initial`, else options with initialSelected, else initialExpression: `lookup` gives what
    its variables (such as `%patient`) mean; an expression that cannot be worked out gives nothing.
    """
    response: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "status": "in-progress"}
    url, version = form.raw.get("url"), form.raw.get("version")
    if isinstance(url, str):
        response["questionnaire"] = f"{url}|{version}" if isinstance(version, str) else url
    budget = Budget(STEPS)
    entries: dict[int, dict[str, Any]] = {-1: response}
    for item in form.items:
        answers = _initial(item, lookup, budget)
        if answers:
            entry = _entry(item, entries)
            if entry is not None:
                entry["answer"] = answers
    return response


def _initial(item: Item, lookup: Lookup, budget: Budget) -> list[dict[str, Any]]:
    if item.initial:
        return [_answer(value) for value in item.initial]
    chosen = [_answer(option.value) for option in item.options if option.initial]
    expression = item.limits.initial
    if chosen or expression is None:
        return chosen
    try:
        found = evaluate(program=expression.program, focus=[], lookup=lookup, budget=budget)
    except FhirPathError:
        return []
    answers = [as_answer(value, item) for value in found]
    return [answer for answer in answers if answer][: None if item.repeats else 1]


def _answer(value: Value) -> dict[str, Any]:
    return {f"value{value.kind}": value.raw}


def _entry(item: Item, entries: dict[int, dict[str, Any]]) -> dict[str, Any] | None:
    """The item's entry with those above it; below a question, in its first answer if it has one."""
    chain = [item, *item.ancestors()]
    holder: dict[str, Any] = entries[-1]
    for one in reversed(chain):
        if one.order not in entries:
            entries[one.order] = {"linkId": one.link_id}
            holder.setdefault("item", []).append(entries[one.order])
        holder = entries[one.order]
        if one is not item and one.is_question:
            if "answer" not in holder:
                return None
            holder = holder["answer"][0]
    return entries[item.order]
