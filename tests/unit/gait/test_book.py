"""Money by week."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clinic.gait.rules.book import Entry, by_week

MONDAY = date(2026, 3, 2)
KINDS = ("payment", "refund", "refund-returned", "dispute", "dispute-returned")


class TestByWeek:
    def test_has_every_week_and_each_entry_in_its_own(self) -> None:
        entries = [
            Entry(MONDAY, "payment", 42_000),
            Entry(MONDAY + timedelta(days=6), "refund", -5_000),
            Entry(MONDAY + timedelta(days=7), "dispute", -42_000),
            Entry(MONDAY + timedelta(days=21), "payment", 1),
        ]
        found = by_week(entries, first=MONDAY, weeks=3)
        assert [(one.sales, one.refunds, one.disputes) for one in found] == [
            (42_000, -5_000, 0),
            (0, 0, -42_000),
            (0, 0, 0),
        ]
        assert [one.net for one in found] == [37_000, -42_000, 0]

    @given(
        st.lists(
            st.tuples(st.integers(0, 83), st.sampled_from(KINDS), st.integers(-(10**7), 10**7))
        )
    )
    def test_loses_no_cent(self, moved: list[tuple[int, str, int]]) -> None:
        entries = [Entry(MONDAY + timedelta(days=day), kind, cents) for day, kind, cents in moved]
        found = by_week(entries, first=MONDAY, weeks=12)
        assert sum(one.net for one in found) == sum(cents for _, _, cents in moved)
