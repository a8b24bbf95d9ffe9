"""Which of a week's times are shown: the part of the day asked for, each once, not too many."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.choice import thrifty_slots
from clinic.scheduling.rules.setting import Service
from clinic.scheduling.rules.wall_time import minute_of_day
from clinic.scheduling.rules.why import DayPlan

MOST_TIMES = 200
"""A page with more buttons than this is neither read nor small."""


class Part(StrEnum):
    """A part of the day, by the wall clock of the start."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


# Minutes from local midnight, half-open.
PARTS = {Part.MORNING: (0, 720), Part.AFTERNOON: (720, 1020), Part.EVENING: (1020, 1440)}


@dataclass(frozen=True, slots=True)
class Shown:
    """The times of one day as they are shown; ``hidden`` counts those of other parts of the day,
    ``left_out`` those that were too many."""

    day: date
    slots: tuple[Slot, ...]
    hidden: int
    left_out: int


def in_part(*, slots: Iterable[Slot], part: Part | None, zone: str) -> tuple[Slot, ...]:
    """The slots that start in that part of the day; None keeps all."""
    if part is None:
        return tuple(slots)
    begins, ends = PARTS[part]
    return tuple(
        slot for slot in slots if begins <= minute_of_day(instant=slot.start, zone=zone) < ends
    )


def once_each(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    """One slot for each start, whoever has it."""
    found: dict[int, Slot] = {}
    for slot in slots:
        found.setdefault(slot.start, slot)
    return tuple(found.values())


def shown_times(
    *,
    plans: Iterable[DayPlan],
    service: Service,
    part: Part | None,
    zone: str,
    whole_day: date | None = None,
    most: int = MOST_TIMES,
) -> tuple[Shown, ...]:
    """Each day's times. When a week has too many, those that leave no useless gaps are shown,
    and all of them on ``whole_day``."""
    wanted = [(plan, in_part(slots=plan.slots, part=part, zone=zone)) for plan in plans]
    is_crowded = sum(len(once_each(slots)) for _, slots in wanted) > most
    found = []
    for plan, slots in wanted:
        every = once_each(slots)
        is_thin = is_crowded and plan.day != whole_day
        # One practitioner's row of times is enough; two rows together have gaps of their own.
        times = _thin(slots, service) if is_thin else every
        hidden = len(once_each(plan.slots)) - len(every)
        found.append(Shown(plan.day, times, hidden, len(every) - len(times)))
    return tuple(found)


def _thin(slots: tuple[Slot, ...], service: Service) -> tuple[Slot, ...]:
    by_person: dict[tuple[str, str], list[Slot]] = {}
    for slot in slots:
        by_person.setdefault((slot.practitioner, slot.location), []).append(slot)
    rows = [thrifty_slots(slots=row, service=service) for row in by_person.values()]
    return once_each(sorted(slot for row in rows for slot in row))


def doubled_walls(slots: Iterable[Slot], *, zone: str) -> frozenset[int]:
    """Starts whose wall time appears twice that day, so that a clock alone would not tell them."""
    by_wall: dict[int, set[int]] = {}
    for slot in slots:
        by_wall.setdefault(minute_of_day(instant=slot.start, zone=zone), set()).add(slot.start)
    return frozenset(start for starts in by_wall.values() if len(starts) > 1 for start in starts)
