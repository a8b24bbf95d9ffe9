"""Safety rules: which red flags a patient's answers raise, by a rule set with version and hash.

The same response, form and rule set always raise the same events: nothing else is looked at but
the patient's age, which the caller gives.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clinic.intake.rules.facts import Facts, Simple
from clinic.intake.rules.outcome import Code, Issues, shown
from clinic.intake.rules.rule_conditions import Reader, Test
from clinic.intake.rules.rule_sets import SetKind, own_id, read_set
from clinic.intake.rules.state import State

# Highest first.
LEVELS = ("EMERGENCY", "SAME-DAY", "PRIORITY")
FORMAT = "clinic-safety-rules/1"

_KIND = SetKind(
    words="rule set",
    format=FORMAT,
    keys=frozenset({"format", "id", "version", "title", "note", "levels", "rules"}),
    listed="rules",
    entry_keys=frozenset({"id", "level", "title", "when", "source", "active", "note", "meanwhile"}),
)


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """What already calls for the rule while the question that would grade it is open: it stands
    for the rule where somebody leaves without an answer."""

    title: str
    test: Test


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; `questions` are the linkIds it asks."""

    id: str
    level: str
    title: str
    source: str
    test: Test
    questions: tuple[str, ...]
    meanwhile: Meanwhile | None = None


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules with the version and the hash (SHA-256 of their canonical JSON) to keep with events.

    `asked` is what the rules ask: linkIds, and codes as `code:...`.
    """

    id: str
    version: str
    sha256: str
    rules: tuple[Rule, ...]
    asked: frozenset[str]


@dataclass(frozen=True, slots=True)
class SafetyEvent:
    """A rule that fired, with the answers to the questions it asks."""

    rule_id: str
    level: str
    title: str
    rule_set: str
    sha256: str
    answers: tuple[tuple[str, tuple[Simple, ...]], ...]


def read_rules(*, raw: Any) -> tuple[RuleSet | None, Issues]:
    """A rule set from JSON, and what is wrong with it; a set with faults is not to be used."""
    found, issues = read_set(raw=raw, kind=_KIND, read_one=_rule)
    if found is None:
        return None, issues
    asked = frozenset(name for rule in found.entries for name in rule.questions)
    return RuleSet(found.id, found.version, found.sha256, found.entries, asked), issues


def _rule(raw: dict[str, Any], path: str, seen: set[str], issues: Issues) -> Rule | None:
    name = own_id(raw=raw, seen=seen, path=path, issues=issues)
    level = raw.get("level")
    if level not in LEVELS:
        issues.error(Code.CODE_INVALID, f"{shown(level)} is no level.", f"{path}.level")
    reader = Reader(issues)
    test = reader.condition(raw.get("when"), f"{path}.when")
    meanwhile = _meanwhile(raw, reader, path)
    if name is None or level not in LEVELS:
        return None
    words = (str(raw.get("title", "")), str(raw.get("source", "")))
    return Rule(name, str(level), *words, test, tuple(reader.questions), meanwhile)


def _meanwhile(raw: dict[str, Any], reader: Reader, path: str) -> Meanwhile | None:
    found, place = raw.get("meanwhile"), f"{path}.meanwhile"
    if found is None:
        return None
    if not isinstance(found, dict) or found.keys() != {"when", "title"}:
        reader.issues.error(Code.STRUCTURE, "An object with title and when is needed.", place)
        return None
    return Meanwhile(str(found["title"]), reader.condition(found["when"], f"{place}.when"))


def fired_rules(*, rules: RuleSet, state: State, age: int | None) -> tuple[SafetyEvent, ...]:
    """The events of a settled state, in the order of the rules; `age` in years, None unknown."""
    facts = Facts(state=state, age=age)
    return tuple(_event(rules, rule, rule.title, facts) for rule in rules.rules if rule.test(facts))


def open_rules(*, rules: RuleSet, state: State, age: int | None) -> tuple[SafetyEvent, ...]:
    """The events that rules raise where somebody leaves now: a sign was told, and not the answer
    by which the rule would grade it. None of them is in ``fired_rules`` of the same state."""
    facts = Facts(state=state, age=age)
    return tuple(
        _event(rules, rule, rule.meanwhile.title, facts)
        for rule in rules.rules
        if rule.meanwhile is not None and rule.meanwhile.test(facts) and not rule.test(facts)
    )


def _event(rules: RuleSet, rule: Rule, title: str, facts: Facts) -> SafetyEvent:
    return SafetyEvent(
        rule_id=rule.id,
        level=rule.level,
        title=title,
        rule_set=f"{rules.id}|{rules.version}",
        sha256=rules.sha256,
        answers=tuple(
            (name, answers) for name in rule.questions if (answers := facts.answers(name))
        ),
    )


def highest_level(events: Iterable[SafetyEvent]) -> str | None:
    """The level that decides what the patient sees; None when nothing fired."""
    found = {event.level for event in events}
    return next((level for level in LEVELS if level in found), None)
