"""Single faults of a clinic file: each alone is named, at its place."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinic.setup.rules.faults import WrongClinicFile
from clinic.setup.rules.reading import read_clinic_file
from tests.unit.setup.sample import WHOLE, changed, faults_of, read


class TestOneFault:
    """Each passage changed alone gives exactly one fault, at that place."""

    @pytest.mark.parametrize(
        ("old", "new", "place"),
        [
            ('name = "Riverside Rehab"\n', "", "clinic.name"),
            ('name = "Riverside Rehab"', 'name = ""', "clinic.name"),
            ('name = "Riverside Rehab"', 'name = "\\u200b\\u200d"', "clinic.name"),
            ('name = "Riverside Rehab"', 'name = "a\\u0000b"', "clinic.name"),
            ('name = "Riverside Rehab"', 'name = "a\\nb"', "clinic.name"),
            ('name = "Riverside Rehab"', f'name = "{"x" * 10_000}"', "clinic.name"),
            ('name = "Riverside Rehab"', "name = 7", "clinic.name"),
            ('time_zone = "America/New_York"', 'time_zone = "EST5"', "clinic.time_zone"),
            ('time_zone = "America/New_York"', 'time_zone = "../etc"', "clinic.time_zone"),
            ("+1 212 555 0100", "call us", "clinic.phone"),
            ("+1 212 555 0100", "+1 212", "clinic.phone"),
            ("+1 212 555 0100", "+1 212 555 0100 0000 00", "clinic.phone"),
            ("[policy]", "[polcy]\n[policy]", "polcy"),
            (
                "cancellation_notice_hours = 24",
                "payment_hold_minutes = 29",
                "policy.payment_hold_minutes",
            ),
            ("cancellation_notice_hours = 24", "hold_minutes = 0", "policy.hold_minutes"),
            ("cancellation_notice_hours = 24", "hold_minutes = true", "policy.hold_minutes"),
            ("cancellation_notice_hours = 24", "undo_seconds = 1e3", "policy.undo_seconds"),
            ('slug = "uptown"', 'slug = "Uptown"', "locations[1].slug"),
            ('slug = "uptown"', 'slug = "up--town"', "locations[1].slug"),
            ('slug = "uptown"', f'slug = "{"u" * 65}"', "locations[1].slug"),
            ('slug = "uptown"', 'slug = "uptown\\n"', "locations[1].slug"),
            ('slug = "uptown"', "slug = []", "locations[1].slug"),
            ('slug = "uptown"\n', "", "locations[1].slug"),
            ('slug = "uptown"', 'slug = "main"', "locations[1].slug"),
            ('"Europe/Paris"', '"Paris"', "locations[1].time_zone"),
            ('kind = "room"\n', "", "resources[0].kind"),
            ('kind = "room"\nlocation = "main"', 'kind = "room"', "resources[0].location"),
            (
                'kind = "room"\nlocation = "main"',
                'kind = "room"\nlocation = "moon"',
                "resources[0].location",
            ),
            ("minutes = 60", "minutes = 0", "services[0].minutes"),
            ("minutes = 60", "minutes = true", "services[0].minutes"),
            ("minutes = 60", "minutes = 60.0", "services[0].minutes"),
            ("minutes = 60", "minutes = 9223372036854775808", "services[0].minutes"),
            ("minutes = 60", f"minutes = 0x{'f' * 5000}", "services[0].minutes"),
            ("minutes = 60\n", "", "services[0].minutes"),
            ("minutes = 60", "minutes = 60\nbuffer_after = -1", "services[0].buffer_after"),
            ("minutes = 60", "minutes = 60\ngrid_minutes = 0", "services[0].grid_minutes"),
            ("minutes = 60", "minutes = 60\ngrid_minutes = 1441", "services[0].grid_minutes"),
            ("minutes = 60", "minutes = 60\nhorizon_days = -1", "services[0].horizon_days"),
            ("minutes = 60", "minutes = 60\ncapacity = 0", "services[0].capacity"),
            ("minutes = 60", 'minutes = 60\nmodality = "video"', "services[0].modality"),
            ("minutes = 60", 'minutes = 60\nonline = "yes"', "services[0].online"),
            ("minutes = 60", "minutes = 60\nonline = 1", "services[0].online"),
            ("minutes = 60", 'minutes = 60\nforms = ["a", "a"]', "services[0].forms[1]"),
            ("minutes = 60", 'minutes = 60\nforms = "a"', "services[0].forms"),
            ("min_notice_hours = 1.5", "min_notice_hours = nan", "services[0].min_notice_hours"),
            ("min_notice_hours = 1.5", "min_notice_hours = inf", "services[0].min_notice_hours"),
            ("min_notice_hours = 1.5", "min_notice_hours = -0.5", "services[0].min_notice_hours"),
            ("min_notice_hours = 1.5", 'min_notice_hours = "2"', "services[0].min_notice_hours"),
            ("price_cents = 20000", "price_cents = -1", "services[0].price_cents"),
            ('needs = [["lab"], [', 'needs = [[], ["lab"], [', "services[0].needs[0]"),
            ('needs = [["lab"], [', 'needs = ["lab", [', "services[0].needs[0]"),
            ('needs = [["lab"], [', 'needs = [["lamb"], [', "services[0].needs[0][0]"),
            ('needs = [["lab"], [', 'needs = [["lab", "lab"], [', "services[0].needs[0][1]"),
            ('["lab", "treadmill"]]', '["lab"]]', "services[0].needs"),
            ('services = ["evaluation"]\n', "", "practitioners[0].services"),
            (
                'services = ["evaluation"]',
                'services = ["evaluation", "evaluation"]',
                "practitioners[0].services[1]",
            ),
            ('services = ["evaluation"]', "services = [1]", "practitioners[0].services[0]"),
            ('state = "NY"', 'state = "New York"', "practitioners[0].licences[0].state"),
            ('state = "NY"', 'state = "ZZ"', "practitioners[0].licences[0].state"),
            ('state = "NY"\n', "", "practitioners[0].licences[0].state"),
            (
                "valid_from = 2020-01-01",
                "valid_from = 2030-01-01",
                "practitioners[0].licences[0].valid_from",
            ),
            (
                "valid_from = 2020-01-01",
                "valid_from = 2020-01-01T09:00:00Z",
                "practitioners[0].licences[0].valid_from",
            ),
            ('days = ["mon", "fri"]', "days = []", "practitioners[0].hours[0].days"),
            ('days = ["mon", "fri"]\n', "", "practitioners[0].hours[0].days"),
            (
                'days = ["mon", "fri"]',
                'days = ["mon", "mon"]',
                "practitioners[0].hours[0].days[1]",
            ),
            ('days = ["mon", "fri"]', 'days = "mon"', "practitioners[0].hours[0].days"),
            ('from = "09:00"', 'from = "9:00"', "practitioners[0].hours[0].from"),
            ('from = "09:00"', 'from = "٠٩:٠٠"', "practitioners[0].hours[0].from"),
            ('from = "09:00"', "from = 09:00:00", "practitioners[0].hours[0].from"),
            ('from = "09:00"', 'from = "24:00"', "practitioners[0].hours[0].from"),
            (
                'to = "24:00"\nlocation = "main"\nv',
                'to = "24:01"\nlocation = "main"\nv',
                "practitioners[0].hours[0].to",
            ),
            (
                'to = "24:00"\nlocation = "main"\nv',
                'to = "09:00"\nlocation = "main"\nv',
                "practitioners[0].hours[0].from",
            ),
            (
                'to = "24:00"\nlocation = "main"\nv',
                'to = "24:00"\nv',
                "practitioners[0].hours[0].location",
            ),
            (
                "valid_from = 2026-01-01\nevery_weeks = 2",
                "every_weeks = 2",
                "practitioners[0].hours[0].every_weeks",
            ),
            ("every_weeks = 2", "every_weeks = 0", "practitioners[0].hours[0].every_weeks"),
            ("date = 2026-12-24\n", "", "practitioners[0].exceptions[0].date"),
            ("hours = []\n", "", "practitioners[0].exceptions[0].hours"),
            ("hours = []", "hours = [[]]", "practitioners[0].exceptions[0].hours[0]"),
            (
                '["10:00", "12:00"]',
                '["12:00", "10:00"]',
                "practitioners[0].exceptions[1].hours[1]",
            ),
            ('["10:00", "12:00"]', '["10:00", "20:01"]', "practitioners[0].exceptions[1].hours"),
            ("date = 2026-12-27", "date = 2026-12-24", "practitioners[0].exceptions[1].date"),
            ('from = "12:00"\n', "", "closures[0].from"),
            ('from = "12:00"\nto = "24:00"', 'from = "12:00"', "closures[0].to"),
            ('from = "12:00"\nto = "24:00"', 'from = "12:00"\nto = "12:00"', "closures[0].from"),
            ("date = 2026-12-25\n", "", "closures[0].date"),
            ("date = 2026-12-25", "date = 1066-10-14", "closures[0].date"),
            ('currency = "usd"', 'currency = "USD"', "products[0].currency"),
            ('currency = "usd"', 'currency = "dollars"', "products[0].currency"),
            ('service = "evaluation"', 'service = "gait"', "products[0].service"),
            ("price_cents = 35000\n", "", "products[0].price_cents"),
            ("active = false", 'active = "no"', "products[0].active"),
            ("active = false", "active = false\ncolour = 1", "products[0].colour"),
        ],
    )
    def test_is_named_with_its_place(self, old: str, new: str, place: str) -> None:
        faults = faults_of(changed(old, new))
        assert len(faults) == 1, faults
        assert faults[0].split(": ", 1)[0].split(" (", 1)[0] == place
        assert "\n" not in faults[0]
        assert len(faults[0]) < 300

    def test_of_an_exception_without_its_location_where_the_practitioner_works_at_two(self) -> None:
        second = (
            '[[practitioners.hours]]\ndays = ["tue"]\nfrom = "09:00"\nto = "10:00"\n'
            'location = "uptown"\n[[practitioners.exceptions]]\ndate = 2026-12-24'
        )
        faults = faults_of(changed("[[practitioners.exceptions]]\ndate = 2026-12-24", second))
        assert [fault.split(" (")[0] for fault in faults] == [
            "practitioners[0].exceptions[1].location"
        ]

    def test_of_a_need_at_a_location_where_nobody_gives_the_service(self) -> None:
        text = changed('kind = "room"\nlocation = "main"', 'kind = "room"\nlocation = "uptown"')
        faults = faults_of(
            text.replace('needs = [["lab"], ["lab", "treadmill"]]', 'needs=[["lab"]]')
        )
        assert len(faults) == 1
        assert faults[0].startswith('services[0].needs ("evaluation"): names only what is at no')

    def test_of_a_place_that_is_off_everywhere_and_open_somewhere_on_one_date(self) -> None:
        text = changed("hours = []", 'hours = [["08:00", "09:00"]]\nlocation = "main"')
        assert read(text) != read(WHOLE)
        twice = text.replace("date = 2026-12-27", "date = 2026-12-24")
        assert "practitioners[0].exceptions[1].date" in faults_of(twice)[0]
        elsewhere = twice.replace(
            'location = "main"\n[[practitioners.exc', 'location = "uptown"\n[[practitioners.exc'
        )
        assert read(elsewhere) != read(WHOLE)


LITERALS = st.sampled_from(
    [
        "true",
        "0",
        "-1",
        "0x" + "f" * 400,
        "1e400",
        "nan",
        "-inf",
        '""',
        '"x"',
        '"main"',
        "'\u202e🏃'",
        "[]",
        "[[]]",
        "[{}]",
        "{}",
        '{a.b = ["c"]}',
        "2026-02-28",
        "9999-12-31",
        "0001-01-01",
        "07:32:00",
        "1979-05-27T00:32:00-07:00",
        '[["00:00", "24:00"]]',
        '["mon", 1]',
    ]
)
LINES = [
    number for number, line in enumerate(WHOLE.splitlines()) if line and not line.startswith("[")
]


def faults_if_any(data: bytes) -> list[str]:
    """The faults of a file, none when it can be read; whatever else is raised goes through."""
    try:
        read_clinic_file(data=data)
    except WrongClinicFile as wrong:
        return [str(fault) for fault in wrong.faults]
    return []


class TestAnyFile:
    @given(st.lists(st.tuples(st.sampled_from(LINES), LITERALS), max_size=6))
    @settings(max_examples=300, deadline=None)
    def test_is_read_or_named_faulty_whatever_stands_for_a_value(
        self, changes: list[tuple[int, str]]
    ) -> None:
        lines = WHOLE.splitlines()
        for number, literal in changes:
            lines[number] = f"{lines[number].partition(' = ')[0]} = {literal}"
        assert all("\n" not in fault for fault in faults_if_any("\n".join(lines).encode()))

    @given(st.integers(0, len(WHOLE)), st.integers(0, 40), st.binary(max_size=20))
    @settings(max_examples=300, deadline=None)
    def test_is_read_or_named_faulty_whatever_bytes_are_torn_out_or_put_in(
        self, at: int, gone: int, put: bytes
    ) -> None:
        data = WHOLE.encode()
        data = data[:at] + put + data[at + gone :]
        assert all("\n" not in fault for fault in faults_if_any(data))
