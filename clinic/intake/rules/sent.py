"""A page of a form as somebody sent it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clinic.intake.rules.form import Form
from clinic.intake.rules.typed import Wrong
from clinic.intake.rules.working import Answers

AGES = ";"
"""Stands in a page's base between its version and what it shows of older ones."""


def write_base(*, form: Form, version: int, behind: Mapping[str, int]) -> str:
    """From which answers a page was made: a version, and by question an older one."""
    older = (f"{form.by_link[link_id].order}.{old}" for link_id, old in behind.items())
    return AGES.join((str(version), *older))


def read_base(*, text: str) -> tuple[int, dict[int, int]]:
    """The version, and the older ones by question; 0, the oldest, for what is none."""
    first, *rest = text[:2000].split(AGES)
    pairs = [one.partition(".") for one in rest]
    return _number(first), {_number(order): _number(old) for order, _dot, old in pairs}


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0


@dataclass(slots=True)
class Sent:
    """A page as it was sent. ``answers`` are of the questions it showed and that could be read.

    ``layout`` has the repetitions of groups as they stood on the page, empty ones too. ``wrong``
    maps the name of a control to what is wrong with it; ``typed`` gives back what stood in one.
    ``files`` are the FHIR Attachments that the page may name, by the id it names them with.
    """

    answers: Answers = field(default_factory=dict)
    layout: Answers = field(default_factory=dict)
    wrong: dict[str, Wrong] = field(default_factory=dict)
    shown: frozenset[str] = frozenset()
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)
    more: str = ""
    files: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    def typed(self, name: str) -> Sequence[str]:
        """What was sent under a name."""
        return self.values.get(name, ())

    def first(self, name: str) -> str:
        """The first of it, or nothing."""
        return next(iter(self.typed(name)), "")


def sort_names(names: Iterable[str]) -> Sequence[str]:
    """Names of controls in the order of the page."""
    return sorted(names, key=lambda name: [int(part) for part in name[1:].split("-")])
