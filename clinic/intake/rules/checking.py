"""A response against its questionnaire, told as issues.

Answers that are still being written (`in-progress`, `stopped`) may be incomplete: what would be an
error of completeness or of a rule is a warning there; what is no answer at all stays an error.
"""

from typing import Any

from clinic.intake.rules.answers import check_answer
from clinic.intake.rules.enabling import settle
from clinic.intake.rules.expressions import Reckoning
from clinic.intake.rules.fhirpath import Budget
from clinic.intake.rules.form import ABSTRACT, DISPLAY, GROUP, Form, Item
from clinic.intake.rules.outcome import Code, Issue, Issues, Severity, downgraded, shown
from clinic.intake.rules.response_header import check_header
from clinic.intake.rules.state import ROOT, Place, State, lay_over

MATCHING = 200_000_000  # instructions times characters, about half a second

_UNFINISHED = ("in-progress", "stopped")
_LENIENT = frozenset({Code.REQUIRED, Code.BUSINESS_RULE, Code.INVARIANT})


def check_response(*, form: Form, raw: Any) -> tuple[State | None, Issues]:
    """The settled state and what is wrong; no state only when it is no response at all."""
    issues = Issues()
    if not isinstance(raw, dict) or raw.get("resourceType") != ROOT:
        found = raw.get("resourceType") if isinstance(raw, dict) else raw
        issues.fatal(Code.INVALID, f"This is no QuestionnaireResponse but {shown(found)}.", ROOT)
        return None, issues
    check_header(raw=raw, form=form, issues=issues)
    state = lay_over(form=form, raw=raw)
    reckoning = Reckoning(state)
    reckoning.settle()
    issues.extend(state.issues)
    found_issues = Issues()
    _check_places(state, reckoning, found_issues)
    reckoning.check(found_issues)
    issues.extend(_as_far_as_it_is(raw, found_issues))
    return state, issues


def settled(*, form: Form, raw: dict[str, Any]) -> State:
    """The state with `is_enabled` set everywhere, without checking the answers."""
    state = lay_over(form=form, raw=raw)
    if form.has_expressions:
        Reckoning(state).settle()
    else:
        settle(state=state)
    return state


def _as_far_as_it_is(raw: dict[str, Any], issues: Issues) -> list[Issue]:
    if raw.get("status") not in _UNFINISHED:
        return list(issues)
    return [
        downgraded(issue) if issue.code in _LENIENT and issue.severity is Severity.ERROR else issue
        for issue in issues
    ]


def _check_places(state: State, reckoning: Reckoning, issues: Issues) -> None:
    _check_children(state.root, reckoning, issues)
    matching = Budget(MATCHING)
    for place in state.places:
        if place.raw is None:
            continue
        if not place.is_enabled:
            _check_disabled(place, issues)
            continue
        _check_kind(place, issues)
        if place.item.is_question and place.item.type != ABSTRACT and place.item.type:
            for answer in place.answers:
                check_answer(answer=answer, item=place.item, issues=issues, matching=matching)
            _check_exclusive(place, issues)
        if place.children and (place.answers or not place.item.is_question):
            _check_children(place, reckoning, issues)


def _check_disabled(place: Place, issues: Issues) -> None:
    """Told once, at the uppermost disabled item."""
    above = place.parent
    if place.has_answers and (above is None or above.is_enabled):
        words = f"{place.item.link_id}: there is an answer, but the item is not enabled."
        issues.error(Code.BUSINESS_RULE, words, place.path)


def _check_kind(place: Place, issues: Issues) -> None:
    """What cannot be answered is not."""
    item, raw = place.item, place.raw or {}
    if item.type == ABSTRACT and place.answers:
        words = f"{item.link_id}: the type 'question' is abstract and cannot be answered."
        issues.fatal(Code.STRUCTURE, words, place.path)
    elif item.type == DISPLAY and (place.answers or "item" in raw):
        words = f"{item.link_id}: a display is shown and not answered."
        issues.fatal(Code.STRUCTURE, words, place.path)
    elif item.type == GROUP and place.answers:
        words = f"{item.link_id}: a group has no answers of its own."
        issues.fatal(Code.STRUCTURE, words, place.path)


def _check_exclusive(place: Place, issues: Issues) -> None:
    if len(place.answers) < 2 or not place.item.options:
        return
    alone = {option.value.key: option for option in place.item.options if option.exclusive}
    for value in place.values:
        if value.key in alone:
            option = shown(alone[value.key].display)
            words = f"{place.item.link_id}: {option} excludes all other answers."
            issues.error(Code.BUSINESS_RULE, words, place.path)
            return


def _check_children(parent: Place, reckoning: Reckoning, issues: Issues) -> None:
    """Whether everything is there, often enough and not too often, one level below."""
    by_item: dict[tuple[int, int | None], list[Place]] = {}
    for place in parent.children:
        by_item.setdefault((place.item.order, place.answer_index), []).append(place)
    for places in by_item.values():
        if places[0].is_enabled and places[0].item.type:
            _check_count(places, reckoning, issues)


def _check_count(places: list[Place], reckoning: Reckoning, issues: Issues) -> None:
    item, path = places[0].item, places[0].path
    if item.type == GROUP:
        there = [place for place in places if place.raw is not None and place.is_enabled]
        count = sum(place.has_answers for place in there)
        if len(there) > 1 and not item.repeats:
            words = f"{item.link_id}: the group stands {len(there)} times but does not repeat."
            issues.error(Code.BUSINESS_RULE, words, there[1].path)
        _check_least(count, item, path, issues)
        return
    count = sum(len(place.answers) for place in places)
    if count > 1 and not item.repeats:
        words = f"{item.link_id}: {count} answers are given where one is asked for."
        issues.error(Code.BUSINESS_RULE, words, path)
    elif len([place for place in places if place.raw is not None]) > 1:
        words = f"{item.link_id}: all answers of a question belong into one item."
        issues.error(Code.STRUCTURE, words, places[1].path)
    if not (count == 0 and reckoning.has_result(places[0])):
        _check_least(count, item, path, issues)


def _check_least(count: int, item: Item, path: str, issues: Issues) -> None:
    limits = item.limits
    if item.required and count == 0 and item.type != DISPLAY:
        what = "the group" if item.type == GROUP else "the question"
        issues.error(Code.REQUIRED, f"{item.link_id}: {what} must be answered.", path)
    elif limits.min_occurs is not None and 0 < count < limits.min_occurs:
        words = f"{item.link_id}: at least {limits.min_occurs} are asked for, not {count}."
        issues.error(Code.BUSINESS_RULE, words, path)
    if limits.max_occurs is not None and count > limits.max_occurs:
        words = f"{item.link_id}: at most {limits.max_occurs} are allowed, not {count}."
        issues.error(Code.BUSINESS_RULE, words, path)
