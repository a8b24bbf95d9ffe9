"""Which calendar is asked for: an address of /desk/calendar."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from clinic.desk.queries.calendar import Span


class View(StrEnum):
    """What the columns are."""

    DAY = "day"
    ROOMS = "rooms"
    WEEK = "week"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarAsk:
    """A day by practitioner or by room, or the week of one practitioner."""

    day: date
    today: date
    zone: str
    view: View = View.DAY
    practitioner: str | None = None
    location: str | None = None

    @property
    def days(self) -> tuple[date, ...]:
        """The local days that are shown, a week from its Monday."""
        if self.view is not View.WEEK:
            return (self.day,)
        monday = self.day - timedelta(days=self.day.weekday())
        return tuple(monday + timedelta(days=number) for number in range(7))

    @property
    def span(self) -> Span:
        """The same as a span of instants."""
        return Span(self.days[0], self.days[-1], self.zone)

    def address(self, path: str = "/desk/calendar", **changes: Any) -> str:
        """The same calendar, with some of it changed; a usual one needs no words."""
        asked = replace(self, **changes)
        said: dict[str, str] = {}
        if asked.day != asked.today:
            said["date"] = asked.day.isoformat()
        if asked.view is not View.DAY:
            said["view"] = asked.view.value
        if asked.practitioner:
            said["practitioner"] = asked.practitioner
        if asked.location:
            said["location"] = asked.location
        query = urlencode(said)
        return f"{path}?{query}" if query else path

    def stepped(self, steps: int) -> str:
        """The address of the days before (-1) or after (1)."""
        days = 7 if self.view is View.WEEK else 1
        return self.address(day=self.day + timedelta(days=days * steps))
