"""Numbers of visit requests, ready to print: drawings with the tables behind them, and a file."""

from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.desk.presenters.numbers import PATH, NumbersRow, period_fields, period_note, week_labels
from clinic.desk.queries.request_numbers import UNANSWERED, RequestNumbers, RequestTally
from clinic.desk.rules.numbers import ANSWER_HOURS, Period, percent
from clinic.web.bars import BarsView, draw_bars
from clinic.web.fields import FieldView
from clinic.web.filters import full_date
from clinic.web.spreadsheet import csv_text

REQUESTS = f"{PATH}/requests"
OUTCOMES = ("scheduled", "declined", "withdrawn", "open")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestNumbersPage:
    """What the manager sees of a period's requests."""

    path: str
    filters: tuple[FieldView, ...]
    note: str
    facts: tuple[tuple[str, str], ...]
    outcomes: BarsView
    in_time: BarsView
    weeks: tuple[NumbersRow, ...]
    kinds: tuple[NumbersRow, ...]
    waits: tuple[NumbersRow, ...]
    csv_href: str
    is_empty: bool


def present_request_numbers(*, numbers: RequestNumbers, period: Period) -> RequestNumbersPage:
    """The page of a period."""
    labels = week_labels([monday for monday, _tally in numbers.weeks])
    tallies = [tally for _monday, tally in numbers.weeks]
    booked = [(one.outcomes["scheduled"], one.asked - one.outcomes["scheduled"]) for one in tallies]
    shares = [(percent(one.in_time, one.judged) or 0, 0) for one in tallies]
    kinds = {"telehealth": _("Video"), "in_person": _("In the clinic")}
    asked = f"from={period.first.isoformat()}&to={period.last.isoformat()}"
    return RequestNumbersPage(
        path=REQUESTS,
        filters=period_fields(period),
        note=period_note(period),
        facts=_facts(numbers.total),
        outcomes=draw_bars(booked, labels=labels, unit=""),
        in_time=draw_bars(shares, labels=labels, unit="%"),
        weeks=tuple(_row(full_date(monday), tally) for monday, tally in numbers.weeks),
        kinds=tuple(_row(str(kinds[name]), tally) for name, tally in numbers.kinds.items()),
        waits=_waits(numbers.total),
        csv_href=f"{REQUESTS}.csv?{asked}",
        is_empty=not numbers.total.asked,
    )


def request_numbers_file(numbers: RequestNumbers) -> str:
    """The tables as CSV, one line for each week and kind."""
    head = ("part", "name", "asked", *OUTCOMES, "answered", "answered in time", "mean minutes")
    lines = [("week", monday.isoformat(), *_counts(tally)) for monday, tally in numbers.weeks]
    lines += [("kind", name, *_counts(tally)) for name, tally in numbers.kinds.items()]
    return csv_text([head, *lines])


def _counts(tally: RequestTally) -> tuple[str, ...]:
    numbers = [tally.asked, *(tally.outcomes[one] for one in OUTCOMES)]
    numbers += [tally.answered, tally.in_time, tally.mean_seconds // 60]
    return tuple(map(str, numbers))


def _facts(total: RequestTally) -> tuple[tuple[str, str], ...]:
    booked = total.outcomes["scheduled"]
    return (
        (_("Requests"), str(total.asked)),
        (_("Became a visit"), _of(booked, total.asked)),
        (_("First answer in time"), _of(total.in_time, total.judged)),
        (_("To the first answer, on average"), _lasted(total)),
    )


def _row(name: str, tally: RequestTally) -> NumbersRow:
    counts = (tally.asked, *(tally.outcomes[one] for one in OUTCOMES))
    share = percent(tally.in_time, tally.judged)
    in_time = "–" if share is None else _("%(part)s%%", part=share)
    return NumbersRow(name, (*map(str, counts), in_time, _lasted(tally)))


def _waits(total: RequestTally) -> tuple[NumbersRow, ...]:
    names = [_("Up to an hour")]
    names += [_("Up to %(hours)s hours", hours=hours) for hours in ANSWER_HOURS[1:]]
    names += [_("Longer"), _("No answer yet, or none needed")]
    return tuple(
        NumbersRow(str(name), (str(total.classes[place]), _part(total.classes[place], total.asked)))
        for place, name in enumerate(names[: UNANSWERED + 1])
    )


def _lasted(tally: RequestTally) -> str:
    """Hours by the clock, nights and weekends too."""
    if not tally.answered:
        return "–"
    hours = round(tally.mean_seconds / 3600, 1)
    return str(_("%(hours)s h", hours=hours))


def _part(part: int, whole: int) -> str:
    return str(_("%(part)s%%", part=percent(part, whole) or 0))


def _of(part: int, whole: int) -> str:
    share = percent(part, whole)
    return str(part) if share is None else _("%(count)s (%(part)s%%)", count=part, part=share)
