"""What is ticked and what an address says, as the waitlist's pages read them."""

from datetime import UTC, datetime

import pytest

from clinic.scheduling.forms.waitlist import windows_of_parts
from clinic.scheduling.rules.waitlist import Window
from clinic.scheduling.rules.waitlist_queue import (
    Show,
    place_text,
    queue_query,
    read_place,
    read_show,
)


class TestWindowsOfParts:
    @pytest.mark.parametrize(
        ("ticked", "windows"),
        [
            ([], ()),
            (["morning"], (Window(0, 720),)),
            (["evening", "morning"], (Window(0, 720), Window(1020, 1440))),
            (["afternoon", "morning"], (Window(0, 1020),)),
            (["morning", "afternoon", "evening"], ()),
            (["noon", "morning", "morning"], (Window(0, 720),)),
        ],
    )
    def test_joins_neighbours_and_takes_all_for_any(
        self, ticked: list[str], windows: tuple[Window, ...]
    ) -> None:
        assert windows_of_parts(ticked) == windows


class TestAddress:
    def test_of_a_place_leads_back_to_it(self) -> None:
        place = (datetime(2026, 3, 2, 15, 0, 0, 7, tzinfo=UTC), 42)
        assert read_place(place_text(place)) == place

    @pytest.mark.parametrize("text", ["", "1", "1.2.3", "x.1", "1.", "9" * 18 + ".1"])
    def test_that_is_none_begins_at_the_beginning(self, text: str) -> None:
        assert read_place(text) is None

    def test_names_the_part_and_the_service(self) -> None:
        assert queue_query(Show.WAITING, None) == ""
        assert (
            queue_query(Show.CLOSED, "eval", after="1.2") == "?show=closed&service=eval&after=1.2"
        )
        assert [read_show(text) for text in ("offered", "", "all")] == [
            Show.OFFERED,
            Show.WAITING,
            Show.WAITING,
        ]
