"""What a request asks once."""

from itertools import count

import pytest
from flask import Flask

from clinic.core.once import ask_once, asking_anew

_numbers = count()


def ask() -> int:
    """Another answer each time."""
    return next(_numbers)


@pytest.fixture
def app() -> Flask:
    """An app without anything."""
    return Flask(__name__)


class TestAskOnce:
    def test_keeps_an_answer_for_the_request(self, app: Flask) -> None:
        with app.test_request_context():
            first = ask_once(ask)
            assert ask_once(ask) == first
        with app.test_request_context():
            assert ask_once(ask) != first

    def test_keeps_nothing_outside_of_requests(self, app: Flask) -> None:
        with app.app_context():
            assert ask_once(ask) != ask_once(ask)

    def test_keeps_nothing_inside_an_operation(self, app: Flask) -> None:
        with app.test_request_context():
            before = ask_once(ask)
            with asking_anew(changes_answers=False):
                assert len({before, ask_once(ask), ask_once(ask)}) == 3

    @pytest.mark.parametrize("changes_answers", [True, False])
    def test_asks_anew_after_an_operation_that_may_have_changed_it(
        self, app: Flask, changes_answers: bool
    ) -> None:
        with app.test_request_context():
            before = ask_once(ask)
            with (
                pytest.raises(ValueError, match="refused"),
                asking_anew(changes_answers=changes_answers),
            ):
                raise ValueError("refused")
            assert (ask_once(ask) == before) is not changes_answers
