"""Writing a clinic file: what is written reads back as the same, and always looks the same."""

import string
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.scheduling.rules.setting import (
    Closure,
    ExceptionRule,
    HoursRule,
    Licence,
    Policy,
    Service,
)
from clinic.scheduling.rules.states import STATES
from clinic.setup.rules.clinic_file import (
    ClinicFile,
    LocationEntry,
    PractitionerEntry,
    ProductEntry,
    ResourceEntry,
)
from clinic.setup.rules.needs import can_choose_distinct
from clinic.setup.rules.reading import read_clinic_file
from clinic.setup.rules.writing import write_clinic_file

SLUGS = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=8)
NAMES = (
    st.text(
        st.characters(codec="utf-8", exclude_categories=["Cc", "Cn", "Co", "Cs", "Zl", "Zp"]),
        min_size=1,
        max_size=30,
    )
    .map(str.strip)
    .filter(lambda text: any(sign.isprintable() and not sign.isspace() for sign in text))
)
ZONES = st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kolkata", "UTC"])
DAYS = st.dates(date(1900, 1, 1), date(9999, 12, 31))
WINDOW = st.lists(st.integers(0, 1440), min_size=2, max_size=2, unique=True).map(
    lambda pair: (min(pair), max(pair))
)


@st.composite
def validities(draw: st.DrawFn) -> tuple[date | None, date | None]:
    first, last = draw(st.none() | DAYS), draw(st.none() | DAYS)
    return (last, first) if first and last and first > last else (first, last)


@st.composite
def hours(draw: st.DrawFn, locations: list[str]) -> HoursRule:
    starts, ends = draw(WINDOW)
    valid_from, valid_to = draw(validities())
    every = draw(st.integers(1, 8)) if valid_from else 1
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    place = draw(st.sampled_from(locations))
    return HoursRule(place, days, starts, ends, valid_from, valid_to, every)


@st.composite
def exceptions(draw: st.DrawFn, locations: list[str]) -> tuple[ExceptionRule, ...]:
    found = []
    for day in draw(st.lists(DAYS, max_size=3, unique=True)):
        edges = sorted(draw(st.lists(st.integers(0, 1440), max_size=6, unique=True)))
        windows = tuple(draw(st.permutations(list(zip(edges[::2], edges[1::2], strict=False)))))
        place = st.sampled_from(locations)
        found.append(ExceptionRule(day, draw(place if windows else st.none() | place), windows))
    return tuple(found)


@st.composite
def licences(draw: st.DrawFn) -> tuple[Licence, ...]:
    plain = [Licence(None, "PT")] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0, 2))):
        state = draw(st.sampled_from(sorted(STATES)))
        valid_from, valid_to = draw(validities())
        number = draw(st.none() | NAMES)
        plain.append(Licence(state, draw(NAMES), number, valid_from, valid_to))
    return tuple(plain)


@st.composite
def services(draw: st.DrawFn, slug: str, resources: list[str]) -> Service:
    groups = st.lists(st.sampled_from(resources), min_size=1, max_size=3, unique=True).map(tuple)
    needs = draw(st.lists(groups, max_size=3)) if resources else []
    small = st.integers(0, 1440)
    return Service(
        slug=slug,
        name=draw(NAMES),
        minutes=draw(st.integers(1, 1440)),
        buffer_before=draw(small),
        buffer_after=draw(small),
        grid_minutes=draw(st.integers(1, 1440)),
        min_notice_seconds=draw(st.integers(0, 8760 * 3600)),
        horizon_days=draw(small),
        modality=draw(st.sampled_from(["in_person", "telehealth"])),
        online=draw(st.booleans()),
        price_cents=draw(st.integers(0, 99_999_999)),
        capacity=draw(st.integers(1, 1000)),
        safety_screen=draw(st.booleans()),
        forms=tuple(draw(st.lists(NAMES, max_size=2, unique=True))),
        needs=tuple(needs) if can_choose_distinct(needs) else (),
    )


@st.composite
def closures(draw: st.DrawFn, locations: list[str]) -> Closure:
    starts, ends = draw(st.tuples(st.none(), st.none()) | WINDOW)
    place = draw(st.none() | st.sampled_from(locations))
    return Closure(draw(DAYS), draw(NAMES), place, starts, ends)


@st.composite
def clinic_files(draw: st.DrawFn) -> ClinicFile:
    """Any file without faults; every resource is where everybody works."""
    places = draw(st.lists(SLUGS, min_size=1, max_size=3, unique=True))
    things = draw(st.lists(SLUGS, max_size=3, unique=True))
    offered = draw(st.lists(SLUGS, min_size=1, max_size=3, unique=True))
    home = places[:1]
    people = [
        PractitionerEntry(
            slug,
            draw(NAMES),
            tuple(draw(st.lists(st.sampled_from(offered), unique=True))),
            draw(licences()),
            tuple(draw(st.lists(hours(home), max_size=3))),
            draw(exceptions(home)),
        )
        for slug in draw(st.lists(SLUGS, max_size=2, unique=True))
    ]
    return ClinicFile(
        name=draw(NAMES),
        time_zone=draw(ZONES),
        phone=draw(st.sampled_from(["", "+1 212 555 0100", "(212) 555-0142"])),
        currency=draw(st.sampled_from(["usd", "eur"])),
        policy=Policy(
            draw(st.integers(0, 99)),
            draw(st.integers(1, 99)),
            30,
            0,
            3,
            request_answer_hours=draw(st.integers(0, 200)),
            waitlist_offer_minutes=draw(st.integers(15, 2880)),
            meeting_address=draw(st.sampled_from(["", "https://meet.example.com/r/{visit}?a=1"])),
        ),
        locations=tuple(
            LocationEntry(slug, draw(NAMES), draw(st.just("") | NAMES), draw(st.none() | ZONES))
            for slug in places
        ),
        resources=tuple(
            ResourceEntry(
                slug, draw(NAMES), draw(st.sampled_from(["room", "equipment"])), places[0]
            )
            for slug in things
        ),
        services=tuple(draw(services(slug, things)) for slug in offered),
        practitioners=tuple(people),
        closures=tuple(draw(st.lists(closures(places), max_size=3))),
        products=tuple(
            ProductEntry(slug, draw(NAMES), offered[0], 100, "eur", draw(st.booleans()))
            for slug in draw(st.lists(SLUGS, max_size=2, unique=True))
        ),
    )


class TestWriteClinicFile:
    @given(clinic_files())
    @settings(max_examples=150, deadline=None)
    def test_reads_back_as_the_same_values_and_the_same_bytes(self, file: ClinicFile) -> None:
        text = write_clinic_file(file=file)
        again = read_clinic_file(data=text.encode())
        assert again == file
        assert write_clinic_file(file=again) == text

    def test_puts_every_table_under_a_heading_of_its_own(self) -> None:
        entry = PractitionerEntry(
            "osei",
            'Amara "Ama" Osei',
            hours=(HoursRule("main", frozenset({4, 0}), 540, 1440),),
            exceptions=(ExceptionRule(date(2026, 12, 24), None, ()),),
        )
        file = ClinicFile(
            "Rehab", "UTC", locations=(LocationEntry("main", "Main"),), practitioners=(entry,)
        )
        assert write_clinic_file(file=file).endswith(
            "\n[[practitioners]]\n"
            'slug = "osei"\n'
            'name = "Amara \\"Ama\\" Osei"\n'
            "services = []\n"
            "\n[[practitioners.hours]]\n"
            'days = ["mon", "fri"]\n'
            'from = "09:00"\n'
            'to = "24:00"\n'
            'location = "main"\n'
            "\n[[practitioners.exceptions]]\n"
            "date = 2026-12-24\n"
            "hours = []\n"
        )
