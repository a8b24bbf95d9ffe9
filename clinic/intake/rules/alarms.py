"""What a fired safety rule means for whom: interrupts, alerts, escalation, outcomes. Pure."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from clinic.intake.rules.form import Item
from clinic.intake.rules.safety import LEVELS
from clinic.intake.rules.state import State
from clinic.intake.rules.values import Value


class Level(StrEnum):
    """How urgent an event is; `LEVELS` has them highest first."""

    EMERGENCY = "EMERGENCY"
    SAME_DAY = "SAME-DAY"
    PRIORITY = "PRIORITY"


class Outcome(StrEnum):
    """How a clinician ended an event."""

    SENT_TO_EMERGENCY = "sent-to-emergency"
    REFERRED = "referred"
    SEEN_HERE = "seen-here"
    NOT_URGENT = "not-urgent"
    ANSWERED_BY_MISTAKE = "answered-by-mistake"
    NOT_REACHED = "not-reached"


class StepKind(StrEnum):
    """What happened to an event after it was raised."""

    READ = "read"
    ACKNOWLEDGED = "acknowledged"
    ESCALATED = "escalated"
    ANSWER_CHANGED = "answer-changed"
    CLOSED = "closed"


INTERRUPTING = frozenset({Level.EMERGENCY, Level.SAME_DAY})
"""Shown to the patient at once, on a page of its own."""
ALERTING = INTERRUPTING
"""Told to staff by a message without content."""
CLOSING = frozenset({Level.EMERGENCY})
"""The patient books nothing by themselves until a clinician has cleared it."""
SCREENING_LASTS = timedelta(days=14)
"""Older answers are asked again (RF-07)."""


@dataclass(frozen=True, slots=True)
class Worded:
    """A question that a rule asks, as it was put, and the chosen answers in their words."""

    question: str
    link_id: str
    answers: tuple[str, ...]


def worded(*, state: State, questions: Iterable[str]) -> tuple[Worded, ...]:
    """The answers that count to these questions (linkIds, or codes as ``code:...``)."""
    found: dict[str, Worded] = {}
    for name in questions:
        for item in _items(state, name):
            values = [
                value
                for place in state.places_of(item)
                if place.is_enabled
                for value in place.values
            ]
            if values and item.link_id not in found:
                words = tuple(words_of(item=item, value=value) for value in values)
                found[item.link_id] = Worded(item.text, item.link_id, words)
    return tuple(found.values())


def is_about(*, state: State, questions: Iterable[str], changed: Container[str]) -> bool:
    """Whether any of these questions (linkIds, or codes) is among the changed linkIds."""
    return any(item.link_id in changed for name in questions for item in _items(state, name))


def telling(words: Iterable[Worded]) -> tuple[str, ...]:
    """The answers that say something, each once; a yes stands with its question, whatever
    follows it."""
    lines: dict[str, None] = {}
    for one in words:
        for text in one.answers:
            if text.startswith("Yes"):
                lines[f"{one.question} {text}"] = None
            elif text != "No" and not text.startswith("None of"):
                lines[text] = None
    return tuple(lines)


def words_of(*, item: Item, value: Value) -> str:
    """An answer in the words that were offered for it."""
    for option in item.options:
        if option.value.key == value.key:
            return option.display
    raw = value.raw
    if isinstance(raw, bool):
        return "Yes" if raw else "No"
    if isinstance(raw, Mapping):
        return _words_of_object(raw)
    return str(raw)


def as_stored(words: Iterable[Worded]) -> list[dict[str, Any]]:
    """The same for JSON."""
    return [
        {"linkId": one.link_id, "question": one.question, "answers": list(one.answers)}
        for one in words
    ]


def from_stored(listed: Iterable[Mapping[str, Any]]) -> tuple[Worded, ...]:
    """Back from JSON."""
    return tuple(
        Worded(str(one["question"]), str(one["linkId"]), tuple(map(str, one["answers"])))
        for one in listed
    )


def highest(levels: Iterable[str]) -> str | None:
    """The highest of some levels; None of none."""
    found = set(levels)
    return next((level for level in LEVELS if level in found), None)


def escalates_at(*, level: str, raised_at: datetime, minutes: int) -> datetime | None:
    """When a second message goes out unless somebody has taken the event on."""
    return raised_at + timedelta(minutes=minutes) if level == Level.EMERGENCY else None


def _items(state: State, name: str) -> list[Item]:
    if not name.startswith("code:"):
        item = state.form.by_link.get(name)
        return [item] if item is not None else []
    code = name.removeprefix("code:")
    return [
        item
        for item in state.form.items
        if any(coding.get("code") == code for coding in item.raw.get("code") or ())
    ]


def _words_of_object(raw: Mapping[str, Any]) -> str:
    named = raw.get("display") or raw.get("code") or raw.get("title")
    if named:
        return str(named)
    return f"{raw.get('value', '')} {raw.get('unit', '')}".strip()
