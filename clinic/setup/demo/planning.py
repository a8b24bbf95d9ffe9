"""A believable diary for the demo: who comes when, for what, and how it went. Pure.

The plan asks only for times that the clinic offers; whether a room is left is found out when the
visit is booked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from clinic.scheduling.rules.intervals import Interval, fits, overlaps
from clinic.scheduling.rules.opening import open_intervals, works_at
from clinic.scheduling.rules.setting import Location, Practitioner, Service, Setting
from clinic.scheduling.rules.status import Action
from clinic.scheduling.rules.wall_time import at_wall_time, grid_starts, local_date

DAYS_BACK, DAYS_AHEAD = 8, 14
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_CLASS, _CLASS_DAYS, _CLASS_MINUTE = "hip-class", frozenset({1, 3}), 12 * 60
_WEIGHTS = {"follow-up": 6, "evaluation": 3, "telehealth": 2, "running-check": 2, "gait": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedVisit:
    """One visit to be booked; instants are epoch seconds, `patient` counts the demo's patients."""

    service: str
    practitioner: str
    location: str
    start: int
    end: int
    patient: int
    booked_at: int
    is_by_phone: bool
    state: str | None


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of a visit, to be taken at an instant."""

    at: int
    action: Action


def plan_visits(
    *, setting: Setting, patients: int, now: int, random: Random
) -> tuple[PlannedVisit, ...]:
    """Three weeks and more of visits around `now`, fuller near today than far ahead."""
    today = local_date(instant=now, zone=setting.zone)
    found: list[PlannedVisit] = []
    for offset in range(-DAYS_BACK, DAYS_AHEAD + 1):
        busy: set[int] = set()
        for service, practitioner, location, start in _day(
            setting, today + timedelta(days=offset), _fullness(offset), random
        ):
            for _seat in range(random.randint(2, 5) if service.capacity > 1 else 1):
                patient = _somebody(patients, busy, random)
                found.append(_visit(service, practitioner, location, start, patient, now, random))
    return tuple(found)


def plan_steps(*, visit: PlannedVisit, now: int, random: Random) -> tuple[PlannedStep, ...]:
    """What has happened to a visit until `now`, in order."""
    chance = random.random()
    if chance < 0.08:
        latest = max(visit.booked_at + 1, min(now, visit.start - 2 * _HOUR))
        cancelled_at = random.randint(visit.booked_at + 1, latest)
        return _until(now, [PlannedStep(cancelled_at, Action.CANCEL)])
    steps = []
    if chance > 0.5:
        steps.append(PlannedStep(max(visit.start - _DAY, visit.booked_at + _HOUR), Action.CONFIRM))
    if chance < 0.14:
        steps.append(PlannedStep(visit.start + 25 * _MINUTE, Action.NO_SHOW))
    else:
        late = 9 if random.random() < 0.15 else -random.randint(1, 12)
        arrived = visit.start + late * _MINUTE
        if visit.start > now - 2 * _DAY:
            steps.append(PlannedStep(arrived, Action.ARRIVE))
            steps.append(PlannedStep(max(arrived, visit.start) + 2 * _MINUTE, Action.CHECK_IN))
        steps.append(PlannedStep(visit.end + random.randint(1, 5) * _MINUTE, Action.FULFIL))
    return _until(now, steps)


def _until(now: int, steps: list[PlannedStep]) -> tuple[PlannedStep, ...]:
    return tuple(step for step in sorted(steps, key=lambda step: step.at) if step.at <= now)


def _fullness(offset: int) -> float:
    """The share of free moments that somebody takes, by days from today."""
    return 0.75 if abs(offset) <= 1 else max(0.25, 0.6 - 0.04 * abs(offset))


_Place = tuple[Service, Practitioner, Location, int]


def _day(setting: Setting, day: date, fullness: float, random: Random) -> Iterator[_Place]:
    for practitioner in setting.practitioners.values():
        for slug in works_at(setting=setting, practitioner=practitioner):
            location = setting.locations[slug]
            windows = open_intervals(
                setting=setting, practitioner=practitioner, location=location, first=day, last=day
            )
            yield from _classes(setting, practitioner, location, windows, day)
            yield from _visits(setting, practitioner, location, windows, day, fullness, random)


def _class_start(
    setting: Setting,
    practitioner: Practitioner,
    location: Location,
    windows: list[Interval],
    day: date,
) -> int | None:
    service = setting.services[_CLASS]
    start = at_wall_time(day=day, minute=_CLASS_MINUTE, zone=location.zone)
    is_there = all(setting.rooms[slug].location == location.slug for slug in service.needs[0])
    if (
        start is None
        or not is_there
        or _CLASS not in practitioner.services
        or day.weekday() not in _CLASS_DAYS
        or not fits(windows, start, start + service.minutes * _MINUTE)
    ):
        return None
    return start


def _classes(
    setting: Setting,
    practitioner: Practitioner,
    location: Location,
    windows: list[Interval],
    day: date,
) -> Iterator[_Place]:
    start = _class_start(setting, practitioner, location, windows, day)
    if start is not None:
        yield setting.services[_CLASS], practitioner, location, start


def _visits(
    setting: Setting,
    practitioner: Practitioner,
    location: Location,
    windows: list[Interval],
    day: date,
    fullness: float,
    random: Random,
) -> Iterator[_Place]:
    choices = [
        service
        for service in setting.services.values()
        if service.slug in practitioner.services
        and service.slug in _WEIGHTS
        and _has_rooms(setting, service, location)
    ]
    if not choices or not windows:
        return
    taken = _class_start(setting, practitioner, location, windows, day)
    gap = [] if taken is None else [_span(setting.services[_CLASS], taken)]
    free_from = windows[0][0]
    while free_from < windows[-1][1]:
        weights = [_WEIGHTS[service.slug] for service in choices]
        service = random.choices(choices, weights)[0]
        start = _first_start(service, location, windows, day, free_from, gap)
        if start is None:
            return
        if random.random() > fullness:
            free_from = start + 30 * _MINUTE
            continue
        yield service, practitioner, location, start
        free_from = _span(service, start)[1]


def _has_rooms(setting: Setting, service: Service, location: Location) -> bool:
    return all(
        any(setting.rooms[slug].location == location.slug for slug in group)
        for group in service.needs
    )


def _span(service: Service, start: int) -> Interval:
    return (
        start - service.buffer_before * _MINUTE,
        start + (service.minutes + service.buffer_after) * _MINUTE,
    )


def _first_start(
    service: Service,
    location: Location,
    windows: list[Interval],
    day: date,
    free_from: int,
    gap: list[Interval],
) -> int | None:
    for start in grid_starts(day=day, grid_minutes=service.grid_minutes, zone=location.zone):
        span = _span(service, start)
        if (
            span[0] >= free_from
            and fits(windows, start, start + service.minutes * _MINUTE)
            and not any(overlaps(span, other) for other in gap)
        ):
            return start
    return None


def _somebody(patients: int, busy: set[int], random: Random) -> int:
    """A patient who has no visit yet on that day."""
    free = [number for number in range(patients) if number not in busy]
    chosen = random.choice(free or range(patients))
    busy.add(chosen)
    return chosen


def _visit(
    service: Service,
    practitioner: Practitioner,
    location: Location,
    start: int,
    patient: int,
    now: int,
    random: Random,
) -> PlannedVisit:
    notice = service.min_notice_seconds + 2 * _HOUR
    booked_at = start - notice - random.randint(0, 8 * _DAY)
    if booked_at > now:
        booked_at = now - random.randint(_HOUR, 6 * _DAY)
    states = [licence.state for licence in practitioner.licences if licence.state]
    return PlannedVisit(
        service=service.slug,
        practitioner=practitioner.slug,
        location=location.slug,
        start=start,
        end=start + service.minutes * _MINUTE,
        patient=patient,
        booked_at=booked_at,
        is_by_phone=random.random() < 0.4,
        state=random.choice(states) if service.is_telehealth and states else None,
    )
