"""Reading a clinic file: what is taken, and every fault with its place."""

import time
from datetime import date

import pytest

from clinic.scheduling.rules.setting import Closure, ExceptionRule, HoursRule, Licence, Policy
from clinic.setup.rules.clinic_file import LocationEntry, ProductEntry
from clinic.setup.rules.reading import LARGEST_FILE, read_clinic_file
from tests.unit.setup.sample import WHOLE, changed, faults_of, read


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

    @pytest.mark.parametrize(
        "address",
        [
            "http://video.example.com/{visit}",
            "https://video.example.com/one-for-all",
            "https://{visit}.example.com/",
            "https://me@video.example.com/{visit}",
            "https://video.example.com/{visit} {patient}",
            "javascript:{visit}",
        ],
    )
    def test_names_a_meeting_address_that_is_no_place_for_each_visit(self, address: str) -> None:
        said = f'[policy]\nmeeting_address = "{address}"\njoin_opens_minutes = 0'
        faults = faults_of(changed("[policy]", said))
        assert [one.partition(":")[0] for one in faults] == [
            "policy.join_opens_minutes",
            "policy.meeting_address",
        ]


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
            (b"# " + b"." * 500 + b"\nx = {a" + b".a" * 50_000 + b" = 1}", "line 2"),
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
