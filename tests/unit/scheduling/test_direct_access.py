"""How many visits are left with and without a referral."""

from datetime import date, timedelta

import pytest

from clinic.scheduling.rules.direct_access import Counter, Covered, count_visits

FIRST = date(2026, 3, 2)
REFERRAL = Covered(date(2026, 3, 1), date(2026, 4, 30), 12)


def days(count: int, *, since: date = FIRST, every: int = 2) -> list[date]:
    return [since + timedelta(days=every * number) for number in range(count)]


def counted(
    visits: list[date], day: date, *referrals: Covered, state: str = "NY"
) -> Counter | None:
    return count_visits(visits=visits, referrals=referrals, state=state, day=day)


class TestWithoutReferral:
    @pytest.mark.parametrize(
        ("kept", "after", "left", "is_over", "is_nearly"),
        [
            (0, 0, 10, False, False),
            (7, 15, 3, False, False),
            (8, 17, 2, False, True),
            (9, 20, 1, False, True),
            (10, 21, 0, True, True),
            (3, 23, 7, False, True),
            (3, 30, 7, False, True),
            (3, 31, 7, True, True),
        ],
    )
    def test_allows_ten_visits_or_thirty_days(
        self, kept: int, after: int, left: int, is_over: bool, is_nearly: bool
    ) -> None:
        found = counted(days(kept), FIRST + timedelta(days=after))
        assert found is not None
        assert (found.left, found.is_over, found.is_nearly) == (left, is_over, is_nearly)
        assert found.by_referral is False

    def test_begins_anew_after_a_long_time_away(self) -> None:
        found = counted(days(10), FIRST + timedelta(days=200))
        assert found is not None
        assert (found.left, found.until, found.is_over) == (10, None, False)

    def test_counts_nothing_where_no_rule_holds(self) -> None:
        assert counted(days(30), FIRST, state="") is None
        assert counted(days(30), FIRST, state="WA") is None


class TestByReferral:
    def test_counts_the_visits_in_it(self) -> None:
        found = counted(days(9), date(2026, 3, 25), REFERRAL)
        assert found == Counter(
            by_referral=True, used=9, left=3, until=REFERRAL.ends, is_over=False, is_nearly=False
        )
        used_up = counted(days(12), date(2026, 4, 20), REFERRAL)
        assert used_up is not None
        assert (used_up.left, used_up.is_over) == (0, True)

    def test_takes_the_one_that_still_has_visits(self) -> None:
        more = Covered(date(2026, 3, 20), None, None)
        found = counted(days(12), date(2026, 4, 20), REFERRAL, more)
        assert found is not None
        assert (found.left, found.until, found.is_over) == (None, None, False)

    def test_does_not_count_its_visits_against_the_state(self) -> None:
        found = counted(days(5), date(2026, 5, 4), REFERRAL)
        assert found is not None
        assert (found.by_referral, found.left) == (False, 10)

    def test_says_that_it_is_over_where_no_rule_holds(self) -> None:
        found = counted(days(5), date(2026, 5, 4), REFERRAL, state="")
        assert found is not None
        assert (found.by_referral, found.is_over, found.until) == (True, True, REFERRAL.ends)
        assert counted([], date(2026, 2, 1), REFERRAL, state="") is None
