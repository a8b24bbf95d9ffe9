"""One visit request in many hands: booked once or not at all, and everybody is told."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from tests.torture.asking import Answer, Ask, ask, at_once
from tests.torture.conftest import assert_whole
from tests.torture.house import House
from tests.torture.test_races import book, booked, outcomes, rows, utc
from tests.torture.the_clinic import person

Someone = Callable[[], int]
HOUR = timedelta(hours=1)
PATH = "/visit-requests"
VIDEO = {"modality": "telehealth", "state": "NY"}


@pytest.fixture(autouse=True)
def nothing_broken(house: House) -> Iterator[None]:
    """After each race the database keeps every rule."""
    yield
    assert_whole(house)


def request(house: House, who: int, **changes: str) -> Answer:
    body = {"modality": "in_person", "reason": "My hip hurts.", "patient": person(who), **changes}
    answer = ask(house.port, Ask(path=PATH, body=body))
    assert answer.status == 201, answer
    return answer


def schedule(
    house: House, wanted: Answer, at: datetime, who: str = "abel", what: str = "evaluation"
) -> Ask:
    body = {"service": what, "starts_at": utc(at), "practitioner": who}
    path = f"{PATH}/{wanted.body['id']}/schedule"
    return Ask(path=path, body=body, token=house.keys.desk)


def offer(wanted: Answer, at: datetime) -> Ask:
    body = {"service": "video", "starts_at": utc(at), "practitioner": "tara"}
    return Ask(path=f"/torture{PATH}/{wanted.body['id']}/offer", body=body)


def decline(house: House, wanted: Answer, reason: str) -> Ask:
    path = f"{PATH}/{wanted.body['id']}/decline"
    return Ask(path=path, body={"reason": reason}, token=house.keys.desk, version=1)


def withdraw(wanted: Answer) -> Ask:
    return Ask(path=f"/torture{PATH}/{wanted.body['id']}/withdraw", body={})


def seen(house: House, wanted: Answer) -> Answer:
    path = f"{PATH}/{wanted.body['id']}"
    return ask(house.port, Ask(path=path, method="GET", token=house.keys.desk))


class TestScheduling:
    def test_at_eight_times_books_one(self, house: House, day: datetime, someone: Someone) -> None:
        wanted, before = request(house, someone()), rows(house, "appointments")
        asks = [schedule(house, wanted, day + hour * HOUR) for hour in range(8, 16)]
        answers = at_once(house.port, asks)
        assert outcomes(answers) == {"200": 1, "409 wrong-state": 7}
        assert rows(house, "appointments") == before + 1
        won = next(answer for answer in answers if answer.status == 200)
        assert seen(house, wanted).body["appointment"] == won.body["appointment"]

    def test_at_one_time_by_many_is_one_visit(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        wanted, before = request(house, someone()), rows(house, "appointments")
        answers = at_once(house.port, [schedule(house, wanted, day + 9 * HOUR)] * 8)
        assert outcomes(answers) == {"200": 8}
        assert len({answer.body["appointment"] for answer in answers}) == 1
        assert rows(house, "appointments") == before + 1

    def test_of_many_requests_at_one_time_leaves_the_others_open(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at = day + 10 * HOUR
        requests = [request(house, someone()) for _ in range(6)]
        answers = at_once(house.port, [schedule(house, one, at) for one in requests])
        assert outcomes(answers) == {"200": 1, "409 slot-taken": 5}
        for one, answer in zip(requests, answers, strict=True):
            status = "scheduled" if answer.status == 200 else "requested"
            assert seen(house, one).body["status"] == status

    def test_beside_bookings_of_the_same_time_gives_it_to_one(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at, wanted = day + 10 * HOUR, request(house, someone())
        asks = [book(house, "evaluation", at, who=someone(), practitioner="abel") for _ in range(8)]
        answers = at_once(house.port, [schedule(house, wanted, at), *asks])
        found = outcomes(answers)
        assert found["200"] + found["201"] == 1
        assert found["409 slot-taken"] == 8

    def test_of_somebody_who_books_meanwhile_takes_them_to_one_place(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        who, at = someone(), day + 10 * HOUR
        booked(house, book(house, "run", day + 2 * HOUR, who=who))  # no newcomer
        wanted = request(house, who)
        own = book(house, "follow-up", at, who=who, practitioner="bell")
        answers = at_once(house.port, [schedule(house, wanted, at), own])
        found = outcomes(answers)
        assert found["200"] + found["201"] == 1
        assert found["409 patient-busy"] == 1


class TestByVideo:
    def test_two_approvals_of_one_time_book_one_and_leave_the_other_open(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at, wanted = day + 10 * HOUR, [request(house, someone(), **VIDEO) for _ in range(2)]
        asks = [schedule(house, one, at, "tara", "video") for one in wanted for _ in range(2)]
        answers = at_once(house.port, asks)
        assert outcomes(answers) == {"200": 2, "409 slot-taken": 2}
        statuses = [seen(house, one).body["status"] for one in wanted]
        assert sorted(statuses) == ["requested", "scheduled"]

    def test_a_time_is_offered_to_one_of_many_and_kept_for_them(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at, wanted = day + 10 * HOUR, [request(house, someone(), **VIDEO) for _ in range(5)]
        offers = [offer(one, at) for one in wanted[:4]]
        last = schedule(house, wanted[4], at, "tara", "video")
        answers = at_once(house.port, [*offers, last])
        assert outcomes(answers) == {"200": 1, "409 slot-taken": 4}
        statuses = sorted(seen(house, one).body["status"] for one in wanted)
        assert statuses[0] in {"offered", "requested"}
        assert statuses.count("requested") == 4

    @pytest.mark.parametrize("first", [0, 1])
    def test_choosing_and_withdrawing_end_in_one_of_both(
        self, house: House, day: datetime, someone: Someone, first: int
    ) -> None:
        wanted, before = request(house, someone(), **VIDEO), rows(house, "appointments")
        offered = ask(house.port, offer(wanted, day + 10 * HOUR))
        body = {"offer": offered.body["offer"]}
        path = f"/torture{PATH}/{wanted.body['id']}/choose"
        asks = [Ask(path=path, body=body)] * 3
        asks[first:first] = [withdraw(wanted)]
        answers = at_once(house.port, asks)
        chosen = answers[first].status != 200
        assert seen(house, wanted).body["status"] == ("scheduled" if chosen else "withdrawn")
        assert rows(house, "appointments") == before + chosen


class TestWithdrawing:
    @pytest.mark.parametrize("first", [0, 1, 2])
    def test_and_scheduling_end_in_one_of_both(
        self, house: House, day: datetime, someone: Someone, first: int
    ) -> None:
        kind, who, what = (VIDEO, "tara", "video") if first == 1 else ({}, "abel", "evaluation")
        wanted, before = request(house, someone(), **kind), rows(house, "appointments")
        asks = [schedule(house, wanted, day + (9 + first) * HOUR, who, what)] * 3
        asks[first:first] = [withdraw(wanted)]
        answers = at_once(house.port, asks)
        withdrawn = answers[first].status == 200
        assert outcomes(answers) == (
            {"200": 1, "409 wrong-state": 3} if withdrawn else {"200": 3, "409 wrong-state": 1}
        )
        final = seen(house, wanted).body
        assert final["status"] == ("withdrawn" if withdrawn else "scheduled")
        assert (final["appointment"] is None) is withdrawn
        assert rows(house, "appointments") == before + (not withdrawn)


class TestDeclining:
    def test_by_six_with_words_of_their_own_keeps_those_of_one(
        self, house: House, someone: Someone
    ) -> None:
        wanted = request(house, someone())
        reasons = [f"Reason {number}" for number in range(6)]
        answers = at_once(house.port, [decline(house, wanted, one) for one in reasons])
        assert outcomes(answers) == {"200": 1, "412 version-mismatch": 5}
        won = next(answer for answer in answers if answer.status == 200)
        assert seen(house, wanted).body["decline_reason"] == won.body["decline_reason"]


class TestIdempotency:
    def test_asks_once_for_one_key_in_eight_hands(self, house: House, someone: Someone) -> None:
        before = rows(house, "visit_requests")
        body = {"modality": "in_person", "reason": "My hip hurts.", "patient": person(someone())}
        asks = [Ask(path=PATH, body=body, key=f"request-{someone()}")] * 8
        answers = at_once(house.port, asks)
        assert outcomes(answers) == {"201": 8}
        assert len({answer.body["id"] for answer in answers}) == 1
        assert rows(house, "visit_requests") == before + 1
