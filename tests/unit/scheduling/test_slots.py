"""Listing: the cases from the field, then the reasons for an empty list."""

from typing import Any

import pytest

from clinic.scheduling.rules.asking import Diary, Listing, OpenClass, Query, Reason
from clinic.scheduling.rules.offers import horizon_date, query_zone
from clinic.scheduling.rules.setting import Closure, ExceptionRule, Licence, Setting
from clinic.scheduling.rules.slots import busy_span, first_slots, list_slots
from tests.unit.scheduling.builders import (
    at,
    clinic,
    clock,
    day,
    hours,
    person,
    place,
    query,
    room,
    service,
    taken,
    utc,
)

MONDAY = "2026-03-02"


def listed(
    asked: Query | None = None, on: str = MONDAY, until: str | None = None, **diary: Any
) -> Listing:
    return list_slots(
        query=asked or query(),
        from_date=day(on),
        to_date=day(until or on),
        diary=diary.get("diary", Diary()),
    )


def with_service(**changes: Any) -> Setting:
    people = changes.pop("people", None)
    return clinic(people=people, services=[service(**changes)])


class TestListSlots:
    def test_leaves_the_earlier_visits_after_buffer_free(self) -> None:
        """Case B1: 08:45-09:15 with a buffer of 30 minutes after it."""
        setting = with_service(
            minutes=30, buffer_after=30, people=[person(hours=(hours("08:00"),))]
        )
        diary = taken((1, f"{MONDAY} 08:45", f"{MONDAY} 09:45"))
        found = clock(listed(query(setting), diary=diary).slots)
        assert found[0] == "09:45"

    def test_keeps_buffers_on_their_own_side(self) -> None:
        """Case B3: a visit 10:00-11:00 with an hour before and after is busy 09:00-12:00."""
        diary = taken((1, f"{MONDAY} 09:00", f"{MONDAY} 12:00"))
        setting = with_service(minutes=60, people=[person(hours=(hours("07:00"),))])
        found = clock(listed(query(setting), diary=diary).slots)
        assert "08:00" in found
        assert "08:15" not in found
        assert "11:45" not in found
        assert "12:00" in found

    def test_adds_its_own_buffer_to_the_visit_that_follows(self) -> None:
        setting = with_service(minutes=60, buffer_before=30, buffer_after=15)
        diary = taken((1, f"{MONDAY} 12:00", f"{MONDAY} 13:00"))
        found = clock(listed(query(setting), diary=diary).slots)
        assert found[:8] == [
            "09:00",
            *("09:15", "09:30", "09:45", "10:00", "10:15", "10:30"),
            "10:45",
        ]
        assert found[8] == "13:30"

    @pytest.mark.parametrize(("grid", "next_start"), [(20, "10:40"), (5, "10:25")])
    def test_offers_the_next_start_only_after_the_buffer(self, grid: int, next_start: str) -> None:
        """Case B5: 20 minutes and 5 after, booked at 10:00."""
        setting = with_service(minutes=20, buffer_after=5, grid_minutes=grid)
        diary = taken((1, f"{MONDAY} 10:00", f"{MONDAY} 10:25"))
        found = clock(listed(query(setting), diary=diary).slots)
        assert "10:20" not in found
        assert next(start for start in found if start >= "10:00") == next_start

    def test_ends_the_last_visit_at_closing(self) -> None:
        """Case B8."""
        assert clock(listed().slots)[-1] == "16:15"

    def test_lets_buffers_lie_outside_the_hours(self) -> None:
        setting = with_service(buffer_before=60, buffer_after=60)
        found = clock(listed(query(setting)).slots)
        assert (found[0], found[-1]) == ("09:00", "16:15")

    def test_shows_nothing_past(self) -> None:
        """Case B11: it is 11:07."""
        assert clock(listed(query(now=f"{MONDAY} 11:07")).slots)[0] == "11:15"

    def test_allows_a_start_at_the_very_end_of_the_notice(self) -> None:
        setting = with_service(min_notice_seconds=2 * 3600)
        assert clock(listed(query(setting, now=f"{MONDAY} 08:00")).slots)[0] == "10:00"
        late = query(setting, now=at(f"{MONDAY} 08:00") + 1)
        assert clock(listed(late).slots)[0] == "10:15"

    def test_counts_a_class_by_its_own_seats(self) -> None:
        """Case B13: two seats at 09:00 are taken, 10:00 is still open."""
        setting = with_service(minutes=60, grid_minutes=60, capacity=2)
        full = OpenClass("a", "fu", "osei", "main", at(f"{MONDAY} 09:00"), 0)
        busy = taken((1, f"{MONDAY} 09:00", f"{MONDAY} 10:00")).busy
        found = clock(listed(query(setting), diary=Diary(busy=busy, classes=[full])).slots)
        assert found[0] == "10:00"

    def test_offers_a_seat_in_a_class_that_stands(self) -> None:
        setting = with_service(minutes=60, grid_minutes=60, capacity=2)
        one_left = OpenClass("a", "fu", "osei", "main", at(f"{MONDAY} 09:00"), 1)
        busy = taken((1, f"{MONDAY} 09:00", f"{MONDAY} 11:00")).busy
        found = clock(listed(query(setting), diary=Diary(busy=busy, classes=[one_left])).slots)
        assert found[:2] == ["09:00", "11:00"]

    @pytest.mark.parametrize(
        "other",
        [
            OpenClass("a", "swim", "osei", "main", at(f"{MONDAY} 09:00"), 1),
            OpenClass("a", "fu", "ode", "main", at(f"{MONDAY} 09:00"), 1),
            OpenClass("a", "fu", "osei", "north", at(f"{MONDAY} 09:00"), 1),
            OpenClass("a", "fu", "osei", "main", at(f"{MONDAY} 08:45"), 1),
        ],
    )
    def test_offers_no_seat_in_another_class(self, other: OpenClass) -> None:
        setting = with_service(minutes=60, grid_minutes=60, capacity=2)
        busy = taken((1, f"{MONDAY} 09:00", f"{MONDAY} 10:00")).busy
        found = clock(listed(query(setting), diary=Diary(busy=busy, classes=[other])).slots)
        assert found[0] == "10:00"

    def test_offers_a_day_with_nothing_in_it(self) -> None:
        """Case B14."""
        assert len(listed().slots) == 30

    def test_follows_a_day_off_and_an_extra_day(self) -> None:
        """Case B15: Wednesday off, Saturday ten to twelve."""
        who = person(
            exceptions=(
                ExceptionRule(day("2026-03-04"), None, ()),
                ExceptionRule(day("2026-03-07"), None, ((600, 720),)),
            )
        )
        asked = query(clinic(people=[who]))
        assert listed(asked, "2026-03-04").slots == ()
        assert clock(listed(asked, "2026-03-07").slots)[0] == "10:00"

    def test_follows_hours_outside_the_usual_ones(self) -> None:
        """Case B16."""
        who = person(exceptions=(ExceptionRule(day(MONDAY), None, ((1200, 1320),)),))
        found = clock(listed(query(clinic(people=[who]))).slots)
        assert (found[0], found[-1]) == ("20:00", "21:15")

    def test_keeps_afternoon_hours_on_the_day_of_a_change(self) -> None:
        """Case D1."""
        setting = clinic(people=[person(hours=(hours("13:00", "18:00", days=range(7)),))])
        for on, opens, closes in (
            ("2026-03-07", "2026-03-07T18:00Z", "2026-03-07T23:00Z"),
            ("2026-03-08", "2026-03-08T17:00Z", "2026-03-08T22:00Z"),
        ):
            slots = listed(query(setting), on).slots
            assert (slots[0].start, slots[-1].end) == (utc(opens), utc(closes))
            assert clock(slots)[0] == "13:00"

    @pytest.mark.parametrize(
        ("on", "first"),
        [("2026-10-30", "2026-10-30T13:00Z"), ("2026-11-02", "2026-11-02T14:00Z")],
    )
    def test_keeps_the_wall_time_after_a_change(self, on: str, first: str) -> None:
        """Case D2."""
        assert listed(query(now="2026-10-29 00:00"), on).slots[0].start == utc(first)

    def test_offers_both_passes_of_a_doubled_hour_and_nothing_skipped(self) -> None:
        setting = with_service(
            minutes=30, grid_minutes=30, people=[person(hours=(hours("00:00", "04:00", range(7)),))]
        )
        doubled = clock(listed(query(setting, now="2026-10-31 00:00"), "2026-11-01").slots)
        assert doubled[:8] == [
            "00:00",
            "00:30",
            "01:00",
            "01:30",
            *("01:00", "01:30", "02:00", "02:30"),
        ]
        skipped = clock(listed(query(setting), "2026-03-08").slots)
        assert skipped == ["00:00", "00:30", "01:00", "01:30", "03:00", "03:30"]

    def test_counts_today_by_the_clinics_wall(self) -> None:
        """Case D14: in Los Angeles it is still the first of June at 17:30."""
        zone = "America/Los_Angeles"
        setting = clinic(zone=zone, services=[service(horizon_days=1)])
        asked = query(setting, now=utc("2026-06-02T00:30Z"))
        assert horizon_date(query=asked) == day("2026-06-02")
        assert listed(asked, "2026-06-03").reason is Reason.TOO_FAR

    def test_lets_a_visit_cross_midnight_where_hours_adjoin(self) -> None:
        late, early = hours("22:00", "24:00", [0]), hours("00:00", "01:00", [1])
        setting = with_service(minutes=90, people=[person(hours=(late, early))])
        assert clock(listed(query(setting)).slots)[-1] == "23:30"

    def test_orders_by_start_then_practitioner(self) -> None:
        people = [person("zoe", 1), person("abe", 2)]
        found = listed(query(clinic(people=people))).slots
        assert list(found) == sorted(found)
        assert [slot.practitioner for slot in found[:2]] == ["abe", "zoe"]

    def test_keeps_to_the_practitioner_and_location_asked_for(self) -> None:
        people = [person("zoe", 1), person("abe", 2, hours=(hours(location="north"),))]
        setting = clinic(people=people, locations=[place("main"), place("north")])
        for asked in ({"practitioner": "abe"}, {"location": "north"}):
            found = listed(query(setting, **asked)).slots
            assert {(slot.practitioner, slot.location) for slot in found} == {("abe", "north")}

    def test_reads_dates_in_the_clinics_zone_where_several_locations_offer(self) -> None:
        who = person(hours=(hours(days=range(7)), hours("20:00", "22:00", range(7), "west")))
        setting = clinic(
            people=[who], locations=[place("main"), place("west", "America/Los_Angeles")]
        )
        asked = query(setting)
        assert query_zone(query=asked) == "America/New_York"
        found = [slot for slot in listed(asked).slots if slot.location == "west"]
        # 20:00 and later in Los Angeles are 23:00 and later here; the rest is tomorrow.
        assert clock(found) == ["00:00", "00:15", "23:00", "23:15", "23:30", "23:45"]
        west = query(setting, location="west")
        assert query_zone(query=west) == "America/Los_Angeles"
        assert clock(listed(west).slots, "America/Los_Angeles")[0] == "20:00"


class TestRooms:
    def test_an_offer_needs_one_of_each_group(self) -> None:
        needs = (("lab",), ("mill-1", "mill-2"))
        rooms = [room("lab", 10), room("mill-1", 11), room("mill-2", 12)]
        setting = clinic(services=[service(minutes=60, grid_minutes=60, needs=needs)], rooms=rooms)
        diary = taken(
            (10, f"{MONDAY} 09:00", f"{MONDAY} 10:00"),
            (11, f"{MONDAY} 10:00", f"{MONDAY} 12:00"),
            (12, f"{MONDAY} 11:00", f"{MONDAY} 13:00"),
        )
        assert clock(listed(query(setting), diary=diary).slots)[:3] == ["10:00", "12:00", "13:00"]

    def test_one_room_cannot_serve_two_groups(self) -> None:
        needs = (("mill-1", "mill-2"), ("mill-2", "mill-1"))
        rooms = [room("mill-1", 11), room("mill-2", 12)]
        setting = clinic(services=[service(minutes=60, grid_minutes=60, needs=needs)], rooms=rooms)
        diary = taken((11, f"{MONDAY} 09:00", f"{MONDAY} 16:00"))
        assert clock(listed(query(setting), diary=diary).slots) == ["16:00"]

    def test_a_location_without_the_rooms_does_not_offer_it(self) -> None:
        setting = clinic(
            people=[person(hours=(hours(), hours("18:00", "20:00", location="north")))],
            services=[service(needs=(("lab",),))],
            rooms=[room("lab", 10)],
            locations=[place("main"), place("north")],
        )
        assert listed(query(setting, location="north")).reason is Reason.NOT_OFFERED
        assert {slot.location for slot in listed(query(setting)).slots} == {"main"}


class TestTelehealth:
    def licensed(self, *licences: Licence, **more: Any) -> Query:
        setting = with_service(modality="telehealth", people=[person(licences=licences)])
        return query(setting, **{"state": "NY", **more})

    def test_needs_a_licence_in_the_state(self) -> None:
        assert listed(self.licensed(Licence("NY", "PT"))).slots
        assert listed(self.licensed(Licence("NJ", "PT"))).reason is Reason.NOT_OFFERED

    def test_a_licence_without_a_state_covers_none(self) -> None:
        for state in ("NY", None):
            asked = self.licensed(Licence(None, "PT"), state=state)
            assert listed(asked).reason is Reason.NOT_OFFERED

    def test_needs_the_licence_on_the_day_of_the_visit(self) -> None:
        licence = Licence("NY", "PT", valid_from=day("2026-03-03"), valid_to=day("2026-03-04"))
        found = listed(self.licensed(licence), MONDAY, "2026-03-06").slots
        assert found[0].start == at("2026-03-03 09:00")
        assert found[-1].start == at("2026-03-04 16:15")
        assert listed(self.licensed(licence), "2026-03-05").reason is Reason.NOT_OFFERED

    def test_in_person_visits_need_no_state(self) -> None:
        assert listed(query(state=None)).slots


class TestReason:
    def test_not_offered_when_nobody_does_it_there(self) -> None:
        setting = clinic(
            people=[person(), person("ode", 2, services=frozenset())],
            locations=[place("main"), place("north")],
        )
        assert listed(query(setting, practitioner="ode")).reason is Reason.NOT_OFFERED
        assert listed(query(setting, location="north")).reason is Reason.NOT_OFFERED

    def test_not_offered_comes_before_too_far(self) -> None:
        setting = clinic(people=[person(services=frozenset())])
        assert listed(query(setting), "2027-03-02").reason is Reason.NOT_OFFERED

    def test_what_is_not_online_is_offered_to_staff_only(self) -> None:
        setting = with_service(online=False)
        assert listed(query(setting)).reason is Reason.NOT_OFFERED
        assert listed(query(setting, staff=True)).slots

    def test_too_far_when_the_whole_range_is(self) -> None:
        setting = with_service(horizon_days=10)
        asked = query(setting, now="2026-03-02 23:59")
        assert listed(asked, "2026-03-12").slots
        assert listed(asked, "2026-03-13", "2026-04-13").reason is Reason.TOO_FAR
        assert listed(asked, "2026-03-12", "2026-04-13").slots
        assert listed(asked, "9999-12-31").reason is Reason.TOO_FAR

    def test_too_soon_when_the_whole_range_is(self) -> None:
        setting = with_service(min_notice_seconds=36 * 3600)
        asked = query(setting, now="2026-03-02 12:00")
        assert listed(asked, "2026-03-02", "2026-03-03").reason is Reason.TOO_SOON
        assert listed(asked, "2026-03-02", "2026-03-04").slots
        assert listed(asked, "0001-01-01", "0001-02-01").reason is Reason.TOO_SOON

    def test_notice_and_horizon_shape_the_list_for_staff_too(self) -> None:
        setting = with_service(min_notice_seconds=36 * 3600, horizon_days=10)
        asked = query(setting, now="2026-03-02 12:00", staff=True)
        assert listed(asked, "2026-03-03").reason is Reason.TOO_SOON
        assert listed(asked, "2026-03-13").reason is Reason.TOO_FAR

    def test_closed_without_opening_hours(self) -> None:
        assert listed(on="2026-03-07", until="2026-03-08").reason is Reason.CLOSED
        closed = clinic(closures=[Closure(day(MONDAY), "Holiday")])
        assert listed(query(closed)).reason is Reason.CLOSED

    def test_closed_when_the_rest_of_the_day_holds_no_start(self) -> None:
        assert listed(query(now=f"{MONDAY} 16:16")).reason is Reason.CLOSED

    def test_closed_when_no_start_fits(self) -> None:
        assert listed(query(with_service(minutes=600))).reason is Reason.CLOSED
        odd = person(hours=(hours("09:05", "09:55"),))
        setting = with_service(minutes=45, grid_minutes=60, people=[odd])
        assert listed(query(setting)).reason is Reason.CLOSED

    def test_closed_when_parts_are_too_soon_and_the_rest_too_far(self) -> None:
        setting = with_service(min_notice_seconds=48 * 3600, horizon_days=1)
        asked = query(setting, now="2026-03-02 12:00")
        assert listed(asked, "2026-03-02", "2026-03-06").reason is Reason.CLOSED

    def test_closed_for_someone_without_hours_anywhere(self) -> None:
        asked = query(clinic(people=[person(hours=())]))
        assert listed(asked).reason is Reason.CLOSED
        assert listed(asked, "2027-03-02").reason is Reason.TOO_FAR

    def test_full_when_all_starts_are_taken(self) -> None:
        diary = taken((1, f"{MONDAY} 09:30", f"{MONDAY} 16:30"))
        assert listed(diary=diary).reason is Reason.FULL

    def test_none_when_there_are_slots(self) -> None:
        assert listed().reason is None


class TestFirstSlots:
    def test_skips_closed_and_full_days(self) -> None:
        diary = taken((1, "2026-03-09 00:00", "2026-03-10 00:00"))
        found = first_slots(
            query=query(), from_date=day("2026-03-07"), to_date=day("2026-04-30"), diary=diary
        )
        assert found[0].start == at("2026-03-10 09:00")

    def test_gives_alternatives_from_an_instant_on(self) -> None:
        found = first_slots(
            query=query(),
            from_date=day(MONDAY),
            to_date=day("2026-03-06"),
            diary=Diary(),
            limit=5,
            not_before=at(f"{MONDAY} 15:45"),
        )
        assert clock(found) == ["15:45", "16:00", "16:15", "09:00", "09:15"]

    def test_stops_at_the_horizon(self) -> None:
        asked = query(with_service(horizon_days=5), now="2026-03-02 00:00")
        found = first_slots(
            query=asked, from_date=day("2026-03-08"), to_date=day("9999-12-31"), diary=Diary()
        )
        assert found == ()


class TestBusySpan:
    def test_reaches_as_far_as_buffers_do(self) -> None:
        setting = with_service(minutes=60, buffer_before=15, buffer_after=30)
        span = busy_span(query=query(setting), from_date=day(MONDAY), to_date=day("2026-03-03"))
        assert span == (at("2026-03-01 23:45"), at("2026-03-04 01:30"))

    def test_is_empty_where_there_can_be_no_slots(self) -> None:
        start, end = busy_span(
            query=query(), from_date=day("2027-03-01"), to_date=day("2027-03-31")
        )
        assert start == end
