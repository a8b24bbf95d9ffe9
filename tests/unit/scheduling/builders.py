"""A small clinic for the tests of the rules: one practitioner, Monday to Friday, nine to five."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from clinic.scheduling.rules.asking import Diary, Query, Slot
from clinic.scheduling.rules.setting import (
    Closure,
    HoursRule,
    Location,
    Policy,
    Practitioner,
    Room,
    Service,
    Setting,
)

NEW_YORK = "America/New_York"
WEEKDAYS = frozenset(range(5))


def hours(
    starts: str = "09:00",
    ends: str = "17:00",
    days: Iterable[int] = WEEKDAYS,
    location: str = "main",
    **more: Any,
) -> HoursRule:
    return HoursRule(location, frozenset(days), minutes(starts), minutes(ends), **more)


def minutes(clock: str) -> int:
    hour, minute = clock.split(":")
    return int(hour) * 60 + int(minute)


def person(slug: str = "osei", resource: int = 1, **more: Any) -> Practitioner:
    values: dict[str, Any] = {"services": frozenset({"fu"}), "hours": (hours(),), **more}
    return Practitioner(slug=slug, name=slug.title(), resource=resource, **values)


def service(slug: str = "fu", **more: Any) -> Service:
    return Service(slug=slug, name=slug.upper(), **{"minutes": 45, **more})


def room(slug: str, resource: int, location: str = "main") -> Room:
    return Room(slug, slug, "room", location, resource)


def place(slug: str = "main", zone: str = NEW_YORK) -> Location:
    return Location(slug, slug.title(), "1 Example Street", zone)


def clinic(
    people: Iterable[Practitioner] | None = None,
    services: Iterable[Service] | None = None,
    rooms: Iterable[Room] = (),
    locations: Iterable[Location] | None = None,
    closures: Iterable[Closure] = (),
    zone: str = NEW_YORK,
) -> Setting:
    return Setting(
        version=1,
        name="Riverside Rehab",
        zone=zone,
        phone="+1 212 555 0100",
        policy=Policy(),
        locations={one.slug: one for one in locations or [place(zone=zone)]},
        rooms={one.slug: one for one in rooms},
        services={one.slug: one for one in services or [service()]},
        practitioners={one.slug: one for one in people or [person()]},
        closures=tuple(closures),
    )


def at(wall: str, zone: str = NEW_YORK, fold: int = 0) -> int:
    """The instant of a wall time such as "2026-03-08 13:00"."""
    return int(datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp())


def utc(text: str) -> int:
    """The instant of a time such as "2026-03-08T17:00Z"."""
    return int(datetime.fromisoformat(text).timestamp())


def day(text: str) -> date:
    return date.fromisoformat(text)


def query(
    setting: Setting | None = None, *, now: str | int = "2026-03-01 00:00", **more: Any
) -> Query:
    values: dict[str, Any] = {
        "service": "fu",
        "now": at(now) if isinstance(now, str) else now,
        **more,
    }
    return Query(setting=setting or clinic(), **values)


def taken(*claims: tuple[int, str, str]) -> Diary:
    """A diary with claims such as (1, "2026-03-02 10:00", "2026-03-02 10:45")."""
    busy: dict[int, list[tuple[int, int]]] = {}
    for resource, starts, ends in claims:
        busy.setdefault(resource, []).append((at(starts), at(ends)))
    return Diary(busy={resource: sorted(spans) for resource, spans in busy.items()})


def clock(slots: Iterable[Slot], zone: str = NEW_YORK) -> list[str]:
    """The local wall times of slots, such as "10:15"."""
    return [datetime.fromtimestamp(slot.start, ZoneInfo(zone)).strftime("%H:%M") for slot in slots]
