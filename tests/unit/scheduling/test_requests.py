"""Visit requests: which step leads where, which times may be asked for, when an answer is due."""

from datetime import UTC, date, datetime, timedelta

import pytest

from clinic.core.values import Interval
from clinic.scheduling.rules.requests import (
    RequestAction,
    RequestStatus,
    TimeFault,
    answer_due,
    can_take,
    fault_of_time,
)
from clinic.scheduling.rules.setting import Closure, Setting
from tests.unit.scheduling.builders import clinic

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
        opening = action is RequestAction.REOPEN
        wanted = {RequestStatus.DECLINED} if opening else {"requested", "answered"}
        assert can_take(status=status, action=action) is (status in wanted)


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
