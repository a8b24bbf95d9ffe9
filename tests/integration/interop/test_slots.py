"""Times that the API offers, by the cases from the field."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from clinic.core.db import db
from tests.integration.interop.conftest import CLINIC, Api

At = Callable[[str], None]
DAY = "2026-03-03"


def with_service(**changes: object) -> str:
    """The clinic with other values for evaluations."""
    lines = "".join(f"{name} = {value}\n" for name, value in changes.items())
    return CLINIC.replace('slug = "eval"\n', f'slug = "eval"\n{lines}')


def with_osei(text: str) -> str:
    """The clinic with more about Osei."""
    return CLINIC.replace(
        '[[practitioners]]\nslug = "quist"', f'{text}\n[[practitioners]]\nslug = "quist"'
    )


def clocks(starts: list[str]) -> list[str]:
    return [start[11:16] for start in starts]


class TestListing:
    def test_says_zone_slots_and_what_comes_after(self, api: Api) -> None:
        answer = api.get("/slots", service="eval", practitioner="osei", from_=DAY, to=DAY)
        found = answer.get_json()
        assert set(found) == {"time_zone", "slots", "reason", "next_available"}
        assert (found["time_zone"], found["reason"]) == ("America/New_York", None)
        assert found["slots"][0] == {
            "starts_at": "2026-03-03T14:00:00Z",
            "ends_at": "2026-03-03T15:00:00Z",
            "local": "2026-03-03T09:00:00-05:00",
            "practitioner": "osei",
            "location": "main",
            "time_zone": "America/New_York",
        }
        assert found["next_available"]["local"] == "2026-03-04T09:00:00-05:00"
        assert answer.headers["Cache-Control"] == "no-store"

    def test_orders_by_start_then_practitioner(self, api: Api) -> None:
        found = api.get("/slots", service="eval", from_=DAY, to="2026-03-06").get_json()["slots"]
        keys = [(slot["starts_at"], slot["practitioner"]) for slot in found]
        assert keys == sorted(keys)
        assert {slot["practitioner"] for slot in found} == {"osei", "quist"}

    def test_answers_the_same_from_memory(self, api: Api) -> None:
        asked = {"service": "eval", "from_": DAY, "to": "2026-03-20"}
        assert api.get("/slots", **asked).data == api.get("/slots", **asked).data

    def test_forgets_what_another_set_up_offered(self, api: Api) -> None:
        assert api.starts(DAY)[0].startswith("2026-03-03T09:00")
        api.load(CLINIC.replace('time_zone = "America/New_York"', 'time_zone = "America/Chicago"'))
        assert api.starts(DAY)[0] == "2026-03-03T09:00:00-06:00"

    @pytest.mark.parametrize("days", [1, 31, 62])
    @pytest.mark.parametrize("service", ["eval", "class", "gait"])
    def test_asks_the_database_at_most_five_times(self, api: Api, days: int, service: str) -> None:
        to = (date(2026, 3, 2) + timedelta(days=days - 1)).isoformat()
        api.booked(service=service)
        api.starts("2026-03-02", to, service=service)
        asked: list[str] = []

        def count(_c: Any, _cu: Any, statement: str, *_rest: Any) -> None:
            asked.append(statement)

        with api.app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", count)
        try:
            api.starts("2026-03-02", to, service=service, practitioner="osei")
        finally:
            event.remove(engine, "before_cursor_execute", count)
        assert 1 <= len(asked) <= 5, asked


class TestReasons:
    def reason(self, api: Api, **asked: str) -> Any:
        found = api.get("/slots", **{"service": "eval", "from_": DAY, "to": DAY, **asked})
        assert found.status_code == 200, found.text
        assert found.get_json()["slots"] == []
        return found.get_json()["reason"]

    def test_not_offered(self, api: Api) -> None:
        assert self.reason(api, service="gait", practitioner="reyes") == "not-offered"
        assert self.reason(api, service="inside") == "not-offered"
        assert self.reason(api, service="video", state="CA") == "not-offered"
        assert self.reason(api, service="video", state="VT") == "not-offered"

    def test_too_far(self, api: Api) -> None:
        assert self.reason(api, from_="2026-05-02", to="2026-05-30") == "too-far"
        assert self.reason(api, from_="9989-12-01", to="9989-12-31") == "too-far"

    def test_too_soon(self, api: Api) -> None:
        assert self.reason(api, from_="2026-02-02", to="2026-03-01") == "too-soon"
        assert self.reason(api, from_="1900-01-01", to="1900-01-31") == "too-soon"

    def test_closed(self, api: Api) -> None:
        assert self.reason(api, from_="2026-03-07", to="2026-03-08") == "closed"

    def test_full(self, api: Api) -> None:
        for hour in range(14, 22):
            api.booked(f"2026-03-03T{hour}:00:00Z", name=f"P{hour}")
        assert self.reason(api, practitioner="osei") == "full"

    def test_lifts_online_for_staff(self, api: Api) -> None:
        assert api.starts(DAY, service="inside", role="front_desk")

    def test_offers_telehealth_by_licence(self, api: Api) -> None:
        assert api.starts(DAY, service="video", state="NY")


class TestRefusals:
    def test_names_what_is_wrong(self, api: Api) -> None:
        for query, named in [
            ("", {"service", "from", "to"}),
            ("service=&from=&to=", {"service", "from", "to"}),
            ("service=x&from=2026-03-03&to=2026-03-03", {"service"}),
            ("service=eval&from=2026-03-03&to=2026-03-03&practitioner=x", {"practitioner"}),
            ("service=eval&from=2026-03-03&to=2026-03-03&location=x", {"location"}),
            ("service=eval&from=2026-02-30&to=2026-03-03", {"from"}),
            ("service=eval&from=20000-01-01&to=20000-01-01", {"from", "to"}),
            ("service=eval&from=0000-01-01&to=0001-01-01", {"from", "to"}),
            ("service=eval&from=9999-12-31&to=9999-12-31", {"from", "to"}),
            ("service=eval&from=20260303&to=2026-W10-2", {"from", "to"}),
            ("service=eval&from=2026-03-03T00:00&to=%D9%A2026-03-03", {"from", "to"}),
            ("service=eval&from=2026-03-04&to=2026-03-03", {"to"}),
            ("service=eval&from=2026-03-03&to=2026-05-04", {"to"}),
            ("service=eval&service=fu&from=2026-03-03&to=2026-03-03", {"service"}),
            ("service=eval&from=2026-03-03&to=2026-03-03&days=3", {"days"}),
            ("service=video&from=2026-03-03&to=2026-03-03", {"state"}),
            ("service=video&from=2026-03-03&to=2026-03-03&state=New%20York", {"state"}),
            ("service=video&from=2026-03-03&to=2026-03-03&state=ny", {"state"}),
            ("service=video&from=2026-03-03&to=2026-03-03&state=XX", {"state"}),
            ("service=%00&from=%FF&to=%F0%9F%98%80", {"service", "from", "to"}),
            (f"service={'x' * 10_000}&from=2026-03-03&to=2026-03-03", {"service"}),
            ("service=%D7%90%E2%80%AE&from=2026-03-03&to=2026-03-03", {"service"}),
        ]:
            answer = api.call("GET", f"/slots?{query}")
            assert answer.status_code == 422, answer.text
            found = answer.get_json()
            assert (found["type"].rpartition("/")[2], found["status"]) == ("invalid", 422)
            assert set(found["errors"]) == named

    def test_takes_62_days(self, api: Api) -> None:
        assert api.starts(DAY, "2026-05-03")


class TestCases:
    def test_b1_counts_the_buffer_after_the_visit_before(self, api: Api) -> None:
        # No more than what stands between: 08:45-09:15 with 30 minutes after it.
        text = CLINIC.replace('from = "09:00"', 'from = "08:00"')
        text = text.replace('slug = "inside"\n', 'slug = "inside"\nbuffer_after = 30\n')
        api.load(text)
        api.booked("2026-03-03T13:45:00Z", service="inside", role="front_desk")
        found = clocks(api.starts(DAY, service="fu"))
        assert "09:30" not in found
        assert "09:45" in found

    def test_b2_refuses_a_start_inside_a_buffer_whatever_the_page_said(self, api: Api) -> None:
        api.load(with_service(buffer_before=60))
        api.booked("2026-03-03T16:00:00Z", service="fu")
        answer = api.book("2026-03-03T17:00:00Z", name="Eve")
        assert answer.status_code == 409

    def test_b3_is_busy_from_before_to_after_exactly(self, api: Api) -> None:
        api.load(with_service(buffer_before=60, buffer_after=60))
        api.booked("2026-03-03T15:00:00Z")
        found = clocks(api.starts(DAY, service="inside", role="front_desk"))
        assert found[0] == "12:00"

    def test_b5_goes_on_after_the_buffer(self, api: Api) -> None:
        text = with_service(buffer_after=5, grid_minutes=5)
        api.load(
            text.replace('name = "First evaluation"\nminutes = 60', 'name = "E"\nminutes = 20')
        )
        api.booked("2026-03-03T15:00:00Z")
        found = clocks(api.starts(DAY))
        assert "10:20" not in found
        assert "10:25" in found

    def test_b8_ends_with_the_hours(self, api: Api) -> None:
        assert clocks(api.starts(DAY, service="fu"))[-1] == "16:15"
        late = "2026-03-03T21:30:00Z"
        refused = api.book(late, service="fu")
        assert (refused.status_code, refused.get_json()["type"]) == (422, "/problems/not-offered")
        assert api.book(late, service="fu", role="front_desk").status_code == 422
        allowed = api.book(late, service="fu", role="front_desk", override={"reason": "in pain"})
        assert allowed.status_code == 201

    def test_b10_holds_the_public_to_the_notice_and_staff_not(self, api: Api) -> None:
        api.load(with_service(min_notice_hours=24))
        refused = api.book("2026-03-02T17:00:00Z")
        assert (refused.status_code, refused.get_json()["type"]) == (422, "/problems/too-soon")
        assert api.book("2026-03-02T17:00:00Z", role="front_desk").status_code == 201
        assert api.book("2026-03-03T15:00:00Z", name="Eve").status_code == 201

    def test_b11_offers_nothing_past(self, api: Api, at: At) -> None:
        at("2026-03-03T16:07:00Z")
        assert clocks(api.starts(DAY))[0] == "11:15"

    def test_b13_counts_seats_of_each_class(self, api: Api) -> None:
        for name in ("Ada", "Eve"):
            api.booked("2026-03-03T14:00:00Z", service="class", name=name)
        found = clocks(api.starts(DAY, service="class"))
        assert "09:00" not in found
        assert "10:00" in found

    def test_b14_offers_a_day_without_any_visit(self, api: Api) -> None:
        assert len(api.starts("2026-03-11")) == 29

    def test_b15_knows_days_off_and_days_on(self, api: Api) -> None:
        off = "[[practitioners.exceptions]]\ndate = 2026-03-04\nhours = []\n"
        on = (
            "[[practitioners.exceptions]]\ndate = 2026-03-07\n"
            'hours = [["10:00", "12:00"]]\nlocation = "main"\n'
        )
        api.load(with_osei(off + on))
        assert api.starts("2026-03-04") == []
        assert clocks(api.starts("2026-03-07"))[0] == "10:00"
        assert api.book("2026-03-07T15:00:00Z").status_code == 201

    def test_b16_books_hours_outside_the_usual_ones(self, api: Api) -> None:
        text = (
            "[[practitioners.exceptions]]\ndate = 2026-03-03\n"
            'hours = [["20:00", "22:00"]]\nlocation = "main"\n'
        )
        api.load(with_osei(text))
        assert clocks(api.starts(DAY)) == ["20:00", "20:15", "20:30", "20:45", "21:00"]
        assert api.book("2026-03-04T01:00:00Z").status_code == 201

    def test_d1_keeps_the_afternoon_on_the_day_of_the_change(self, api: Api) -> None:
        text = (
            "[[practitioners.hours]]\ndays = ['sat', 'sun']\n"
            "from = '13:00'\nto = '18:00'\nlocation = 'main'\n"
        )
        api.load(with_osei(text))
        found = api.get(
            "/slots", service="eval", practitioner="osei", from_="2026-03-07", to="2026-03-08"
        ).get_json()["slots"]
        saturday = [slot for slot in found if slot["local"] < "2026-03-08"]
        sunday = [slot for slot in found if slot["local"] > "2026-03-08"]
        assert saturday[0]["starts_at"] == "2026-03-07T18:00:00Z"
        assert saturday[-1]["ends_at"] == "2026-03-07T23:00:00Z"
        assert sunday[0]["local"] == "2026-03-08T13:00:00-04:00"
        assert sunday[0]["starts_at"] == "2026-03-08T17:00:00Z"
        assert sunday[-1]["ends_at"] == "2026-03-08T22:00:00Z"

    def test_d2_books_after_the_clocks_went_back(self, api: Api, at: At) -> None:
        at("2026-10-26T12:00:00Z")
        found = api.get(
            "/slots", service="eval", practitioner="osei", from_="2026-10-30", to="2026-11-02"
        ).get_json()["slots"]
        starts = [slot["starts_at"] for slot in found]
        assert starts[0] == "2026-10-30T13:00:00Z"
        monday = next(start for start in starts if start > "2026-11-01")
        assert monday == "2026-11-02T14:00:00Z"
        assert api.book(monday).status_code == 201

    def test_d7_lasts_its_elapsed_minutes(self, api: Api, at: At) -> None:
        at("2026-10-26T12:00:00Z")
        text = (
            "[[practitioners.hours]]\ndays = ['sun']\nfrom = '00:00'\nto = '03:00'\n"
            "location = 'main'\n"
        )
        api.load(with_osei(text))
        found = api.starts("2026-11-01")
        assert found[4:10:4] == ["2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00"]
        visit = api.booked("2026-11-01T05:30:00Z")
        assert (visit["starts_at"], visit["ends_at"]) == (
            "2026-11-01T05:30:00Z",
            "2026-11-01T06:30:00Z",
        )
        assert visit["local"] == "2026-11-01T01:30:00-04:00"

    def test_d10_tells_the_clinics_date_and_the_instant(self, api: Api, at: At) -> None:
        at("2026-12-10T00:00:00Z")
        api.load(CLINIC.replace("America/New_York", "Australia/Melbourne"))
        visit = api.booked("2026-12-16T23:00:00Z")
        assert visit["local"] == "2026-12-17T10:00:00+11:00"

    def test_d14_takes_today_from_the_clinics_wall(self, api: Api, at: At) -> None:
        text = CLINIC.replace("America/New_York", "America/Los_Angeles")
        api.load(text.replace('to = "17:00"', 'to = "20:00"'))
        at("2026-03-04T01:30:00Z")  # Tuesday 17:30 in Los Angeles
        assert clocks(api.starts("2026-03-03"))[0] == "17:30"


class TestPromise:
    def test_books_whatever_was_offered(self, api: Api) -> None:
        api.load(with_service(buffer_before=10, buffer_after=20, min_notice_hours=1.5))
        taken = 0
        while found := api.get(
            "/slots", service="eval", from_="2026-03-02", to="2026-03-03"
        ).get_json()["slots"]:
            slot = found[taken * 7 % len(found)]
            taken += 1
            visit = api.booked(
                slot["starts_at"], practitioner=slot["practitioner"], name=f"Guest{taken}"
            )
            assert visit["ends_at"] == slot["ends_at"]
        assert taken > 10
