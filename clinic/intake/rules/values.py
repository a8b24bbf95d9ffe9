"""Answers as values: what FHIR calls value[x], read, checked and made comparable."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clinic.intake.rules.outcome import shown
from clinic.intake.rules.spans import Span, date_span, date_time_span, time_span

LEAST_INTEGER, MOST_INTEGER = -(2**31), 2**31 - 1
LONGEST_STRING = 1024 * 1024

Key = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its FHIR type ("Integer" of valueInteger).

    `key` is equal for values that FHIR calls equal: numbers by amount, dates by what they say,
    codings by system and code.
    """

    kind: str
    raw: Any
    key: Key


def typed_keys(*, raw: dict[str, Any], prefix: str) -> list[str]:
    """The keys of a choice element: `valueInteger` for the prefix `value`."""
    size = len(prefix)
    return [
        key for key in raw if key.startswith(prefix) and len(key) > size and key[size].isupper()
    ]


def read_value(*, kind: str, raw: Any) -> Value | str:
    """The value, or a sentence that says why it is none of that type."""
    reader = _READERS.get(kind)
    if reader is None:
        return f"values of the type {shown(kind)} are not known here"
    return reader(kind, raw)


def storable(text: str) -> bool:
    """Whether a text can be written as UTF-8: a lone surrogate cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def number(value: Any) -> bool:
    """Whether a JSON value is a number; true and false are none."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _boolean(kind: str, raw: Any) -> Value | str:
    return Value(kind, raw, ("b", raw)) if isinstance(raw, bool) else "must be true or false"


def _decimal(kind: str, raw: Any) -> Value | str:
    return Value(kind, raw, ("n", raw)) if number(raw) else "must be a number"


def _integer(kind: str, raw: Any) -> Value | str:
    if not number(raw) or not isinstance(raw, int):
        return "must be a whole number"
    if not LEAST_INTEGER <= raw <= MOST_INTEGER:
        return "must fit into 32 bits"
    return Value(kind, raw, ("n", raw))


def _spanned(name: str, reader: Callable[..., Span | None]) -> Callable[[str, Any], Value | str]:
    def read(kind: str, raw: Any) -> Value | str:
        span = reader(text=raw) if isinstance(raw, str) else None
        return f"{shown(raw)} is no {name}" if span is None else Value(kind, raw, ("t", *span))

    return read


def _text(kind: str, raw: Any) -> Value | str:
    if not isinstance(raw, str) or not raw.strip():
        return "must be a text that is not empty"
    if len(raw) > LONGEST_STRING:
        return "must be at most 1 MiB long"
    if not storable(raw):
        return "has half a character in it (a lone surrogate)"
    return Value(kind, raw, ("s", raw))


def _coding(kind: str, raw: Any) -> Value | str:
    if not isinstance(raw, dict):
        return "must be a coding"
    parts = [raw.get(name) for name in ("system", "code", "display")]
    if not all(part is None or (isinstance(part, str) and storable(part)) for part in parts):
        return "must have texts as system, code and display"
    system, code, display = parts
    if code is None and display is None:
        return "must have a code or a display"
    return Value(kind, raw, ("c", system, code) if code is not None else ("d", system, display))


def _quantity(kind: str, raw: Any) -> Value | str:
    if not isinstance(raw, dict) or not number(raw.get("value")):
        return "must be a quantity with a number as its value"
    parts = [raw.get(name) for name in ("unit", "system", "code")]
    if not all(part is None or (isinstance(part, str) and storable(part)) for part in parts):
        return "must have texts as unit, system and code"
    return Value(kind, raw, ("q", raw["value"], raw.get("code") or raw.get("unit")))


def _object(kind: str, raw: Any) -> Value | str:
    if not isinstance(raw, dict) or not raw:
        return f"must be a {kind}"
    return Value(kind, raw, ("o", id(raw)))


def _reference(kind: str, raw: Any) -> Value | str:
    if not isinstance(raw, dict) or not raw:
        return "must be a reference"
    target = raw.get("reference")
    return Value(kind, raw, ("r", target if isinstance(target, str) else id(raw)))


_READERS: dict[str, Callable[[str, Any], Value | str]] = {
    "Boolean": _boolean,
    "Decimal": _decimal,
    "Integer": _integer,
    "Date": _spanned("date", date_span),
    "DateTime": _spanned("date and time", date_time_span),
    "Time": _spanned("time of day", time_span),
    "String": _text,
    "Uri": _text,
    "Attachment": _object,
    "Coding": _coding,
    "Quantity": _quantity,
    "Reference": _reference,
}


def is_ordered(value: Value) -> bool:
    """Whether `<` and `>` mean something for this value."""
    return value.key[0] in {"n", "t", "q", "s"}


def below(value: Value, bound: Value) -> bool:
    """Whether all of the value lies before all of the bound; False when they do not compare."""
    if value.key[0] != bound.key[0]:
        return False
    match value.key[0]:
        case "t":
            return bool(value.key[2] <= bound.key[1])
        case "n" | "s":
            return bool(value.key[1] < bound.key[1])
        case "q":
            return value.key[2] == bound.key[2] and bool(value.key[1] < bound.key[1])
    return False


def equal_keys(value: Value) -> Iterator[Key]:
    """The keys that count as equal to a condition's value: a coding without system fits any."""
    yield value.key
    if value.key[0] in {"c", "d"}:
        yield (value.key[0], None, value.key[2])
        if value.key[1] is None:
            yield ("any", value.key[0], value.key[2])


def held_keys(values: Iterable[Value]) -> frozenset[Key]:
    """What a condition's `equal_keys` are looked up in."""
    keys: set[Key] = set()
    for value in values:
        keys.add(value.key)
        if value.key[0] in {"c", "d"}:
            keys.add(("any", value.key[0], value.key[2]))
    return frozenset(keys)
