"""Which times suit somebody who waits, and how long one is held for them."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.scheduling.rules.waitlist import (
    ENDS_OFFER,
    LEADS_TO,
    LEAST_SECONDS,
    OPEN,
    EntryAction,
    EntryStatus,
    Wants,
    Window,
    can_take,
    days_mask,
    days_of,
    offer_ends,
    on_the_wall,
    suits,
    texts_from,
    window_faults,
)

ZONE = "America/New_York"
TUESDAY = date(2026, 3, 3)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).timestamp())


def wants(**changes: Any) -> Wants:
    usual = {"practitioner": None, "location": None, "from_date": TUESDAY, "to_date": TUESDAY}
    return Wants(**{**usual, **changes})


class TestSuits:
    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            ({}, True),
            ({"practitioner": "p"}, True),
            ({"practitioner": "q"}, False),
            ({"location": "main"}, True),
            ({"location": "north"}, False),
            ({"from_date": date(2026, 3, 4), "to_date": date(2026, 3, 9)}, False),
            ({"from_date": date(2026, 3, 1), "to_date": date(2026, 3, 2)}, False),
            ({"days": frozenset({1})}, True),
            ({"days": frozenset({0, 2})}, False),
            ({"windows": (Window(600, 660),)}, True),
            ({"windows": (Window(601, 720),)}, False),
            ({"windows": (Window(540, 659),)}, False),
            ({"windows": (Window(0, 60), Window(540, 720))}, True),
        ],
    )
    def test_asks_for_the_whole_visit(self, changes: Any, expected: bool) -> None:
        time = on_the_wall(
            practitioner="p", location="main", zone=ZONE, start=at("2026-03-03 10:00"), minutes=60
        )
        assert suits(wants=wants(**changes), time=time) is expected

    def test_goes_by_the_wall_on_both_sides_of_a_clock_change(self) -> None:
        nine_to_ten = wants(
            from_date=date(2026, 3, 6), to_date=date(2026, 3, 9), windows=(Window(540, 600),)
        )
        for day in ("2026-03-06", "2026-03-09"):
            time = on_the_wall(
                practitioner="p", location="main", zone=ZONE, start=at(f"{day} 09:00"), minutes=60
            )
            assert suits(wants=nine_to_ten, time=time)


class TestDays:
    @given(st.frozensets(st.integers(0, 6), max_size=6))
    def test_come_back_from_their_bits(self, days: frozenset[int]) -> None:
        assert days_of(days_mask(days)) == days

    def test_are_any_when_all_are_named(self) -> None:
        assert days_of(days_mask(frozenset(range(7)))) == frozenset()


class TestWindowFaults:
    @pytest.mark.parametrize(
        ("windows", "is_fine"),
        [
            ((), True),
            ((Window(540, 600),), True),
            ((Window(0, 1440),), True),
            ((Window(600, 600),), False),
            ((Window(1400, 1441),), False),
            ((Window(540, 599),), False),
            (tuple(Window(n, n + 60) for n in range(7)), False),
        ],
    )
    def test_name_what_can_be_no_time_of_day(self, windows: Any, is_fine: bool) -> None:
        assert (window_faults(windows=windows, minutes=60) is None) is is_fine


class TestOfferEnds:
    @pytest.mark.parametrize(
        ("now", "start", "expected"),
        [
            ("2026-03-02 10:00", "2026-03-05 10:00", "2026-03-02 12:00"),
            # Half of what is left until the visit, at least a quarter of an hour.
            ("2026-03-02 10:00", "2026-03-02 12:00", "2026-03-02 11:00"),
            ("2026-03-02 10:00", "2026-03-02 10:20", "2026-03-02 10:15"),
            ("2026-03-02 10:00", "2026-03-02 10:15", "2026-03-02 10:15"),
            ("2026-03-02 10:00", "2026-03-02 10:14", None),
            # The night does not count.
            ("2026-03-02 21:30", "2026-03-05 10:00", "2026-03-03 08:30"),
            ("2026-03-02 23:00", "2026-03-05 10:00", "2026-03-03 09:00"),
            ("2026-03-03 03:00", "2026-03-05 10:00", "2026-03-03 09:00"),
            ("2026-03-03 03:00", "2026-03-03 09:00", "2026-03-03 06:00"),
            ("2026-03-07 23:00", "2026-03-11 10:00", "2026-03-08 09:00"),
        ],
    )
    def test_leaves_time_to_answer_and_time_for_the_next(
        self, now: str, start: str, expected: str | None
    ) -> None:
        found = offer_ends(now=at(now), start=at(start), minutes=120, zone=ZONE)
        assert found == (at(expected) if expected else None)

    @given(st.integers(0, 400_000), st.integers(LEAST_SECONDS, 9_000_000), st.integers(15, 2880))
    def test_is_always_after_now_and_never_after_the_start(
        self, later: int, until: int, minutes: int
    ) -> None:
        now = at("2026-03-06 00:00") + later
        found = offer_ends(now=now, start=now + until, minutes=minutes, zone=ZONE)
        assert found is not None
        assert now + LEAST_SECONDS <= found <= now + until


class TestTextsFrom:
    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ("2026-03-02 07:00", "2026-03-02 07:00"),
            ("2026-03-02 21:59", "2026-03-02 21:59"),
            ("2026-03-02 22:00", "2026-03-03 07:00"),
            ("2026-03-03 02:00", "2026-03-03 07:00"),
        ],
    )
    def test_wakes_nobody(self, now: str, expected: str) -> None:
        assert texts_from(now=at(now), zone=ZONE) == at(expected)


class TestSteps:
    def test_lead_somewhere_and_only_from_open_entries_but_back_onto_the_list(self) -> None:
        for action in EntryAction:
            assert action in LEADS_TO
            no_offer = {EntryAction.OFFER, EntryAction.RESTORE}
            assert (action in ENDS_OFFER) is (action not in no_offer)
            for status in set(EntryStatus) - OPEN:
                is_back = (status, action) == (EntryStatus.WITHDRAWN, EntryAction.RESTORE)
                assert can_take(status=status, action=action) is is_back

    def test_offer_one_time_at_once(self) -> None:
        assert can_take(status=EntryStatus.WAITING, action=EntryAction.OFFER)
        assert not can_take(status=EntryStatus.OFFERED, action=EntryAction.OFFER)
