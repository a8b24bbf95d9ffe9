"""Which list of the desk is asked for."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode

from clinic.desk.rules import Show
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


def today_in(zone: str, now: datetime) -> date:
    """The date on the wall of a zone."""
    return local_date(instant=int(now.timestamp()), zone=zone)
