"""From what is taken to the starts that cannot be had.

A visit claims from its start less the buffer before to its end plus the buffer after. A claim
[b, e) therefore blocks the starts s with s - before < e and s + length + after > b.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from clinic.scheduling.rules.intervals import Interval
from clinic.scheduling.rules.setting import Service


def claimed_span(*, service: Service, start: int) -> Interval:
    """What a visit claims of its practitioner and rooms, buffers included."""
    return (
        start - service.buffer_before * 60,
        start + (service.minutes + service.buffer_after) * 60,
    )


def blocked_starts(*, service: Service, busy: Iterable[Interval]) -> list[Interval]:
    """The merged intervals of starts at which a visit would overlap a claim."""
    before = service.buffer_before * 60
    reach = (service.minutes + service.buffer_after) * 60
    merged: list[Interval] = []
    last_start, last_end = 0, None
    # In one pass, because a month of a clinic has thousands; sorting what is sorted costs nothing.
    for start, end in sorted(busy):
        if start >= end:
            continue
        if last_end is not None and start - reach < last_end:
            last_end = max(last_end, end + before)
            continue
        if last_end is not None:
            merged.append((last_start, last_end))
        last_start, last_end = start - reach + 1, end + before
    if last_end is not None:
        merged.append((last_start, last_end))
    return merged


def unblocked_ranges(*, starts: Sequence[int], blocked: Sequence[Interval]) -> list[Interval]:
    """The index ranges of sorted `starts` that no interval of a merged list holds."""
    if not starts:
        return []
    free: list[Interval] = []
    position, count = 0, len(starts)
    for index in range(_first_reaching(blocked, starts[0]), len(blocked)):
        begin, end = blocked[index]
        stop = bisect_left(starts, begin, position)
        if stop > position:
            free.append((position, stop))
        if stop == count:
            return free
        position = bisect_left(starts, end, stop)
    if position < count:
        free.append((position, count))
    return free


def _first_reaching(blocked: Sequence[Interval], start: int) -> int:
    index = bisect_left(blocked, (start, start))
    return index - 1 if index and blocked[index - 1][1] > start else index
