"""Booking one start: refusals in their order, staff, rooms, classes."""

from typing import Any

import pytest

from clinic.scheduling.rules.asking import (
    Diary,
    OpenClass,
    Problem,
    Query,
    RefusalCode,
    StartCheck,
)
from clinic.scheduling.rules.booking import check_start
from clinic.scheduling.rules.setting import Closure, Licence, Setting
from tests.unit.scheduling.builders import (
    at,
    clinic,
    day,
    hours,
    person,
    place,
    query,
    room,
    service,
    taken,
)

MONDAY = "2026-03-02"


def checked(start: str, asked: Query | None = None, **more: Any) -> StartCheck:
    return check_start(query=asked or query(), start=at(start), **{"diary": Diary(), **more})


def refusal(start: str, setting: Setting | None = None, **more: Any) -> RefusalCode | None:
    diary = more.pop("diary", Diary())
    return checked(start, query(setting, **more), diary=diary).refusal


class TestCheckStart:
    def test_finds_who_is_free(self) -> None:
        people = [person("zoe", 1), person("abe", 2), person("kim", 3)]
        diary = taken((2, f"{MONDAY} 09:30", f"{MONDAY} 10:30"))
        found = checked(f"{MONDAY} 10:00", query(clinic(people=people)), diary=diary)
        assert [one.practitioner for one in found.free] == ["zoe", "kim"]
        assert found.refusal is None
        assert found.free[0].end - found.free[0].start == 45 * 60

    def test_refuses_the_past_and_what_the_notice_forbids(self) -> None:
        """Case B10."""
        setting = clinic(services=[service(min_notice_seconds=24 * 3600)])
        now = f"{MONDAY} 09:00"
        assert refusal(f"{MONDAY} 11:00", setting, now=now) is RefusalCode.TOO_SOON
        assert refusal("2026-03-03 09:00", setting, now=now) is None
        assert refusal(f"{MONDAY} 11:00", setting, now=now, staff=True) is None

    def test_refuses_what_lies_beyond_the_horizon(self) -> None:
        setting = clinic(services=[service(horizon_days=1)])
        assert refusal("2026-03-03 09:00", setting) is RefusalCode.TOO_FAR
        assert refusal("2026-03-02 09:00", setting) is None
        assert refusal("2026-03-03 09:00", setting, staff=True) is None
        assert refusal("9999-12-31 09:00", setting) is RefusalCode.TOO_FAR

    def test_refuses_what_ends_after_closing(self) -> None:
        """Case B8."""
        assert refusal(f"{MONDAY} 16:30") is RefusalCode.NOT_OFFERED
        found = checked(f"{MONDAY} 16:30", query(staff=True))
        assert found.refusal is RefusalCode.NOT_OFFERED
        assert [one.problems for one in found.overridable] == [{Problem.HOURS}]

    def test_refuses_a_start_inside_the_buffer(self) -> None:
        """Case B2."""
        setting = clinic(services=[service(buffer_before=60)])
        diary = taken((1, f"{MONDAY} 09:00", f"{MONDAY} 10:00"))
        assert refusal(f"{MONDAY} 10:45", setting, diary=diary) is RefusalCode.SLOT_TAKEN
        assert refusal(f"{MONDAY} 11:00", setting, diary=diary) is None

    def test_refuses_a_time_off_the_grid_to_patients_only(self) -> None:
        assert refusal(f"{MONDAY} 10:05") is RefusalCode.NOT_OFFERED
        assert refusal(f"{MONDAY} 10:05", staff=True) is None

    def test_refuses_the_night(self) -> None:
        """Case R12, the part of the rules."""
        assert refusal("2026-03-08 03:00") is RefusalCode.NOT_OFFERED

    def test_refuses_what_is_not_online_to_patients_only(self) -> None:
        setting = clinic(services=[service(online=False)])
        assert refusal(f"{MONDAY} 10:00", setting) is RefusalCode.NOT_OFFERED
        assert refusal(f"{MONDAY} 10:00", setting, staff=True) is None

    @pytest.mark.parametrize("is_staff", [False, True])
    def test_refuses_a_practitioner_who_does_not_do_it(self, is_staff: bool) -> None:
        setting = clinic(people=[person(), person("ode", 2, services=frozenset())])
        found = checked(f"{MONDAY} 10:00", query(setting, practitioner="ode", staff=is_staff))
        assert found.refusal is RefusalCode.NOT_OFFERED
        assert found.overridable == ()

    @pytest.mark.parametrize("is_staff", [False, True])
    def test_refuses_without_a_licence_in_the_state(self, is_staff: bool) -> None:
        licence = Licence("NY", "PT", valid_to=day(MONDAY))
        setting = clinic(
            people=[person(licences=(licence,))], services=[service(modality="telehealth")]
        )
        more: dict[str, Any] = {"staff": is_staff}
        assert refusal(f"{MONDAY} 10:00", setting, state="NY", **more) is None
        for start, state in ((f"{MONDAY} 10:00", "NJ"), ("2026-03-03 10:00", "NY")):
            assert refusal(start, setting, state=state, **more) is RefusalCode.NOT_LICENSED

    def test_tells_the_refusal_that_comes_first(self) -> None:
        setting = clinic(
            people=[person()], services=[service(modality="telehealth", horizon_days=1)]
        )
        assert refusal("2026-02-28 03:00", setting) is RefusalCode.TOO_SOON
        assert refusal("2026-03-08 03:00", setting) is RefusalCode.TOO_FAR
        assert refusal(f"{MONDAY} 03:00", setting) is RefusalCode.NOT_LICENSED
        busy = taken((1, f"{MONDAY} 00:00", f"{MONDAY} 23:00"))
        assert refusal(f"{MONDAY} 03:00", diary=busy) is RefusalCode.NOT_OFFERED
        assert refusal(f"{MONDAY} 10:00", diary=busy) is RefusalCode.SLOT_TAKEN

    def test_tells_of_several_the_refusal_of_who_gets_furthest(self) -> None:
        people = [person("zoe", 1), person("abe", 2, hours=(hours("18:00", "20:00"),))]
        diary = taken((1, f"{MONDAY} 10:00", f"{MONDAY} 11:00"))
        found = refusal(f"{MONDAY} 10:00", clinic(people=people), diary=diary)
        assert found is RefusalCode.SLOT_TAKEN

    def test_refuses_where_nobody_does_it(self) -> None:
        setting = clinic(people=[person(services=frozenset())])
        assert refusal(f"{MONDAY} 10:00", setting) is RefusalCode.NOT_OFFERED
        assert refusal("2027-03-02 10:00", setting) is RefusalCode.TOO_FAR

    def test_is_the_same_for_both_passes_of_a_doubled_hour(self) -> None:
        setting = clinic(people=[person(hours=(hours("00:00", "04:00", range(7)),))])
        asked = query(setting, now="2026-10-31 00:00")
        for fold in (0, 1):
            start = at("2026-11-01 01:30", fold=fold)
            assert check_start(query=asked, start=start, diary=Diary()).refusal is None


class TestStaff:
    def test_enter_what_began_up_to_twelve_hours_ago(self) -> None:
        assert refusal(f"{MONDAY} 09:00", staff=True, now=f"{MONDAY} 21:00") is None
        late = query(staff=True, now=at(f"{MONDAY} 21:00") + 1)
        assert checked(f"{MONDAY} 09:00", late).refusal is RefusalCode.TOO_SOON

    def test_may_override_a_closure(self) -> None:
        setting = clinic(closures=[Closure(day(MONDAY), "Holiday", starts=600, ends=660)])
        found = checked(f"{MONDAY} 10:30", query(setting, staff=True))
        assert found.refusal is RefusalCode.NOT_OFFERED
        assert [one.problems for one in found.overridable] == [{Problem.CLOSURE}]

    def test_may_override_an_overlap(self) -> None:
        diary = taken((1, f"{MONDAY} 10:00", f"{MONDAY} 11:00"))
        found = checked(f"{MONDAY} 10:30", query(staff=True), diary=diary)
        assert found.refusal is RefusalCode.SLOT_TAKEN
        assert [one.problems for one in found.overridable] == [{Problem.BUSY}]
        assert checked(f"{MONDAY} 10:30", diary=diary).overridable == ()

    def test_see_the_fewest_problems_first(self) -> None:
        people = [person("zoe", 1), person("abe", 2)]
        diary = taken((1, f"{MONDAY} 16:00", f"{MONDAY} 17:30"))
        found = checked(f"{MONDAY} 16:30", query(clinic(people=people), staff=True), diary=diary)
        assert [one.practitioner for one in found.overridable] == ["abe", "zoe"]

    def test_may_send_someone_where_they_have_no_hours(self) -> None:
        setting = clinic(locations=[place("main"), place("north")])
        found = checked(f"{MONDAY} 10:00", query(setting, staff=True, location="north"))
        assert [(one.location, one.problems) for one in found.overridable] == [
            ("north", frozenset({Problem.HOURS}))
        ]


class TestRooms:
    def setting(self) -> Setting:
        return clinic(
            services=[service(needs=(("lab",), ("mill-1", "mill-2")))],
            rooms=[room("lab", 10), room("mill-1", 11), room("mill-2", 12)],
        )

    def test_are_chosen_in_their_order(self) -> None:
        asked = query(self.setting())
        assert checked(f"{MONDAY} 10:00", asked).free[0].resources == ("lab", "mill-1")
        diary = taken((11, f"{MONDAY} 10:00", f"{MONDAY} 10:45"))
        found = checked(f"{MONDAY} 10:00", asked, diary=diary)
        assert found.free[0].resources == ("lab", "mill-2")

    def test_can_be_named(self) -> None:
        asked = query(self.setting(), staff=True)
        found = checked(f"{MONDAY} 10:00", asked, rooms=["mill-2", "lab"])
        assert found.free[0].resources == ("lab", "mill-2")
        for wrong in (["lab"], ["lab", "gone"], ["mill-1", "mill-2"], ["lab", "mill-1", "mill-2"]):
            found = checked(f"{MONDAY} 10:00", asked, rooms=wrong)
            assert found.refusal is RefusalCode.NOT_OFFERED
            assert found.overridable == ()

    def test_that_are_taken_can_be_overridden(self) -> None:
        diary = taken((10, f"{MONDAY} 10:00", f"{MONDAY} 10:45"))
        found = checked(f"{MONDAY} 10:00", query(self.setting(), staff=True), diary=diary)
        assert found.refusal is RefusalCode.SLOT_TAKEN
        assert found.overridable[0].problems == {Problem.ROOM}
        assert found.overridable[0].resources == ("lab", "mill-1")


class TestClass:
    def test_with_a_free_seat_is_joined_whatever_the_claims_say(self) -> None:
        setting = clinic(services=[service(capacity=4, needs=(("lab",),))], rooms=[room("lab", 10)])
        claims = [(at(f"{MONDAY} 10:00"), at(f"{MONDAY} 10:45"))]
        for seats, joins in ((1, 7), (0, None)):
            standing = OpenClass(7, "fu", "osei", "main", at(f"{MONDAY} 10:00"), seats)
            diary = Diary(busy={1: claims, 10: claims}, classes=[standing])
            found = checked(f"{MONDAY} 10:00", query(setting), diary=diary)
            if joins:
                assert (found.free[0].joins, found.free[0].resources) == (7, ())
            else:
                assert found.refusal is RefusalCode.SLOT_TAKEN
