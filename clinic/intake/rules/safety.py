"""Safety rules: which red flags a patient's answers raise, by a rule set with version and hash.

The same response, form and rule set always raise the same events: nothing else is looked at but
the patient's age, which the caller gives.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from clinic.intake.rules.facts import Facts, Simple
from clinic.intake.rules.outcome import Code, Issues, shown
from clinic.intake.rules.rule_conditions import Reader, Test
from clinic.intake.rules.state import State

# Highest first.
LEVELS = ("EMERGENCY", "SAME-DAY", "PRIORITY")
FORMAT = "clinic-safety-rules/1"
MOST_RULES = 500

_RULE_KEYS = frozenset({"id", "level", "title", "when", "source", "active", "note"})
_SET_KEYS = frozenset({"format", "id", "version", "title", "note", "levels", "rules"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `questions` are the linkIds it asks."""

    id: str
    level: str
    title: str
    source: str
    test: Test
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules with the version and the hash (SHA-256 of their canonical JSON) to keep with events."""

    id: str
    version: str
    sha256: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class SafetyEvent:
    """A rule that fired, with the answers to the questions it asks."""

    rule_id: str
    level: str
    title: str
    rule_set: str
    sha256: str
    answers: tuple[tuple[str, tuple[Simple, ...]], ...]


def canonical_hash(*, raw: Any) -> str:
    """SHA-256 over JSON with sorted keys and no spaces: the same for the same content."""
    text = json.dumps(raw, sort_keys=True, separators=(",", ":"), default=_decimal_text)
    return hashlib.sha256(text.encode()).hexdigest()


def _decimal_text(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def read_rules(*, raw: Any) -> tuple[RuleSet | None, Issues]:
    """A rule set from JSON, and what is wrong with it; a set with faults is not to be used."""
    issues = Issues()
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        issues.fatal(Code.INVALID, f"This is no rule set of the format {shown(FORMAT)}.", "")
        return None, issues
    check_set(raw=raw, keys=_SET_KEYS, issues=issues)
    rules: list[Rule] = []
    seen: set[str] = set()
    for path, entry in entries_of(raw=raw, key="rules", keys=_RULE_KEYS, issues=issues):
        rule = _rule(entry, path, seen, issues)
        if rule is not None and entry.get("active", True):
            rules.append(rule)
    found = RuleSet(
        str(raw.get("id")), str(raw.get("version")), canonical_hash(raw=raw), tuple(rules)
    )
    return found, issues


def check_set(*, raw: dict[str, Any], keys: frozenset[str], issues: Issues) -> None:
    """Note what a rule set lacks or has too much."""
    for key in raw.keys() - keys:
        issues.error(Code.STRUCTURE, f"{shown(key)} is not known here.", "")
    for key in ("id", "version"):
        if not isinstance(raw.get(key), str) or not raw[key]:
            issues.error(Code.REQUIRED, f"The set has no {key}.", key)


def entries_of(
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


def _rule(raw: dict[str, Any], path: str, seen: set[str], issues: Issues) -> Rule | None:
    name = own_id(raw=raw, seen=seen, path=path, issues=issues)
    level = raw.get("level")
    if level not in LEVELS:
        issues.error(Code.CODE_INVALID, f"{shown(level)} is no level.", f"{path}.level")
    reader = Reader(issues)
    test = reader.condition(raw.get("when"), f"{path}.when")
    if name is None or level not in LEVELS:
        return None
    words = (str(raw.get("title", "")), str(raw.get("source", "")))
    return Rule(name, str(level), *words, test, tuple(reader.questions))


def fired_rules(*, rules: RuleSet, state: State, age: int | None) -> tuple[SafetyEvent, ...]:
    """The events of a settled state, in the order of the rules; `age` in years, None unknown."""
    facts = Facts(state=state, age=age)
    return tuple(
        SafetyEvent(
            rule_id=rule.id,
            level=rule.level,
            title=rule.title,
            rule_set=f"{rules.id}|{rules.version}",
            sha256=rules.sha256,
            answers=tuple(
                (name, answers) for name in rule.questions if (answers := facts.answers(name))
            ),
        )
        for rule in rules.rules
        if rule.test(facts)
    )


def highest_level(events: Iterable[SafetyEvent]) -> str | None:
    """The level that decides what the patient sees; None when nothing fired."""
    found = {event.level for event in events}
    return next((level for level in LEVELS if level in found), None)
