"""The day on paper: for the desk's wall, and for the day the network is down."""

from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from clinic.desk.presenters.rows import name_of, short_person, where_words
from clinic.desk.queries.sheet import SheetRow
from clinic.scheduling.rules.setting import Setting
from clinic.web.filters import full_date, local_time, long_date, phone
from clinic.web.status import status_look


@dataclass(frozen=True, slots=True)
class LineView:
    """One visit in one line."""

    time: str
    name: str
    born: str
    contact: str
    what: str
    who: str
    where: str
    state: str


@dataclass(frozen=True, slots=True)
class SheetView:
    """A day's visits that are to come or are here."""

    title: str
    printed: str
    lines: tuple[LineView, ...]


def present_sheet(
    *, rows: tuple[SheetRow, ...], day: date, setting: Setting, now: datetime
) -> SheetView:
    """The sheet of a day as it stands at ``now``."""
    printed = _(
        "%(clinic)s. As of %(date)s, %(time)s.",
        clinic=setting.name,
        date=full_date(now.date()),
        time=local_time(now, zone=setting.zone),
    )
    return SheetView(str(_("Day sheet, %(day)s", day=long_date(day))), str(printed), _lines(rows))


def _lines(rows: tuple[SheetRow, ...]) -> tuple[LineView, ...]:
    return tuple(
        LineView(
            time=local_time(row.visit.starts_at, zone=row.visit.zone),
            name=name_of(row.visit),
            born=full_date(row.birth_date),
            contact=phone(row.phone) if row.phone else row.email or "",
            what=f"{row.visit.service_name}, {row.visit.minutes} min",
            who=short_person(row.visit.practitioner_name),
            where=where_words(row.visit),
            state=status_look(row.visit.status, row.visit.is_confirmed).word,
        )
        for row in rows
    )
