"""Reading a clinic file: what is taken, and every fault with its place."""

import time
from datetime import date

import pytest

from clinic.scheduling.rules.setting import Closure, ExceptionRule, HoursRule, Licence, Policy
from clinic.setup.rules.clinic_file import ClinicFile, LocationEntry, ProductEntry
from clinic.setup.rules.faults import WrongClinicFile
from clinic.setup.rules.reading import LARGEST_FILE, read_clinic_file

WHOLE = """
[clinic]
name = "Riverside Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0100"

[policy]
cancellation_notice_hours = 24

[[locations]]
slug = "main"
name = "Main office"
address = "120 Example Street"

[[locations]]
slug = "uptown"
name = "Uptown"
time_zone = "Europe/Paris"

[[resources]]
slug = "lab"
name = "Gait lab"
kind = "room"
location = "main"

[[resources]]
slug = "treadmill"
name = "Treadmill"
kind = "equipment"
location = "main"

[[services]]
slug = "evaluation"
name = "First evaluation"
minutes = 60
min_notice_hours = 1.5
price_cents = 20000
needs = [["lab"], ["lab", "treadmill"]]

[[practitioners]]
slug = "osei"
name = "Amara Osei"
services = ["evaluation"]
licence = "PT"
[[practitioners.licences]]
state = "NY"
kind = "PT"
number = "000000"
valid_from = 2020-01-01
valid_to = 2029-12-31
[[practitioners.hours]]
days = ["mon", "fri"]
from = "09:00"
to = "24:00"
location = "main"
valid_from = 2026-01-01
every_weeks = 2
[[practitioners.exceptions]]
date = 2026-12-24
hours = []
[[practitioners.exceptions]]
date = 2026-12-27
hours = [["20:00", "22:00"], ["10:00", "12:00"]]

[[closures]]
date = 2026-12-25
reason = "Christmas Day"
from = "12:00"
to = "24:00"
location = "main"

[[products]]
slug = "gait-3d"
name = "3D gait analysis"
service = "evaluation"
price_cents = 35000
currency = "usd"
active = false
"""


def read(text: str) -> ClinicFile:
    return read_clinic_file(data=text.encode())


def faults_of(text: str | bytes) -> list[str]:
    data = text.encode() if isinstance(text, str) else text
    with pytest.raises(WrongClinicFile) as caught:
        read_clinic_file(data=data)
    return [str(fault) for fault in caught.value.faults]


def changed(old: str, new: str) -> str:
    """The whole file with one passage replaced; the passage must stand there once."""
    assert WHOLE.count(old) == 1, old
    return WHOLE.replace(old, new)


class TestReadClinicFile:
    def test_takes_everything_the_contract_shows(self) -> None:
        file = read(WHOLE)
        assert (file.name, file.time_zone, file.phone) == (
            "Riverside Rehab",
            "America/New_York",
            "+1 212 555 0100",
        )
        assert file.policy == Policy()
        assert file.locations[1] == LocationEntry("uptown", "Uptown", "", "Europe/Paris")
        assert file.services[0].min_notice_seconds == 5400
        assert file.services[0].needs == (("lab",), ("lab", "treadmill"))
        osei = file.practitioners[0]
        assert osei.licences == (
            Licence(None, "PT"),
            Licence("NY", "PT", "000000", date(2020, 1, 1), date(2029, 12, 31)),
        )
        assert osei.hours == (
            HoursRule("main", frozenset({0, 4}), 540, 1440, date(2026, 1, 1), None, 2),
        )
        assert file.closures == (Closure(date(2026, 12, 25), "Christmas Day", "main", 720, 1440),)
        assert file.products == (
            ProductEntry("gait-3d", "3D gait analysis", "evaluation", 35000, "usd", active=False),
        )

    def test_gives_an_exception_with_hours_the_only_location_of_the_practitioner(self) -> None:
        assert read(WHOLE).practitioners[0].exceptions == (
            ExceptionRule(date(2026, 12, 24), None, ()),
            ExceptionRule(date(2026, 12, 27), "main", ((1200, 1320), (600, 720))),
        )

    def test_fills_in_the_contracts_defaults(self) -> None:
        service = read(changed("min_notice_hours = 1.5\n", "")).services[0]
        assert (service.buffer_before, service.buffer_after, service.grid_minutes) == (0, 0, 15)
        assert (service.min_notice_seconds, service.horizon_days, service.capacity) == (0, 60, 1)
        assert (service.modality, service.online, service.safety_screen) == (
            "in_person",
            True,
            False,
        )

    def test_takes_a_byte_order_mark_and_windows_line_ends(self) -> None:
        data = b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode()
        assert read_clinic_file(data=data) == read(WHOLE)

    def test_takes_names_in_any_script(self) -> None:
        file = read(changed('"Amara Osei"', '"د. أمارة 👩‍⚕️ Ősz"'))
        assert file.practitioners[0].name == "د. أمارة 👩‍⚕️ Ősz"

    def test_names_ten_faults_at_once_each_with_table_and_key(self) -> None:
        text = WHOLE
        for old, new in (
            ('"America/New_York"', '"America/New_Yrok"'),
            ("cancellation_notice_hours = 24", "cancelation_notice_hours = 24"),
            ('kind = "equipment"', 'kind = "machine"'),
            ("minutes = 60", 'minutes = "60"'),
            ("price_cents = 20000", "price_cents = -1"),
            ('services = ["evaluation"]', 'services = ["evalution"]'),
            ('days = ["mon", "fri"]', 'days = ["mon", "funday"]'),
            ('from = "09:00"\nto = "24:00"', 'from = "17:00"\nto = "09:00"'),
            ("date = 2026-12-24", 'date = "2026-12-24"'),
            ('reason = "Christmas Day"\n', ""),
        ):
            assert text.count(old) == 1
            text = text.replace(old, new)
        faults = faults_of(text)
        assert [fault.partition(":")[0] for fault in faults] == [
            "clinic.time_zone",
            "policy.cancelation_notice_hours",
            'resources[1].kind ("treadmill")',
            'services[0].minutes ("evaluation")',
            'services[0].price_cents ("evaluation")',
            'practitioners[0].services[0] ("osei")',
            'practitioners[0].hours[0].days[1] ("osei")',
            'practitioners[0].hours[0].from ("osei")',
            'practitioners[0].exceptions[0].date ("osei")',
            "closures[0].reason",
        ]
        assert 'did you mean "cancellation_notice_hours"?' in faults[1]
        assert 'did you mean "evaluation"?' in faults[5]


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


class TestAFileThatCannotBeUnderstood:
    @pytest.mark.parametrize(
        ("data", "place"),
        [
            (b"[clinic]\nname = \n", "line 2, column 8"),
            (b"[clinic]\nname = 'x'\nname = 'y'\n", "line 3, column 11"),
            (b"[clinic]\nopened = 2026-02-30\n", "line 2, column 10"),
            (b"[clinic]\nopened = 20000-01-01\n", "line 2, column 15"),
            (b"[clinic]\nname = '\x00'\n", "line 2, column 9"),
            (b"[clinic]\nname = 'abc", "the end of the file"),
            (b"[clinic]\nname = '\xff'\n", "line 2"),
            (b"x = " + b"9" * 5000, "file"),
            (b"x = " + b"[" * 100_000, "file"),
            (b"#" * (LARGEST_FILE + 1), "file"),
            (b"", "clinic"),
            (b"clinic = 7", "clinic"),
            (b"[[clinic]]\nname = 'x'", "clinic"),
        ],
    )
    def test_is_one_fault_with_its_place(self, data: bytes, place: str) -> None:
        (fault,) = faults_of(data)
        assert fault.split(": ", 1)[0] == place

    def test_is_named_when_a_table_stands_for_a_list_of_tables(self) -> None:
        text = WHOLE + '[services.x]\nslug = "y"'
        assert faults_of(text)
        assert "[[closures]]" in faults_of("closures = 1\n[clinic]\nname='x'\ntime_zone='UTC'")[0]
        assert (
            "closures[0]: must be a table"
            in (faults_of("closures = [1]\n[clinic]\nname='x'\ntime_zone='UTC'")[0])
        )

    def test_ends_after_five_hundred_faults_and_in_short_time(self) -> None:
        text = "[clinic]\nname='x'\ntime_zone='UTC'\n" + "[[locations]]\n" * 100_000
        started = time.perf_counter()
        faults = faults_of(text)
        assert time.perf_counter() - started < 10
        assert len(faults) == 501
        assert "more than 500" in faults[-1]
