"""Visit requests: which step leads where, which times may be asked for, when an answer is due."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.core.values import Interval
from clinic.people.rules.names import Unusable, clean_lines
from clinic.scheduling.rules.request_queue import Place, queue_place_text, read_queue_place
from clinic.scheduling.rules.requests import (
    RequestAction,
    RequestStatus,
    TimeFault,
    answer_due,
    can_take,
    fault_of_time,
    part_of,
    time_of,
)
from clinic.scheduling.rules.setting import Closure, Policy, Setting
from clinic.scheduling.rules.week_view import Part
from tests.unit.scheduling.builders import NEW_YORK, clinic

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # Monday, 10:00 in New York
HOUR = timedelta(hours=1)


def due(setting: Setting, received: datetime) -> datetime:
    return datetime.fromtimestamp(
        answer_due(setting=setting, received=int(received.timestamp())), UTC
    )


class TestCanTake:
    @pytest.mark.parametrize("status", list(RequestStatus))
    @pytest.mark.parametrize("action", list(RequestAction))
    def test_follows_the_table(self, status: RequestStatus, action: RequestAction) -> None:
        wanted = {"requested", "answered", "offered"}
        if action is RequestAction.REOPEN:
            wanted = {"declined"}
        elif action in {RequestAction.CHOOSE, RequestAction.LAPSE, RequestAction.RETRACT}:
            wanted = {"offered"}
        assert can_take(status=status, action=action) is (status in wanted)

    @pytest.mark.parametrize("status", list(RequestStatus))
    def test_reopens_what_was_scheduled_once_its_visit_is_cancelled(
        self, status: RequestStatus
    ) -> None:
        can = can_take(status=status, action=RequestAction.REOPEN, is_visit_cancelled=True)
        assert can is (status in {"declined", "scheduled"})


class TestAnswerDue:
    def test_is_the_end_of_the_same_working_day(self) -> None:
        assert due(clinic(), NOW) == datetime(2026, 3, 2, 22, 0, tzinfo=UTC)

    def test_is_the_next_day_when_less_than_two_hours_are_left(self) -> None:
        last_call = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)
        assert due(clinic(), last_call) == datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
        late = last_call + timedelta(seconds=1)
        assert due(clinic(), late) == datetime(2026, 3, 3, 22, 0, tzinfo=UTC)

    def test_passes_over_weekends_and_closures(self) -> None:
        friday_evening = datetime(2026, 3, 6, 23, 0, tzinfo=UTC)
        closed = clinic(closures=[Closure(date(2026, 3, 9), "Training")])
        # and over the clock change of March 8
        assert due(closed, friday_evening) == datetime(2026, 3, 10, 21, 0, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("hours", "received", "answered"),
        [
            (2, "2026-03-02 15:00", "2026-03-02 17:00"),
            (4, "2026-03-02 20:00", "2026-03-03 16:00"),
            (4, "2026-03-06 23:00", "2026-03-09 17:00"),
            (20, "2026-03-02 15:00", "2026-03-04 19:00"),
        ],
    )
    def test_is_so_many_open_hours_later_where_policy_says_so(
        self, hours: int, received: str, answered: str
    ) -> None:
        policy = Policy(request_answer_hours=hours)
        setting = replace(clinic(), policy=policy)
        at, wanted = (datetime.fromisoformat(f"{one}+00:00") for one in (received, answered))
        assert due(setting, at) == wanted

    def test_is_sooner_for_what_is_urgent(self) -> None:
        received = int(NOW.timestamp())
        answers = [
            answer_due(setting=clinic(), received=received, urgency=one) for one in (1, 2, 3)
        ]
        assert [(at - received) // 60 for at in answers] == [60, 240, 420]

    def test_is_two_days_later_where_nothing_is_known(self) -> None:
        closures = [Closure(date(2026, 3, 1) + timedelta(days=n), "Moving") for n in range(60)]
        assert due(clinic(closures=closures), NOW) == NOW + timedelta(days=2)


class TestFaultOfTime:
    @pytest.mark.parametrize(
        ("begins", "lasts", "fault"),
        [
            (-2 * HOUR, HOUR, TimeFault.PAST),
            (-HOUR, HOUR, TimeFault.PAST),
            (-HOUR, HOUR + timedelta(seconds=1), None),
            (HOUR, HOUR, None),
            (timedelta(days=366), HOUR, TimeFault.TOO_FAR),
            (HOUR, timedelta(days=400), TimeFault.TOO_FAR),
            (timedelta(days=3, hours=1), HOUR, TimeFault.OVERLAPS),
            (timedelta(days=3, hours=2), HOUR, None),
        ],
    )
    def test_names_what_is_wrong(
        self, begins: timedelta, lasts: timedelta, fault: TimeFault | None
    ) -> None:
        before = [Interval(NOW + timedelta(days=3), NOW + timedelta(days=3, hours=2))]
        asked = Interval(NOW + begins, NOW + begins + lasts)
        assert fault_of_time(time=asked, before=before, now=NOW) is fault


class TestPartOf:
    @pytest.mark.parametrize("part", [None, *Part])
    @pytest.mark.parametrize("day", [date(2026, 3, 8), date(2026, 11, 1), date(2026, 7, 4)])
    def test_reads_back_what_was_written(self, day: date, part: Part | None) -> None:
        time = time_of(day=day, part=part, zone=NEW_YORK)
        assert time is not None
        assert part_of(time=time, zone=NEW_YORK) == (day, part)

    def test_knows_no_part_that_is_an_hour(self) -> None:
        assert part_of(time=Interval(NOW, NOW + HOUR), zone=NEW_YORK) is None


class TestPlace:
    def test_reads_back_what_was_written(self) -> None:
        place = Place(2, NOW + timedelta(microseconds=7), 42)
        assert read_queue_place(queue_place_text(place)) == place

    @pytest.mark.parametrize(
        "text", ["", "x", "1", "-1-1", "1-1-x", "1-" + "9" * 18 + "-1", "1-1-1 ", "4-1-1"]
    )
    def test_is_the_beginning_for_any_other_word(self, text: str) -> None:
        assert read_queue_place(text) is None


class TestCleanLines:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("a\r\nb\rc\n\n\n\nd", "a\nb\nc\n\nd"),
            (" \t a \u200b b \n ", "a b"),
            ("\r\n \t", ""),
        ],
    )
    def test_tidies_each_line(self, typed: str, kept: str) -> None:
        assert clean_lines(typed, longest=20) == kept

    @pytest.mark.parametrize("typed", ["x" * 21, "a\x00b", "a\x1bb", "a\u2028b"])
    def test_refuses_what_cannot_be_kept(self, typed: str) -> None:
        with pytest.raises(Unusable):
            clean_lines(typed, longest=20)
