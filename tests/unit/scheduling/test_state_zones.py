"""By which clocks people live."""

from zoneinfo import ZoneInfo

import pytest

from clinic.scheduling.rules.state_zones import clocks_of
from clinic.scheduling.rules.states import STATES


class TestClocksOf:
    @pytest.mark.parametrize("state", STATES)
    def test_knows_every_state_and_every_clock(self, state: str) -> None:
        assert [ZoneInfo(zone).key for zone in clocks_of(state)] != []

    def test_names_the_clock_of_most_people_first(self) -> None:
        assert clocks_of("CA") == ("America/Los_Angeles",)
        assert clocks_of("TX") == ("America/Chicago", "America/Denver")
        assert clocks_of("AZ") == ("America/Phoenix",)

    def test_knows_no_clock_of_another_place(self) -> None:
        assert clocks_of("XX") == clocks_of(None) == ()
