"""A birth date in three parts: day, month and year as people write them.

Any part may be missing from what is sent, doubled or nonsense: that is an error at that part, never
a failure, and what was typed is kept. One text field for all would have to guess the order.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from wtforms import Field

from clinic.core.clock import now
from clinic.web.typed import printable

PARTS = ("day", "month", "year")
LONGEST_LIFE_YEARS = 130
LONGEST_PART = 4


@dataclass(frozen=True, slots=True)
class PartView:
    """One of the three inputs, ready to print."""

    id: str
    label: str
    value: str
    is_year: bool
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DateFault:
    """Why three parts are no date: the parts to mend and what is wrong with them.

    `kind` is "missing", "no-number", "impossible", "future" or "long-ago".
    """

    kind: str
    parts: tuple[str, ...]


def read_birth_date(*, day: str, month: str, year: str, today: dt.date) -> dt.date | DateFault:
    """The date the parts name, or what is wrong with them.

    The year has four digits. A date after `today` or more than 130 years ago is no birth date of a
    living person.
    """
    typed = {"day": day.strip(), "month": month.strip(), "year": year.strip()}
    if missing := tuple(part for part in PARTS if not typed[part]):
        return DateFault("missing", missing)
    if wrong := tuple(part for part in PARTS if not _is_number(typed[part])):
        return DateFault("no-number", wrong)
    if len(typed["year"]) != LONGEST_PART:
        return DateFault("no-number", ("year",))
    try:
        found = dt.date(int(typed["year"]), int(typed["month"]), int(typed["day"]))
    except ValueError:
        month_is_real = 1 <= int(typed["month"]) <= 12
        return DateFault("impossible", ("day",) if month_is_real else ("month",))
    if found > today:
        return DateFault("future", ("year",))
    if found.year < today.year - LONGEST_LIFE_YEARS:
        return DateFault("long-ago", ("year",))
    return found


class BirthDateField(Field):  # type: ignore[misc]  # WTForms is not typed
    """Three inputs named `<name>-day`, `<name>-month` and `<name>-year`.

    `data` is a date, or None; InputRequired and Optional see all three parts as one.
    """

    widget = None
    data: dt.date | None

    def process(
        self, formdata: Any, data: Any = None, extra_filters: Sequence[Any] | None = None
    ) -> None:
        """Read the parts; a missing one counts as empty, a doubled one by its first value."""
        del extra_filters
        self.process_errors: list[str] = []
        self.object_data = data
        self.fault: DateFault | None = None
        self.data = data if isinstance(data, dt.date) else None
        self.typed = {part: str(getattr(self.data, part, "")) for part in PARTS}
        self.raw_data: list[str] = []
        if formdata is None:
            return
        self.typed = {part: formdata.get(f"{self.name}-{part}") or "" for part in PARTS}
        self.raw_data = ["".join(self.typed.values()).strip()]
        self._read()

    def _read(self) -> None:
        self.data = None
        if not self.raw_data[0]:
            return
        # The latest "today" anywhere: nobody is told their birthday has not come yet.
        today = (now() + dt.timedelta(hours=14)).date()
        found = read_birth_date(**self.typed, today=today)
        if isinstance(found, DateFault):
            self.fault = found
            self.process_errors.append(f"{_sentence(found)}: {self.label.text}")
        else:
            self.data = found

    def part_views(self) -> tuple[PartView, ...]:
        """The inputs in the order of the reader's language."""
        return tuple(self._part_view(part) for part in part_order())

    def first_faulty_id(self) -> str:
        """The id of the input that the error summary leads to."""
        wrong = self.fault.parts if self.fault else PARTS
        return next(f"{self.id}-{part}" for part in part_order() if part in wrong)

    def _part_view(self, part: str) -> PartView:
        wrong = self.fault.parts if self.fault else PARTS
        is_wrong = bool(self.errors) and part in wrong
        return PartView(
            id=f"{self.id}-{part}",
            label={"day": _("Day"), "month": _("Month"), "year": _("Year")}[part],
            value=printable(self.typed[part]),
            is_year=part == "year",
            attributes={
                "id": f"{self.id}-{part}",
                "name": f"{self.name}-{part}",
                "inputmode": "numeric",
                "autocomplete": f"bday-{part}",
                "aria-invalid": "true" if is_wrong else None,
                "aria-describedby": f"{self.id}-error" if is_wrong else None,
            },
        )


def part_order() -> tuple[str, ...]:
    """Day, month and year as the reader's language orders them; English here is American."""
    locale = get_locale()
    pattern = locale.date_formats["short"].pattern if locale else "M/d/y"
    return tuple(sorted(PARTS, key=lambda part: pattern.find({"month": "M"}.get(part, part[0]))))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= LONGEST_PART


def _sentence(fault: DateFault) -> str:
    sentences = {
        "missing": {
            "day": _("Enter the day you were born"),
            "month": _("Enter the month you were born"),
            "year": _("Enter the year you were born, for example 1984"),
        },
        "no-number": {
            "day": _("The day must be a number from 1 to 31"),
            "month": _("The month must be a number from 1 to 12"),
            "year": _("The year must have four digits, for example 1984"),
        },
        "impossible": {
            "day": _("There is no such day in that month"),
            "month": _("The month must be a number from 1 to 12"),
        },
        "future": {"year": _("The birth date must be in the past")},
        "long-ago": {"year": _("Check the year: it is more than 130 years ago")},
    }
    return str(sentences[fault.kind][fault.parts[0]])
