"""Two devices on one form: what a page changed, and what somebody else changed meanwhile."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clinic.intake.rules.working import Answers

Change = tuple[list[Any], list[Any]]
"""What stood there before, and what stands there now."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The answers after a save; ``changes`` by linkId, ``conflicts`` were left as they stood.

    ``behind``: what others changed and the page left alone, so that it still shows what was there.
    """

    answers: Answers
    changes: dict[str, Change]
    conflicts: tuple[str, ...]
    behind: tuple[str, ...] = ()


def merge(
    *,
    stored: Mapping[str, list[Any]],
    given: Mapping[str, list[Any]],
    meanwhile: Sequence[Mapping[str, Sequence[Any]]] = (),
) -> Merged:
    """Lay what a page gave over what is stored.

    ``meanwhile`` are the changes that others made since the page was shown, oldest first. A
    question that only the page changed is taken from it, one that only others changed stays theirs;
    one that both changed differently is a conflict and stays as it is stored.
    """
    shown = _as_shown(given, stored, meanwhile)
    answers: Answers = {key: list(value) for key, value in stored.items()}
    changes: dict[str, Change] = {}
    conflicts: list[str] = []
    behind: list[str] = []
    for link_id, value in given.items():
        now = stored.get(link_id, [])
        if value in (now, shown[link_id]):
            if value != now:
                behind.append(link_id)
            continue
        if shown[link_id] != now:
            conflicts.append(link_id)
            continue
        changes[link_id] = (now, value)
        answers[link_id] = value
    return Merged(answers, changes, tuple(conflicts), tuple(behind))


def _as_shown(
    asked: Iterable[str],
    stored: Mapping[str, list[Any]],
    meanwhile: Sequence[Mapping[str, Sequence[Any]]],
) -> dict[str, list[Any]]:
    """What the page showed: the answers as they were before the first later change."""
    shown = {link_id: stored.get(link_id, []) for link_id in asked}
    for changes in reversed(meanwhile):
        for link_id in shown.keys() & changes.keys():
            shown[link_id] = changes[link_id][0]
    return shown
