"""What a patient knows already, and what is still news."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic.scheduling.rules.telling import BOOKED, CANCELLED, MOVED, Earlier, is_news

AT = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
BEFORE, AFTER = AT - timedelta(minutes=1), AT + timedelta(minutes=1)


def sent(kind: str, at: datetime = BEFORE) -> Earlier:
    return Earlier(kind, at, is_dropped=False)


def waiting(kind: str) -> Earlier:
    return Earlier(kind, None, is_dropped=False)


def dropped(kind: str) -> Earlier:
    return Earlier(kind, None, is_dropped=True)


class TestIsNews:
    @pytest.mark.parametrize(
        ("kind", "others", "expected"),
        [
            (BOOKED, [waiting(BOOKED)], True),
            (BOOKED, [sent(BOOKED), sent(CANCELLED)], True),
            (BOOKED, [sent(BOOKED), dropped(CANCELLED)], False),
            (BOOKED, [sent(BOOKED)], False),
            (MOVED, [], True),
            (MOVED, [sent(BOOKED, BEFORE)], True),
            (MOVED, [sent(BOOKED, AFTER)], False),
            (MOVED, [sent(BOOKED, AT)], False),
            (MOVED, [sent(BOOKED), sent(MOVED, AFTER)], False),
            (MOVED, [sent(BOOKED), sent(CANCELLED, AFTER)], True),
            (CANCELLED, [], True),
            (CANCELLED, [sent(BOOKED)], True),
            (CANCELLED, [sent(BOOKED), sent(CANCELLED)], False),
            (CANCELLED, [sent(CANCELLED), sent(BOOKED)], True),
            (CANCELLED, [dropped(BOOKED)], False),
            (CANCELLED, [dropped(BOOKED), dropped(MOVED)], False),
            (CANCELLED, [waiting(BOOKED)], True),
            (BOOKED, [dropped(BOOKED), dropped(CANCELLED)], True),
            (BOOKED, [dropped(CANCELLED)], False),
            (BOOKED, [dropped(MOVED), dropped(CANCELLED)], True),
            (CANCELLED, [dropped(CANCELLED), dropped(BOOKED)], True),
        ],
    )
    def test_weighs_what_was_told_before(
        self, kind: str, others: list[Earlier], expected: bool
    ) -> None:
        assert is_news(kind=kind, posted_at=AT, others=[*others, waiting(kind)]) is expected
