"""Plans of care through the API."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.interop.conftest import UNKNOWN, Api, cancel, patient, refused

At = Callable[[str], None]


def plan(**more: Any) -> dict[str, Any]:
    """A plan of four Tuesdays from 24 February over the change of clocks."""
    return {
        "service": "eval",
        "practitioner": "osei",
        "starts_at": "2026-02-24T15:00:00Z",
        "patient": patient(),
        "rule": {"weekly": ["tue"], "count": 4},
        "on_conflict": "none",
        **more,
    }


class TestSeries:
    PATH = "/appointments/series"

    @pytest.fixture(autouse=True)
    def february(self, api: Api, at: At) -> None:
        at("2026-02-23T15:00:00Z")

    def test_d4_keeps_its_wall_time_over_the_change(self, api: Api) -> None:
        answer = api.post(self.PATH, plan(), role="front_desk")
        assert answer.status_code == 201, answer.text
        found = answer.get_json()
        assert [visit["starts_at"][11:16] for visit in found["visits"]] == [
            "15:00",
            "15:00",
            "14:00",
            "14:00",
        ]
        assert [visit["result"] for visit in found["visits"]] == ["booked"] * 4
        assert {visit["local"][11:19] for visit in found["visits"]} == {"10:00:00"}
        assert {visit["appointment"]["series"] for visit in found["visits"]} == {found["series"]}

    def test_previews_without_booking(self, api: Api) -> None:
        api.booked("2026-03-03T15:30:00Z", name="Eve")
        answer = api.post(self.PATH, plan(on_conflict="preview"), role="front_desk")
        found = answer.get_json()
        assert (answer.status_code, found["series"]) == (200, None)
        assert [visit["result"] for visit in found["visits"]] == [
            "free",
            "conflict",
            "free",
            "free",
        ]
        second = found["visits"][1]
        assert (second["n"], second["conflict"], second["appointment"]) == (2, "slot-taken", None)
        assert len(second["alternatives"]) == 5
        listed = api.get("/appointments", role="admin", from_="2026-02-23", to="2026-03-31")
        assert len(listed.get_json()["appointments"]) == 1

    def test_books_all_or_nothing(self, api: Api) -> None:
        api.booked("2026-03-03T15:30:00Z", name="Eve")
        answer = api.post(self.PATH, plan(), role="front_desk", Idempotency_Key="s")
        assert refused(answer) == (409, "series-conflict")
        results = [visit["result"] for visit in answer.get_json()["visits"]]
        assert results == ["free", "conflict", "free", "free"]
        again = api.post(self.PATH, plan(), role="front_desk", Idempotency_Key="s")
        assert again.get_json() == answer.get_json()
        listed = api.get("/appointments", role="admin", from_="2026-02-23", to="2026-03-31")
        assert len(listed.get_json()["appointments"]) == 1

    def test_books_what_is_free(self, api: Api) -> None:
        api.booked("2026-03-03T15:30:00Z", name="Eve")
        answer = api.post(self.PATH, plan(on_conflict="free"), role="front_desk")
        assert answer.status_code == 201
        results = [visit["result"] for visit in answer.get_json()["visits"]]
        assert results == ["booked", "conflict", "booked", "booked"]

    def test_s2_cancels_one_or_the_rest(self, api: Api) -> None:
        found = api.post(self.PATH, plan(), role="front_desk").get_json()
        second = found["visits"][1]["appointment"]
        cancel(api, second)
        answer = api.post(f"/series/{found['series']}/cancel", {"from_visit": 4}, role="front_desk")
        statuses = [visit["appointment"]["status"] for visit in answer.get_json()["visits"]]
        assert statuses == ["booked", "cancelled", "booked", "cancelled"]
        beyond = api.post(f"/series/{found['series']}/cancel", {"from_visit": 5}, role="front_desk")
        assert refused(beyond) == (422, "invalid")
        assert beyond.get_json()["errors"] == {"from_visit": ["This series has 4 visits."]}

    def test_moves_the_rest(self, api: Api) -> None:
        series = api.post(self.PATH, plan(), role="front_desk").get_json()["series"]
        answer = api.patch(f"/series/{series}", {"from_visit": 3, "local_time": "13:30"})
        found = [visit["local"][11:16] for visit in answer.get_json()["visits"]]
        assert found == ["10:00", "10:00", "13:30", "13:30"]

    def test_names_what_is_wrong(self, api: Api) -> None:
        cases: list[tuple[Any, Any]] = [
            ({"practitioner": None}, {"practitioner"}),
            ({"practitioner": "x"}, {"practitioner"}),
            ({"rule": None}, {"rule"}),
            ({"rule": []}, {"rule"}),
            ({"rule": {}}, {"rule.weekly", "rule.count"}),
            ({"rule": {"weekly": [], "count": 1}}, {"rule.weekly"}),
            ({"rule": {"weekly": ["someday"], "count": 1}}, {"rule.weekly"}),
            ({"rule": {"weekly": "tue", "count": 1}}, {"rule.weekly"}),
            ({"rule": {"weekly": ["tue", "tue"], "count": 1}}, {"rule.weekly"}),
            ({"rule": {"weekly": ["tue"], "count": 0}}, {"rule.count"}),
            ({"rule": {"weekly": ["tue"], "count": 61}}, {"rule.count"}),
            ({"rule": {"weekly": ["tue"], "count": 10**400}}, {"rule.count"}),
            ({"rule": {"weekly": ["tue"], "count": True}}, {"rule.count"}),
            ({"rule": {"weekly": ["tue"], "count": 2.0}}, {"rule.count"}),
            ({"rule": {"weekly": ["tue"], "count": "4"}}, {"rule.count"}),
            ({"rule": {"weekly": ["tue"], "count": 1, "until": "x"}}, {"rule.until"}),
            ({"on_conflict": None}, {"on_conflict"}),
            ({"on_conflict": "all"}, {"on_conflict"}),
            ({"patient": patient(birth_date="x")}, {"patient.birth_date"}),
            ({"starts_at": "tuesday"}, {"starts_at"}),
        ]
        for change, named in cases:
            answer = api.post(self.PATH, plan(**change), role="front_desk")
            assert refused(answer) == (422, "invalid")
            assert set(answer.get_json()["errors"]) == named

    def test_refuses_a_wrong_change(self, api: Api) -> None:
        for body in [
            {"from_visit": 0},
            {"from_visit": "1"},
            {"from_visit": True},
            {"local_time": "24:00"},
            {"local_time": "9:00"},
            {"local_time": 900},
            {"practitioner": "x"},
            {"starts_at": "2026-03-03T15:00:00Z"},
            [],
        ]:
            assert refused(api.patch(f"/series/{UNKNOWN}", body)) == (422, "invalid")

    def test_is_not_found_under_another_id(self, api: Api) -> None:
        for ident in (UNKNOWN, "x", "%00"):
            cancel = api.call("POST", f"/series/{ident}/cancel", role="front_desk")
            assert refused(cancel) == (404, "not-found")
            assert refused(api.patch(f"/series/{ident}", {})) == (404, "not-found")
