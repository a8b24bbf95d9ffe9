"""Free times for somebody on the waitlist, for staff: those that suit them, and the next others."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from clinic.scheduling.queries.diary import query_now
from clinic.scheduling.queries.request_times import FreeTimes, apart
from clinic.scheduling.queries.slots import find_alternatives, find_availability
from clinic.scheduling.queries.waitlist import WaitingEntry
from clinic.scheduling.rules.asking import Query, Slot
from clinic.scheduling.rules.offers import query_zone
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.waitlist import on_the_wall, suits
from clinic.scheduling.rules.wall_time import local_date
from clinic.scheduling.rules.week_view import once_each

MOST = 8
LONGEST_SPAN_DAYS = 62


def find_times_for_entry(*, entry: WaitingEntry, setting: Setting, now: datetime) -> FreeTimes:
    """Up to eight free times of the service that suit the entry, and the next eight others.

    As staff may book them: notice and horizon are not asked for others to be found.
    """
    query = Query(
        setting=setting,
        service=entry.service,
        location=entry.location,
        state=entry.state,
        now=query_now(now),
        staff=True,
    )
    today = local_date(instant=query.now, zone=query_zone(query=query))
    fitting = tuple(_suiting(entry, query, setting, now))[:MOST]
    free = find_alternatives(query=query, day=today, not_before=query.now, now=now, limit=MOST * 4)
    known = {slot.start for slot in fitting}
    others = [slot for slot in once_each(free) if slot.start not in known]
    return FreeTimes(fitting, tuple(apart(others))[:MOST])


def _suiting(entry: WaitingEntry, query: Query, setting: Setting, now: datetime) -> Iterable[Slot]:
    today = local_date(instant=query.now, zone=query_zone(query=query))
    first = max(entry.from_date, today)
    last = min(entry.to_date, first + timedelta(days=LONGEST_SPAN_DAYS - 1))
    if last < first:
        return ()
    found = find_availability(query=query, from_date=first, to_date=last, now=now)
    return apart(once_each(_suit(found.listing.slots, entry, setting)))


def _suit(slots: Sequence[Slot], entry: WaitingEntry, setting: Setting) -> Iterable[Slot]:
    for slot in slots:
        wall = on_the_wall(
            practitioner=slot.practitioner,
            location=slot.location,
            zone=setting.locations[slot.location].zone,
            start=slot.start,
            minutes=(slot.end - slot.start) // 60,
        )
        if suits(wants=entry.wants, time=wall):
            yield slot
