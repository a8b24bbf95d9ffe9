"""When a patient is reminded of a visit. Pure.

A whole number of days before is told by the wall clock (the evening before a clock change is still
a day before), anything else by elapsed hours. Nobody is woken: what falls into the night comes in
the morning, or on the evening before where the visit itself is too early for that.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise

from clinic.scheduling.rules.wall_time import edge, local_date, minute_of_day

HOURS_OF_A_DAY = 24
MORNING_MINUTE = 7 * 60
EVENING_MINUTE = 20 * 60
NIGHT_MINUTE = 21 * 60
LEAST_SECONDS = 3600
"""A reminder that comes later than an hour before the visit helps nobody."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder: for which of the policy's hours, when, and until when it is worth sending."""

    hours: int
    due: int
    until: int


def plan_reminders(
    *, start: int, zone: str, hours: Sequence[int], since: int, now: int
) -> tuple[Reminder, ...]:
    """The reminders of a visit that stands since ``since``; all instants in seconds.

    One that was due before the visit stood is left out: who has just booked needs none. Of those
    that are overdue (the worker was away) only the last is still worth sending.
    """
    if start <= now:
        return ()
    due = {_due(start, zone, one): one for one in sorted(hours)}
    wanted = sorted(instant for instant in due if since < instant < start)
    overdue = [instant for instant in wanted if instant <= now]
    wanted = overdue[-1:] + [instant for instant in wanted if instant > now]
    spans = pairwise((*wanted, start))
    return tuple(Reminder(due[instant], instant, until) for instant, until in spans)


def _due(start: int, zone: str, hours: int) -> int:
    days, rest = divmod(hours, HOURS_OF_A_DAY)
    if rest:
        return _by_day(start - hours * 3600, start, zone)
    day = local_date(instant=start, zone=zone) - timedelta(days=days)
    at = edge(day=day, minute=minute_of_day(instant=start, zone=zone), zone=zone, last=False)
    return _by_day(at, start, zone)


def _by_day(due: int, start: int, zone: str) -> int:
    """The same instant, or the nearest fair one where it lies in the night."""
    minute = minute_of_day(instant=due, zone=zone)
    day = local_date(instant=due, zone=zone)
    if minute >= NIGHT_MINUTE:
        return edge(day=day, minute=EVENING_MINUTE, zone=zone, last=False)
    if minute >= MORNING_MINUTE:
        return due
    morning = edge(day=day, minute=MORNING_MINUTE, zone=zone, last=False)
    if morning + LEAST_SECONDS <= start:
        return morning
    return edge(day=day - timedelta(days=1), minute=EVENING_MINUTE, zone=zone, last=False)
