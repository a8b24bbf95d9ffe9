"""The fast availability against the slow reference, over random clinics, zones and days."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.scheduling.rules.asking import Diary, OpenClass, Query
from clinic.scheduling.rules.booking import check_start
from clinic.scheduling.rules.offers import query_zone
from clinic.scheduling.rules.setting import (
    Closure,
    ExceptionRule,
    HoursRule,
    Licence,
    Location,
    Practitioner,
    Service,
    Setting,
)
from clinic.scheduling.rules.slots import busy_span, first_slots, list_slots
from clinic.scheduling.rules.wall_time import start_of_day
from tests.unit.scheduling.builders import clinic, place, room
from tests.unit.scheduling.reference import Reference

Draw = Callable[[st.SearchStrategy[Any]], Any]

ZONES = (
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kolkata",
    "America/Havana",
)
DAYS = [date(2025, 1, 1) + timedelta(days=n) for n in range(3 * 365)]


def has_change(day: date, zone: str) -> bool:
    """Whether a zone changes its clock on a day or in the night around it."""
    noon = datetime.combine(day, time(12), ZoneInfo(zone))
    return any((noon + timedelta(days=n)).utcoffset() != noon.utcoffset() for n in (-1, 1))


CHANGES = {zone: [day for day in DAYS if has_change(day, zone)] or DAYS for zone in ZONES}
EXHAUSTIVE_STEP = 300

edges = st.one_of(
    st.sampled_from([0, 30, 60, 90, 120, 150, 180, 540, 1020, 1380, 1410, 1440]),
    st.integers(0, 288).map(lambda n: n * 5),
)
spans = st.one_of(
    st.sampled_from([(540, 1020), (0, 1440), (0, 240), (1200, 1440)]),
    st.tuples(edges, edges).filter(lambda pair: pair[0] != pair[1]).map(sorted).map(tuple),
)
EVERY_DAY = frozenset(range(7))


@st.composite
def hours_rules(draw: Draw, day: date, locations: list[str]) -> HoursRule:
    starts, ends = draw(spans)
    every_weeks = draw(st.sampled_from([1, 1, 1, 2]))
    valid_from = draw(st.sampled_from([None, day - timedelta(days=20), day]))
    return HoursRule(
        location=draw(st.sampled_from(locations)),
        days=draw(st.sampled_from([EVERY_DAY, EVERY_DAY, frozenset({day.weekday()})])),
        starts=starts,
        ends=ends,
        valid_from=day - timedelta(days=15) if every_weeks > 1 else valid_from,
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
    part = draw(st.one_of(st.none(), spans))
    return Closure(
        date=day + timedelta(days=draw(st.integers(-1, 2))),
        reason="Closed",
        location=draw(st.sampled_from([None, *locations])),
        starts=part and part[0],
        ends=part and part[1],
    )


@st.composite
def people(draw: Draw, slug: str, resource: int, day: date, locations: list[str]) -> Practitioner:
    validity = st.sampled_from([None, None, day, day + timedelta(days=1)])
    licence = st.builds(
        Licence,
        state=st.sampled_from(["NY"] * 5 + ["NJ", None]),
        kind=st.just("PT"),
        valid_from=validity,
        valid_to=validity,
    )
    return Practitioner(
        slug=slug,
        name=slug,
        resource=resource,
        services=frozenset({draw(st.sampled_from(["fu"] * 9 + ["other"]))}),
        licences=tuple(draw(st.lists(licence, min_size=1, max_size=3))),
        hours=tuple(draw(st.lists(hours_rules(day, locations), min_size=1, max_size=3))),
        exceptions=tuple(draw(st.lists(exceptions(day, locations), max_size=2))),
    )


NAMES = ("ada", "ben")
ROOM_SLUGS = ("lab", "mill-1", "mill-2")


@st.composite
def services(draw: Draw) -> Service:
    option = st.sampled_from(
        [
            *(("lab",), ("mill-1", "mill-2"), ("mill-2", "mill-1"), ("mill-1",)),
            *(("lab", "mill-1", "mill-2"), ("lab", "mill-2"), ("mill-2", "lab", "mill-1")),
        ]
    )
    return Service(
        slug="fu",
        name="FU",
        minutes=draw(st.sampled_from([45, 5, 20, 30, 60, 90, 300, 1500])),
        buffer_before=draw(st.sampled_from([0, 0, 5, 60])),
        buffer_after=draw(st.sampled_from([0, 0, 10, 30])),
        grid_minutes=draw(st.sampled_from([5, 10, 15, 20, 30, 45, 60, 7])),
        min_notice_seconds=draw(st.sampled_from([0, 0, 0, 1800, 7200, 86400])),
        horizon_days=draw(st.sampled_from([60, 60, 60, 2, 1, 0])),
        modality=draw(st.sampled_from(["in_person"] * 2 + ["telehealth"])),
        capacity=draw(st.sampled_from([1, 4])),
        needs=tuple(draw(st.lists(option, max_size=draw(st.sampled_from([0, 1, 2, 2, 3]))))),
    )


def claims(begins: int) -> st.SearchStrategy[list[tuple[int, int]]]:
    """Claims of the three days after an instant, on and off any grid, overlapping too."""
    starts = st.integers(-24, 900).map(lambda n: begins + n * 300)
    lengths = st.sampled_from([300, 1800, 2700, 3600, 3600 * 5, 60, 601, 86400, 86400 * 3])
    return st.lists(
        st.tuples(starts, lengths).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=8
    ).map(sorted)


@st.composite
def situations(draw: Draw) -> tuple[Query, Diary, date, date]:
    zones = [draw(st.sampled_from(ZONES))]
    day = draw(st.sampled_from(draw(st.sampled_from([CHANGES[zones[0]], DAYS]))))
    if draw(st.integers(0, 4)) == 4:
        zones.append(draw(st.sampled_from(ZONES)))
    locations: list[Location] = [place(f"place-{index}", zone) for index, zone in enumerate(zones)]
    names = [one.slug for one in locations]
    staff = [
        draw(people(slug, number, day, names))
        for number, slug in enumerate(NAMES[: draw(st.integers(1, 2))], start=1)
    ]
    setting: Setting = clinic(
        people=staff,
        services=[draw(services())],
        rooms=[
            room(slug, 100 + index, draw(st.sampled_from([names[0]] * 3 + names)))
            for index, slug in enumerate(ROOM_SLUGS)
        ],
        locations=locations,
        closures=draw(st.lists(closures(day, names), max_size=2)),
        zone=draw(st.sampled_from(zones)),
    )
    begins = start_of_day(day=day, zone=zones[0])
    classes = [
        OpenClass(
            id=number,
            service="fu",
            practitioner=draw(st.sampled_from(NAMES)),
            location=draw(st.sampled_from(names)),
            start=begins + draw(st.integers(0, 200)) * 900,
            free_seats=draw(st.integers(0, 2)),
        )
        for number in range(draw(st.integers(0, 4)))
    ]
    resources = [*range(1, 3), *range(100, 103)]
    busy = {number: draw(claims(begins)) for number in resources}
    for one in classes:
        busy[NAMES.index(one.practitioner) + 1].append((one.start, one.start + 3600))
    diary = Diary(busy={number: sorted(spans) for number, spans in busy.items()}, classes=classes)
    query = Query(
        setting=setting,
        service="fu",
        now=begins + draw(st.sampled_from([-86400, -3600, 0, 36000, 36007, 86400])),
        practitioner=draw(st.sampled_from([None, None, "ada"])),
        location=draw(st.sampled_from([None, None, None, names[-1]])),
        state=draw(st.sampled_from(["NY"] * 5 + ["NJ", None])),
    )
    return query, diary, day, day + timedelta(days=draw(st.integers(0, 2)))


unhurried = settings(
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class TestAvailability:
    @unhurried
    @given(situations())
    def test_lists_exactly_what_the_reference_finds(
        self, situation: tuple[Query, Diary, date, date]
    ) -> None:
        query, diary, first, last = situation
        listing = list_slots(query=query, from_date=first, to_date=last, diary=diary)
        found = [(slot.start, slot.practitioner, slot.location) for slot in listing.slots]
        assert found == Reference(query, diary).slots(query_zone(query=query), first, last)
        assert (listing.reason is None) == bool(found)

    @unhurried
    @given(situations())
    def test_books_every_listed_start_and_nothing_else(
        self, situation: tuple[Query, Diary, date, date]
    ) -> None:
        query, diary, first, last = situation
        zone = query_zone(query=query)
        listing = list_slots(query=query, from_date=first, to_date=last, diary=diary)
        listed = {(slot.start, slot.practitioner, slot.location) for slot in listing.slots}
        begins = start_of_day(day=first, zone=zone)
        ends = start_of_day(day=last + timedelta(days=1), zone=zone)
        # On the grid of five minutes everywhere, and off it around what is listed.
        instants = set(range(begins, ends, EXHAUSTIVE_STEP))
        for start, _, _ in listed:
            instants |= {start - 60, start - 1, start, start + 1, start + 60}
        free = {
            (one.start, one.practitioner, one.location)
            for start in instants
            if begins <= start < ends
            for one in check_start(query=query, start=start, diary=diary).free
        }
        assert free == listed

    @unhurried
    @given(situations())
    def test_finds_first_what_it_lists_and_needs_only_the_span_it_names(
        self, situation: tuple[Query, Diary, date, date]
    ) -> None:
        query, diary, first, last = situation
        begins, ends = busy_span(query=query, from_date=first, to_date=last)
        narrowed = Diary(
            busy={
                number: [claim for claim in spans if claim[0] < ends and claim[1] > begins]
                for number, spans in diary.busy.items()
            },
            classes=[one for one in diary.classes if begins <= one.start < ends],
        )
        listing = list_slots(query=query, from_date=first, to_date=last, diary=diary)
        found = first_slots(
            query=query, from_date=first, to_date=last, diary=narrowed, limit=10_000
        )
        assert found == listing.slots
        assert (
            first_slots(query=query, from_date=first, to_date=last, diary=diary)
            == listing.slots[:1]
        )
