"""What is wrong in a clinic file, and where."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

_LONGEST_SHOWN = 40
_LARGEST_SHOWN = 10**15
_MOST_COMPARED = 200


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its place (`services[2].minutes`, counted from 0), the entry's slug, the rule."""

    place: str
    message: str
    slug: str | None = None

    def __str__(self) -> str:
        """The fault on one line, as a person reads it."""
        where = f'{self.place} ("{self.slug}")' if self.slug else self.place
        return f"{where}: {self.message}"


class WrongClinicFile(Exception):
    """A clinic file with faults; all of them, in the order of the file's tables."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Keep every fault."""
        self.faults = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))


def shown(value: object) -> str:
    """A value as a fault may quote it: on one line, short, whatever it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) > _LARGEST_SHOWN:
        return "a huge number"  # written out, its digits could be past Python's own limit
    if isinstance(value, str):
        cut = value if len(value) <= _LONGEST_SHOWN else value[:_LONGEST_SHOWN] + "…"
        return json.dumps(cut, ensure_ascii=not cut.isprintable())
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value)


def meant(word: str, known: Iterable[str]) -> str:
    """`; did you mean "..."?` when a known word is close, else nothing."""
    if len(word) > _LONGEST_SHOWN:
        return ""
    close = get_close_matches(word, islice(known, _MOST_COMPARED), n=1)
    return f'; did you mean "{close[0]}"?' if close else ""
