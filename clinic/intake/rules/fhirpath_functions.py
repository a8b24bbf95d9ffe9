"""The functions of FHIRPath that forms use. Each takes (context, focus, arguments as steps)."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from clinic.intake.rules.fhirpath import Collection, Context, FhirPathError, Step
from clinic.intake.rules.fhirpath_values import (
    arithmetic,
    children,
    compare,
    held,
    same,
    single,
    truth,
    unique,
)
from clinic.intake.rules.values import number

Function = Callable[[Context, Collection, list[Step]], Collection]

ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
WEIGHT = "http://hl7.org/fhir/StructureDefinition/itemWeight"


@dataclass(frozen=True, slots=True)
class Arity:
    """A function and how many arguments it takes."""

    work: Function
    least: int = 0
    most: int = 0


def each(context: Context, focus: Collection, step: Step) -> list[Collection]:
    """A step's result for every value of the focus, as `$this`."""
    outer, outer_index = context.this, context.index
    results = []
    for index, value in enumerate(focus):
        context.budget.spend()
        context.this, context.index = [value], index
        results.append(step(context, context.this))
    context.this, context.index = outer, outer_index
    return results


def argument(context: Context, arguments: list[Step], index: int = 0) -> Collection:
    """An argument's value; it is said about `$this`, not about the focus."""
    return arguments[index](context, context.this)


def whole_argument(context: Context, arguments: list[Step], index: int = 0) -> int:
    """An argument that must be one whole number."""
    value = single(argument(context, arguments, index))
    if not isinstance(value, int) or isinstance(value, bool):
        raise FhirPathError("a whole number is needed")
    return value


def _where(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    results = each(context, focus, arguments[0])
    return [value for value, found in zip(focus, results, strict=True) if truth(found)]


def _select(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    results = [value for found in each(context, focus, arguments[0]) for value in found]
    context.budget.spend(len(results))
    return results


def _exists(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    return [bool(_where(context, focus, arguments) if arguments else focus)]


def _all(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    return [all(truth(found) for found in each(context, focus, arguments[0]))]


def _repeat(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    found: Collection = []
    seen: set[Any] = set()
    level = focus
    while level:
        level = [
            value
            for value in _select(context, level, arguments)
            if (mark := id(value) if isinstance(value, dict) else repr(value)) not in seen
            and not seen.add(mark)  # type: ignore[func-returns-value]
        ]
        found.extend(level)
    return found


def _iif(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    if truth(arguments[0](context, focus)):
        return arguments[1](context, focus)
    return arguments[2](context, focus) if len(arguments) > 2 else []


def _aggregate(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    outer = context.total
    context.total = argument(context, arguments, 1) if len(arguments) > 1 else []
    for value in focus:
        context.total = each(context, [value], arguments[0])[0]
        context.budget.spend(len(context.total))
    result, context.total = context.total, outer
    return result


def _descendants(context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
    found: Collection = []
    level = _children(context, focus, [])
    while level:
        found.extend(level)
        level = _children(context, level, [])
    return found


def _children(context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
    found: Collection = []
    for value in focus:
        for nested in value.values() if isinstance(value, dict) else ():
            found.extend(nested if isinstance(nested, list) else [nested])
    context.budget.spend(len(found) + 1)
    return found


def _union(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    return unique([*focus, *argument(context, arguments)], context.budget)


def _combine(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    found = [*focus, *argument(context, arguments)]
    context.budget.spend(len(found))
    return found


def _shared(is_in: bool) -> Function:
    def work(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
        other = argument(context, arguments)
        return [
            value
            for value in focus
            if any(same(value, one, context.budget) for one in other) is is_in
        ]

    return work


def _is_distinct(context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
    return [len(unique(focus, context.budget)) == len(focus)]


def _folded(work: Callable[[Any, Any], Any]) -> Function:
    def fold(context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
        context.budget.spend(len(focus))
        result = focus[:1]
        for value in focus[1:]:
            result = arithmetic(result, [value], work)
        return result

    return fold


def _extreme(sign: int) -> Function:
    def work(context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
        context.budget.spend(len(focus))
        result = focus[:1]
        for value in focus[1:]:
            if compare([value], result) == sign:
                result = [value]
        return result

    return work


def _average(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    total = _folded(operator.add)(context, focus, arguments)
    return held(Decimal(total[0]) / len(focus)) if total else []


def _sliced(first: int | None, last: int | None) -> Function:
    return lambda _context, focus, _arguments: focus[first:last]


def _skip(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    return focus[max(0, whole_argument(context, arguments)) :]


def _take(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    return focus[: max(0, whole_argument(context, arguments))]


def _single(_context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
    single(focus)
    return focus


def _not(_context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
    value = truth(focus)
    return [] if value is None else [not value]


def _any_of(wanted: bool) -> Function:
    return lambda _context, focus, _arguments: [any(value is wanted for value in focus)]


def _all_of(wanted: bool) -> Function:
    return lambda _context, focus, _arguments: [all(value is wanted for value in focus)]


def _round(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    value = single(focus)
    places = whole_argument(context, arguments) if arguments else 0
    if value is None:
        return []
    if not number(value) or not 0 <= places <= 20 or abs(value) >= 10**18:
        raise FhirPathError("this cannot be rounded")
    return [Decimal(value).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)]


def _numeric(work: Callable[[Any], Any]) -> Function:
    def reckon(_context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
        value = single(focus)
        if value is None:
            return []
        if not number(value) or abs(value) >= 10**18:
            raise FhirPathError("only numbers of ordinary size can be reckoned with")
        return held(work(value))

    return reckon


def _weight(context: Context, focus: Collection, _arguments: list[Step]) -> Collection:
    """SDC's weight() and ordinal(): the ordinalValue or itemWeight a coding or option carries."""
    found: Collection = []
    for value in focus:
        context.budget.spend()
        for extension in children(value, "extension"):
            if isinstance(extension, dict) and extension.get("url") in (ORDINAL, WEIGHT):
                found.extend(children(extension, "value"))
    return found


def _extension(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    url = single(argument(context, arguments))
    listed = [found for value in focus for found in children(value, "extension")]
    context.budget.spend(len(listed))
    return [found for found in listed if isinstance(found, dict) and found.get("url") == url]


def _subset(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    return [not _shared(False)(context, focus, arguments)]


def _superset(context: Context, focus: Collection, arguments: list[Step]) -> Collection:
    other = argument(context, arguments)
    return [all(any(same(one, value, context.budget) for value in focus) for one in other)]


FUNCTIONS: dict[str, Arity] = {
    "where": Arity(_where, 1, 1),
    "select": Arity(_select, 1, 1),
    "exists": Arity(_exists, 0, 1),
    "all": Arity(_all, 1, 1),
    "repeat": Arity(_repeat, 1, 1),
    "iif": Arity(_iif, 2, 3),
    "aggregate": Arity(_aggregate, 1, 2),
    "children": Arity(_children),
    "descendants": Arity(_descendants),
    "union": Arity(_union, 1, 1),
    "combine": Arity(_combine, 1, 1),
    "intersect": Arity(_shared(True), 1, 1),
    "exclude": Arity(_shared(False), 1, 1),
    "subsetOf": Arity(_subset, 1, 1),
    "supersetOf": Arity(_superset, 1, 1),
    "distinct": Arity(lambda context, focus, _: unique(focus, context.budget)),
    "isDistinct": Arity(_is_distinct),
    "empty": Arity(lambda _context, focus, _: [not focus]),
    "hasValue": Arity(
        lambda _context, focus, _: [len(focus) == 1 and not isinstance(focus[0], dict)]
    ),
    "count": Arity(lambda _context, focus, _: [len(focus)]),
    "not": Arity(_not),
    "allTrue": Arity(_all_of(True)),
    "allFalse": Arity(_all_of(False)),
    "anyTrue": Arity(_any_of(True)),
    "anyFalse": Arity(_any_of(False)),
    "first": Arity(_sliced(0, 1)),
    "last": Arity(_sliced(-1, None)),
    "tail": Arity(_sliced(1, None)),
    "skip": Arity(_skip, 1, 1),
    "take": Arity(_take, 1, 1),
    "single": Arity(_single),
    "sum": Arity(_folded(operator.add)),
    "min": Arity(_extreme(-1)),
    "max": Arity(_extreme(1)),
    "avg": Arity(_average),
    "round": Arity(_round, 0, 1),
    "abs": Arity(_numeric(abs)),
    "ceiling": Arity(_numeric(math.ceil)),
    "floor": Arity(_numeric(math.floor)),
    "truncate": Arity(_numeric(int)),
    "sqrt": Arity(_numeric(lambda value: Decimal(value).sqrt() if value >= 0 else None)),
    "weight": Arity(_weight),
    "ordinal": Arity(_weight),
    "extension": Arity(_extension, 1, 1),
    "trace": Arity(lambda _context, focus, _: focus, 1, 2),
}
