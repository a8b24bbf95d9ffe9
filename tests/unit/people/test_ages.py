"""Coming of age."""

from datetime import date

import pytest

from clinic.people.rules.ages import is_minor


class TestIsMinor:
    @pytest.mark.parametrize(
        ("born", "today", "minor"),
        [
            (date(2008, 3, 10), date(2026, 3, 9), True),
            (date(2008, 3, 10), date(2026, 3, 10), False),
            (date(2008, 2, 29), date(2026, 2, 28), True),
            (date(2008, 2, 29), date(2026, 3, 1), False),
            (date(2026, 3, 2), date(2026, 3, 2), True),
            (date(2010, 2, 28), date(2028, 2, 29), False),
            (date(2010, 3, 1), date(2028, 2, 29), True),
        ],
    )
    def test_ends_with_the_eighteenth_birthday(self, born: date, today: date, minor: bool) -> None:
        assert is_minor(birth_date=born, today=today) is minor
