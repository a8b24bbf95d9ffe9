"""What stands in the day of a practitioner who is away, each with the nearest other time."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinic.desk.queries.booking import desk_query
from clinic.desk.queries.calendar import MOST_VISITS, Span
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.slots import find_alternatives
from clinic.scheduling.queries.visits import Visit, list_visits
from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.wall_time import local_date

LOOKED_AT = 24


@dataclass(frozen=True, slots=True)
class Stranded:
    """A visit that cannot take place, and the nearest time with somebody else or on another day."""

    visit: Visit
    slot: Slot | None


def list_stranded(
    *, practitioner: str, day: date, zone: str, now: datetime
) -> tuple[Stranded, ...]:
    """The booked visits of the day by start; no two are offered the same time.

    A few queries for each visit: it is asked on a bad morning, for a dozen of them.
    """
    span = Span(day, day, zone)
    visits = list_visits(
        starts_at=span.begins,
        ends_at=span.ends,
        practitioner=practitioner,
        status="booked",
        limit=MOST_VISITS,
    ).visits
    taken: dict[str, list[tuple[int, int]]] = {}
    found = []
    for visit in visits:
        slot = _nearest(visit, day, now, taken)
        if slot is not None:
            taken.setdefault(slot.practitioner, []).append((slot.start, slot.end))
        found.append(Stranded(visit, slot))
    return tuple(found)


def _nearest(
    visit: Visit, day: date, now: datetime, taken: dict[str, list[tuple[int, int]]]
) -> Slot | None:
    setting = get_setting()
    if visit.capacity > 1 or visit.service not in setting.services:
        return None
    query = desk_query(
        setting=setting,
        service=visit.service,
        practitioner=None,
        location=visit.location,
        state=visit.patient_state,
        now=now,
    )
    wanted = max(int(visit.starts_at.timestamp()), query.now)
    for since in (day, day + timedelta(days=1)):
        slots = find_alternatives(
            query=query,
            day=since,
            not_before=wanted if since == day else query.now,
            now=now,
            limit=LOOKED_AT,
        )
        for slot in slots:
            is_away = slot.practitioner == visit.practitioner and (
                local_date(instant=slot.start, zone=visit.zone) == day
            )
            spans = taken.get(slot.practitioner, [])
            if not is_away and all(slot.end <= b or slot.start >= e for b, e in spans):
                return slot
    return None
