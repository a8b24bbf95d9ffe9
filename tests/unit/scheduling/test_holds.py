"""A hold may be given its minutes once more."""

from datetime import UTC, datetime, timedelta

import pytest

from clinic.scheduling.rules.holds import may_extend

CREATED = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


class TestMayExtend:
    @pytest.mark.parametrize(
        ("lasts", "after", "expected"),
        [
            (10, 0, True),
            (10, 9.99, True),
            (10, 10, False),  # over
            (20, 5, False),  # given already
            (20, 25, False),
        ],
    )
    def test_while_it_runs_and_was_not_before(
        self, lasts: float, after: float, expected: bool
    ) -> None:
        found = may_extend(
            created_at=CREATED,
            expires_at=CREATED + timedelta(minutes=lasts),
            minutes=10,
            now=CREATED + timedelta(minutes=after),
        )
        assert found is expected
