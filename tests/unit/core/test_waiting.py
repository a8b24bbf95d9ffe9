"""Patience with the database is one for a whole page."""

from collections.abc import Iterator

import pytest

from clinic.core.waiting import LEAST_SECONDS, longest_wait, note_wait, wait_at_most


@pytest.fixture(autouse=True)
def afterwards() -> Iterator[None]:
    yield
    wait_at_most(None)


class TestPatience:
    def test_is_spent_by_all_waits_together(self) -> None:
        wait_at_most(2.0)
        note_wait(0.5)
        note_wait(0.75)
        assert longest_wait() == 0.75

    def test_leaves_a_little_for_the_apology(self) -> None:
        wait_at_most(2.0)
        note_wait(60.0)
        assert longest_wait() == LEAST_SECONDS

    def test_is_new_for_the_next_page(self) -> None:
        wait_at_most(2.0)
        note_wait(1.9)
        wait_at_most(2.0)
        assert longest_wait() == 2.0

    def test_has_no_end_where_nobody_waits_for_us(self) -> None:
        note_wait(60.0)
        assert longest_wait() is None
