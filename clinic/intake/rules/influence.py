"""What a changed answer can change beside itself: which questions count, and what rules see."""

from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import blake2b
from typing import Any

from clinic.intake.rules.form import Form, Item
from clinic.intake.rules.reading import write_json
from clinic.intake.rules.safety import RuleSet, fired_rules
from clinic.intake.rules.state import State

CODE = "code:"
MOST_KEPT = 500
"""Answers, told apart by their digests, for which a form knows whether a rule fires."""


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
    waiting = [item for item in form.items if item.link_id in asked or asked & _codes(item)]
    found: dict[int, str] = {}
    while waiting:
        item = waiting.pop()
        if item.order not in found:
            found[item.order] = item.link_id
            waiting += item.ancestors()
            waiting += (form.by_link[condition.question] for condition in item.conditions)
    return tuple(sorted(set(found.values())))


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
    known = form.once(_found_before)
    seen = known.seen_by(rules, form)
    if seen is None:
        return bool(fired_rules(rules=rules, state=settle(), age=age))
    key = (rules.sha256, age, _digest(seen, answers))
    found = known.fired.get(key)
    if found is None:
        state = settle()
        found = bool(fired_rules(rules=rules, state=state, age=age))
        if not state.issues:
            known.keep(key, is_fired=found)
    return found


class _FoundBefore:
    """What was found of one form: never an answer, only whether rules fired for such a digest."""

    def __init__(self) -> None:
        self.fired: dict[tuple[str, int | None, bytes], bool] = {}
        self._seen: dict[str, tuple[str, ...] | None] = {}

    def seen_by(self, rules: RuleSet, form: Form) -> tuple[str, ...] | None:
        if rules.sha256 not in self._seen:
            self._seen[rules.sha256] = weighed(form=form, questions=rules.asked)
        return self._seen[rules.sha256]

    def keep(self, key: tuple[str, int | None, bytes], *, is_fired: bool) -> None:
        if len(self.fired) >= MOST_KEPT:
            self.fired.clear()
        self.fired[key] = is_fired


def _found_before(_form: Form) -> _FoundBefore:
    return _FoundBefore()


def _digest(seen: Iterable[str], answers: Mapping[str, list[Any]]) -> bytes:
    given = {name: answers[name] for name in seen if answers.get(name)}
    return blake2b(write_json(given, indent=None).encode(), digest_size=32).digest()


def _deciding(form: Form) -> frozenset[str]:
    asked = {condition.question for item in form.items for condition in item.conditions}
    return frozenset(asked.union(item.link_id for item in form.items if item.children))


def _codes(item: Item) -> set[str]:
    listed = item.raw.get("code") or ()
    return {f"{CODE}{coding.get('code')}" for coding in listed if isinstance(coding, dict)}
