"""Sets of rules and of patterns as JSON: what they have in common.

A set has a format, an id and a version, and lists its entries; its hash is kept with what it says.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from clinic.intake.rules.outcome import Code, Issues, shown

MOST_RULES = 500

Entry = TypeVar("Entry")
ReadEntry = Callable[[dict[str, Any], str, set[str], Issues], Entry | None]
"""Reads one entry: its JSON, its place, the ids of the entries before, where faults are noted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetKind:
    """A kind of set: its name in sentences, its format and keys, and where its entries stand."""

    words: str
    format: str
    keys: frozenset[str]
    listed: str
    entry_keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class FoundSet(Generic[Entry]):
    """What a set says of itself, its hash and its active entries."""

    id: str
    version: str
    sha256: str
    entries: tuple[Entry, ...]


def canonical_hash(*, raw: Any) -> str:
    """SHA-256 over JSON with sorted keys and no spaces: the same for the same content."""
    text = json.dumps(raw, sort_keys=True, separators=(",", ":"), default=_decimal_text)
    return hashlib.sha256(text.encode()).hexdigest()


def _decimal_text(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def read_set(
    *, raw: Any, kind: SetKind, read_one: ReadEntry[Entry]
) -> tuple[FoundSet[Entry] | None, Issues]:
    """A set from JSON, and what is wrong with it; None for what is no set of that format."""
    issues = Issues()
    if not isinstance(raw, dict) or raw.get("format") != kind.format:
        fault = f"This is no {kind.words} of the format {shown(kind.format)}."
        issues.fatal(Code.INVALID, fault, kind.listed)
        return None, issues
    _check_set(raw=raw, keys=kind.keys, issues=issues)
    entries: list[Entry] = []
    seen: set[str] = set()
    listed = _entries_of(raw=raw, key=kind.listed, keys=kind.entry_keys, issues=issues)
    for path, entry in listed:
        found = read_one(entry, path, seen, issues)
        if found is not None and entry.get("active", True):
            entries.append(found)
    words = (str(raw.get("id")), str(raw.get("version")), canonical_hash(raw=raw))
    return FoundSet(*words, tuple(entries)), issues


def _check_set(*, raw: dict[str, Any], keys: frozenset[str], issues: Issues) -> None:
    """Note what a rule set lacks or has too much."""
    for key in raw.keys() - keys:
        issues.error(Code.STRUCTURE, f"{shown(key)} is not known here.", str(key))
    for key in ("id", "version"):
        if not isinstance(raw.get(key), str) or not raw[key]:
            issues.error(Code.REQUIRED, f"The set has no {key}.", key)


def _entries_of(
    *, raw: dict[str, Any], key: str, keys: frozenset[str], issues: Issues
) -> list[tuple[str, dict[str, Any]]]:
    """The entries of a set that are objects, with their places."""
    listed = raw.get(key)
    if not isinstance(listed, list) or not listed or len(listed) > MOST_RULES:
        issues.error(Code.STRUCTURE, f"{key} must be a list of 1 to {MOST_RULES}.", key)
        return []
    found = []
    for index, entry in enumerate(listed):
        path = f"{key}[{index}]"
        if not isinstance(entry, dict):
            issues.error(Code.STRUCTURE, "An object is needed.", path)
            continue
        for name in sorted(map(str, entry.keys() - keys)):
            issues.error(Code.STRUCTURE, f"{shown(name)} is not known here.", path)
        found.append((path, entry))
    return found


def own_id(*, raw: dict[str, Any], seen: set[str], path: str, issues: Issues) -> str | None:
    """The entry's id; None, with an issue, when it is missing or used before."""
    name = raw.get("id")
    if not isinstance(name, str) or not name:
        issues.error(Code.REQUIRED, "An id is needed.", path)
        return None
    if name in seen:
        issues.error(Code.DUPLICATE, f"{shown(name)} is used before.", path)
        return None
    seen.add(name)
    return name
