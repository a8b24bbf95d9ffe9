"""What was worked out of some answers, found again for the same ones: by a digest, never an answer.

A page is saved again and again while somebody types. Most of what a save asks of the form follows
from few of its answers, which seldom change.
"""

from collections.abc import Hashable, Iterable, Mapping
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from clinic.intake.rules.reading import write_json

MOST_KEPT = 500

R = TypeVar("R")


class Remembered(Generic[R]):
    """Results by what they follow from; at the most 500, then it begins anew."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept: dict[Hashable, R] = {}

    def find(self, key: Hashable) -> R | None:
        """The result for this key, or None."""
        return self._kept.get(key)

    def keep(self, key: Hashable, result: R) -> R:
        """Keep a result, and answer it."""
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[key] = result
        return result


def digest_of(*, names: Iterable[str], answers: Mapping[str, list[Any]]) -> bytes:
    """What tells the answers to these linkIds from any others."""
    given = {name: answers[name] for name in names if answers.get(name)}
    return blake2b(write_json(given, indent=None).encode(), digest_size=32).digest()
