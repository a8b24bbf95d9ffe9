"""Numbers for the manager, counted by both engines."""

import csv
import io
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from flask import Flask

from clinic.core.values import PUBLIC, Actor, Role
from clinic.desk.queries.numbers import get_numbers
from clinic.desk.queries.request_numbers import get_request_numbers
from clinic.desk.rules.numbers import Period
from clinic.scheduling.operations.requests import (
    Step,
    answer_request,
    decline_request,
    request_visit,
    schedule_request,
    withdraw_request,
)
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.requests import RequestedVisit
from clinic.scheduling.rules.requests import Modality
from clinic.scheduling.rules.status import Action
from tests.integration.security.doors import staff_client
from tests.support.page_clinic import CLINIC, KIM, NOW, book, counted_queries, load, local, person

WEEK = Period(date(2026, 3, 2), date(2026, 3, 8))
WITH_A_ROOM = CLINIC.replace(
    '[[services]]\nslug = "eval"\n',
    '[[resources]]\nslug = "one"\nname = "Room 1"\nkind = "room"\nlocation = "main"\n'
    '[[services]]\nslug = "eval"\nneeds = [["one"]]\n',
    1,
)
DESK = Actor(kind="staff", name="Kim", id="kim")


@pytest.fixture
def lived(clinic: Flask) -> Flask:
    """One visit of each kind on March 3 and 4, and one just outside the week."""
    ends: list[tuple[str, list[tuple[Action, datetime]]]] = [
        ("2026-03-03 09:00", [(Action.FULFIL, local("2026-03-03 10:00"))]),
        ("2026-03-03 11:00", [(Action.NO_SHOW, local("2026-03-03 12:00"))]),
        ("2026-03-03 13:00", [(Action.CANCEL, local("2026-03-03 08:00"))]),
        ("2026-03-04 10:00", [(Action.CANCEL, NOW)]),
        ("2026-03-04 14:00", []),
        ("2026-03-09 09:00", []),
    ]
    with clinic.app_context():
        load(WITH_A_ROOM)
        for who, (start, steps) in enumerate(ends):
            visit = book(start, who=who + 1)
            for action, at in steps:
                take_step(public_id=visit.public_id, action=action, actor=DESK, now=at)
    return clinic


class TestNumbers:
    def test_count_each_visit_once_in_its_week(self, lived: Flask) -> None:
        with lived.app_context():
            found = get_numbers(Period(date(2026, 3, 2), date(2026, 3, 15)))
        week, next_week = (tally for _monday, tally in found.weeks)
        counts = (week.kept, week.coming, week.missed, week.late, week.in_time)
        assert counts == (1, 1, 1, 1, 1)
        assert (next_week.coming, next_week.visits) == (1, 1)
        assert found.total.visits == 6
        assert found.lead == (1, 2, 1, 0, 0)

    def test_are_of_the_period_alone(self, lived: Flask) -> None:
        with lived.app_context():
            assert get_numbers(WEEK).total.visits == 5
            assert get_numbers(Period(date(2026, 3, 8), date(2026, 3, 8))).total.visits == 0

    def test_measure_time_used_of_time_open(self, lived: Flask) -> None:
        with lived.app_context():
            found = get_numbers(WEEK)
        okafor = found.practitioners[0].tally
        assert okafor.open == 4 * 8 * 60
        assert 0 < okafor.used < okafor.open
        assert sum(one.tally.used for one in found.practitioners) == found.total.used
        (room,) = found.rooms
        assert room.tally.used == found.total.used
        assert okafor.open <= room.tally.open

    def test_ask_no_more_for_a_year_than_for_a_week(self, lived: Flask) -> None:
        with lived.app_context():
            get_numbers(WEEK)
        asked = []
        for period in (WEEK, Period(date(2025, 3, 9), date(2026, 3, 8))):
            with lived.app_context(), counted_queries(lived) as queries:
                get_numbers(period)
            asked.append(sum(one.startswith("SELECT") for one in queries))
        assert asked[0] == asked[1] <= 4


class TestPage:
    def test_shows_the_manager_the_period(self, lived: Flask) -> None:
        manager = staff_client(lived, Role.ADMIN)
        page = manager.get("/desk/numbers?from=2026-03-02&to=2026-03-08")
        assert "<dt>Visits booked</dt><dd>5</dd>" in page.text
        assert "<dt>No-shows</dt><dd>1 (20%)</dd>" in page.text
        cut = manager.get("/desk/numbers?from=2000-01-01&to=x").text
        assert "More than a year was asked for" in cut

    def test_gives_a_file_without_formulas(self, lived: Flask) -> None:
        with lived.app_context():
            load(WITH_A_ROOM.replace("Dana Okafor, PT, DPT", "=1+1"))
        manager = staff_client(lived, Role.ADMIN)
        answer = manager.get("/desk/numbers/numbers.csv?from=2026-03-02&to=2026-03-08")
        rows = list(csv.reader(io.StringIO(answer.text, newline="")))
        assert rows[1][:7] == ["week", "2026-03-02", "1", "1", "1", "1", "1"]
        assert ["practitioner", "'=1+1"] in [row[:2] for row in rows]


class TestOfRequests:
    def test_count_outcomes_and_time_to_the_first_answer_by_week(self, clinic: Flask) -> None:
        times = [NOW, NOW, NOW - timedelta(hours=1), NOW - timedelta(days=7), NOW]
        with clinic.app_context():
            made = [ask(who, at) for who, at in enumerate(times)]
            booked, declined, answered, older, _open = (
                Step(public_id=one.public_id, actor=KIM, now=NOW) for one in made
            )
            wish = Wish(service="eval", starts_at=local("2026-03-04 10:00"), practitioner="okafor")
            schedule_request(step=replace(booked, now=NOW + timedelta(minutes=30)), wish=wish)
            decline_request(step=replace(declined, now=NOW + timedelta(hours=3)), reason="No.")
            answer_request(step=answered, message="Hello")
            withdraw_request(step=replace(older, actor=PUBLIC))
            withdraw_request(step=answered)
            found = get_request_numbers(Period(date(2026, 2, 23), date(2026, 3, 8)), now=NOW)
        before, this = (tally for _monday, tally in found.weeks)
        assert dict(before.outcomes) == {"withdrawn": 1}
        assert (before.answered, before.judged, before.in_time) == (0, 1, 0)
        outcomes = {"scheduled": 1, "declined": 1, "withdrawn": 1, "open": 1}
        assert dict(this.outcomes) == outcomes
        assert (this.asked, this.answered, this.judged, this.in_time) == (4, 3, 3, 3)
        assert this.mean_seconds == (30 + 180 + 60) * 60 // 3
        assert [found.total.classes[place] for place in range(6)] == [2, 1, 0, 0, 0, 2]
        manager = staff_client(clinic, Role.ADMIN)
        asked = "from=2026-02-23&to=2026-03-08"
        page = manager.get(f"/desk/numbers/requests?{asked}").text
        assert "<dt>Became a visit</dt><dd>1 (20%)</dd>" in page
        rows = list(
            csv.reader(io.StringIO(manager.get(f"/desk/numbers/requests.csv?{asked}").text))
        )
        assert rows[2] == ["week", "2026-03-02", "4", "1", "1", "1", "1", "3", "3", "90"]


def ask(who: int, at: datetime) -> RequestedVisit:
    wish = RequestWish(modality=Modality.IN_PERSON, reason="My hip hurts.")
    return request_visit(wish=wish, patient=person(who), actor=PUBLIC, now=at)
