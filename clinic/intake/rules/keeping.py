"""A page as it was sent, while nobody knows whether its sender may save it. Pure."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

LARGEST_KEPT = 256 * 1024
"""Characters; a page of ours has some thousand."""

Values = tuple[tuple[str, str], ...]
"""Pairs of a control's name and what stood in it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A page that was kept: which, for whom it was drawn (a keyed hash), and what stood in it."""

    assignment: str
    section: int
    holder: str
    values: Values

    def first(self, name: str) -> str:
        """What stood in a control first; "" for nothing."""
        return next((value for key, value in self.values if key == name), "")


def kept_values(*, pairs: Iterable[tuple[str, str]], without: tuple[str, ...]) -> Values | None:
    """What is worth keeping of what was sent; None where it is too much to be a page of ours."""
    found = tuple(pair for pair in pairs if not pair[0].startswith(without))
    size = sum(len(name) + len(value) for name, value in found)
    return found if size <= LARGEST_KEPT else None


def write_kept(values: Values) -> str:
    """The values as text."""
    return json.dumps(values, ensure_ascii=False)


def read_kept(text: str) -> Values:
    """Back from text."""
    return tuple((str(name), str(value)) for name, value in json.loads(text))
