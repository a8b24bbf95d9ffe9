"""Where boxes stand in a column of the calendar: side by side where they overlap. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

STEP_MINUTES = 5
MOST_LANES = 4


@dataclass(frozen=True, slots=True)
class Lane:
    """The lane of a box, from 0, and how many lanes its group needs."""

    number: int
    of: int


def lanes(spans: Sequence[tuple[int, int]]) -> list[Lane]:
    """A lane for each half-open span (minutes), in the order given.

    Spans that touch nothing have a column of their own width; a group that overlaps is shared out,
    the earliest and longest first, at most ``MOST_LANES`` beside each other.
    """
    found: list[Lane] = [Lane(0, 1)] * len(spans)
    order = sorted(range(len(spans)), key=lambda at: (spans[at][0], -spans[at][1]))
    group: list[tuple[int, int]] = []  # number in the order given, and its lane
    ends: list[int] = []  # of each lane of the group
    for at in order:
        begins, finishes = spans[at]
        if ends and begins >= max(ends):
            _share(found, group, len(ends))
            group, ends = [], []
        free = next((lane for lane, until in enumerate(ends) if until <= begins), None)
        if free is None and len(ends) < MOST_LANES:
            free = len(ends)
            ends.append(finishes)
        elif free is None:
            free = MOST_LANES - 1
        ends[free] = max(ends[free], finishes)
        group.append((at, free))
    _share(found, group, len(ends))
    return found


def _share(found: list[Lane], group: list[tuple[int, int]], width: int) -> None:
    for at, lane in group:
        found[at] = Lane(lane, width)


def hours_shown(spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The whole hours from the first to the last minute of the spans; 8 to 18 without any."""
    if not spans:
        return 8, 18
    first = min(begins for begins, _ in spans) // 60
    last = -(-max(ends for _, ends in spans) // 60)
    return max(0, first), min(24, max(last, first + 1))
