"""Conditions of safety and pattern rules: JSON in, a test of facts out. Never code.

{"question": "rf-ces", "in": ["saddle", "bowel"]}      an answer is one of these
{"question": "worse", "in": [...], "atLeast": 2}        at least two are
{"question": "better", "lacks": ["rest"]}               answered, and none is
{"question": "rf-dvt", "only": ["red-warm"]}            answered, and all are
{"question": "sit-minutes", "<=": 30}                   a number compares (<, <=, >, >=)
{"question": "code:44260-8", "weight": {">": 0}}        the chosen option's weight compares
{"question": "trauma-site", "unanswered": true}
{"age": {"<": 40}}                                      unknown age: never
{"all": [...]}, {"any": [...]}, {"not": {...}}, {"atLeast": 3, "of": [...]}
{"fired": "RF-SPA-1"}, {"listed": "P-SCI"}              a safety rule, an earlier pattern
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from clinic.intake.rules.facts import Facts, Simple
from clinic.intake.rules.outcome import Code, Issues, shown
from clinic.intake.rules.values import number

DEEPEST = 20

Test = Callable[[Facts], bool]

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(slots=True)
class Reader:
    """Reads conditions; `questions` collects what they ask, faults go to `issues`."""

    issues: Issues
    pattern_ids: set[str] = field(default_factory=set)
    questions: dict[str, None] = field(default_factory=dict)

    def condition(self, raw: Any, path: str, depth: int = 0) -> Test:
        """The test; one that never holds where the condition is wrong."""
        if not isinstance(raw, dict) or depth > DEEPEST:
            return self._wrong("A condition must be an object, nested at most 20 deep.", path)
        keys = set(raw)
        for needed, allowed, reader in _FORMS:
            if needed <= keys <= needed | allowed:
                return reader(self, raw, path, depth)
        return self._wrong(f"{shown(', '.join(sorted(map(str, keys))))} is no condition.", path)

    def several(self, raw: Any, path: str, depth: int) -> list[Test]:
        """The tests of a list."""
        if not isinstance(raw, list) or not raw:
            self._wrong("A list of conditions is needed that is not empty.", path)
            return [_never]
        return [self.condition(one, f"{path}[{n}]", depth + 1) for n, one in enumerate(raw)]

    def question(self, raw: dict[str, Any], path: str) -> str:
        """The question asked."""
        name = raw["question"]
        if not isinstance(name, str) or not name:
            self._wrong(f"A linkId is needed, not {shown(name)}.", path)
            return ""
        self.questions[name] = None
        return name

    def values(self, raw: Any, path: str) -> frozenset[Simple]:
        """The values of a list."""
        if not isinstance(raw, list) or not raw or not all(_is_simple(one) for one in raw):
            self._wrong("A list of codes or numbers is needed that is not empty.", path)
            return frozenset()
        return frozenset(raw)

    def whole(self, raw: Any, path: str) -> int:
        """A count of at least 1."""
        if not isinstance(raw, int) or isinstance(raw, bool) or raw < 1:
            self._wrong(f"A whole number from 1 is needed, not {shown(raw)}.", path)
            return 1
        return raw

    def comparison(self, raw: Any, path: str) -> Callable[[Any], bool]:
        """From `{"<": 40}`: whether a number compares so; several must all hold."""
        usable = isinstance(raw, dict) and raw and all(number(one) for one in raw.values())
        if not usable or not raw.keys() <= COMPARISONS.keys():
            self._wrong("A comparison such as {'<': 40} is needed.", path)
            return lambda _value: False
        bounds = [(COMPARISONS[sign], bound) for sign, bound in raw.items()]
        return lambda value: number(value) and all(work(value, bound) for work, bound in bounds)

    def _wrong(self, words: str, path: str) -> Test:
        self.issues.error(Code.INVALID, words, path)
        return _never


def _never(_facts: Facts) -> bool:
    return False


def _is_simple(value: Any) -> bool:
    return isinstance(value, str | bool) or number(value)


def _all(reader: Reader, raw: dict[str, Any], path: str, depth: int) -> Test:
    tests = reader.several(raw["all"], f"{path}.all", depth)
    return lambda facts: all(test(facts) for test in tests)


def _any(reader: Reader, raw: dict[str, Any], path: str, depth: int) -> Test:
    tests = reader.several(raw["any"], f"{path}.any", depth)
    return lambda facts: any(test(facts) for test in tests)


def _not(reader: Reader, raw: dict[str, Any], path: str, depth: int) -> Test:
    test = reader.condition(raw["not"], f"{path}.not", depth + 1)
    return lambda facts: not test(facts)


def _at_least(reader: Reader, raw: dict[str, Any], path: str, depth: int) -> Test:
    least = reader.whole(raw["atLeast"], f"{path}.atLeast")
    tests = reader.several(raw["of"], f"{path}.of", depth)
    return lambda facts: sum(test(facts) for test in tests) >= least


def _age(reader: Reader, raw: dict[str, Any], path: str, _depth: int) -> Test:
    compares = reader.comparison(raw["age"], f"{path}.age")
    return lambda facts: compares(facts.age)


def _in(reader: Reader, raw: dict[str, Any], path: str, _depth: int) -> Test:
    name, wanted = reader.question(raw, path), reader.values(raw["in"], f"{path}.in")
    least = reader.whole(raw.get("atLeast", 1), f"{path}.atLeast")
    return lambda facts: len(wanted.intersection(facts.answers(name))) >= least


def _lacks(reader: Reader, raw: dict[str, Any], path: str, _depth: int) -> Test:
    name, unwanted = reader.question(raw, path), reader.values(raw["lacks"], f"{path}.lacks")

    def test(facts: Facts) -> bool:
        answers = facts.answers(name)
        return bool(answers) and unwanted.isdisjoint(answers)

    return test


def _only(reader: Reader, raw: dict[str, Any], path: str, _depth: int) -> Test:
    name, allowed = reader.question(raw, path), reader.values(raw["only"], f"{path}.only")

    def test(facts: Facts) -> bool:
        answers = facts.answers(name)
        return bool(answers) and allowed.issuperset(answers)

    return test


def _compared(reader: Reader, raw: dict[str, Any], path: str, _depth: int) -> Test:
    name = reader.question(raw, path)
    bounds = {key: bound for key, bound in raw.items() if key != "question"}
    compares = reader.comparison(bounds, path)
    return lambda facts: any(compares(value) for value in facts.answers(name))


def _weight(reader: Reader, raw: dict[str, Any], path: str, _depth: int) -> Test:
    name = reader.question(raw, path)
    compares = reader.comparison(raw["weight"], f"{path}.weight")
    return lambda facts: any(compares(value) for value in facts.weights(name))


def _unanswered(reader: Reader, raw: dict[str, Any], path: str, _depth: int) -> Test:
    name, wanted = reader.question(raw, path), raw["unanswered"]
    if not isinstance(wanted, bool):
        reader.issues.error(Code.INVALID, "unanswered is true or false.", f"{path}.unanswered")
    return lambda facts: (not facts.answers(name)) is wanted


def _fired(reader: Reader, raw: dict[str, Any], path: str, _depth: int) -> Test:
    rule = raw["fired"]
    if not isinstance(rule, str):
        reader.issues.error(Code.INVALID, "The id of a rule is needed.", f"{path}.fired")
    return lambda facts: rule in facts.fired if isinstance(rule, str) else False


def _listed(reader: Reader, raw: dict[str, Any], path: str, _depth: int) -> Test:
    pattern = raw["listed"]
    if not isinstance(pattern, str) or pattern not in reader.pattern_ids:
        words = f"{shown(pattern)} is no pattern before this one."
        reader.issues.error(Code.NOT_FOUND, words, f"{path}.listed")
        return _never
    return lambda facts: pattern in facts.listed


_Form = tuple[frozenset[str], frozenset[str], Callable[[Reader, dict[str, Any], str, int], Test]]
_FORMS: tuple[_Form, ...] = (
    (frozenset({"all"}), frozenset(), _all),
    (frozenset({"any"}), frozenset(), _any),
    (frozenset({"not"}), frozenset(), _not),
    (frozenset({"atLeast", "of"}), frozenset(), _at_least),
    (frozenset({"age"}), frozenset(), _age),
    (frozenset({"question", "in"}), frozenset({"atLeast"}), _in),
    (frozenset({"question", "lacks"}), frozenset(), _lacks),
    (frozenset({"question", "only"}), frozenset(), _only),
    (frozenset({"question", "weight"}), frozenset(), _weight),
    (frozenset({"question", "unanswered"}), frozenset(), _unanswered),
    (frozenset({"fired"}), frozenset(), _fired),
    (frozenset({"listed"}), frozenset(), _listed),
    *((frozenset({"question", sign}), frozenset(COMPARISONS), _compared) for sign in COMPARISONS),
)
