"""Choosing what and when: services, the week, its reasons and its ways around."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests.support.page_client import PageClient
from tests.support.page_clinic import (
    CLINIC,
    book,
    counted_queries,
    day_text,
    load,
    local,
    slot_value,
    slots_on,
)

MOST_BYTES = 40 * 1024
LONG_TEXT = "x" * 10_000


class TestServices:
    def test_are_grouped_with_minutes_price_and_next_free_time(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = pages.get("/book")
        assert page.h1 == "Book a visit"
        assert "Evaluation60 minutes Next free: Mon, Mar 2, 12:00 PM$200" in page.text
        for words in ("At the clinic", "By video", "Booked by phone", "Call us to book it."):
            assert words in page.text
        assert "/book/surgery" not in page.links()

    def test_say_so_when_there_are_none(
        self, app: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        head = CLINIC.partition("[[services]]")[0]
        with app.app_context():
            load(head)
        assert "Nothing can be booked here yet" in pages.get("/book").text

    def test_that_do_not_exist_are_not_found(self, clinic: Flask, pages: PageClient) -> None:
        pages.get("/book/massage", status=404)
        pages.get("/book/%00", status=404)


class TestServiceByPhone:
    def test_shows_the_number_instead_of_times(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/book/surgery")
        assert "booked by phone" in page.text
        assert "tel:+12125550100" in page.links()
        assert slots_on(page) == []

    def test_holds_nothing_when_a_time_is_posted(self, clinic: Flask, pages: PageClient) -> None:
        token = pages.get("/book/eval").form("/book/eval").values["csrf_token"]
        slot = slot_value("2026-03-03 10:00", "okafor")
        page = pages.post("/book/surgery", {"csrf_token": token, "slot": slot})
        assert "please call us" in page.h1
        page = pages.post("/book/screened", {"csrf_token": token, "slot": slot})
        assert page.path == "/intake/questions?then=/book/screened"


class TestVideoVisit:
    def test_asks_for_the_state_first(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/book/video")
        assert page.h1 == "Where will you be?"
        assert slots_on(page) == []
        page = pages.get("/book/video?state=NY")
        assert slots_on(page)
        assert "(Eastern Time). Where you are, your own clock may show another time." in page.text

    def test_says_what_is_missing(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/book/video?state=", status=422)
        assert page.title.startswith("Error: Where")
        assert "#state" in page.links()

    def test_says_that_nobody_has_a_licence_there(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/book/video?state=TX&week=2026-03-02")
        assert "Nobody here may treat patients in Texas." in day_text(page, "2026-03-03")


class TestWeek:
    @pytest.mark.parametrize(
        ("query", "day", "reason"),
        [
            ("week=2026-03-09", "2026-03-10", "Closed: Staff training. Next: Wed, Mar 11, 9:00 AM"),
            ("week=2026-03-02", "2026-03-08", "Nobody works on this day. Next: Mon, Mar 9"),
            (
                "practitioner=okafor&week=2026-03-02",
                "2026-03-06",
                "Dana Okafor does not work here on this day. Miguel Santos is free at 12:00 PM",
            ),
            (
                "practitioner=okafor&week=2026-03-12",
                "2026-03-12",
                "Dana Okafor does not work here on this day. Miguel Santos is free at 12:00 PM",
            ),
            (
                "practitioner=okafor&week=2026-03-02",
                "2026-03-07",
                "Miguel Santos is free at 9:00 AM, Uptown studio",
            ),
            (
                "week=2026-04-01",
                "2026-04-02",
                "Not open yet. It can be booked from Tue, Mar 3 on.",
            ),
            ("week=2026-03-02&part=evening", "2026-03-03", "15 times, at another time of day."),
            ("practitioner=okafor&week=2026-03-02", "2026-03-03", "Dana Okafor is fully booked."),
        ],
    )
    def test_gives_each_empty_day_its_reason_and_what_is_nearest(
        self, clinic: Flask, pages: PageClient, query: str, day: str, reason: str
    ) -> None:
        if "fully" in reason:
            with clinic.app_context():
                for who, hour in enumerate(range(9, 17)):
                    book(f"2026-03-03 {hour:02}:00", who=who)
        page = pages.get(f"/book/eval?{query}")
        assert reason in day_text(page, day)

    def test_tells_past_days_and_those_that_are_too_soon(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(local("2026-03-03 15:30"))
        page = pages.get("/book/eval?practitioner=okafor&week=2026-03-02")
        assert "This day is over." in day_text(page, "2026-03-02")
        assert "Too soon to book online: we need 2 hours." in day_text(page, "2026-03-03")
        set_clock(local("2026-03-03 18:30"))
        page = pages.get("/book/eval?practitioner=okafor&week=2026-03-02")
        assert "No more times today." in day_text(page, "2026-03-03")

    def test_opens_where_the_next_free_time_is(
        self, clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(local("2026-03-06 20:00"))  # a Friday evening
        page = pages.get("/book/eval?practitioner=okafor")
        assert "Next free: Mon, Mar 9, 9:00 AM" in page.text
        assert day_text(page, "2026-03-09").startswith("Mon 9 9:00 AM")

    def test_says_what_comes_next_when_all_of_it_is_empty(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = pages.get("/book/eval?location=uptown&practitioner=okafor&week=2026-03-02")
        assert "No free times in this week." in page.text
        assert "Call us" in page.text

    def test_is_bounded_by_today_and_the_horizon(self, clinic: Flask, pages: PageClient) -> None:
        first = pages.get("/book/eval?week=2020-01-01")
        assert "Mar 2" in first.text
        assert "Earlier" not in first.text
        last = pages.get("/book/eval?week=2030-01-01")
        assert "Mar 30" in last.text
        assert "Later" not in last.text

    def test_shows_one_button_for_a_time_that_several_have(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        page = pages.get("/book/eval?week=2026-03-09")
        assert day_text(page, "2026-03-09").count("1:00 PM") == 1
        assert slot_value("2026-03-09 13:00", "", "main") in slots_on(page)

    def test_tells_the_two_passes_of_a_doubled_hour_apart(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        words = day_text(pages.get("/book/night?week=2026-10-26"), "2026-11-01")
        assert "1:00 AM EDT 1:30 AM EDT 1:00 AM EST 1:30 AM EST 2:00 AM" in words

    def test_says_whose_clock_its_times_are_of(self, clinic: Flask, pages: PageClient) -> None:
        page = pages.get("/book/eval")
        assert "All times are clinic time: New York (Eastern Time)." in page.text

    @pytest.mark.parametrize(
        "query",
        [
            "week=2026-02-30",
            "week=20000-01-01",
            "week=0001-01-01",
            "week=9999-12-31",
            f"week={LONG_TEXT}",
            "practitioner=%00&location=%F0%9F%98%80&part=%E2%80%AEx",
            "practitioner=nobody&practitioner=okafor&unknown=1",
            "day=2026-03-03&part=never",
            "week[]=1&week=",
        ],
    )
    def test_takes_any_address(self, clinic: Flask, pages: PageClient, query: str) -> None:
        assert pages.get(f"/book/eval?{query}").h1 == "Choose a time"

    def test_costs_as_many_queries_whatever_is_booked(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        pages.get("/book/eval?week=2026-03-02")
        with counted_queries(clinic) as few:
            pages.get("/book/eval?week=2026-03-02")
        with clinic.app_context():
            for day in (3, 4, 5):
                for who, hour in enumerate(range(9, 17)):
                    book(f"2026-03-{day:02} {hour:02}:00", who=who + 10 * day)
        with counted_queries(clinic) as many:
            pages.get("/book/eval?week=2026-03-02")
        assert len(few) == len(many) <= 8, many


class TestSize:
    def test_is_at_most_forty_kilobytes_over_the_wire(
        self, app: Flask, pages: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        full = CLINIC.replace("grid_minutes = 30", "grid_minutes = 5").replace(
            'days = ["mon", "tue", "wed", "thu"]\nfrom = "09:00"\nto = "17:00"',
            'days = ["mon","tue","wed","thu","fri","sat","sun"]\nfrom = "06:00"\nto = "22:00"',
        )
        with app.app_context():
            load(full)
        set_clock(local("2026-03-01 10:00"))
        for query in ("week=2026-03-02", "week=2026-03-02&day=2026-03-03"):
            page = pages.get(f"/book/eval?{query}")
            assert len(slots_on(page)) > 60
            assert "more" in page.text
            assert len(page.html.encode()) + loaded_bytes(pages) <= MOST_BYTES


def loaded_bytes(pages: PageClient) -> int:
    """What the page's styles, scripts and pictures weigh, packed as browsers get them."""
    tree, total = pages.page.tree, 0
    links = [
        e.attrib["href"] for e in tree.iter("link") if e.attrib.get("rel") in {"stylesheet", "icon"}
    ]
    sources = [e.attrib["src"] for e in (*tree.iter("script"), *tree.iter("img"))]
    for address in (*links, *sources):
        answer = pages.client.get(address, headers={"Accept-Encoding": "gzip"})
        total += len(answer.get_data())
    return total
