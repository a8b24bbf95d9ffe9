"""Reading one TOML table key by key, collecting faults instead of stopping at the first.

Each method gives a value of the right type whatever the file says: a faulty value is noted and
replaced, so that reading goes on and finds the next fault. Nothing read is used when there are any.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from clinic.setup.rules.faults import Fault, meant, shown
from clinic.setup.rules.words import clock_minutes, slug_problem, text_problem

EARLIEST = date(1900, 1, 1)
LATEST = date(9999, 12, 31)

MOST_FAULTS = 500

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]{1,64}")


class TooManyFaults(Exception):
    """So much is wrong that reading on would help nobody."""


class TableReader:
    """One table of the file with its place; `faults` is shared by all tables of one reading."""

    def __init__(
        self,
        *,
        table: Mapping[str, object],
        place: str,
        faults: list[Fault],
        slug: str | None = None,
    ) -> None:
        """`slug` names the entry in faults; by default the table's own slug, when it is one."""
        self.place = place
        self.faults = faults
        self._table = table
        self._known: list[str] = []
        own = table.get("slug")
        self.slug = own if isinstance(own, str) and slug_problem(own) is None else slug

    def fault(self, key: str, message: str) -> None:
        """Note a fault of this table at `key` (empty: the table itself)."""
        if len(self.faults) >= MOST_FAULTS:
            raise TooManyFaults
        parts = [part for part in (self.place, key) if part]
        self.faults.append(Fault(place=".".join(parts), message=message, slug=self.slug))

    def finish(self) -> None:
        """Note every key that nobody asked for."""
        for key in self._table:
            if key not in self._known:
                name = key if _BARE_KEY.fullmatch(key) else shown(key)
                self.fault(name, f"is not known here{meant(key, self._known)}")

    def has(self, key: str) -> bool:
        """Whether the table says anything under `key`."""
        return key in self._table

    def value(self, key: str, *, required: bool) -> object:
        """What stands under `key`; None when nothing does, which `required` makes a fault."""
        self._known.append(key)
        if key not in self._table and required:
            self.fault(key, "is missing")
        return self._table.get(key)

    def text(
        self,
        key: str,
        *,
        most: int = 200,
        default: str | None = None,
        lines: bool = False,
        blank: bool = False,
    ) -> str:
        """A text without spaces around it; required unless there is a default.

        `blank` takes "" as well, where nothing to say is a fair answer.
        """
        value = self.value(key, required=default is None)
        if value is None:
            return default or ""
        if not isinstance(value, str):
            self.fault(key, f"must be a text in quotes, not {shown(value)}")
            return ""
        if blank and not value.strip():
            return ""
        problem = text_problem(value.strip(), most=most, lines=lines)
        if problem:
            self.fault(key, problem)
            return ""
        return value.strip()

    def own_slug(self) -> str:
        """The entry's slug; empty when it is missing or faulty."""
        value = self.value("slug", required=True)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault("slug", f"must be a text in quotes, not {shown(value)}")
            return ""
        problem = slug_problem(value)
        if problem:
            self.fault("slug", f"{problem}, not {shown(value)}")
            return ""
        return value

    def choice(self, key: str, choices: Collection[str], *, default: str | None = None) -> str:
        """One of a few words; required unless there is a default."""
        value = self.value(key, required=default is None)
        if value is None:
            return default or ""
        if not isinstance(value, str) or value not in choices:
            words = " or ".join(f'"{choice}"' for choice in choices)
            self.fault(key, f"must be {words}, not {shown(value)}")
            return ""
        return value

    def reference(self, key: str, known: Collection[str], *, required: bool = True) -> str | None:
        """The slug of something else in the file, or None."""
        value = self.value(key, required=required)
        if value is None or not self.refers(key, value, known):
            return None
        return str(value)

    def refers(self, key: str, value: object, known: Collection[str]) -> bool:
        """Whether `value` is a known slug; notes a fault when it is not."""
        if not isinstance(value, str):
            self.fault(key, f"must be a slug in quotes, not {shown(value)}")
            return False
        if value not in known:
            self.fault(key, f"{shown(value)} is not in this file{meant(value, known)}")
            return False
        return True

    def whole(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        """A whole number from `least` to `most`; required unless there is a default."""
        value = self.value(key, required=default is None)
        if value is None:
            return least if default is None else default
        if isinstance(value, bool) or not isinstance(value, int):
            self.fault(key, f"must be a whole number, not {shown(value)}")
            return least
        if not least <= value <= most:
            self.fault(key, f"must be from {least} to {most}, not {shown(value)}")
            return least
        return value

    def number(self, key: str, *, least: int, most: int, default: float) -> float:
        """A number from `least` to `most`, fractions allowed."""
        value = self.value(key, required=False)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fault(key, f"must be a number, not {shown(value)}")
            return default
        if not least <= value <= most or (isinstance(value, float) and not math.isfinite(value)):
            self.fault(key, f"must be from {least} to {most}, not {shown(value)}")
            return default
        return value

    def flag(self, key: str, *, default: bool) -> bool:
        """True or false."""
        value = self.value(key, required=False)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fault(key, f"must be true or false, not {shown(value)}")
            return default
        return value

    def day(self, key: str, *, required: bool = False) -> date | None:
        """A date as TOML writes it, without quotes; None when absent or faulty."""
        value = self.value(key, required=required)
        if value is None:
            return None
        if isinstance(value, datetime) or not isinstance(value, date):
            self.fault(
                key, f"must be a date without quotes, such as 2026-12-24, not {shown(value)}"
            )
            return None
        if not EARLIEST <= value <= LATEST:
            self.fault(key, f"must be from {EARLIEST} to {LATEST}, not {value}")
            return None
        return value

    def clock(self, key: str, *, last: bool, required: bool = True) -> int | None:
        """Minutes from midnight; "24:00" only where `last`; None when absent or faulty."""
        value = self.value(key, required=required)
        return None if value is None else self.as_clock(key, value, last=last)

    def as_clock(self, key: str, value: object, *, last: bool) -> int | None:
        """Minutes from midnight of a value that stands at `key`."""
        minutes = clock_minutes(value) if isinstance(value, str) else None
        if minutes is None:
            self.fault(key, f'must be a time in quotes, such as "09:00", not {shown(value)}')
        elif value == "24:00" and not last:
            self.fault(key, 'must not be "24:00", which is the end of a day; write "00:00"')
            return None
        return minutes

    def list_of(self, key: str, *, required: bool = False) -> list[object]:
        """The items of a list; empty when absent or faulty."""
        value = self.value(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            self.fault(key, f"must be a list in brackets, not {shown(value)}")
            return []
        return value

    def tables(self, key: str) -> Iterator["TableReader"]:
        """A reader for each table of `[[key]]`."""
        value = self.value(key, required=False)
        if value is None:
            return
        if not isinstance(value, list):
            name = f"{self.place}.{key}" if self.place else key
            name = re.sub(r"\[[0-9]+\]", "", name)
            self.fault(key, f"must be a list of tables, each headed [[{name}]]")
            return
        for index, item in enumerate(value):
            child = self._child(f"{key}[{index}]", item)
            if child is not None:
                yield child

    def table(self, key: str, *, required: bool = False) -> "TableReader":
        """A reader for `[key]`; an empty one when it is absent or no table."""
        value = self.value(key, required=required)
        child = None if value is None else self._child(key, value)
        return child or TableReader(table={}, place=key, faults=[])

    def _child(self, key: str, item: object) -> "TableReader | None":
        if not isinstance(item, dict):
            self.fault(key, f"must be a table, not {shown(item)}")
            return None
        place = f"{self.place}.{key}" if self.place else key
        return TableReader(table=item, place=place, faults=self.faults, slug=self.slug)
