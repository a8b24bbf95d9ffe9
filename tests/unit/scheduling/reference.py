"""Availability the slow way, to compare with: minute by minute, on the wall clock.

Shares no code with the rules. Only `datetime` and `zoneinfo` know about time here.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import product
from zoneinfo import ZoneInfo

from clinic.scheduling.rules.asking import Diary, Query
from clinic.scheduling.rules.setting import HoursRule, Location, Practitioner, Service, Setting

MINUTE = timedelta(minutes=1)
Wall = tuple[datetime, datetime]


@lru_cache(maxsize=400)
def minutes_around(day: date, zone: str) -> tuple[Wall, ...]:
    """Every minute near a local day: (instant, naive wall clock), in the order of time."""
    tz = ZoneInfo(zone)
    first = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=30)
    instants = [first + MINUTE * n for n in range(84 * 60)]
    return tuple((instant, instant.astimezone(tz).replace(tzinfo=None)) for instant in instants)


@lru_cache(maxsize=4000)
def boundary(day: date, minute: int, zone: str, last: bool) -> datetime:
    target = datetime.combine(day, time()) + MINUTE * minute
    if minute == 1440:
        last = False
    passes = [instant for instant, wall in minutes_around(day, zone) if wall == target]
    if passes:
        return passes[-1] if last else passes[0]
    return next(instant for instant, wall in minutes_around(day, zone) if wall > target)


def minutes_between(starts: datetime, ends: datetime) -> Iterator[datetime]:
    while starts < ends:
        yield starts
        starts += MINUTE


def rule_holds(rule: HoursRule, day: date) -> bool:
    if day.weekday() not in rule.days:
        return False
    if rule.valid_from is not None and day < rule.valid_from:
        return False
    if rule.valid_to is not None and day > rule.valid_to:
        return False
    if rule.every_weeks > 1:
        assert rule.valid_from is not None
        blocks = (day - rule.valid_from).days // 7
        return blocks % rule.every_weeks == 0
    return True


def windows(
    setting: Setting, who: Practitioner, where: Location, day: date
) -> list[tuple[int, int]]:
    own = {rule.location for rule in who.hours}
    own |= {e.location for e in who.exceptions if e.location is not None and e.windows}
    special = [
        e
        for e in who.exceptions
        if e.date == day
        and (
            e.location == where.slug
            or (e.location is None and (not e.windows or own == {where.slug}))
        )
    ]
    if special:
        return [window for e in special for window in e.windows]
    return [
        (rule.starts, rule.ends)
        for rule in who.hours
        if rule.location == where.slug and rule_holds(rule, day)
    ]


class Reference:
    """The answers for one query and diary."""

    def __init__(self, query: Query, diary: Diary) -> None:
        self.query = query
        self.diary = diary
        self.setting = query.setting
        self.service: Service = query.setting.services[query.service]
        self.open_minutes: dict[tuple[str, str, date], set[datetime]] = {}

    def minutes_open(self, who: Practitioner, where: Location, day: date) -> set[datetime]:
        key = (who.slug, where.slug, day)
        if key in self.open_minutes:
            return self.open_minutes[key]
        found: set[datetime] = set()
        for a, b in windows(self.setting, who, where, day):
            found.update(
                minutes_between(
                    boundary(day, a, where.zone, False), boundary(day, b, where.zone, True)
                )
            )
        for closure in self.setting.closures:
            if closure.date == day and closure.location in (None, where.slug):
                a = 0 if closure.starts is None else closure.starts
                b = 1440 if closure.ends is None else closure.ends
                begins = boundary(day, a, where.zone, False)
                ends = boundary(day, b, where.zone, True)
                found = {minute for minute in found if not begins <= minute < ends}
        self.open_minutes[key] = found
        return found

    def fits_hours(self, who: Practitioner, where: Location, start: datetime) -> bool:
        day = start.astimezone(ZoneInfo(where.zone)).date()
        around: set[datetime] = set()
        for offset in range(-1, 4):
            around |= self.minutes_open(who, where, day + timedelta(days=offset))
        end = start + MINUTE * self.service.minutes
        return all(minute in around for minute in minutes_between(start, end))

    def is_free(self, resource: int, start: datetime) -> bool:
        begins = start - MINUTE * self.service.buffer_before
        ends = start + MINUTE * (self.service.minutes + self.service.buffer_after)
        return not any(
            begins.timestamp() < b and ends.timestamp() > a
            for a, b in self.diary.busy.get(resource, ())
        )

    def has_rooms(self, where: Location, start: datetime) -> bool:
        rooms = self.setting.rooms
        for choice in product(*self.service.needs):
            if len(set(choice)) == len(choice) and all(
                rooms[slug].location == where.slug and self.is_free(rooms[slug].resource, start)
                for slug in choice
            ):
                return True
        return False

    def is_licensed(self, who: Practitioner, day: date) -> bool:
        if self.service.modality != "telehealth":
            return True
        for licence in who.licences:
            after = licence.valid_from is None or day >= licence.valid_from
            before = licence.valid_to is None or day <= licence.valid_to
            if licence.state is not None and licence.state == self.query.state and after and before:
                return True
        return False

    def is_joinable(self, who: Practitioner, where: Location, start: datetime) -> bool:
        return self.service.capacity > 1 and any(
            one.free_seats > 0
            and one.start == start.timestamp()
            and (one.service, one.practitioner, one.location)
            == (self.service.slug, who.slug, where.slug)
            for one in self.diary.classes
        )

    def is_bookable(self, who: Practitioner, where: Location, start: datetime) -> bool:
        tz = ZoneInfo(where.zone)
        wall = start.astimezone(tz)
        today = datetime.fromtimestamp(self.query.now, tz).date()
        if start.timestamp() < self.query.now + self.service.min_notice_seconds:
            return False
        if wall.date() > today + timedelta(days=self.service.horizon_days):
            return False
        if self.service.slug not in who.services or not self.is_licensed(who, wall.date()):
            return False
        if wall.second or (wall.hour * 60 + wall.minute) % self.service.grid_minutes:
            return False
        if not self.fits_hours(who, where, start):
            return False
        if self.is_joinable(who, where, start):
            return True
        return self.is_free(who.resource, start) and self.has_rooms(where, start)

    def slots(self, zone: str, first: date, last: date) -> list[tuple[int, str, str]]:
        """(start, practitioner, location) of all minutes of the dates that can be booked."""
        seen: dict[datetime, None] = {}
        for offset in range((last - first).days + 1):
            for instant, wall in minutes_around(first + timedelta(days=offset), zone):
                if first <= wall.date() <= last:
                    seen[instant] = None
        return sorted(
            (int(instant.timestamp()), who.slug, where.slug)
            for instant in seen
            for who in self.setting.practitioners.values()
            for where in self.setting.locations.values()
            if self.query.practitioner in (None, who.slug)
            if self.query.location in (None, where.slug)
            if self.is_bookable(who, where, instant)
        )
