"""A hold is given its minutes once more: seat, claims and page agree on the new end."""

import pytest
from flask import Flask

from clinic.core.errors import NotFound
from clinic.core.values import PUBLIC
from clinic.scheduling.operations.expiry import remove_expired_holds
from clinic.scheduling.operations.extending import extend_hold
from clinic.scheduling.operations.holding import let_go
from clinic.scheduling.operations.refusals import SlotTaken
from clinic.scheduling.queries.holds import HeldTime, get_held_time
from tests.integration.scheduling.a_clinic import NOW, book, load
from tests.integration.scheduling.test_holding import MINUTE, confirm, hold

TEN = "2026-03-03 10:00"


@pytest.fixture(autouse=True)
def a_clinic(in_app: Flask) -> None:
    load()


def extend(held: HeldTime, *, visitor: str = "a", after: int = 5) -> HeldTime:
    extend_hold(public_id=held.public_id, visitor=visitor, now=NOW + after * MINUTE)
    return get_held_time(public_id=held.public_id, visitor="a")


class TestExtendHold:
    def test_keeps_the_time_from_others_until_the_new_end(self) -> None:
        held = extend(hold(TEN))
        assert held.expires_at == NOW + 20 * MINUTE
        remove_expired_holds(now=NOW + 19 * MINUTE)
        with pytest.raises(SlotTaken):
            book(TEN, who=2, actor=PUBLIC, now=NOW + 19 * MINUTE)
        assert book(TEN, who=2, actor=PUBLIC, now=NOW + 20 * MINUTE).status == "booked"

    def test_is_done_once(self) -> None:
        held = extend(extend(hold(TEN)), after=15)
        assert held.expires_at == NOW + 20 * MINUTE

    def test_changes_nothing_once_it_is_over(self) -> None:
        assert extend(hold(TEN), after=10).expires_at == NOW + 10 * MINUTE

    def test_changes_nothing_once_it_was_let_go(self) -> None:
        held = hold(TEN)
        let_go(public_id=held.public_id, visitor="a", now=NOW)
        assert extend(held).is_released
        assert book(TEN, who=2, actor=PUBLIC, now=NOW + MINUTE).status == "booked"

    def test_changes_nothing_once_it_is_booked(self) -> None:
        held = hold(TEN)
        visit = confirm(held)
        assert extend(held).visit == visit.public_id

    def test_leads_to_a_visit_as_before(self) -> None:
        assert confirm(extend(hold(TEN)), after=18).status == "booked"

    def test_finds_nothing_of_somebody_else(self) -> None:
        with pytest.raises(NotFound):
            extend(hold(TEN), visitor="b")
