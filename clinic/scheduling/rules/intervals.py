"""Arithmetic on half-open intervals of whole numbers: `(start, end)` holds start, not end.

"Merged" lists are sorted, do not overlap and do not adjoin.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

Interval = tuple[int, int]


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The union as a merged list; adjoining intervals become one, empty ones vanish."""
    merged: list[Interval] = []
    open_start = open_end = None
    for start, end in sorted(intervals):
        if start >= end:
            continue
        if open_start is None or open_end is None:
            open_start, open_end = start, end
        elif start > open_end:
            merged.append((open_start, open_end))
            open_start, open_end = start, end
        elif end > open_end:
            open_end = end
    if open_start is not None and open_end is not None:
        merged.append((open_start, open_end))
    return merged


def subtract(whole: Iterable[Interval], cuts: Iterable[Interval]) -> list[Interval]:
    """What of `whole` no cut covers, merged."""
    left: list[Interval] = []
    merged_cuts = merge(cuts)
    for start, end in merge(whole):
        position = start
        for cut_start, cut_end in merged_cuts:
            if cut_end <= position:
                continue
            if cut_start >= end:
                break
            if cut_start > position:
                left.append((position, cut_start))
            position = cut_end
        if position < end:
            left.append((position, end))
    return left


def contains(merged: Sequence[Interval], point: int) -> bool:
    """Whether one interval of a merged list holds the point."""
    index = bisect_right(merged, point, key=_start) - 1
    return index >= 0 and point < merged[index][1]


def fits(merged: Sequence[Interval], start: int, end: int) -> bool:
    """Whether one interval of a merged list holds all of `start` to `end`."""
    index = bisect_right(merged, start, key=_start) - 1
    return index >= 0 and start < merged[index][1] and end <= merged[index][1]


def fitting(merged: Sequence[Interval], starts: Sequence[int], length: int) -> tuple[int, ...]:
    """Those of the sorted starts from which an interval of a merged list holds all of a length.

    The length is positive. Each interval is looked up once, not each start.
    """
    found: list[int] = []
    for begin, end in merged:
        first = bisect_left(starts, begin)
        found += starts[first : max(first, bisect_right(starts, end - length))]
    return tuple(found)


def overlaps(one: Interval, other: Interval) -> bool:
    """Whether two intervals share a point; touching ends share none."""
    return max(one[0], other[0]) < min(one[1], other[1])


def _start(interval: Interval) -> int:
    return interval[0]
