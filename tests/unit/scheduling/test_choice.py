import pytest

from clinic.scheduling.rules.asking import Candidate, Diary
from clinic.scheduling.rules.choice import Load, in_order_of_choice, thrifty_slots
from clinic.scheduling.rules.setting import ExceptionRule
from clinic.scheduling.rules.slots import list_slots
from tests.unit.scheduling.builders import clinic, clock, day, person, query, service


def candidate(slug: str, joins: int | None = None, location: str = "main") -> Candidate:
    return Candidate(practitioner=slug, location=location, start=0, end=60, joins=joins)


class TestInOrderOfChoice:
    @pytest.mark.parametrize(
        ("loads", "order"),
        [
            ({}, ["abe", "zoe"]),
            ({"abe": Load(60)}, ["zoe", "abe"]),
            ({"abe": Load(60, 10), "zoe": Load(60, 5)}, ["zoe", "abe"]),
            ({"abe": Load(60, 5), "zoe": Load(60, 5)}, ["abe", "zoe"]),
            # Never busy is the longest idle, also compared with a time before 1970.
            ({"abe": Load(0, -5), "zoe": Load(0, None)}, ["zoe", "abe"]),
            ({"abe": Load(0, 0), "zoe": Load(0, None)}, ["zoe", "abe"]),
            # Minutes come before idleness.
            ({"abe": Load(30, 99), "zoe": Load(60, None)}, ["abe", "zoe"]),
        ],
    )
    def test_goes_by_load_idleness_and_slug(self, loads: dict[str, Load], order: list[str]) -> None:
        found = in_order_of_choice(candidates=[candidate("zoe"), candidate("abe")], loads=loads)
        assert [one.practitioner for one in found] == order

    def test_fills_an_open_class_first(self) -> None:
        found = in_order_of_choice(
            candidates=[candidate("abe"), candidate("zoe", joins=3)], loads={"zoe": Load(999)}
        )
        assert found[0].practitioner == "zoe"


class TestThriftySlots:
    def test_leave_no_gap_too_short_for_a_visit(self) -> None:
        """Case B18: 16:00-18:15, 45 minutes."""
        monday = day("2026-03-02")
        who = person(exceptions=(ExceptionRule(monday, None, ((960, 1095),)),))
        asked = query(clinic(people=[who]))
        slots = list_slots(query=asked, from_date=monday, to_date=monday, diary=Diary()).slots
        assert len(slots) == 7
        shown = thrifty_slots(slots=slots, service=service())
        assert clock(shown) == ["16:00", "16:45", "17:30"]

    def test_begin_anew_after_what_is_taken(self) -> None:
        monday = day("2026-03-02")
        who = person(
            exceptions=(ExceptionRule(monday, None, ((540, 600), (605, 665), (720, 780))),)
        )
        asked = query(clinic(people=[who]))
        slots = list_slots(query=asked, from_date=monday, to_date=monday, diary=Diary()).slots
        assert clock(slots) == ["09:00", "09:15", "10:15", "12:00", "12:15"]
        assert clock(thrifty_slots(slots=slots, service=service())) == ["09:00", "10:15", "12:00"]
