from datetime import date
from typing import Any

from clinic.scheduling.rules.opening import open_intervals, works_at
from clinic.scheduling.rules.setting import Closure, ExceptionRule
from tests.unit.scheduling.builders import at, clinic, day, hours, person, place

WINDOW = "2026-06-01"  # a Monday


def opened(
    first: str, last: str | None = None, location: str = "main", **parts: Any
) -> list[tuple[int, int]]:
    two = [place("main"), place("north")]
    closures = parts.pop("closures", ())
    locations = parts.pop("locations", two)
    who = person(**parts)
    setting = clinic(people=[who], locations=locations, closures=closures)
    return open_intervals(
        setting=setting,
        practitioner=who,
        location=setting.locations[location],
        first=day(first),
        last=day(last or first),
    )


def spans(*walls: tuple[str, str]) -> list[tuple[int, int]]:
    return [(at(starts), at(ends)) for starts, ends in walls]


class TestHours:
    def test_open_on_their_days(self) -> None:
        assert opened("2026-06-05", "2026-06-08") == spans(
            ("2026-06-05 09:00", "2026-06-05 17:00"), ("2026-06-08 09:00", "2026-06-08 17:00")
        )

    def test_windows_that_adjoin_over_midnight_are_one(self) -> None:
        late = hours("20:00", "24:00", days=[0])
        early = hours("00:00", "03:00", days=[1])
        assert opened("2026-06-01", "2026-06-02", hours=(late, early)) == spans(
            ("2026-06-01 20:00", "2026-06-02 03:00")
        )

    def test_both_ends_of_their_validity_count_in(self) -> None:
        rule = hours(valid_from=day("2026-06-02"), valid_to=day("2026-06-03"))
        assert opened("2026-06-01", "2026-06-05", hours=(rule,)) == spans(
            ("2026-06-02 09:00", "2026-06-02 17:00"), ("2026-06-03 09:00", "2026-06-03 17:00")
        )

    def test_every_other_week_counts_blocks_from_the_first_valid_day(self) -> None:
        rule = hours(days=[0, 2], valid_from=day("2026-06-03"), every_weeks=2)
        found = opened("2026-06-01", "2026-06-30", hours=(rule,))
        # Blocks begin on Wednesdays: 3 June to 9 June is on, 10 to 16 off, 17 to 23 on.
        starts = [start for start, _ in found]
        assert starts == [
            at(f"{on} 09:00") for on in ["2026-06-03", "2026-06-08", "2026-06-17", "2026-06-22"]
        ]

    def test_inside_a_skipped_hour_open_nothing(self) -> None:
        rule = hours("02:15", "02:45", days=[6])
        assert opened("2026-03-08", hours=(rule,)) == []


class TestExceptions:
    def test_replace_the_hours_of_their_location_only(self) -> None:
        parts: dict[str, Any] = {
            "hours": (hours(), hours("18:00", "20:00", location="north")),
            "exceptions": (ExceptionRule(day(WINDOW), "main", ((600, 660),)),),
        }
        assert opened(WINDOW, **parts) == spans(("2026-06-01 10:00", "2026-06-01 11:00"))
        assert opened(WINDOW, location="north", **parts) == spans(
            ("2026-06-01 18:00", "2026-06-01 20:00")
        )

    def test_a_day_off_without_a_location_holds_everywhere(self) -> None:
        parts: dict[str, Any] = {
            "hours": (hours(), hours("18:00", "20:00", location="north")),
            "exceptions": (ExceptionRule(day(WINDOW), None, ()),),
        }
        assert opened(WINDOW, **parts) == opened(WINDOW, location="north", **parts) == []

    def test_a_day_off_at_one_location_leaves_the_other(self) -> None:
        parts: dict[str, Any] = {
            "hours": (hours(), hours("18:00", "20:00", location="north")),
            "exceptions": (ExceptionRule(day(WINDOW), "main", ()),),
        }
        assert opened(WINDOW, **parts) == []
        assert len(opened(WINDOW, location="north", **parts)) == 1

    def test_hours_without_a_location_belong_to_the_only_one(self) -> None:
        extra = ExceptionRule(day(WINDOW), None, ((1200, 1320),))
        assert opened(WINDOW, exceptions=(extra,)) == spans(
            ("2026-06-01 20:00", "2026-06-01 22:00")
        )
        assert opened(WINDOW, location="north", exceptions=(extra,)) == []

    def test_alone_make_someone_work_at_the_only_location_of_the_clinic(self) -> None:
        who = person(hours=(), exceptions=(ExceptionRule(day(WINDOW), None, ((540, 600),)),))
        assert works_at(setting=clinic(people=[who]), practitioner=who) == ("main",)

    def test_hold_for_their_date_only(self) -> None:
        off = ExceptionRule(day(WINDOW), "main", ())
        assert len(opened("2026-06-01", "2026-06-03", exceptions=(off,))) == 2


class TestClosures:
    def test_cut_a_whole_day_everywhere(self) -> None:
        assert opened(WINDOW, closures=[Closure(day(WINDOW), "Holiday")]) == []

    def test_cut_a_part_of_the_day(self) -> None:
        noon = Closure(day(WINDOW), "Staff meeting", starts=720, ends=780)
        assert opened(WINDOW, closures=[noon]) == spans(
            ("2026-06-01 09:00", "2026-06-01 12:00"), ("2026-06-01 13:00", "2026-06-01 17:00")
        )

    def test_of_one_location_leave_the_other(self) -> None:
        closed = Closure(day(WINDOW), "Flood", location="north")
        both = (hours(), hours(location="north"))
        assert len(opened(WINDOW, hours=both, closures=[closed])) == 1
        assert opened(WINDOW, location="north", hours=both, closures=[closed]) == []

    def test_cut_exceptional_hours_too(self) -> None:
        extra = ExceptionRule(day(WINDOW), "main", ((1200, 1320),))
        assert opened(WINDOW, exceptions=(extra,), closures=[Closure(day(WINDOW), "Ice")]) == []


class TestWorksAt:
    def test_names_locations_in_the_clinic_files_order(self) -> None:
        who = person(
            hours=(hours(location="north"),),
            exceptions=(ExceptionRule(date(2026, 6, 6), "main", ((540, 600),)),),
        )
        setting = clinic(people=[who], locations=[place("main"), place("north"), place("west")])
        assert works_at(setting=setting, practitioner=who) == ("main", "north")

    def test_leaves_out_where_there_is_only_a_day_off(self) -> None:
        who = person(exceptions=(ExceptionRule(date(2026, 6, 6), "north", ()),))
        setting = clinic(people=[who], locations=[place("main"), place("north")])
        assert works_at(setting=setting, practitioner=who) == ("main",)
