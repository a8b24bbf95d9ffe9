"""Twenty askers, one time: races against real server processes, on both engines.

The numbers (R1 ...) are those of the cases from the field that the product must not repeat.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from tests.torture.asking import Answer, Ask, ask, at_once
from tests.torture.conftest import assert_whole
from tests.torture.house import House
from tests.torture.the_clinic import booking, person

Someone = Callable[[], int]
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def nothing_broken(house: House) -> Iterator[None]:
    """After each race the database keeps every rule, and nobody was answered late or by a 5xx."""
    yield
    assert_whole(house)


def book(
    house: House,
    service: str,
    at: datetime,
    *,
    who: int,
    practitioner: str | None = None,
    staff: bool = False,
    reason: str | None = None,
    key: str | None = None,
) -> Ask:
    body = booking(service, at, who=who, practitioner=practitioner, reason=reason)
    token = house.keys.desk if staff or reason else None
    return Ask(path="/appointments", body=body, token=token, key=key)


def booked(house: House, wanted: Ask) -> Answer:
    answer = ask(house.port, wanted)
    assert answer.status == 201, answer
    return answer


def move(house: House, visit: Answer, **body: object) -> Ask:
    return Ask(
        path=f"/appointments/{visit.body['id']}",
        method="PATCH",
        body=body,
        version=visit.body["version"],
        token=house.keys.desk,
    )


def step(house: House, visit: Answer, action: str, key: str | None = None) -> Ask:
    body = {"reason": "test"} if action == "cancel" else {}
    path = f"/appointments/{visit.body['id']}/{action}"
    return Ask(path=path, body=body, token=house.keys.desk, key=key)


def seen(house: House, visit: Answer) -> Answer:
    path = f"/appointments/{visit.body['id']}"
    return ask(house.port, Ask(path=path, method="GET", token=house.keys.desk))


def outcomes(answers: list[Answer]) -> Counter[str]:
    """``201`` or ``409 slot-taken`` -> how many; nobody waits longer than three seconds."""
    assert max(answer.seconds for answer in answers) <= 3, answers
    return Counter(f"{answer.status} {answer.code}".strip() for answer in answers)


def utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


class TestBooking:
    def test_gives_one_time_to_one_of_twenty(
        self, house: House, day: datetime, someone: Someone
    ) -> None:  # R1
        at = day + 10 * HOUR
        asks = [
            book(house, "evaluation", at, who=someone(), practitioner="abel") for _ in range(20)
        ]
        assert outcomes(at_once(house.port, asks)) == {"201": 1, "409 slot-taken": 19}

    def test_gives_overlapping_times_to_one_only(
        self, house: House, day: datetime, someone: Someone
    ) -> None:  # R2
        starts = [day + 10 * HOUR + timedelta(minutes=15 * (n % 4)) for n in range(16)]
        asks = [book(house, "evaluation", at, who=someone(), practitioner="bell") for at in starts]
        assert outcomes(at_once(house.port, asks)) == {"201": 1, "409 slot-taken": 15}

    def test_gives_any_practitioner_to_as_many_as_there_are(
        self, house: House, day: datetime, someone: Someone
    ) -> None:  # R3
        asks = [book(house, "follow-up", day + 3 * HOUR, who=someone()) for _ in range(12)]
        answers = at_once(house.port, asks)
        assert outcomes(answers) == {"201": 4, "409 slot-taken": 8}
        given = {answer.body["practitioner"] for answer in answers if answer.status == 201}
        assert given == {"abel", "bell", "cole", "dean"}

    def test_gives_either_treadmill_to_two(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        asks = [book(house, "run", day + 5 * HOUR, who=someone()) for _ in range(10)]
        answers = at_once(house.port, asks)
        assert outcomes(answers) == {"201": 2, "409 slot-taken": 8}
        given = sorted(answer.body["resources"] for answer in answers if answer.status == 201)
        assert given == [["treadmill-1"], ["treadmill-2"]]

    def test_gives_a_class_to_as_many_as_it_holds(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at = day + 10 * HOUR
        asks = [book(house, "class", at, who=someone(), practitioner="cole") for _ in range(20)]
        assert outcomes(at_once(house.port, asks)) == {"201": 3, "409 slot-taken": 17}

    def test_lets_a_patient_be_at_one_place_only(
        self, house: House, day: datetime, someone: Someone
    ) -> None:  # R9, R10
        who, at = someone(), day + 10 * HOUR
        booked(house, book(house, "run", day + 2 * HOUR, who=who))  # no newcomer
        asks = [
            book(house, "evaluation", at, who=who, practitioner="abel"),
            book(house, "follow-up", at + HOUR / 4, who=who, practitioner="bell"),
            book(house, "gait", at + HOUR / 2, who=who, practitioner="cole"),
            book(house, "class", at + HOUR / 2, who=who, practitioner="dean"),
        ]
        assert outcomes(at_once(house.port, asks)) == {"201": 1, "409 patient-busy": 3}

    def test_stores_nothing_of_times_that_are_not_offered(
        self, house: House, day: datetime, someone: Someone
    ) -> None:  # R12
        before = rows(house, "appointments"), rows(house, "patients")
        sunday = day + timedelta(days=6 - day.weekday())
        asks = [
            book(house, "evaluation", at, who=someone(), practitioner="office")
            for at in [sunday + 7 * HOUR, day + 7 * HOUR, day + 16 * HOUR + HOUR / 60] * 4
        ]
        assert set(outcomes(at_once(house.port, asks))) == {"422 not-offered"}
        assert (rows(house, "appointments"), rows(house, "patients")) == before

    def test_keeps_the_limit_of_the_day_in_two_tabs(
        self, house: House, day: datetime, someone: Someone
    ) -> None:  # R17
        who = someone()
        booked(house, book(house, "run", day + 2 * HOUR, who=who))  # no newcomer
        starts = [day + hour * HOUR for hour in (8, 10, 12, 14, 16, 18)]
        asks = [book(house, "evaluation", at, who=who) for at in starts]
        assert outcomes(at_once(house.port, asks)) == {"201": 1, "409 limit-reached": 5}

    def test_makes_one_record_of_a_new_patient(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        who, before = someone(), rows(house, "patients")
        starts = [day + hour * HOUR for hour in range(4, 14)]
        asks = [book(house, "follow-up", at, who=who, staff=True) for at in starts]
        answers = at_once(house.port, asks)
        assert outcomes(answers) == {"201": 10}
        assert len({answer.body["patient"]["id"] for answer in answers}) == 1
        assert rows(house, "patients") == before + 1

    def test_marks_every_overbooking(self, house: House, day: datetime, someone: Someone) -> None:
        at = day + 10 * HOUR
        asks = [
            book(house, "evaluation", at, who=someone(), practitioner="dean", reason="urgent")
            for _ in range(6)
        ]
        answers = at_once(house.port, asks)
        assert outcomes(answers) == {"201": 6}
        assert [answer.body["override"] for answer in answers].count(None) <= 1


class TestIdempotency:
    def test_books_once_for_one_key_in_ten_hands(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        before = rows(house, "appointments")
        asks = [book(house, "evaluation", day + 9 * HOUR, who=someone(), key=f"k{day:%j}")] * 10
        answers = at_once(house.port, asks)
        assert outcomes(answers) == {"201": 10}
        assert all(answer.body == answers[0].body for answer in answers)
        assert rows(house, "appointments") == before + 1

    def test_refuses_once_for_one_key(self, house: House, day: datetime, someone: Someone) -> None:
        at = day + 9 * HOUR
        booked(house, book(house, "evaluation", at, who=someone(), practitioner="abel"))
        again = book(house, "evaluation", at, who=someone(), practitioner="abel", key=f"r{day:%j}")
        answers = at_once(house.port, [again] * 10)
        assert outcomes(answers) == {"409 slot-taken": 10}
        assert all(answer.body == answers[0].body for answer in answers)

    def test_cancels_once_and_undoes_once(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        visit = booked(house, book(house, "evaluation", day + 9 * HOUR, who=someone()))
        cancelled = at_once(house.port, [step(house, visit, "cancel", f"c{day:%j}")] * 5)
        assert {answer.body["version"] for answer in cancelled} == {2}
        undone = at_once(house.port, [step(house, visit, "undo", f"u{day:%j}")] * 5)
        assert {(one.body["version"], one.body["status"]) for one in undone} == {(3, "booked")}


class TestHolds:
    def test_hold_one_time_for_one_of_ten(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at = utc(day + 10 * HOUR)
        asks = [hold("evaluation", at, f"v{someone()}", practitioner="abel") for _ in range(10)]
        assert outcomes(at_once(house.port, asks)) == {"200": 1, "409 slot-taken": 9}

    def test_make_one_visit_of_a_double_submit(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        before, visitor, at = rows(house, "appointments"), f"v{someone()}", utc(day + 12 * HOUR)
        asks = [hold("evaluation", at, visitor, practitioner="abel")] * 6
        held = at_once(house.port, asks)
        assert outcomes(held) == {"200": 6}
        assert len({answer.body["id"] for answer in held}) == 1
        body = {"visitor": visitor, "patient": person(someone())}
        path = f"/torture/holds/{held[0].body['id']}/book"
        answers = at_once(house.port, [Ask(path=path, body=body)] * 10)
        assert outcomes(answers) == {"200": 10}
        assert len({answer.body["id"] for answer in answers}) == 1
        assert rows(house, "appointments") == before + 1

    def test_share_the_seats_of_a_class_with_bookings(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at = day + 15 * HOUR
        asks = []
        for _ in range(6):
            asks.append(hold("class", utc(at), f"v{someone()}", practitioner="bell"))
            asks.append(book(house, "class", at, who=someone(), practitioner="bell"))
        answers = outcomes(at_once(house.port, asks))
        assert answers["200"] + answers["201"] == 3
        assert answers["409 slot-taken"] == 9


class TestMoving:
    def test_gives_a_freed_room_to_one_mover(
        self, house: House, day: datetime, someone: Someone
    ) -> None:  # R6: no way round the check by changing the time
        target = day + 10 * HOUR
        visits = [
            booked(house, book(house, "gait", day + hour * HOUR, who=someone(), practitioner=who))
            for hour, who in ((14, "abel"), (16, "bell"), (18, "cole"), (20, "dean"))
        ]
        asks = [move(house, visit, starts_at=utc(target)) for visit in visits]
        answers = at_once(house.port, asks)
        assert outcomes(answers) == {"200": 1, "409 slot-taken": 3}
        for visit, answer in zip(visits, answers, strict=True):
            wanted = utc(target) if answer.status == 200 else visit.body["starts_at"]
            assert seen(house, visit).body["starts_at"] == wanted

    def test_lets_two_visits_not_lose_each_other(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at = day + 10 * HOUR
        visit = booked(house, book(house, "evaluation", at, who=someone(), practitioner="abel"))
        asks = [move(house, visit, starts_at=utc(at + n * HOUR)) for n in range(1, 9)]
        answers = at_once(house.port, asks)
        assert outcomes(answers) == {"200": 1, "412 version-mismatch": 7}
        won = next(answer for answer in answers if answer.status == 200)
        assert seen(house, visit).body["starts_at"] == won.body["starts_at"]

    def test_frees_the_old_practitioner(
        self, house: House, day: datetime, someone: Someone
    ) -> None:  # R15
        at = day + 10 * HOUR
        visit = booked(house, book(house, "evaluation", at, who=someone(), practitioner="abel"))
        others = [
            book(house, "evaluation", at, who=someone(), practitioner=who)
            for who in ("abel", "bell") * 5
        ]
        answers = at_once(house.port, [move(house, visit, practitioner="bell"), *others])
        moved, rest = answers[0], outcomes(answers[1:])
        assert moved.status in {200, 409}
        assert rest["201"] <= 1
        final = ask(house.port, others[0])
        taken = 2 if moved.status == 200 else 1 + (moved.status == 409)
        live = rest["201"] + 1 + (final.status == 201)
        assert live == taken

    def test_swaps_without_standing_in_its_own_way(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        visits = [
            booked(
                house,
                book(house, "evaluation", day + hour * HOUR, who=someone(), practitioner="cole"),
            )
            for hour in (8, 12)
        ]
        quarter = HOUR / 4
        asks = [
            move(house, visit, starts_at=utc(day + hour * HOUR + quarter))
            for visit, hour in zip(visits, (8, 12), strict=True)
        ]
        assert outcomes(at_once(house.port, asks)) == {"200": 2}


class TestCancelling:
    def test_frees_the_time_for_one(
        self, house: House, day: datetime, someone: Someone
    ) -> None:  # R14
        at, who = day + 10 * HOUR, someone()
        visit = booked(house, book(house, "evaluation", at, who=who, practitioner="abel"))
        same = [book(house, "evaluation", at, who=who, practitioner="abel")] * 10
        answers = at_once(house.port, [step(house, visit, "cancel"), *same])
        assert answers[0].status == 200
        rest = outcomes(answers[1:])
        assert rest["201"] <= 1
        if not rest["201"]:
            assert ask(house.port, same[0]).status == 201

    def test_undone_takes_the_time_again_or_says_it_is_gone(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at = day + 10 * HOUR
        visit = booked(house, book(house, "evaluation", at, who=someone(), practitioner="abel"))
        assert ask(house.port, step(house, visit, "cancel")).status == 200
        others = [
            book(house, "evaluation", at + HOUR / 2, who=someone(), practitioner="abel")
            for _ in range(9)
        ]
        answers = at_once(house.port, [step(house, visit, "undo"), *others])
        won = [answer for answer in answers if answer.status in {200, 201}]
        assert len(won) == 1, answers


def hold(service: str, at: str, visitor: str, *, practitioner: str | None = None) -> Ask:
    body = {"service": service, "starts_at": at, "visitor": visitor, "practitioner": practitioner}
    return Ask(path="/torture/holds", body=body)


def rows(house: House, table: str) -> int:
    with house.looking() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())  # noqa: S608
