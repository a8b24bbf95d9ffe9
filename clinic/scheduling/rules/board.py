"""Starts of one question laid over what is taken: the parts that listing and booking share."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from operator import attrgetter

from clinic.scheduling.rules.asking import Diary, Query, Reason, Slot
from clinic.scheduling.rules.blocking import blocked_starts, unblocked_ranges
from clinic.scheduling.rules.intervals import Interval, fitting, merge
from clinic.scheduling.rules.memo import Memo
from clinic.scheduling.rules.offers import (
    DATE_REACH,
    Offer,
    doers,
    earliest_start,
    has_licence,
    horizon_date,
    last_date,
    offers,
    query_zone,
    shift,
)
from clinic.scheduling.rules.opening import open_from, works_at
from clinic.scheduling.rules.rooms import starts_without_rooms
from clinic.scheduling.rules.setting import Service, Setting
from clinic.scheduling.rules.wall_time import edge, grid_starts, local_date, start_of_day

SHORT_RANGE_DAYS = 7
RANGES_KEPT = 96
"""Ranges of one offer: a month has some 20 KB, so this is 2 MB for one setting."""


@dataclass(frozen=True, slots=True)
class DayStarts:
    """The starts of a local day that fit hours, closures and grid, and the same as slots."""

    starts: tuple[int, ...]
    slots: tuple[Slot, ...]


def day_starts(*, setting: Setting, service: Service, offer: Offer, day: date) -> DayStarts:
    """The starts of an offer on a local day if nothing were taken and no notice needed."""
    return setting.memo.recall(
        ("starts", service.slug, offer.practitioner.slug, offer.location.slug, day),
        lambda: _work_out_starts(setting, service, offer, day),
    )


def _work_out_starts(setting: Setting, service: Service, offer: Offer, day: date) -> DayStarts:
    windows = open_from(
        setting=setting,
        practitioner=offer.practitioner,
        location=offer.location,
        day=day,
        minutes=service.minutes,
    )
    if not windows:
        return DayStarts((), ())
    length = service.minutes * 60
    grid = grid_starts(day=day, grid_minutes=service.grid_minutes, zone=offer.location.zone)
    starts = fitting(windows, grid, length)
    who, where = offer.practitioner.slug, offer.location.slug
    return DayStarts(starts, tuple(Slot(start, start + length, who, where) for start in starts))


_start = attrgetter("start")


def _who_and_where(offer: Offer) -> tuple[str, str]:
    return offer.practitioner.slug, offer.location.slug


class Board:
    """One query laid over one diary; works out each part once, when it is first needed."""

    def __init__(self, *, query: Query, diary: Diary) -> None:
        self.query = query
        self.diary = diary
        self.service = query.wanted
        self.earliest = earliest_start(query=query)
        self._blocked: dict[tuple[str, str], list[Interval]] = {}
        self._blocked_by: dict[int, list[Interval]] = {}
        self._rooms_blocked: dict[str, list[Interval]] = {}

    @cached_property
    def zone(self) -> str:
        """The zone of the query's dates."""
        return query_zone(query=self.query)

    @cached_property
    def offers(self) -> tuple[Offer, ...]:
        """Who offers the service where, to whoever asks."""
        if not self.query.is_open:
            return ()
        return offers(query=self.query)

    def slots(self, from_date: date, to_date: date) -> tuple[Slot, ...]:
        """The free slots of the dates, in order."""
        found: list[Slot] = []
        # In the order of people and places, so that a sort by start alone (it is stable, and
        # compares numbers) leaves them in the order of slots.
        for offer in sorted(self.offers, key=_who_and_where):
            starts, slots = self.candidates(offer, from_date, to_date)
            found += self._free(offer, starts, slots)
        found.sort(key=_start)
        return tuple(found)

    def candidates(
        self, offer: Offer, from_date: date, to_date: date
    ) -> tuple[list[int], list[Slot]]:
        """The starts of an offer that fit all but the diary, sorted, and the same as slots."""
        starts, slots = self.fitting(offer, from_date, to_date, since=self.earliest)
        allowed = bisect_left(starts, self.earliest)
        return (starts[allowed:], slots[allowed:]) if allowed else (starts, slots)

    def fitting(
        self, offer: Offer, from_date: date, to_date: date, *, since: int
    ) -> tuple[list[int], list[Slot]]:
        """The starts of an offer that fit hours and grid, from some time before `since` on.

        Kept for the ranges that were asked for last; nobody may change the lists.
        """
        first, last = self._span_of(offer, from_date, to_date, since)
        if (last - first).days < SHORT_RANGE_DAYS:  # as when looking day by day: cheap, and many
            return self._fitting(offer, first, last, from_date, to_date)
        memo = self.query.setting.memo.recall(("ranges",), lambda: Memo(RANGES_KEPT))
        place = (self.service.slug, offer.practitioner.slug, offer.location.slug)
        # The state decides on the days by licences; a zone further on may cut the edges.
        key = (*place, first, last, self.query.state, from_date, to_date, self.zone)
        return memo.recall(key, lambda: self._fitting(offer, first, last, from_date, to_date))

    def _fitting(
        self, offer: Offer, first: date, last: date, from_date: date, to_date: date
    ) -> tuple[list[int], list[Slot]]:
        starts: list[int] = []
        slots: list[Slot] = []
        in_order = True
        for day in self._days_of(offer, first, last):
            of_day = day_starts(
                setting=self.query.setting, service=self.service, offer=offer, day=day
            )
            if not of_day.starts:
                continue
            # A clock set back over midnight brings the day before once more, after this one.
            in_order = in_order and (not starts or starts[-1] < of_day.starts[0])
            starts += of_day.starts
            slots += of_day.slots
        if not in_order:
            slots.sort()
            starts.sort()
        if offer.location.zone != self.zone:
            slots = self._within(slots, from_date, to_date)
            starts = [slot.start for slot in slots]
        return starts, slots

    def days_within(self, from_date: date, to_date: date) -> Iterator[date]:
        """The dates of the range that neither notice nor horizon rule out."""
        first = max(from_date, local_date(instant=self.earliest, zone=self.zone))
        last = min(to_date, horizon_date(query=self.query))
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            yield date.fromordinal(ordinal)

    def reason(self, from_date: date, to_date: date) -> Reason:
        """Why the dates have no slots, given that they have none."""
        if not self.is_offered(from_date, to_date):
            return Reason.NOT_OFFERED
        if self.is_too_far(from_date):
            return Reason.TOO_FAR
        last = min(to_date, shift(horizon_date(query=self.query), 1))
        if edge(day=last, minute=1440, zone=self.zone, last=True) <= self.earliest:
            return Reason.TOO_SOON
        if any(self.candidates(offer, from_date, to_date)[0] for offer in self.offers):
            return Reason.FULL
        return Reason.CLOSED

    def blocked(self, offer: Offer) -> list[Interval]:
        """The merged starts at which the practitioner or the rooms of an offer are taken."""
        key = (offer.practitioner.slug, offer.location.slug)
        if key not in self._blocked:
            own = self.blocked_by(offer.practitioner.resource)
            rooms = self._blocked_by_rooms(offer) if offer.groups else []
            self._blocked[key] = merge(own + rooms) if rooms else own
        return self._blocked[key]

    def joinable(self, offer: Offer) -> dict[int, int | str]:
        """The open classes of an offer with a free seat: their ids by start."""
        if self.service.capacity <= 1:
            return {}
        asked = (self.service.slug, offer.practitioner.slug, offer.location.slug)
        return {
            one.start: one.id
            for one in self.diary.classes
            if one.free_seats > 0 and (one.service, one.practitioner, one.location) == asked
        }

    def _free(self, offer: Offer, starts: list[int], slots: list[Slot]) -> list[Slot]:
        free: list[Slot] = []
        for begin, end in unblocked_ranges(starts=starts, blocked=self.blocked(offer)):
            free += slots[begin:end]
        joinable = self.joinable(offer)
        if joinable:
            known = {slot.start for slot in free}
            free += [slot for slot in slots if slot.start in joinable and slot.start not in known]
        return free

    def blocked_by(self, resource: int) -> list[Interval]:
        """The merged starts at which one resource is taken."""
        if resource not in self._blocked_by:
            busy = self.diary.busy.get(resource, ())
            self._blocked_by[resource] = blocked_starts(service=self.service, busy=busy)
        return self._blocked_by[resource]

    def _blocked_by_rooms(self, offer: Offer) -> list[Interval]:
        if offer.location.slug not in self._rooms_blocked:
            rooms = self.query.setting.rooms
            options = {slug for group in offer.groups for slug in group}
            self._rooms_blocked[offer.location.slug] = starts_without_rooms(
                groups=offer.groups,
                blocked={slug: self.blocked_by(rooms[slug].resource) for slug in options},
            )
        return self._rooms_blocked[offer.location.slug]

    def _span_of(
        self, offer: Offer, from_date: date, to_date: date, since: int
    ) -> tuple[date, date]:
        """The first and last local day of an offer that may hold slots of the dates."""
        zone = offer.location.zone
        if zone != self.zone:
            from_date, to_date = shift(from_date, -DATE_REACH), shift(to_date, DATE_REACH)
        # One day more: a clock set back over midnight returns to the day before.
        first = max(from_date, shift(local_date(instant=since, zone=zone), -1))
        return first, min(to_date, last_date(query=self.query, zone=zone))

    def _days_of(self, offer: Offer, first: date, last: date) -> Iterator[date]:
        """Those of the days on which the offer stands: by video, with a licence."""
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            if not self.service.is_telehealth or has_licence(
                practitioner=offer.practitioner, state=self.query.state, day=day
            ):
                yield day

    def _within(self, slots: list[Slot], from_date: date, to_date: date) -> list[Slot]:
        # Asking for the date is slow, so only where the answer is near an edge.
        surely_from = start_of_day(day=shift(from_date, 1), zone=self.zone)
        surely_to = start_of_day(day=to_date, zone=self.zone)
        return [
            slot
            for slot in slots
            if surely_from <= slot.start < surely_to
            or from_date <= local_date(instant=slot.start, zone=self.zone) <= to_date
        ]

    def is_offered(self, from_date: date, to_date: date) -> bool:
        """Whether anybody does the service there, with a licence on one of the dates if needed."""
        if not self.query.is_open:
            return False
        # Who does the service but keeps no hours anywhere offers it: it is closed, that is all.
        setting, asked = self.query.setting, self.query.location
        who = [offer.practitioner for offer in self.offers]
        if asked is None:
            who += [
                one
                for one in doers(query=self.query)
                if not works_at(setting=setting, practitioner=one)
            ]
        if not self.service.is_telehealth:
            return bool(who)
        return any(
            licence.state is not None
            and licence.state == self.query.state
            and (licence.valid_from is None or licence.valid_from <= to_date)
            and (licence.valid_to is None or from_date <= licence.valid_to)
            for one in who
            for licence in one.licences
        )

    def is_too_far(self, from_date: date) -> bool:
        """Whether a range that begins on a date lies wholly beyond the horizon."""
        zones = {offer.location.zone for offer in self.offers} or {self.zone}
        if zones == {self.zone}:
            return from_date > last_date(query=self.query, zone=self.zone)
        if from_date > horizon_date(query=self.query):
            return True
        begins = start_of_day(day=from_date, zone=self.zone)
        return all(
            local_date(instant=begins, zone=zone) > last_date(query=self.query, zone=zone)
            for zone in zones
        )
