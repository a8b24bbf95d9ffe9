"""Records merge while others merge, part and book: nothing is left at the one that goes."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from tests.torture.asking import Answer, Ask, ask, at_once
from tests.torture.conftest import assert_whole
from tests.torture.house import House
from tests.torture.test_races import book, booked, outcomes

Someone = Callable[[], int]
HOUR = timedelta(hours=1)
ROUNDS = 4


@pytest.fixture(autouse=True)
def nothing_broken(house: House) -> Iterator[None]:
    """After each race the database keeps every rule."""
    yield
    assert_whole(house)


def known(house: House, at: datetime, who: int) -> str:
    """The public id of somebody who has a visit then."""
    answer = booked(house, book(house, "evaluation", at, who=who, staff=True))
    return str(answer.body["patient"]["id"])


def merge(kept: str, gone: str) -> Ask:
    return Ask(path="/torture/merges", body={"kept": kept, "gone": gone})


def undo(answer: Answer) -> Ask:
    return Ask(path=f"/torture/merges/{answer.body['id']}/undo", body={})


class TestMerges:
    def test_of_overlapping_pairs_let_one_win(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        first, second, third = (known(house, day + hour * HOUR, someone()) for hour in (14, 15, 16))
        pairs = [(first, second), (second, first), (third, second), (first, second)]
        answers = at_once(house.port, [merge(*pair) for pair in pairs])
        assert sum(answer.status == 200 for answer in answers) in {1, 2}
        assert {answer.status for answer in answers} <= {200, 409}

    def test_while_somebody_books_for_the_one_that_goes(
        self, house: House, day: datetime, someone: Someone
    ) -> None:
        for turn in range(ROUNDS):
            at = day + timedelta(days=7 * turn)
            who = someone()
            kept, gone = known(house, at + 14 * HOUR, someone()), known(house, at + 15 * HOUR, who)
            bookings = [
                book(house, "evaluation", at + hour * HOUR, who=who, staff=True)
                for hour in (16, 17, 18)
            ]
            answers = at_once(house.port, [*bookings, merge(kept, gone)])
            assert outcomes(answers[:-1])["201"] == len(bookings)
            assert answers[-1].status == 200, answers[-1]
            assert ask(house.port, undo(answers[-1])).status == 200
