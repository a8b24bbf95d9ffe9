"""Whether one start can be booked, by whom, where and with which rooms.

Uses the parts that the listing uses, so that for the public exactly the listed starts are free.
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import chain

from clinic.scheduling.rules.asking import (
    Candidate,
    Diary,
    Problem,
    Query,
    RefusalCode,
    StartCheck,
)
from clinic.scheduling.rules.board import Board, day_starts
from clinic.scheduling.rules.intervals import contains, fits
from clinic.scheduling.rules.offers import Offer, doers, has_licence, last_date, offer_at
from clinic.scheduling.rules.opening import closures_within, open_from, works_at
from clinic.scheduling.rules.rooms import Groups, choose_despite, choose_rooms
from clinic.scheduling.rules.setting import Location, Practitioner
from clinic.scheduling.rules.wall_time import local_date

# How long ago a visit may have begun that staff still enter.
STAFF_REACH_BACK_SECONDS = 12 * 3600

_ORDER = {code: index for index, code in enumerate(RefusalCode)}
_OUTSIDE = frozenset({Problem.HOURS, Problem.CLOSURE})


@dataclass(frozen=True, slots=True)
class Contender:
    """A practitioner and a place to be weighed for a start."""

    practitioner: Practitioner
    location: Location


def check_start(
    *, query: Query, start: int, diary: Diary, rooms: Collection[str] | None = None
) -> StartCheck:
    """Who can take a start, or the refusal that comes first in the order of the contract.

    Among several practitioners the one who gets furthest decides on the refusal. For staff
    notice, horizon, `online` and grid do not bind, and candidates against hours, closures and
    claims are told as overridable. `rooms` are those somebody chose: just these, if they can
    serve. The diary is without the visit that is being moved.
    """
    if start < _earliest(query):
        return StartCheck(free=(), overridable=(), refusal=RefusalCode.TOO_SOON)
    board = Board(query=query, diary=diary)
    found: list[Candidate] = []
    refusals = [_refusal_without_contender(query, start)]
    for contender in contenders(query=query):
        offer = _offer_or_refusal(query, contender, start)
        weighed = offer if isinstance(offer, RefusalCode) else weigh(board, offer, start, rooms)
        if isinstance(weighed, RefusalCode):
            refusals.append(weighed)
        else:
            found.append(weighed)
    free = tuple(one for one in found if not one.problems)
    against = [one for one in found if one.problems]
    refusals += [_code(one) for one in against]
    return StartCheck(
        free=free,
        overridable=tuple(sorted(against, key=lambda one: len(one.problems)))
        if query.staff
        else (),
        refusal=None if free else max(refusals, key=_ORDER.__getitem__),
    )


def contenders(*, query: Query) -> tuple[Contender, ...]:
    """Who is weighed, and where: who was named even if they do not do it, else all who do."""
    setting = query.setting
    who = doers(query=query)
    if query.practitioner is not None and query.practitioner in setting.practitioners:
        who = (setting.practitioners[query.practitioner],)
    found: list[Contender] = []
    for practitioner in who:
        places = works_at(setting=setting, practitioner=practitioner) or tuple(setting.locations)
        if query.location is not None:
            places = (query.location,)
        found += [Contender(practitioner, setting.locations[slug]) for slug in places]
    return tuple(found)


def weigh(
    board: Board, offer: Offer, start: int, rooms: Collection[str] | None
) -> Candidate | RefusalCode:
    """What stands against an offer at a start; a refusal where nothing can be overridden."""
    groups = offer.groups
    if rooms is not None:
        groups = tuple(tuple(slug for slug in group if slug in rooms) for group in groups)
        if len(set(rooms)) != len(groups) or choose_rooms(groups=groups) is None:
            return RefusalCode.NOT_OFFERED
    problems = outside_problems(board, offer, start)
    if not board.query.staff and (problems or not is_on_grid(board, offer, start)):
        return RefusalCode.NOT_OFFERED
    joins = board.joinable(offer).get(start)
    chosen: tuple[str, ...] = ()
    if joins is None:
        taken_up, chosen = _claim(board, offer, groups, start)
        problems |= taken_up
    return Candidate(
        practitioner=offer.practitioner.slug,
        location=offer.location.slug,
        start=start,
        end=start + board.service.minutes * 60,
        resources=chosen,
        joins=joins,
        problems=problems,
    )


def outside_problems(board: Board, offer: Offer, start: int) -> frozenset[Problem]:
    """Whether a visit lies outside the hours, in a closure, or both."""
    setting, minutes = board.query.setting, board.service.minutes
    day = local_date(instant=start, zone=offer.location.zone)
    end = start + minutes * 60
    with_closures, without = (
        open_from(
            setting=setting,
            practitioner=offer.practitioner,
            location=offer.location,
            day=day,
            minutes=minutes,
            with_closures=closed,
        )
        for closed in (True, False)
    )
    if fits(with_closures, start, end):
        return frozenset()
    problems = set() if fits(without, start, end) else {Problem.HOURS}
    last = local_date(instant=end - 1, zone=offer.location.zone)
    if closures_within(
        setting=setting, location=offer.location, interval=(start, end), first=day, last=last
    ):
        problems.add(Problem.CLOSURE)
    return frozenset(problems or {Problem.HOURS})


def is_on_grid(board: Board, offer: Offer, start: int) -> bool:
    """Whether a start is among those that the listing draws from."""
    day = local_date(instant=start, zone=offer.location.zone)
    of_day = day_starts(setting=board.query.setting, service=board.service, offer=offer, day=day)
    return start in of_day.starts


def _claim(
    board: Board, offer: Offer, groups: Groups, start: int
) -> tuple[frozenset[Problem], tuple[str, ...]]:
    rooms = board.query.setting.rooms
    problems: set[Problem] = set()
    if contains(board.blocked_by(offer.practitioner.resource), start):
        problems.add(Problem.BUSY)
    taken = {
        slug
        for slug in chain.from_iterable(groups)
        if contains(board.blocked_by(rooms[slug].resource), start)
    }
    chosen = choose_rooms(groups=groups, taken=taken)
    if chosen is None:
        problems.add(Problem.ROOM)
        chosen = choose_despite(groups=groups, taken=taken)
    return frozenset(problems), chosen or ()


def _earliest(query: Query) -> int:
    if query.staff:
        return query.now - STAFF_REACH_BACK_SECONDS
    return query.now + query.wanted.min_notice_seconds


def _is_too_far(query: Query, start: int, zone: str) -> bool:
    return not query.staff and local_date(instant=start, zone=zone) > last_date(
        query=query, zone=zone
    )


def _refusal_without_contender(query: Query, start: int) -> RefusalCode:
    """What to say when nobody is there to be weighed; the weakest refusal otherwise."""
    if contenders(query=query):
        return RefusalCode.TOO_SOON
    locations = query.setting.locations
    zone = locations[query.location].zone if query.location else query.setting.zone
    return RefusalCode.TOO_FAR if _is_too_far(query, start, zone) else RefusalCode.NOT_OFFERED


def _offer_or_refusal(query: Query, contender: Contender, start: int) -> Offer | RefusalCode:
    zone = contender.location.zone
    if _is_too_far(query, start, zone):
        return RefusalCode.TOO_FAR
    if query.wanted.is_telehealth and not has_licence(
        practitioner=contender.practitioner,
        state=query.state,
        day=local_date(instant=start, zone=zone),
    ):
        return RefusalCode.NOT_LICENSED
    if query.service not in contender.practitioner.services:
        return RefusalCode.NOT_OFFERED
    if not query.is_open:
        return RefusalCode.NOT_OFFERED
    offer = offer_at(
        query=query,
        practitioner=contender.practitioner,
        location=contender.location.slug,
    )
    return offer or RefusalCode.NOT_OFFERED


def _code(candidate: Candidate) -> RefusalCode:
    if candidate.problems & _OUTSIDE:
        return RefusalCode.NOT_OFFERED
    return RefusalCode.SLOT_TAKEN
