"""Which times of a week are shown."""

from datetime import date

from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.week_address import Ask, read_date, read_slot
from clinic.scheduling.rules.week_view import Part, doubled_walls, in_part, once_each, shown_times
from clinic.scheduling.rules.why import DayPlan
from tests.unit.scheduling.builders import NEW_YORK, at, service

TUESDAY = date(2026, 3, 3)


def slot(wall: str, who: str = "osei", fold: int = 0) -> Slot:
    start = at(f"2026-03-03 {wall}", fold=fold) if len(wall) == 5 else at(wall, fold=fold)
    return Slot(start, start + 2700, who, "main")


class TestInPart:
    def test_cuts_at_noon_and_five(self) -> None:
        slots = [slot(wall) for wall in ("00:00", "11:45", "12:00", "16:45", "17:00", "23:45")]
        found = [in_part(slots=slots, part=part, zone=NEW_YORK) for part in Part]
        assert [list(part) for part in found] == [slots[:2], slots[2:4], slots[4:]]
        assert in_part(slots=slots, part=None, zone=NEW_YORK) == tuple(slots)


class TestOnceEach:
    def test_shows_a_time_once_whoever_has_it(self) -> None:
        first, second = slot("10:00"), slot("10:00", "park")
        assert once_each([first, second, slot("10:15")]) == (first, slot("10:15"))


class TestShownTimes:
    def test_leaves_out_wasteful_times_only_when_there_are_too_many(self) -> None:
        slots = tuple(slot(f"{9 + n // 4:02}:{n % 4 * 15:02}") for n in range(12))
        plans = [DayPlan(TUESDAY, slots, ())]
        (every,) = shown_times(plans=plans, service=service(), part=None, zone=NEW_YORK)
        assert (every.slots, every.left_out) == (slots, 0)
        (few,) = shown_times(plans=plans, service=service(), part=None, zone=NEW_YORK, most=5)
        assert few.slots == (slots[0], slots[3], slots[6], slots[9])
        assert few.left_out == 8
        (whole,) = shown_times(
            plans=plans, service=service(), part=None, zone=NEW_YORK, most=5, whole_day=TUESDAY
        )
        assert whole.slots == slots

    def test_counts_what_another_part_of_the_day_has(self) -> None:
        plans = [DayPlan(TUESDAY, (slot("10:00"), slot("10:00", "park"), slot("13:00")), ())]
        (shown,) = shown_times(plans=plans, service=service(), part=Part.EVENING, zone=NEW_YORK)
        assert (shown.slots, shown.hidden) == ((), 2)


class TestDoubledWalls:
    def test_names_both_passes_and_nothing_else(self) -> None:
        one, two = slot("2026-11-01 01:30"), slot("2026-11-01 01:30", fold=1)
        other = slot("2026-11-01 02:30")
        assert doubled_walls([one, two, other], zone=NEW_YORK) == {one.start, two.start}


class TestAsk:
    def test_makes_an_address_of_what_was_said_only(self) -> None:
        ask = Ask(service="fu", practitioner="osei", week=TUESDAY)
        assert ask.address("/book/fu") == "/book/fu?practitioner=osei&week=2026-03-03"
        assert ask.address("/book/fu", practitioner=None, week=None) == "/book/fu"


class TestReading:
    def test_knows_a_slot_of_ours(self) -> None:
        found = read_slot("1772550000|osei|")
        assert found is not None
        assert (found.start, found.practitioner, found.location) == (1772550000, "osei", None)
        assert read_slot("1772550000|osei") is None
        assert read_slot("١٢|osei|") is None

    def test_knows_a_date_far_from_the_calendars_edges(self) -> None:
        assert read_date("2026-03-03") == TUESDAY
        for text in ("2026-3-3", "2026-02-30", "0001-01-01", "9999-12-31", "٢٠٢٦-03-03", ""):
            assert read_date(text) is None
