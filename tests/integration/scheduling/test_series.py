"""A plan of care in one go."""

import pytest
from flask import Flask

from clinic.scheduling.operations.refusals import SeriesConflict
from clinic.scheduling.operations.series import (
    OnConflict,
    Rule,
    SeriesPlan,
    book_series,
    plan_series,
)
from clinic.scheduling.operations.series_changes import cancel_series, move_series
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.visits import list_series_visits, list_visits
from clinic.scheduling.rules.status import Action
from tests.integration.scheduling.a_clinic import (
    CLINIC,
    FRONT_DESK,
    NOW,
    book,
    load,
    local,
    person,
)

TUESDAYS = Rule(weekly=(1,), count=4)


@pytest.fixture(autouse=True)
def a_clinic(in_app: Flask) -> None:
    load()


def plan(start: str, rule: Rule) -> SeriesPlan:
    wish = Wish(service="fu", starts_at=local(start), practitioner="p")
    return plan_series(wish=wish, rule=rule, patient=person(), actor=FRONT_DESK, now=NOW)


def make(start: str, rule: Rule, on_conflict: OnConflict = "none") -> SeriesPlan:
    wish = Wish(service="fu", starts_at=local(start), practitioner="p")
    return book_series(
        wish=wish,
        rule=rule,
        patient=person(),
        on_conflict=on_conflict,
        actor=FRONT_DESK,
        now=NOW,
    )


def booked() -> int:
    return len(
        list_visits(starts_at=local("2026-01-01 00:00"), ends_at=local("2027-12-31 00:00")).visits
    )


class TestBookSeries:
    def test_stays_at_its_wall_time_through_the_clock_change(self) -> None:
        made = make("2026-03-03 10:00", TUESDAYS)
        hours = [one.starts_at.hour for one in made.visits if one.starts_at]
        assert hours == [15, 14, 14, 14]
        assert {one.visit.local.hour for one in made.visits if one.visit} == {10}

    def test_begins_on_the_first_of_its_days(self) -> None:
        made = plan("2026-03-04 10:00", Rule(weekly=(1, 3), count=3))
        assert [one.day for one in made.visits] == ["2026-03-05", "2026-03-10", "2026-03-12"]

    def test_previews_each_conflict_with_alternatives_and_books_nothing(self) -> None:  # S1, R7
        load(CLINIC + '[[closures]]\ndate = 2026-03-17\nreason = "Parade"\n')
        book("2026-03-10 10:30", who=2)
        shown = plan("2026-03-03 10:00", TUESDAYS)
        assert [one.conflict for one in shown.visits] == [None, "slot-taken", "not-offered", None]
        first = shown.visits[1].alternatives[0]
        assert instant(first.start) == local("2026-03-10 09:00")
        assert booked() == 1

    def test_books_all_or_nothing(self) -> None:
        book("2026-03-10 10:30", who=2)
        with pytest.raises(SeriesConflict):
            make("2026-03-03 10:00", TUESDAYS)
        assert booked() == 1

    def test_books_those_that_go_when_told(self) -> None:
        book("2026-03-10 10:30", who=2)
        made = make("2026-03-03 10:00", TUESDAYS, "free")
        assert [one.visit is not None for one in made.visits] == [True, False, True, True]
        assert made.public_id is not None
        assert [one.series_number for one in list_series_visits(made.public_id)] == [1, 3, 4]

    def test_minds_the_patients_own_visits(self) -> None:
        book("2026-03-10 10:00", practitioner="q")
        shown = plan("2026-03-03 10:00", TUESDAYS)
        assert [one.conflict for one in shown.visits] == [None, "patient-busy", None, None]


class TestChangeSeries:
    def series(self) -> str:
        made = make("2026-03-03 10:00", TUESDAYS).public_id
        assert made is not None
        return made

    def test_cancels_from_a_visit_on(self) -> None:
        visits = cancel_series(
            public_id=self.series(), from_visit=3, reason="moved away", actor=FRONT_DESK, now=NOW
        )
        assert [one.status for one in visits] == ["booked", "booked", "cancelled", "cancelled"]

    def test_lets_one_visit_go_its_own_way(self) -> None:  # S2, S6
        first, second, third, _fourth = list_series_visits(self.series())
        for one, action in ((second, Action.CANCEL), (first, Action.ARRIVE)):
            take_step(public_id=one.public_id, action=action, actor=FRONT_DESK, now=NOW)
        assert third.series is not None
        assert [one.status for one in list_series_visits(third.series)] == [
            "arrived",
            "cancelled",
            "booked",
            "booked",
        ]

    def test_moves_the_rest_to_another_time_and_practitioner(self) -> None:
        visits = move_series(
            public_id=self.series(),
            from_visit=2,
            practitioner="q",
            local_minute=10 * 60 + 15,
            actor=FRONT_DESK,
            now=NOW,
        )
        assert [one.practitioner for one in visits] == ["p", "q", "q", "q"]
        assert [one.local.strftime("%H:%M") for one in visits] == ["10:00"] + ["10:15"] * 3

    def test_moves_all_or_none(self) -> None:
        public_id = self.series()
        book("2026-03-17 14:00", who=2)
        before = list_series_visits(public_id)
        with pytest.raises(Exception, match="taken"):
            move_series(
                public_id=public_id,
                from_visit=None,
                practitioner=None,
                local_minute=14 * 60,
                actor=FRONT_DESK,
                now=NOW,
            )
        assert list_series_visits(public_id) == before
