"""What a change of configuration takes from a booked visit."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from clinic.setup.rules.as_setting import as_setting
from clinic.setup.rules.stranded import BookedVisit, find_stranded, missing
from tests.unit.setup.sample import WHOLE, changed, read

FRIDAY = datetime(2026, 11, 6, 20, 0, tzinfo=UTC)  # 15:00 in New York, a week that counts


def visit(at: datetime = FRIDAY, minutes: int = 60, state: str | None = None) -> BookedVisit:
    starts = int(at.timestamp())
    return BookedVisit(
        public_id="visit",
        service="evaluation",
        practitioner="osei",
        location="main",
        rooms=("lab", "treadmill"),
        starts=starts,
        ends=starts + minutes * 60,
        patient_state=state,
    )


def telehealth(text: str) -> str:
    return text.replace("minutes = 60", 'minutes = 60\nmodality = "telehealth"')


class TestMissing:
    def test_is_nothing_for_a_visit_inside_the_hours(self) -> None:
        assert missing(visit=visit(), setting=as_setting(file=read(WHOLE))) == ()

    def test_is_the_hours_in_a_week_that_does_not_count(self) -> None:
        # Blocks of seven days from Thursday, January 1: the one from October 29 is the 44th.
        other_week = datetime(2026, 10, 30, 19, 0, tzinfo=UTC)
        assert missing(visit=visit(other_week), setting=as_setting(file=read(WHOLE))) == ("hours",)

    def test_is_nothing_up_to_midnight_at_the_end_and_the_hours_after_it(self) -> None:
        last = datetime(2026, 11, 7, 4, 0, tzinfo=UTC)  # Friday 23:00
        setting = as_setting(file=read(WHOLE))
        assert missing(visit=visit(last), setting=setting) == ()
        assert missing(visit=visit(last, minutes=61), setting=setting) == ("hours",)

    @pytest.mark.parametrize(("state", "lost"), [("NY", ()), ("NJ", ("licence",))])
    def test_is_the_licence_for_telehealth_in_another_state(
        self, state: str, lost: tuple[str, ...]
    ) -> None:
        setting = as_setting(file=read(telehealth(WHOLE)))
        assert missing(visit=visit(state=state), setting=setting) == lost

    def test_is_no_licence_in_person(self) -> None:
        assert missing(visit=visit(state="NJ"), setting=as_setting(file=read(WHOLE))) == ()


class TestFindStranded:
    def test_names_everything_that_a_new_file_takes_away(self) -> None:
        before = read(WHOLE)
        after = replace(before, locations=(), resources=(), services=(), practitioners=())
        (found,) = find_stranded(visits=[visit()], before=before, after=after)
        assert found.lost == ("service", "location", "practitioner", "resources")

    def test_leaves_out_what_a_visit_never_had(self) -> None:
        sunday = visit(datetime(2026, 11, 8, 20, 0, tzinfo=UTC))
        before = read(WHOLE)
        after = read(changed('days = ["mon", "fri"]', 'days = ["mon"]'))
        assert find_stranded(visits=[sunday], before=before, after=after) == ()
        (found,) = find_stranded(visits=[visit()], before=before, after=after)
        assert found.lost == ("hours",)

    def test_names_a_licence_that_lapses(self) -> None:
        before = read(telehealth(WHOLE))
        after = read(telehealth(changed("valid_to = 2029-12-31", "valid_to = 2026-11-05")))
        (found,) = find_stranded(visits=[visit(state="NY")], before=before, after=after)
        assert found.lost == ("licence",)
