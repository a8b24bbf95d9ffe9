"""Booking through the API: what comes back, and every refusal in its order."""

from collections.abc import Callable
from typing import Any

from flask import Flask

from tests.integration.interop.conftest import CLINIC, MONDAY, TUESDAY_10, Api, patient, refused

At = Callable[[str], None]
ANSWER = {
    "id",
    "status",
    "confirmed",
    "review",
    "service",
    "practitioner",
    "location",
    "resources",
    "starts_at",
    "ends_at",
    "local",
    "series",
    "override",
    "manage_url",
    "version",
}


def renamed(slug: str) -> str:
    """The clinic with another name for its follow-ups."""
    return CLINIC.replace('"fu"', f'"{slug}"')


class TestPatientsClock:
    def test_is_kept_with_a_visit_by_video(self, api: Api) -> None:
        asked = {"service": "video", "state": "NY", "time_zone": "Pacific/Honolulu"}
        found = api.book(**asked).get_json()
        path = found["manage_url"].removeprefix("http://localhost:8000")
        assert "Tuesday, March 3, 5:00 AM, Honolulu" in api.client.get(path).text


class TestAnswer:
    def test_tells_the_public_the_visit_and_no_patient(self, api: Api) -> None:
        answer = api.book()
        found = answer.get_json()
        assert answer.status_code == 201
        assert set(found) == ANSWER
        assert found | {"id": "", "manage_url": ""} == {
            "id": "",
            "status": "booked",
            "confirmed": False,
            "review": "none",
            "service": "eval",
            "practitioner": "osei",
            "location": "main",
            "resources": [],
            "starts_at": "2026-03-03T15:00:00Z",
            "ends_at": "2026-03-03T16:00:00Z",
            "local": "2026-03-03T10:00:00-05:00",
            "series": None,
            "override": None,
            "manage_url": "",
            "version": 1,
        }
        assert found["manage_url"].startswith("http://localhost:8000/visits/")
        assert answer.headers["ETag"] == '"1"'
        assert answer.headers["Location"] == f"/api/v1/appointments/{found['id']}"

    def test_knows_what_was_set_up_since_the_last_one(self, api: Api) -> None:
        api.booked()
        api.load(renamed("new"))
        gone = api.book("2026-03-03T19:00:00Z", service="fu", name="Eve")
        assert refused(gone) == (422, "invalid")
        assert list(gone.get_json()["errors"]) == ["service"]
        api.load(renamed("newer"))
        assert api.booked("2026-03-03T18:00:00Z", service="newer")["service"] == "newer"

    def test_tells_staff_who_the_patient_is(self, api: Api) -> None:
        first = api.booked(role="front_desk")
        again = api.booked("2026-03-04T15:00:00Z", role="clinician")
        other = api.booked("2026-03-04T16:00:00Z", name="Eve", role="gait_lab")
        assert set(first) == ANSWER | {"patient"}
        assert first["patient"] == again["patient"] != other["patient"]
        assert set(first["patient"]) == {"id"}

    def test_names_the_rooms(self, api: Api) -> None:
        assert api.booked(service="gait")["resources"] == ["lab"]

    def test_takes_instants_in_any_offset(self, api: Api) -> None:
        visit = api.booked("2026-03-04T02:00:00.000+11:00")
        assert visit["starts_at"] == TUESDAY_10

    def test_takes_null_for_what_is_left_out(self, api: Api) -> None:
        nothing: dict[str, Any] = {
            "location": None,
            "state": None,
            "override": None,
            "practitioner": None,
        }
        assert api.book(**nothing).status_code == 201

    def test_chooses_the_least_booked_when_nobody_is_named(self, api: Api) -> None:
        api.booked("2026-03-04T15:00:00Z", name="Eve")
        assert api.booked(practitioner=None)["practitioner"] == "quist"

    def test_lets_the_desk_leave_out_contact_data(self, api: Api) -> None:
        without = patient(email=None, phone=None)
        assert api.book(patient=without, role="front_desk").status_code == 201
        answer = api.book("2026-03-03T17:00:00Z", patient=without)
        assert set(answer.get_json()["errors"]) == {"patient.email", "patient.phone"}

    def test_needs_one_of_mail_and_phone(self, api: Api) -> None:
        assert api.book(patient=patient(email=None)).status_code == 201

    def test_lets_staff_book_what_began_twelve_hours_ago(self, api: Api, at: At) -> None:
        at("2026-03-04T02:30:00Z")
        assert refused(api.book("2026-03-03T17:00:00Z")) == (422, "too-soon")
        assert api.book("2026-03-03T17:00:00Z", role="front_desk").status_code == 201
        assert refused(api.book("2026-03-03T14:00:00Z", name="B", role="front_desk")) == (
            422,
            "too-soon",
        )


class TestOverride:
    def test_is_told_with_who_and_why(self, api: Api) -> None:
        api.booked()
        visit = api.booked(name="Eve", role="front_desk", override={"reason": "in pain"})
        assert visit["override"] == {"reason": "in pain", "by": "front_desk"}

    def test_is_null_when_none_was_needed(self, api: Api) -> None:
        assert api.booked(role="admin", override={"reason": "in pain"})["override"] is None

    def test_is_needed_for_a_taken_time(self, api: Api) -> None:
        api.booked()
        assert refused(api.book(name="Eve", role="front_desk")) == (409, "slot-taken")


class TestRaceCases:
    def test_r9_r10_refuse_a_patient_who_is_elsewhere(self, api: Api) -> None:
        api.booked("2026-03-03T15:00:00Z", service="fu")
        for start in ("2026-03-03T15:15:00Z", "2026-03-03T15:30:00Z", "2026-03-03T14:30:00Z"):
            again = api.book(start, practitioner="quist")
            assert refused(again) == (409, "patient-busy")
        by_staff = api.book(
            "2026-03-03T15:15:00Z",
            practitioner="quist",
            role="front_desk",
            override={"reason": "two in one go"},
        )
        assert by_staff.status_code == 201

    def test_r14_books_a_cancelled_time_again(self, api: Api) -> None:
        visit = api.booked()
        api.post(f"/appointments/{visit['id']}/cancel", {"reason": "ill"}, role="front_desk")
        assert api.book().status_code == 201

    def test_r17_holds_the_limit_by_the_local_day(self, api: Api) -> None:
        api.booked()
        assert refused(api.book("2026-03-03T18:00:00Z")) == (409, "limit-reached")
        assert api.book("2026-03-04T18:00:00Z").status_code == 201
        assert api.book("2026-03-03T18:00:00Z", role="front_desk").status_code == 201

    def test_r17_counts_what_staff_booked(self, api: Api) -> None:
        api.booked(role="front_desk")
        assert refused(api.book("2026-03-03T18:00:00Z")) == (409, "limit-reached")

    def test_is_the_same_patient_however_the_name_is_written(self, api: Api) -> None:
        api.booked()
        same = patient(given_name=" ADA ", family_name="\uff2covelace", email="other@example.com")
        answer = api.book("2026-03-03T18:00:00Z", patient=same)
        assert refused(answer) == (409, "limit-reached")


class TestIdempotency:
    def test_answers_the_same_for_the_same(self, api: Api) -> None:
        body = {"service": "eval", "starts_at": TUESDAY_10, "patient": patient()}
        first = api.post("/appointments", body, Idempotency_Key="a")
        turned = dict(reversed(body.items()))
        second = api.post("/appointments", turned, Idempotency_Key="a")
        assert (first.status_code, second.status_code) == (201, 201)
        assert first.get_json() == second.get_json()
        assert second.headers["ETag"] == '"1"'
        assert second.headers["Location"] == first.headers["Location"]

    def test_refuses_another_body(self, api: Api) -> None:
        body = {"service": "eval", "starts_at": TUESDAY_10, "patient": patient()}
        api.post("/appointments", body, Idempotency_Key="a")
        other = api.post("/appointments", body | {"service": "fu"}, Idempotency_Key="a")
        assert refused(other) == (422, "idempotency-mismatch")

    def test_keeps_refusals_with_their_alternatives(self, api: Api) -> None:
        taken = api.booked()
        body = {
            "service": "eval",
            "practitioner": "osei",
            "starts_at": TUESDAY_10,
            "patient": patient("Eve"),
        }
        first = api.post("/appointments", body, Idempotency_Key="b")
        api.post(f"/appointments/{taken['id']}/cancel", {"reason": "ill"}, role="front_desk")
        second = api.post("/appointments", body, Idempotency_Key="b")
        assert first.status_code == second.status_code == 409
        assert first.get_json() == second.get_json()

    def test_keeps_invalid_and_wrong_state(self, api: Api) -> None:
        for _ in range(2):
            answer = api.post("/appointments", {}, Idempotency_Key="c")
            assert refused(answer) == (422, "invalid")
        visit = api.booked()
        path = f"/appointments/{visit['id']}"
        api.post(f"{path}/cancel", {"reason": "ill"}, role="front_desk")
        for _ in range(2):
            answer = api.post(f"{path}/arrive", role="front_desk", Idempotency_Key="d")
            assert refused(answer) == (409, "wrong-state")
            assert answer.get_json()["appointment_status"] == "cancelled"

    def test_refuses_a_key_that_cannot_be_one(self, api: Api) -> None:
        for key in ["", " ", "a b", "x" * 256, "\u00fc"]:
            body = {"service": "eval", "starts_at": TUESDAY_10, "patient": patient()}
            answer = api.post("/appointments", body, Idempotency_Key=key)
            assert refused(answer) == (422, "invalid")
            assert set(answer.get_json()["errors"]) == {"Idempotency-Key"}


class TestRateLimit:
    def test_holds_the_public_and_not_staff(self, make_app: Callable[..., Flask], at: At) -> None:
        api = Api(make_app(RATE_LIMIT_BOOKING="2"))
        api.load(CLINIC)
        at(MONDAY)
        assert [api.book(name=name).status_code for name in ("A", "B", "C")] == [201, 409, 429]
        answer = api.book(name="C")
        assert refused(answer) == (429, "too-many-requests")
        assert int(answer.headers["Retry-After"]) > 0
        assert api.book("2026-03-04T15:00:00Z", name="C", role="front_desk").status_code == 201
