"""What FHIRPath's operators mean for JSON values. Collections are lists; empty means unknown."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from clinic.intake.rules.fhirpath import Budget, Collection, FhirPathError
from clinic.intake.rules.spans import date_time_span, time_span
from clinic.intake.rules.values import number

_LARGEST = 2**63


def single(collection: Collection) -> Any:
    """The one value, None when there is none; raises FhirPathError for several."""
    if len(collection) > 1:
        raise FhirPathError("there are several values where one is needed")
    return collection[0] if collection else None


def truth(collection: Collection) -> bool | None:
    """Three-valued truth: a single value that is no boolean counts as true."""
    value = single(collection)
    return value if value is None or isinstance(value, bool) else True


def answer(value: bool | None) -> Collection:
    """Truth as a collection."""
    return [] if value is None else [value]


def equal(left: Collection, right: Collection, budget: Budget) -> bool | None:
    """`=`: None when either side is empty."""
    if not left or not right:
        return None
    if len(left) != len(right):
        return False
    return all(same(a, b, budget) for a, b in zip(left, right, strict=True))


def same(left: Any, right: Any, budget: Budget) -> bool:
    """Whether two values are equal, in steps of their size."""
    waiting = [(left, right)]
    while waiting:
        a, b = waiting.pop()
        budget.spend()
        if a is b:
            continue
        if isinstance(a, dict) and isinstance(b, dict):
            if a.keys() != b.keys():
                return False
            waiting.extend((a[key], b[key]) for key in a)
        elif isinstance(a, list) and isinstance(b, list):
            if len(a) != len(b):
                return False
            waiting.extend(zip(a, b, strict=True))
        elif isinstance(a, bool) is not isinstance(b, bool) or a != b:
            return False
    return True


def compare(left: Collection, right: Collection) -> int | None:
    """-1, 0 or 1; None when a side is empty or partial dates overlap. Raises for other types."""
    a, b = single(left), single(right)
    if a is None or b is None:
        return None
    if isinstance(a, dict) and isinstance(b, dict):
        a, b = _amounts(a, b)
    if number(a) and number(b):
        return int(a > b) - int(a < b)
    if isinstance(a, str) and isinstance(b, str):
        return _compare_texts(a, b)
    raise FhirPathError("values of different types cannot be compared")


def _amounts(a: dict[str, Any], b: dict[str, Any]) -> tuple[Any, Any]:
    """The amounts of two quantities of one unit."""
    units = [one.get("code") or one.get("unit") for one in (a, b)]
    if units[0] != units[1]:
        raise FhirPathError("quantities of different units cannot be compared")
    return a.get("value"), b.get("value")


def _compare_texts(a: str, b: str) -> int | None:
    for reader in (date_time_span, time_span):
        first, second = reader(text=a), reader(text=b)
        if first and second:
            if first == second:
                return 0
            return -1 if first[1] <= second[0] else 1 if second[1] <= first[0] else None
    return (a > b) - (a < b)


def arithmetic(left: Collection, right: Collection, work: Callable[[Any, Any], Any]) -> Collection:
    """A number out of two; empty when a side is empty, or when it is too large to hold."""
    a, b = single(left), single(right)
    if a is None or b is None:
        return []
    if not number(a) or not number(b):
        raise FhirPathError("only numbers can be reckoned with")
    return held(work(a, b))


def held(value: Any) -> Collection:
    """A result as a collection: none, no finite number or an overflow is empty."""
    if value is None:
        return []
    if isinstance(value, Decimal):
        return [value] if value.is_finite() else []
    return [value] if -_LARGEST <= value < _LARGEST else []


def divided(a: Any, b: Any) -> Any:
    """`/`, always with decimals; None by zero."""
    return Decimal(a) / Decimal(b) if b else None


def whole_divided(a: Any, b: Any) -> Any:
    """`div`, towards zero; None by zero or when the quotient is too large."""
    if not b:
        return None
    quotient = Decimal(a) / Decimal(b)
    return int(quotient) if abs(quotient) < _LARGEST else None


def remainder(a: Any, b: Any) -> Any:
    """`mod`, with the sign of the first; None by zero."""
    if not b:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return abs(a) % abs(b) * (1 if a >= 0 else -1)
    return Decimal(a) % Decimal(b)


def unique(values: Collection, budget: Budget) -> Collection:
    """Each value once, in order of first appearance."""
    seen: dict[Any, list[Any]] = {}
    kept = []
    for value in values:
        budget.spend()
        if isinstance(value, dict | list):
            bucket = seen.setdefault(("o", len(value)), [])
            known = any(same(value, other, budget) for other in bucket)
        else:
            bucket = seen.setdefault((isinstance(value, bool), value), [])
            known = bool(bucket)
        if not known:
            bucket.append(value)
            kept.append(value)
    return kept


def children(value: Any, name: str) -> Collection:
    """What stands under a name; `value` also finds the choice element value[x]."""
    if not isinstance(value, dict):
        return []
    found = value.get(name)
    if found is None:
        size = len(name)
        found = (
            next(
                (
                    value[k]
                    for k in value
                    if len(k) > size and k.startswith(name) and k[size].isupper()
                ),
                None,
            )
            if name in {"value", "answer"}
            else None
        )
    if found is None:
        return []
    return found if isinstance(found, list) else [found]
