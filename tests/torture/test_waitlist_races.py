"""One freed time in many hands: one person gets it, and whoever is killed loses nothing."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.torture.asking import Answer, Ask, Lost, ask, at_once
from tests.torture.conftest import assert_whole
from tests.torture.house import House
from tests.torture.test_races import book, booked, outcomes, rows, step
from tests.torture.the_clinic import person

Someone = Callable[[], int]
HOUR = timedelta(hours=1)
LOCAL = ZoneInfo("America/New_York")
WAITING = 6
TEND = Ask(path="/torture/waitlist/tend", body={})


@pytest.fixture(autouse=True)
def nothing_broken(house: House) -> Iterator[None]:
    """After each race the database keeps every rule."""
    yield
    assert_whole(house)


def wait_for_it(house: House, at: datetime, who: int) -> Answer:
    """Somebody who waits for an evaluation with Abel at this time alone."""
    wall, ends = at.astimezone(LOCAL), (at + HOUR).astimezone(LOCAL)
    body = {
        "service": "evaluation",
        "practitioner": "abel",
        "from": wall.date().isoformat(),
        "to": wall.date().isoformat(),
        "times": [[f"{wall:%H:%M}", f"{ends:%H:%M}"]],
        "patient": person(who),
    }
    answer = ask(house.port, Ask(path="/waitlist", body=body))
    assert answer.status == 201, answer
    return answer


def full(house: House, at: datetime, someone: Someone) -> tuple[Answer, list[Answer]]:
    """A visit at this time, and those who wait for it."""
    visit = booked(house, book(house, "evaluation", at, who=someone(), practitioner="abel"))
    return visit, [wait_for_it(house, at, someone()) for _ in range(WAITING)]


def seen(house: House, entry: Answer) -> Answer:
    path = f"/waitlist/{entry.body['id']}"
    return ask(house.port, Ask(path=path, method="GET", token=house.keys.desk))


def offered(house: House, entries: list[Answer]) -> list[Answer]:
    found = [seen(house, one) for one in entries]
    return [one for one in found if one.body["status"] == "offered"]


def bookers(house: House, at: datetime, someone: Someone, many: int = 8) -> list[Ask]:
    return [book(house, "evaluation", at, who=someone(), practitioner="abel") for _ in range(many)]


class TestAFreedTime:
    def test_is_held_for_one_or_booked_by_one(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at = day + 15 * HOUR
        visit, entries = full(house, at, someone)
        cancels = [step(house, visit, "cancel")] * 2
        answers = at_once(house.port, [*cancels, *[TEND] * 4, *bookers(house, at, someone)])
        assert outcomes(answers[:6]) == {"200": 6}
        ask(house.port, TEND)
        found = outcomes(answers[6:])
        assert found["201"] + len(offered(house, entries)) == 1
        assert found["201"] + found["409 slot-taken"] == 8

    def test_goes_to_the_first_when_nobody_books(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at = day + 17 * HOUR
        visit, entries = full(house, at, someone)
        at_once(house.port, [step(house, visit, "cancel"), *[TEND] * 7])
        assert [one.body["id"] for one in offered(house, entries)] == [entries[0].body["id"]]
        found = outcomes(at_once(house.port, bookers(house, at, someone)))
        assert found == {"409 slot-taken": 8}

    def test_is_booked_once_by_whoever_it_is_offered_to(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at = day + 19 * HOUR
        visit, entries = full(house, at, someone)
        ask(house.port, step(house, visit, "cancel"))
        before = rows(house, "appointments")
        (entry,) = offered(house, entries)
        takes = [
            Ask(
                path=f"/torture/waitlist/{entry.body['id']}/take",
                body={"offer": entry.body["offer"]["id"]},
            )
        ] * 6
        answers = at_once(house.port, [*takes, *bookers(house, at, someone), TEND])
        assert outcomes(answers[:6]) == {"200": 6}
        assert len({one.body["visit"] for one in answers[:6]}) == 1
        assert outcomes(answers[6:-1]) == {"409 slot-taken": 8}
        assert rows(house, "appointments") == before + 1

    def test_is_declined_or_taken_and_then_it_is_the_nexts(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        at = day + 21 * HOUR
        visit, entries = full(house, at, someone)
        ask(house.port, step(house, visit, "cancel"))
        (entry,) = offered(house, entries)
        body = {"offer": entry.body["offer"]["id"]}
        path = f"/torture/waitlist/{entry.body['id']}"
        asks = [Ask(path=f"{path}/{what}", body=body) for what in ("take", "decline")]
        answers = at_once(house.port, [*asks, TEND, TEND])
        won = [answer.status for answer in answers[:2]]
        assert sorted(won) == [200, 409]
        ask(house.port, TEND)
        assert len(offered(house, entries)) == (1 if won[1] == 200 else 0)


class TestAKilledServer:
    def test_loses_no_offer_and_no_message(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        """Killed while a time is being freed: held, offered and told are all there, or none is."""
        places = [full(house, day + hour * HOUR, someone) for hour in (9, 12, 15)]
        for turn, (visit, _) in enumerate(places):
            with ThreadPoolExecutor(1) as pool:
                asked = pool.submit(ask, house.port, step(house, visit, "cancel"))
                time.sleep(0.02 * turn)
                house.kill_server()
                with suppress(Lost):
                    asked.result()
            house.serve()
            assert_whole(house)
        for visit, entries in places:
            ask(house.port, step(house, visit, "cancel"))
            ask(house.port, TEND)
            assert len(offered(house, entries)) == 1
