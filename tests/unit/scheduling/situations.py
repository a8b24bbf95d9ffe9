"""Random clinics, diaries and queries for the property tests.

Each situation takes a few twists of a plain clinic: all of them at once would leave hardly any
slot to compare.
"""

from collections.abc import Callable, Set
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from clinic.scheduling.rules.asking import Diary, OpenClass, Query
from clinic.scheduling.rules.setting import (
    Closure,
    ExceptionRule,
    HoursRule,
    Licence,
    Practitioner,
    Service,
)
from clinic.scheduling.rules.wall_time import start_of_day
from tests.unit.scheduling.builders import clinic, place, room

Draw = Callable[[st.SearchStrategy[Any]], Any]
Twists = Set[str]
Situation = tuple[Query, Diary, date, date]

TWISTS = (
    *("validity", "exceptions", "closures", "places", "people", "rooms", "classes"),
    *("buffers", "limits", "telehealth", "filters", "lengths"),
)
ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kolkata",
    "America/Havana",
)
NAMES = ("ada", "ben")
ROOM_SLUGS = ("lab", "mill-1", "mill-2")
EVERY_DAY = frozenset(range(7))
DAYS = [date(2025, 1, 1) + timedelta(days=n) for n in range(3 * 365)]


def has_change(day: date, zone: str) -> bool:
    """Whether a zone changes its clock on a day or in the night around it."""
    noon = datetime.combine(day, time(12), ZoneInfo(zone))
    return any((noon + timedelta(days=n)).utcoffset() != noon.utcoffset() for n in (-1, 1))


CHANGES = {zone: [day for day in DAYS if has_change(day, zone)] or DAYS for zone in ZONES}

edges = st.one_of(
    st.sampled_from([0, 30, 60, 90, 120, 150, 180, 540, 1020, 1380, 1410, 1440]),
    st.integers(0, 288).map(lambda n: n * 5),
)
spans = st.one_of(
    st.sampled_from([(540, 1020), (0, 1440), (0, 240), (1200, 1440)]),
    st.sampled_from([(0, 30), (0, 90), (0, 105), (0, 150), (1200, 1410), (90, 180)]),
    st.tuples(edges, edges).filter(lambda pair: pair[0] != pair[1]).map(sorted).map(tuple),
)


@st.composite
def hours_rules(draw: Draw, day: date, locations: list[str], twists: Twists) -> HoursRule:
    starts, ends = draw(spans)
    where = draw(st.sampled_from(locations))
    if "validity" not in twists:
        return HoursRule(where, EVERY_DAY, starts, ends)
    every_weeks = draw(st.sampled_from([1, 2]))
    valid_from = draw(st.sampled_from([None, day - timedelta(days=20), day]))
    if every_weeks > 1:
        valid_from = day - timedelta(days=draw(st.integers(0, 20)))
    return HoursRule(
        location=where,
        days=draw(st.sampled_from([EVERY_DAY, EVERY_DAY, frozenset({day.weekday()})])),
        starts=starts,
        ends=ends,
        valid_from=day - timedelta(days=draw(st.integers(0, 20)))
        if every_weeks > 1
        else valid_from,
        valid_to=draw(st.sampled_from([None, None, day, day + timedelta(days=1)])),
        every_weeks=every_weeks,
    )


@st.composite
def exceptions(draw: Draw, day: date, locations: list[str]) -> ExceptionRule:
    return ExceptionRule(
        date=day + timedelta(days=draw(st.integers(-1, 2))),
        location=draw(st.sampled_from([None, *locations])),
        windows=tuple(draw(st.lists(spans, max_size=2))),
    )


@st.composite
def closures(draw: Draw, day: date, locations: list[str]) -> Closure:
    part = draw(st.one_of(spans, st.none()))
    return Closure(
        date=day + timedelta(days=draw(st.integers(-1, 2))),
        reason="Closed",
        location=draw(st.sampled_from([None, *locations])),
        starts=part and part[0],
        ends=part and part[1],
    )


@st.composite
def licences(draw: Draw, day: date) -> Licence:
    validity = st.sampled_from([None, None, day, day + timedelta(days=1)])
    state = draw(st.sampled_from(["NY", "NY", "NY", "NJ", None]))
    return Licence(state, "PT", valid_from=draw(validity), valid_to=draw(validity))


@st.composite
def practitioners(
    draw: Draw, number: int, day: date, locations: list[str], twists: Twists
) -> Practitioner:
    rules = hours_rules(day, locations, twists)
    special = st.lists(exceptions(day, locations), min_size=1, max_size=3)
    papers = st.lists(licences(day), min_size=1, max_size=3)
    return Practitioner(
        slug=NAMES[number - 1],
        name=NAMES[number - 1],
        resource=number,
        services=frozenset({draw(st.sampled_from(["fu", "fu", "fu", "other"]))})
        if "filters" in twists
        else frozenset({"fu"}),
        licences=tuple(draw(papers)) if "telehealth" in twists else (),
        hours=tuple(draw(st.lists(rules, min_size=1, max_size=3))),
        exceptions=tuple(draw(special)) if "exceptions" in twists else (),
    )


@st.composite
def services(draw: Draw, twists: Twists) -> Service:
    option = st.sampled_from(
        [
            *(("lab",), ("mill-1", "mill-2"), ("mill-2", "mill-1"), ("mill-1",)),
            *(("lab", "mill-1", "mill-2"), ("lab", "mill-2"), ("mill-2", "lab", "mill-1")),
        ]
    )

    def vary(twist: str, usual: Any, others: list[Any]) -> Any:
        return draw(st.sampled_from([usual, *others])) if twist in twists else usual

    return Service(
        slug="fu",
        name="FU",
        minutes=vary("lengths", draw(st.sampled_from([45, 20, 60])), [5, 90, 300, 1500]),
        buffer_before=vary("buffers", 0, [5, 60]),
        buffer_after=vary("buffers", 0, [10, 30]),
        grid_minutes=vary("lengths", draw(st.sampled_from([15, 30])), [5, 10, 20, 45, 60, 7]),
        min_notice_seconds=vary("limits", 0, [1800, 7200, 86400]),
        horizon_days=vary("limits", 60, [2, 1, 0]),
        modality="telehealth" if "telehealth" in twists else "in_person",
        capacity=4 if "classes" in twists else 1,
        needs=tuple(draw(st.lists(option, min_size=1, max_size=3))) if "rooms" in twists else (),
    )


def claims(begins: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Claims of the three days after an instant, on and off any grid, overlapping too."""
    starts = st.integers(-24, 900).map(lambda n: begins + n * 300)
    lengths = st.sampled_from([300, 1800, 2700, 3600, 3600 * 5, 60, 601, 86400, 86400 * 3])
    return st.lists(
        st.tuples(starts, lengths).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=6
    )


@st.composite
def diaries(draw: Draw, begins: int, locations: list[str], twists: Twists) -> Diary:
    classes = [
        OpenClass(
            id=number,
            service="fu",
            practitioner=draw(st.sampled_from(NAMES)),
            location=draw(st.sampled_from(locations)),
            start=begins + draw(st.integers(0, 96)) * 1800,
            free_seats=draw(st.sampled_from([0, 0, 1, 2])),
        )
        for number in range(draw(st.integers(1, 6)) if "classes" in twists else 0)
    ]
    resources = (1, 2, 100, 101, 102) if "rooms" in twists else (1, 2)
    busy = {number: draw(claims(begins)) for number in resources}
    for one in classes:
        busy[NAMES.index(one.practitioner) + 1].append((one.start, one.start + 3600))
    return Diary(busy={number: sorted(spans) for number, spans in busy.items()}, classes=classes)


@st.composite
def situations(draw: Draw, twist: str) -> Situation:
    """A query, a diary, and the first and last date asked for; `twist` is one of its twists."""
    twists = {twist} | draw(st.sets(st.sampled_from(TWISTS), max_size=3))
    zones = [draw(st.sampled_from(ZONES))]
    if "places" in twists:
        zones.append(draw(st.sampled_from(ZONES)))
    day = draw(st.sampled_from(draw(st.sampled_from([CHANGES[zones[0]], DAYS]))))
    names = [f"place-{index}" for index in range(len(zones))]
    setting = clinic(
        people=[
            draw(practitioners(number, day, names, twists))
            for number in range(1, 3 if "people" in twists else 2)
        ],
        services=[draw(services(twists))],
        rooms=[
            room(slug, 100 + index, draw(st.sampled_from(names)))
            for index, slug in enumerate(ROOM_SLUGS)
        ],
        locations=[place(slug, zone) for slug, zone in zip(names, zones, strict=True)],
        closures=draw(st.lists(closures(day, names), max_size=3)) if "closures" in twists else (),
        zone=draw(st.sampled_from(zones)),
    )
    begins = start_of_day(day=day, zone=zones[0])
    later = [36000, 36007, 86400] if "limits" in twists else [0]
    query = Query(
        setting=setting,
        service="fu",
        now=begins + draw(st.sampled_from([-86400, -3600, 0, *later])),
        practitioner=draw(st.sampled_from([None, *NAMES])) if "filters" in twists else None,
        location=draw(st.sampled_from([None, *names])) if "filters" in twists else None,
        state=draw(st.sampled_from(["NY", "NY", "NY", "NJ", None])),
    )
    diary = draw(diaries(begins, names, twists))
    classes = [one for one in diary.classes if _can_have_rooms(query, one.location)]
    diary = replace(diary, classes=classes)
    return query, diary, day, day + timedelta(days=draw(st.integers(0, 2)))


def _can_have_rooms(query: Query, location: str) -> bool:
    """A class stands only where its rooms can be had."""
    rooms = query.setting.rooms
    return any(
        len(set(choice)) == len(choice) and all(rooms[slug].location == location for slug in choice)
        for choice in product(*query.wanted.needs)
    )
