"""JSON as RFC 8259 has it, read more strictly than Python does by itself.

Python takes NaN, lets the last of two equal names win and passes on lone surrogates that no
database stores. Here the first is no JSON, and the others are found with their paths.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn

DEEPEST = 20
LONGEST_NUMBER = 18
"""Digits of the longest whole number that is read as one: more fit into no column."""
LONGEST_SHOWN = 40


class NotJson(ValueError):
    """The text is not JSON, or nested deeper than anything that is asked for."""


class TextFault(StrEnum):
    """What is wrong with a value whatever it was meant for."""

    DOUBLED = "doubled"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class JsonText:
    """A value as read, and what is wrong with parts of it: path -> fault."""

    value: object
    faults: dict[str, TextFault]


class _Object(dict[str, Any]):
    """An object that remembers the names it was given twice."""

    doubled: frozenset[str] = frozenset()


def read_json(*, data: bytes) -> JsonText:
    """The value in UTF-8 JSON. Whole numbers of over 18 digits become floats. Raises NotJson."""
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_int=_whole_number,
            parse_constant=_no_constant,
        )
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None
    return JsonText(value, dict(_faults(value)))


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        counts = Counter(name for name, _ in pairs)
        found.doubled = frozenset(name for name, count in counts.items() if count > 1)
    return found


def _whole_number(digits: str) -> int | float:
    return int(digits) if len(digits) <= LONGEST_NUMBER else float(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _faults(value: object) -> Iterator[tuple[str, TextFault]]:
    # A stack of its own: what was nested too deeply must not exhaust Python's.
    waiting: list[tuple[str, object, int]] = [("", value, 0)]
    while waiting:
        path, found, depth = waiting.pop()
        if depth > DEEPEST:
            raise NotJson("nested too deeply")
        if isinstance(found, str) and _has_surrogates(found):
            yield path, TextFault.UNREADABLE
        elif isinstance(found, _Object):
            yield from _faults_of_names(path, found)
            waiting += [(join(path, name), one, depth + 1) for name, one in found.items()]
        elif isinstance(found, list):
            waiting += [
                (join(path, str(number)), one, depth + 1) for number, one in enumerate(found)
            ]


def _faults_of_names(path: str, found: _Object) -> Iterator[tuple[str, TextFault]]:
    for name in found.doubled:
        yield join(path, name), TextFault.DOUBLED
    for name in found:
        if _has_surrogates(name):
            yield join(path, name), TextFault.UNREADABLE


def join(path: str, name: str) -> str:
    """The path of a member: short, and without what cannot be printed."""
    if not 0 < len(name) <= LONGEST_SHOWN or not name.isprintable():
        name = "".join(sign for sign in name[:LONGEST_SHOWN] if sign.isprintable()) or "?"
    return f"{path}.{name}" if path else name


def _has_surrogates(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text)
