"""Patterns to consider: for clinicians only, with sources; no diagnosis and no probability.

A pattern is listed when all it requires holds and enough supports it (two, unless it says
otherwise); ordered by supports less what speaks against, ties in the set's order.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from clinic.intake.rules.facts import Facts
from clinic.intake.rules.outcome import Code, Issues
from clinic.intake.rules.rule_conditions import Reader, Test
from clinic.intake.rules.rule_sets import SetKind, own_id, read_set
from clinic.intake.rules.safety import SafetyEvent
from clinic.intake.rules.state import State

FORMAT = "clinic-patterns/1"
SUPPORTS_NEEDED = 2

_KIND = SetKind(
    words="pattern set",
    format=FORMAT,
    keys=frozenset({"format", "id", "version", "title", "note", "patterns"}),
    listed="patterns",
    entry_keys=frozenset(
        [
            "id",
            "title",
            "require",
            "support",
            "against",
            "supportsNeeded",
            "exam",
            "evidence",
            "active",
            "note",
        ]
    ),
)


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that speaks for or against a pattern, in words and as a test."""

    text: str
    test: Test
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """One pattern of a set."""

    id: str
    title: str
    require: tuple[Sign, ...]
    support: tuple[Sign, ...]
    against: tuple[Sign, ...]
    supports_needed: int
    exam: tuple[str, ...]
    evidence: str


@dataclass(frozen=True, slots=True)
class PatternSet:
    """Patterns with the version and hash to keep with a listing."""

    id: str
    version: str
    sha256: str
    patterns: tuple[Pattern, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """A listed pattern: what matched, what speaks against it, which questions have no answer."""

    pattern_id: str
    title: str
    supports: tuple[str, ...]
    againsts: tuple[str, ...]
    missing: tuple[str, ...]
    exam: tuple[str, ...]
    evidence: str
    pattern_set: str
    sha256: str


def read_patterns(*, raw: Any) -> tuple[PatternSet | None, Issues]:
    """A set from JSON, and what is wrong with it; a set with faults is not to be used."""
    found, issues = read_set(raw=raw, kind=_KIND, read_one=_pattern)
    if found is None:
        return None, issues
    return PatternSet(found.id, found.version, found.sha256, found.entries), issues


def _pattern(raw: dict[str, Any], path: str, seen: set[str], issues: Issues) -> Pattern | None:
    earlier = set(seen)
    name = own_id(raw=raw, seen=seen, path=path, issues=issues)
    signs = {
        key: _signs(raw.get(key, []), f"{path}.{key}", earlier, issues)
        for key in ("require", "support", "against")
    }
    needed = raw.get("supportsNeeded", SUPPORTS_NEEDED)
    if not isinstance(needed, int) or isinstance(needed, bool) or needed < 0:
        issues.error(Code.INVALID, "A whole number from 0 is needed.", f"{path}.supportsNeeded")
        return None
    exam = raw.get("exam", [])
    if not isinstance(exam, list):
        issues.error(Code.STRUCTURE, "exam must be a list of texts.", f"{path}.exam")
        return None
    if name is None:
        return None
    texts = tuple(str(one) for one in exam)
    title, evidence = str(raw.get("title", "")), str(raw.get("evidence", ""))
    require, support, against = signs.values()
    return Pattern(name, title, require, support, against, needed, texts, evidence)


def _signs(raw: Any, path: str, earlier: set[str], issues: Issues) -> tuple[Sign, ...]:
    if not isinstance(raw, list):
        issues.error(Code.STRUCTURE, "A list is needed.", path)
        return ()
    found = []
    for index, entry in enumerate(raw):
        place = f"{path}[{index}]"
        if not isinstance(entry, dict) or entry.keys() != {"text", "when"}:
            issues.error(Code.STRUCTURE, "A sign has a text and a when.", place)
            continue
        reader = Reader(issues, pattern_ids=earlier)
        test = reader.condition(entry["when"], f"{place}.when")
        found.append(Sign(str(entry["text"]), test, tuple(reader.questions)))
    return tuple(found)


def list_patterns(
    *, patterns: PatternSet, state: State, age: int | None, fired: Iterable[SafetyEvent]
) -> tuple[Listing, ...]:
    """The patterns to consider, best supported first."""
    fired_ids = frozenset(event.rule_id for event in fired)
    facts = Facts(state=state, age=age, fired=fired_ids)
    found = []
    for pattern in patterns.patterns:
        listing = _listing(pattern, patterns, facts)
        if listing is not None:
            facts.listed.add(pattern.id)
            found.append(listing)
    return tuple(sorted(found, key=lambda one: len(one.againsts) - len(one.supports)))


def _listing(pattern: Pattern, patterns: PatternSet, facts: Facts) -> Listing | None:
    if not all(sign.test(facts) for sign in pattern.require):
        return None
    supports = tuple(sign.text for sign in pattern.support if sign.test(facts))
    if len(supports) < pattern.supports_needed:
        return None
    asked = {
        question: None
        for sign in (*pattern.require, *pattern.support, *pattern.against)
        for question in sign.questions
    }
    return Listing(
        pattern_id=pattern.id,
        title=pattern.title,
        supports=supports,
        againsts=tuple(sign.text for sign in pattern.against if sign.test(facts)),
        missing=tuple(question for question in asked if not facts.answers(question)),
        exam=pattern.exam,
        evidence=pattern.evidence,
        pattern_set=f"{patterns.id}|{patterns.version}",
        sha256=patterns.sha256,
    )
