"""FHIRPath's operators, loosest first, and its tests of type."""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from clinic.intake.rules.fhirpath import Collection, Context, FhirPathError, Step
from clinic.intake.rules.fhirpath_values import (
    answer,
    arithmetic,
    compare,
    divided,
    equal,
    remainder,
    same,
    single,
    truth,
    unique,
    whole_divided,
)

Binary = Callable[[Context, Collection, Collection], Collection]

LEVELS: tuple[tuple[str, ...], ...] = (
    ("implies",),
    ("or", "xor"),
    ("and",),
    ("in", "contains"),
    ("=", "~", "!=", "!~"),
    ("<", ">", "<=", ">="),
    ("|",),
    ("is", "as"),
    ("+", "-", "&"),
    ("*", "/", "div", "mod"),
)


def _logical(work: Callable[[bool | None, bool | None], bool | None]) -> Binary:
    return lambda _context, left, right: answer(work(truth(left), truth(right)))


def _and(a: bool | None, b: bool | None) -> bool | None:
    if a is False or b is False:
        return False
    return None if a is None or b is None else True


def _or(a: bool | None, b: bool | None) -> bool | None:
    if a or b:
        return True
    return None if a is None or b is None else False


def _xor(a: bool | None, b: bool | None) -> bool | None:
    return None if a is None or b is None else a is not b


def _implies(a: bool | None, b: bool | None) -> bool | None:
    return _or(None if a is None else not a, b)


def _equal(context: Context, left: Collection, right: Collection) -> Collection:
    return answer(equal(left, right, context.budget))


def _not_equal(context: Context, left: Collection, right: Collection) -> Collection:
    found = equal(left, right, context.budget)
    return answer(None if found is None else not found)


def _alike(context: Context, left: Collection, right: Collection) -> Collection:
    """`~`: as `=`, but texts without regard to case, and two empty sides are alike."""
    if not left and not right:
        return [True]
    folded = [[v.casefold() if isinstance(v, str) else v for v in side] for side in (left, right)]
    return [equal(folded[0], folded[1], context.budget) or False]


def _unlike(context: Context, left: Collection, right: Collection) -> Collection:
    return [not _alike(context, left, right)[0]]


def _ordered(work: Callable[[int, int], bool]) -> Binary:
    def run(context: Context, left: Collection, right: Collection) -> Collection:
        context.budget.spend()
        found = compare(left, right)
        return [] if found is None else [work(found, 0)]

    return run


def _reckoned(work: Callable[[Any, Any], Any]) -> Binary:
    def run(context: Context, left: Collection, right: Collection) -> Collection:
        context.budget.spend()
        return arithmetic(left, right, work)

    return run


def _add(context: Context, left: Collection, right: Collection) -> Collection:
    texts = [value for value in (single(left), single(right)) if isinstance(value, str)]
    if not texts:
        return _reckoned(operator.add)(context, left, right)
    if not left or not right:
        return []
    if len(texts) < 2:
        raise FhirPathError("a text and a number cannot be added; use &")
    return _joined(context, left, right)


def _joined(context: Context, left: Collection, right: Collection) -> Collection:
    """`&`: an empty side is an empty text."""
    texts = ["" if value is None else value for value in (single(left), single(right))]
    if not all(isinstance(text, str) for text in texts):
        raise FhirPathError("only texts can be joined")
    context.budget.spend(1 + sum(len(text) for text in texts) // 50)
    return [texts[0] + texts[1]]


def _in(context: Context, left: Collection, right: Collection) -> Collection:
    value = single(left)
    if value is None:
        return []
    return [any(same(value, other, context.budget) for other in right)]


def _union(context: Context, left: Collection, right: Collection) -> Collection:
    return unique([*left, *right], context.budget)


BINARY: dict[str, Binary] = {
    "implies": _logical(_implies),
    "or": _logical(_or),
    "xor": _logical(_xor),
    "and": _logical(_and),
    "in": _in,
    "contains": lambda context, left, right: _in(context, right, left),
    "=": _equal,
    "!=": _not_equal,
    "~": _alike,
    "!~": _unlike,
    "<": _ordered(operator.lt),
    ">": _ordered(operator.gt),
    "<=": _ordered(operator.le),
    ">=": _ordered(operator.ge),
    "|": _union,
    "+": _add,
    "-": _reckoned(operator.sub),
    "&": _joined,
    "*": _reckoned(operator.mul),
    "/": _reckoned(divided),
    "div": _reckoned(whole_divided),
    "mod": _reckoned(remainder),
}


def _is_coding(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and "value" not in value
        and bool({"code", "display"} & value.keys())
    )


TYPES: dict[str, Callable[[Any], bool]] = {
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "decimal": lambda value: isinstance(value, Decimal),
    "string": lambda value: isinstance(value, str),
    "Coding": _is_coding,
    "Quantity": lambda value: isinstance(value, dict) and "value" in value,
}
TYPES |= {name.title(): test for name, test in TYPES.items() if name.islower()}


def of_type(inner: Step, name: str, *, keeps: bool) -> Step:
    """`ofType` and `as` keep the values of a type; `is` asks whether the one value is of it."""
    test = TYPES[name]

    def run(context: Context, focus: Collection) -> Collection:
        found = inner(context, focus)
        context.budget.spend(len(found))
        if keeps:
            return [value for value in found if test(value)]
        value = single(found)
        return [] if value is None else [test(value)]

    return run
