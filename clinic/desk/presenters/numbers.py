"""Numbers of a period, ready to print: drawings with the tables behind them, and a file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from clinic.desk.queries.numbers import Named, Numbers, Tally
from clinic.desk.rules.numbers import LEAD_DAYS, Period, percent
from clinic.web.bars import BarsView, draw_bars
from clinic.web.fields import FieldView
from clinic.web.filters import full_date, short_date
from clinic.web.spreadsheet import csv_text

PATH = "/desk/numbers"


@dataclass(frozen=True, slots=True)
class NumbersRow:
    """A week, a person or a room in its table."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NumbersPage:
    """What the manager sees of a period."""

    path: str
    filters: tuple[FieldView, ...]
    note: str
    facts: tuple[tuple[str, str], ...]
    visits: BarsView
    used: BarsView
    weeks: tuple[NumbersRow, ...]
    practitioners: tuple[NumbersRow, ...]
    rooms: tuple[NumbersRow, ...]
    lead: tuple[NumbersRow, ...]
    csv_href: str
    is_empty: bool


def present_numbers(*, numbers: Numbers, period: Period) -> NumbersPage:
    """The page of a period."""
    asked = f"from={period.first.isoformat()}&to={period.last.isoformat()}"
    labels = week_labels([monday for monday, _tally in numbers.weeks])
    tallies = [tally for _monday, tally in numbers.weeks]
    shares = [(percent(one.used, one.open) or 0, 0) for one in tallies]
    went = [(one.kept + one.coming, one.visits - one.kept - one.coming) for one in tallies]
    return NumbersPage(
        path=PATH,
        filters=period_fields(period),
        note=period_note(period),
        facts=_facts(numbers),
        visits=draw_bars(went, labels=labels, unit=""),
        used=draw_bars(shares, labels=labels, unit="%"),
        weeks=tuple(_row(full_date(monday), tally) for monday, tally in numbers.weeks),
        practitioners=tuple(_row(one.name, one.tally) for one in numbers.practitioners),
        rooms=tuple(
            NumbersRow(
                one.name, (_hours(one.tally.used), _hours(one.tally.open), _share(one.tally))
            )
            for one in numbers.rooms
        ),
        lead=_lead(numbers),
        csv_href=f"{PATH}/numbers.csv?{asked}",
        is_empty=not numbers.total.visits,
    )


def period_fields(period: Period) -> tuple[FieldView, ...]:
    """The period as fields to change it by."""
    ends = (("from", _("From"), period.first), ("to", _("To"), period.last))
    return tuple(
        FieldView(id=name, name=name, label=label, type="date", value=day.isoformat())
        for name, label, day in ends
    )


def period_note(period: Period) -> str:
    """That less is shown than was asked for, else nothing."""
    return str(_("More than a year was asked for: this is its last year.")) if period.is_cut else ""


def week_labels(mondays: Sequence[date]) -> list[str]:
    """What stands below the bars of weeks."""
    return [short_date(monday).partition(", ")[2] for monday in mondays]


def numbers_file(numbers: Numbers) -> str:
    """The tables as CSV, one line for each week, practitioner and room."""
    head = ("part", "name", "kept", "to come", "no-shows", "cancelled late")
    tail = ("cancelled in time", "minutes used", "minutes open")
    weeks = (Named(monday.isoformat(), tally) for monday, tally in numbers.weeks)
    parts: tuple[tuple[str, Iterable[Named]], ...] = (
        ("week", weeks),
        ("practitioner", numbers.practitioners),
        ("room", numbers.rooms),
    )
    lines = [_line(part, one) for part, listed in parts for one in listed]
    return csv_text([(*head, *tail), *lines])


def _line(part: str, one: Named) -> tuple[str, ...]:
    tally = one.tally
    counts = (tally.kept, tally.coming, tally.missed, tally.late, tally.in_time)
    return (part, one.name, *map(str, (*counts, tally.used, tally.open)))


def _facts(numbers: Numbers) -> tuple[tuple[str, str], ...]:
    total = numbers.total
    days = round(numbers.lead_seconds / 86_400, 1)
    return (
        (_("Visits booked"), str(total.visits)),
        (_("No-shows"), _of(total.missed, total.visits)),
        (_("Cancelled late"), _of(total.late, total.visits)),
        (_("Cancelled in time"), _of(total.in_time, total.visits)),
        (_("Open time in use"), _share(total)),
        (_("Booked ahead, on average"), _("%(days)s days", days=days)),
    )


def _lead(numbers: Numbers) -> tuple[NumbersRow, ...]:
    names = [_("Up to %(days)s days", days=days) for days in LEAD_DAYS[1:]]
    names = [_("Up to a day"), *names, _("Longer")]
    whole = sum(numbers.lead)
    return tuple(
        NumbersRow(name, (str(count), _("%(part)s%%", part=percent(count, whole) or 0)))
        for name, count in zip(names, numbers.lead, strict=True)
    )


def _row(name: str, tally: Tally) -> NumbersRow:
    counts = (tally.kept, tally.coming, tally.missed, tally.late, tally.in_time)
    return NumbersRow(name, (*map(str, counts), _share(tally)))


def _share(tally: Tally) -> str:
    part = percent(tally.used, tally.open)
    return "–" if part is None else _("%(part)s%%", part=part)


def _of(part: int, whole: int) -> str:
    share = percent(part, whole)
    return str(part) if share is None else _("%(count)s (%(part)s%%)", count=part, part=share)


def _hours(minutes: int) -> str:
    return f"{minutes / 60:.1f}"
