"""What the public pages print of the clinic's configuration."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask_babel import gettext as _

from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.setting import Practitioner, Service, Setting
from clinic.site.queries import NextFree
from clinic.site.rules import OpenDays, opening_hours
from clinic.web.filters import duration, local_date, local_time, money, short_clock, weekday
from clinic.web.pages import OpenHours, Place, SiteFacts

MONDAY = dt.date(2024, 1, 1)


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as it is offered; `href` is empty where it cannot be booked online."""

    name: str
    length: str
    price: str
    href: str


@dataclass(frozen=True, slots=True)
class Person:
    """A practitioner with the next free time; `href` is empty where nothing can be booked."""

    name: str
    does: str
    next_free: str
    href: str


@dataclass(frozen=True, slots=True)
class Home:
    """The home page's own content."""

    offers: tuple[Offer, ...]
    people: tuple[Person, ...]
    next_free: str
    next_free_href: str


def present_site(*, setting: Setting, today: dt.date, is_demo: bool) -> SiteFacts:
    """The frame of every page."""
    places = setting.locations.values()
    named = len(setting.locations) > 1
    return SiteFacts(
        name=setting.name,
        phone=setting.phone,
        places=tuple(Place(one.name if named else "", one.address) for one in places),
        hours=_hours(setting, today),
        is_demo=is_demo,
    )


def present_home(*, setting: Setting, next_free: Mapping[str, NextFree], currency: str) -> Home:
    """The home page. `next_free` is by practitioner; who has no free time is absent."""
    earliest = min(
        next_free.values(),
        key=lambda free: (free.slot.start, free.slot.practitioner),
        default=None,
    )
    return Home(
        offers=tuple(_offer(one, currency) for one in setting.services.values()),
        people=tuple(
            _person(setting, one, next_free.get(one.slug)) for one in setting.practitioners.values()
        ),
        next_free=_earliest(setting, earliest.slot) if earliest else "",
        next_free_href=_href(earliest) if earliest else "",
    )


def _hours(setting: Setting, today: dt.date) -> tuple[OpenHours, ...]:
    weeks = {
        place.name: opening_hours(setting=setting, location=place.slug, today=today)
        for place in setting.locations.values()
    }
    open_weeks = {name: tuple(_days(run) for run in runs) for name, runs in weeks.items() if runs}
    if len(weeks) > 1 and len({*weeks.values()}) == 1:
        return tuple(OpenHours("", lines) for lines in [*open_weeks.values()][:1])
    named = len(weeks) > 1
    return tuple(OpenHours(name if named else "", lines) for name, lines in open_weeks.items())


def _days(run: OpenDays) -> str:
    first, last = (weekday(MONDAY + dt.timedelta(days=day)) for day in (run.first, run.last))
    if run.first == run.last:
        days = first
    elif run.last == run.first + 1:
        days = _("%(first)s and %(last)s", first=first, last=last)
    else:
        days = _("%(first)s to %(last)s", first=first, last=last)
    times = ", ".join(
        _("%(start)s to %(end)s", start=short_clock(starts), end=short_clock(ends))
        for starts, ends in run.windows
    )
    return f"{days}, {times}"


def _offer(service: Service, currency: str) -> Offer:
    return Offer(
        name=service.name,
        length=duration(service.minutes),
        price=money(service.price_cents, currency=currency) if service.price_cents else "",
        href=f"/book/{service.slug}" if service.online else "",
    )


def _person(setting: Setting, one: Practitioner, free: NextFree | None) -> Person:
    does = [service.name for service in setting.services.values() if service.slug in one.services]
    return Person(
        name=one.name,
        does=", ".join(does),
        next_free=_moment(setting, free.slot) if free else "",
        href=_href(free) if free else "",
    )


def _earliest(setting: Setting, slot: Slot) -> str:
    name = setting.practitioners[slot.practitioner].name
    return str(_("%(when)s with %(name)s", when=_moment(setting, slot), name=name))


def _moment(setting: Setting, slot: Slot) -> str:
    zone = setting.locations[slot.location].zone
    at = dt.datetime.fromtimestamp(slot.start, ZoneInfo(zone))
    return f"{local_date(at, zone=zone)}, {local_time(at, zone=zone)}"


def _href(free: NextFree) -> str:
    return f"/book/{free.service}?practitioner={free.slot.practitioner}"
