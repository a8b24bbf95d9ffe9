"""What a round over the waitlist looks at: who waits, what is free, and what of it is new.

Who waited at the last look was asked about every time that was free then. So it is enough to ask
everybody about what has become free since, and about everything those who are new or have changed.
A clinic with much free time that nobody on its list wants costs no more than one without.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime

from clinic.scheduling.queries.diary import instant, load_diary, query_now
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.waiting import Waiting, dates_of, list_waiting
from clinic.scheduling.rules.asking import Query, Slot
from clinic.scheduling.rules.offers import horizon_date, query_zone
from clinic.scheduling.rules.slots import list_slots
from clinic.scheduling.rules.waitlist import WallTime, on_the_wall, suits_day, suits_hour
from clinic.scheduling.rules.wall_time import local_date

LOOK_AGAIN_SECONDS = 300
"""What changes without a trace in the diary (a safety event was closed, midnight came) is seen
within so long: then everything is asked anew."""

Question = tuple[str, str | None]
"""A service, and the state that somebody waits in."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a look showed. ``content`` is None where something was in the way for a moment only."""

    turn: int
    content: int | None = None
    slots: frozenset[Slot] = frozenset()
    waiting: frozenset[Waiting] = frozenset()


@dataclass(frozen=True, slots=True)
class Look:
    """Who waits for one service in one state, and which times are free."""

    question: Question
    waiting: tuple[Waiting, ...]
    slots: tuple[Slot, ...]
    turn: int
    content: int
    before: _Seen

    def pairs(self) -> Iterator[tuple[Waiting, Slot]]:
        """Everybody with each time that suits and is new to them: by joining time, then by time."""
        new = tuple(slot for slot in self.slots if slot not in self.before.slots)
        service = self.question[0]
        new_hours, all_hours = _by_hour(new, service), None
        for one in self.waiting:
            if one not in self.before.waiting and all_hours is None:
                all_hours = _by_hour(self.slots, service)
            hours = new_hours if one in self.before.waiting else all_hours or []
            for slot in _suiting(one, hours):
                if one.can_come(instant(slot.start), instant(slot.end)):
                    yield one, slot

    def remember(self, *, besides: frozenset[Slot]) -> None:
        """Keep for the next look what was asked now; ``besides`` could not be asked to its end."""
        _memory()[self.question] = _Seen(
            self.turn,
            None if besides else self.content,
            frozenset(self.slots) - besides,
            frozenset(self.waiting),
        )


def take_look(*, service: str, state: str | None, now: datetime) -> Look | None:
    """A look at one question; None when nobody waits, or all is as it was at the last look."""
    setting = get_setting()
    waiting = list_waiting(service=service, state=state, now=now)
    if not waiting:
        return None
    query = Query(
        setting=setting,
        service=service,
        state=state,
        now=query_now(now),
        staff=not setting.services[service].online,
    )
    today = local_date(instant=query.now, zone=query_zone(query=query))
    first, last = dates_of(waiting)
    first, last = max(first, today), min(last, horizon_date(query=query))
    if last < first:
        return None
    diary = load_diary(query=query, from_date=first, to_date=last, now=now)
    turn, content = int(now.timestamp()) // LOOK_AGAIN_SECONDS, hash(diary.content)
    before = _memory().get((service, state))
    if before is None or before.turn != turn:
        before = _Seen(turn)
    if before.content == content and before.waiting.issuperset(waiting):
        return None
    listing = list_slots(query=query, from_date=first, to_date=last, diary=diary)
    return Look((service, state), waiting, listing.slots, turn, content, before)


def _memory() -> dict[Question, _Seen]:
    """What the last look at each question showed, kept with the setting in force."""
    kept: dict[Question, _Seen] = get_setting().memo.recall(("waitlist-looks",), dict)
    return kept


def _by_hour(slots: tuple[Slot, ...], service: str) -> list[list[tuple[WallTime, Slot]]]:
    """Times that are alike but for their day, together: hours are few, days are many."""
    setting = get_setting()
    minutes = setting.services[service].minutes
    alike: dict[Hashable, list[tuple[WallTime, Slot]]] = defaultdict(list)
    for slot in slots:
        wall = on_the_wall(
            practitioner=slot.practitioner,
            location=slot.location,
            zone=setting.locations[slot.location].zone,
            start=slot.start,
            minutes=minutes,
        )
        alike[wall.practitioner, wall.location, wall.starts].append((wall, slot))
    return list(alike.values())


def _suiting(one: Waiting, hours: list[list[tuple[WallTime, Slot]]]) -> list[Slot]:
    """The times that somebody waits for, in order."""
    return sorted(
        slot
        for times in hours
        if suits_hour(wants=one.wants, time=times[0][0])
        for wall, slot in times
        if suits_day(wants=one.wants, day=wall.day)
    )
