from typing import Any

from clinic.scheduling.rules.asking import Diary
from clinic.scheduling.rules.setting import Closure
from clinic.scheduling.rules.why import explain_days
from tests.unit.scheduling.builders import (
    clinic,
    day,
    person,
    query,
    service,
    taken,
)

MONDAY = "2026-03-02"


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
