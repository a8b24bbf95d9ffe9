"""Whom a visit goes to when the patient named nobody, and which few times to show first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clinic.scheduling.rules.asking import Candidate, Slot
from clinic.scheduling.rules.setting import Service


@dataclass(frozen=True, slots=True)
class Load:
    """How busy a practitioner is.

    `booked_minutes` of the Monday-to-Sunday local week of the visit, without buffers, a class
    counted once; `idle_since` is the end of the last visit before this one, None for never busy.
    """

    booked_minutes: int = 0
    idle_since: int | None = None


def in_order_of_choice(
    *, candidates: Iterable[Candidate], loads: Mapping[str, Load]
) -> tuple[Candidate, ...]:
    """Candidates by: an open class, fewest booked minutes, longest idle, slug, location.

    Who is missing in `loads` has no visits.
    """

    def rank(candidate: Candidate) -> tuple[bool, int, bool, int, str, str]:
        load = loads.get(candidate.practitioner, Load())
        return (
            candidate.joins is None,
            load.booked_minutes,
            load.idle_since is not None,
            load.idle_since or 0,
            candidate.practitioner,
            candidate.location,
        )

    return tuple(sorted(candidates, key=rank))


def thrifty_slots(*, slots: Sequence[Slot], service: Service) -> tuple[Slot, ...]:
    """Those of the slots that leave no gap too short for another visit: show these when few.

    In each unbroken run of starts of a practitioner: the first, then each that follows right
    after the one before with its buffers.
    """
    step = service.grid_minutes * 60
    claimed = (service.buffer_before + service.minutes + service.buffer_after) * 60
    previous: dict[tuple[str, str], int] = {}
    taken_until: dict[tuple[str, str], int] = {}
    shown: list[Slot] = []
    for slot in slots:
        key = (slot.practitioner, slot.location)
        starts_run = key not in previous or slot.start - previous[key] > step
        previous[key] = slot.start
        if starts_run or slot.start >= taken_until[key]:
            shown.append(slot)
            taken_until[key] = slot.start + claimed
    return tuple(shown)
