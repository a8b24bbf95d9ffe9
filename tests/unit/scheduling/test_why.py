from typing import Any

from clinic.scheduling.rules.asking import Diary, OpenClass
from clinic.scheduling.rules.setting import Closure, Licence, Setting
from clinic.scheduling.rules.why import Kind, Why, explain_days, explain_start
from tests.unit.scheduling.builders import (
    at,
    clinic,
    day,
    hours,
    person,
    query,
    room,
    service,
    taken,
)

MONDAY = "2026-03-02"
HOLIDAY = Closure(day(MONDAY), "Holiday", starts=600, ends=660)


def why(start: str, setting: Setting | None = None, **more: Any) -> list[Why]:
    diary = more.pop("diary", Diary())
    return list(explain_start(query=query(setting, **more), start=at(start), diary=diary))


class TestExplainStart:
    def test_says_nothing_of_what_can_be_booked(self) -> None:
        assert why(f"{MONDAY} 10:00") == []

    def test_tells_past_notice_and_horizon(self) -> None:
        setting = clinic(services=[service(min_notice_seconds=7200, horizon_days=1)])
        now = f"{MONDAY} 09:00"
        assert why(f"{MONDAY} 08:45", setting, now=now) == [Why(Kind.PAST)]
        assert why(f"{MONDAY} 10:45", setting, now=now) == [Why(Kind.NOTICE)]
        assert why("2026-03-04 10:45", setting, now=now) == [Why(Kind.HORIZON)]

    def test_tells_hours_grid_and_closures_by_their_reason(self) -> None:
        setting = clinic(closures=[HOLIDAY])
        assert why(f"{MONDAY} 20:00", setting) == [Why(Kind.HOURS)]
        assert why(f"{MONDAY} 10:30", setting) == [Why(Kind.CLOSURE, "Holiday")]
        assert why(f"{MONDAY} 09:05", setting) == [Why(Kind.GRID)]

    def test_tells_a_taken_practitioner_from_a_taken_room(self) -> None:
        setting = clinic(services=[service(needs=(("lab",),))], rooms=[room("lab", 10)])
        for resource, kind in ((1, Kind.BUSY), (10, Kind.ROOM)):
            diary = taken((resource, f"{MONDAY} 10:00", f"{MONDAY} 11:00"))
            assert why(f"{MONDAY} 10:00", setting, diary=diary) == [Why(kind)]

    def test_tells_who_is_not_licensed_and_what_is_not_offered(self) -> None:
        video = service(modality="telehealth")
        setting = clinic(people=[person(licences=(Licence("NJ", "PT"),))], services=[video])
        assert why(f"{MONDAY} 10:00", setting, state="NY") == [Why(Kind.NOT_LICENSED)]
        closed = clinic(services=[service(online=False)])
        assert why(f"{MONDAY} 10:00", closed) == [Why(Kind.NOT_OFFERED)]

    def test_tells_the_least_of_several(self) -> None:
        people = [person("zoe", 1), person("abe", 2, hours=(hours("18:00", "20:00"),))]
        diary = taken(
            (1, f"{MONDAY} 10:00", f"{MONDAY} 11:00"), (2, f"{MONDAY} 10:00", f"{MONDAY} 11:00")
        )
        assert why(f"{MONDAY} 10:00", clinic(people=people), diary=diary) == [Why(Kind.BUSY)]

    def test_says_nothing_of_a_class_that_can_be_joined(self) -> None:
        standing = OpenClass(1, "fu", "osei", "main", at(f"{MONDAY} 10:00"), 1)
        busy = taken((1, f"{MONDAY} 10:00", f"{MONDAY} 11:00")).busy
        setting = clinic(services=[service(capacity=3)])
        diary = Diary(busy=busy, classes=[standing])
        assert why(f"{MONDAY} 10:00", setting, diary=diary) == []


class TestExplainDays:
    def kinds(self, first: str, last: str, **more: Any) -> list[str]:
        diary = more.pop("diary", Diary())
        plans = explain_days(
            query=query(**more), from_date=day(first), to_date=day(last), diary=diary
        )
        assert all(bool(plan.slots) != bool(plan.why) for plan in plans)
        return [plan.why[0].reason or plan.why[0].kind if plan.why else "free" for plan in plans]

    def test_tells_each_day_of_a_week(self) -> None:
        setting = clinic(
            services=[service(min_notice_seconds=86400, horizon_days=8)],
            closures=[Closure(day("2026-03-06"), "Staff day")],
        )
        diary = taken((1, "2026-03-05 00:00", "2026-03-06 00:00"))
        assert self.kinds(
            "2026-03-02",
            "2026-03-12",
            setting=setting,
            diary=diary,
            now="2026-03-03 12:00",
        ) == [
            *("past", "notice", "free", "full", "Staff day", "hours", "hours", "free"),
            *("free", "free", "horizon"),
        ]

    def test_calls_today_past_once_its_starts_are(self) -> None:
        assert self.kinds(MONDAY, MONDAY, now=f"{MONDAY} 16:16") == ["past"]

    def test_does_not_blame_a_closure_for_a_day_without_hours(self) -> None:
        setting = clinic(closures=[Closure(day("2026-03-07"), "Holiday")])
        assert self.kinds("2026-03-07", "2026-03-07", setting=setting) == ["hours"]

    def test_says_what_is_not_offered(self) -> None:
        setting = clinic(people=[person(services=frozenset())])
        assert self.kinds(MONDAY, MONDAY, setting=setting) == ["not-offered"]
