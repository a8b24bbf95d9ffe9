"""What a changed answer can change beside itself: which questions count, and what rules see."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from clinic.intake.rules.controls import is_asked
from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.names import is_repeated
from clinic.intake.rules.remembered import Remembered, digest_of
from clinic.intake.rules.safety import RuleSet, fired_rules
from clinic.intake.rules.sections import Section
from clinic.intake.rules.state import State

CODE = "code:"


def decides_others(*, form: Form, changed: Collection[str]) -> bool:
    """Whether answers to these linkIds may enable or disable other questions."""
    if form.has_expressions:
        return True
    return not form.once(_deciding).isdisjoint(changed)


def may_touch(*, form: Form, changed: Collection[str], questions: Iterable[str]) -> bool:
    """Whether answers to these linkIds may change what rules that ask ``questions`` see.

    ``questions`` are linkIds, or codes as ``code:...``, as in rule sets. Certain only when False.
    """
    if decides_others(form=form, changed=changed):
        return True
    asked = questions if isinstance(questions, frozenset) else frozenset(questions)
    return any(
        link_id in asked or not asked.isdisjoint(_codes(form.by_link[link_id]))
        for link_id in changed
    )


def weighed(*, form: Form, questions: Iterable[str]) -> tuple[str, ...] | None:
    """The linkIds of all answers that rules which ask ``questions`` can see anything of.

    Beside what they ask this is what decides whether that counts: what it stands under, what its
    conditions ask, and so on. None where a form computes: then it may be every answer.
    """
    if form.has_expressions:
        return None
    asked = frozenset(questions)
    return _with_deciding(
        form, [item for item in form.items if item.link_id in asked or asked & _codes(item)]
    )


def decide_page(*, form: Form, section: Section) -> tuple[str, ...] | None:
    """The linkIds of all answers that decide what a page asks: what its questions are enabled by,
    its repetitions, and answers that it only shows. None where a form computes."""
    if form.has_expressions:
        return None
    found: list[Item] = []
    waiting = list(section.items)
    while waiting:
        item = waiting.pop()
        waiting += item.children
        found += _deciding_of(form, item)
        if is_repeated(item) or (item.is_question and not is_asked(item)):
            found.append(item)
    return _with_deciding(form, found)


def _with_deciding(form: Form, items: Iterable[Item]) -> tuple[str, ...]:
    """The items' linkIds, with all that decides whether they count."""
    waiting = list(items)
    found: dict[int, str] = {}
    while waiting:
        item = waiting.pop()
        if item.order not in found:
            found[item.order] = item.link_id
            waiting += _deciding_of(form, item)
    return tuple(sorted(set(found.values())))


def _deciding_of(form: Form, item: Item) -> Iterator[Item]:
    """What an item stands under, and what its conditions ask."""
    yield from item.ancestors()
    yield from (form.by_link[condition.question] for condition in item.conditions)


def fires(
    *,
    rules: RuleSet,
    form: Form,
    answers: Mapping[str, list[Any]],
    age: int | None,
    settle: Callable[[], State],
) -> bool:
    """Whether any rule fires for these answers; ``settle`` lays them over the form.

    The same answers to what the rules can see have the same result, so one that was found before
    in this process is not worked out again: most pages ask nothing that a rule looks at.
    """
    seen = _seen_by(rules, form)
    if seen is None:
        return bool(fired_rules(rules=rules, state=settle(), age=age))
    fired = form.once(_fired)
    key = (rules.sha256, age, digest_of(names=seen, answers=answers))
    found = fired.find(key)
    if found is not None:
        return found
    state = settle()
    found = bool(fired_rules(rules=rules, state=state, age=age))
    return found if state.issues else fired.keep(key, found)


def _seen_by(rules: RuleSet, form: Form) -> tuple[str, ...] | None:
    """What a rule set weighs of a form; there is but one in a process, apart from tests."""
    known = form.once(_weighed_by)
    if rules.sha256 not in known:
        known[rules.sha256] = weighed(form=form, questions=rules.asked)
    return known[rules.sha256]


def _weighed_by(_form: Form) -> dict[str, tuple[str, ...] | None]:
    return {}


def _fired(_form: Form) -> Remembered[bool]:
    return Remembered()


def _deciding(form: Form) -> frozenset[str]:
    asked = {condition.question for item in form.items for condition in item.conditions}
    return frozenset(asked.union(item.link_id for item in form.items if item.children))


def _codes(item: Item) -> set[str]:
    listed = item.raw.get("code") or ()
    return {f"{CODE}{coding.get('code')}" for coding in listed if isinstance(coding, dict)}
