"""What is asked of the desk's pages."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from clinic.desk.rules import Show
from clinic.scheduling.rules.setting import Service
from clinic.scheduling.rules.wall_time import local_date


@dataclass(frozen=True, slots=True)
class DayAsk:
    """Which list is asked for: an address of the desk."""

    day: date
    zone: str
    today: date
    location: str | None = None
    show: Show = Show.ALL

    def address(self, path: str = "/desk", **more: str) -> str:
        """The same list at ``path``; today and the whole day need no words."""
        said: dict[str, str] = {}
        if self.day != self.today:
            said["date"] = self.day.isoformat()
        if self.location is not None:
            said["location"] = self.location
        if self.show is not Show.ALL:
            said["show"] = self.show.value
        query = urlencode(said | more)
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True, kw_only=True)
class BookAsk:
    """Whose next visit is booked (public id), which service, with whom (None: anybody), since when.

    ``after`` is the public id of a visit that this one follows: the next of a series of one, or the
    one of a family that comes together.
    """

    patient: str
    service: Service
    practitioner: str | None
    since: date
    state: str | None
    after: str = ""

    def fields(self, **changes: Any) -> dict[str, str]:
        """The question as fields of a form or an address."""
        asked = replace(self, **changes)
        said = {
            "patient": asked.patient,
            "service": asked.service.slug,
            "practitioner": asked.practitioner or "",
            "since": asked.since.isoformat(),
            "state": asked.state or "",
            "after": asked.after,
        }
        return {name: value for name, value in said.items() if value}

    def address(self, **changes: Any) -> str:
        """The page that asks the same, with some of it changed."""
        return f"/desk/book?{urlencode(self.fields(**changes))}"


def today_in(zone: str, now: datetime) -> date:
    """The date on the wall of a zone."""
    return local_date(instant=int(now.timestamp()), zone=zone)
