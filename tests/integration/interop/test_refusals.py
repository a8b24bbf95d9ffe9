"""Every refusal of a booking, in its order, and every fault by its path."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.integration.interop.conftest import CLINIC, MONDAY, TUESDAY_10, Api, patient, refused

At = Callable[[str], None]


class TestOrderOfRefusals:
    """Each request is wrong in all the ways that come later as well."""

    @pytest.fixture
    def api(self, app: Flask, at: At) -> Api:
        made = Api(app)
        text = CLINIC.replace('slug = "screened"\n', 'slug = "screened"\nmin_notice_hours = 24\n')
        made.load(text)
        at(MONDAY)
        return made

    def test_401_before_all(self, api: Api) -> None:
        headers = {"Authorization": "Bearer wrong"}
        answer = api.call("POST", "/appointments", data=b"{", headers=headers)
        assert refused(answer) == (401, "unauthorized")

    def test_403_before_not_json(self, api: Api) -> None:
        paths = ["appointments", "visit-requests", "waitlist", "orders", "appointments/x/cancel"]
        for method, path in [("PATCH", "appointments/x"), *(("POST", path) for path in paths)]:
            answer = api.call(method, f"/{path}", role="auditor", data=b"{")
            assert refused(answer) == (403, "forbidden"), path

    def test_403_for_an_override_before_invalid(self, api: Api) -> None:
        for role in (None, "auditor"):
            answer = api.post("/appointments", {"override": {"reason": 3}, "x": 1}, role=role)
            assert refused(answer) == (403, "forbidden")

    def test_403_for_any_booking_of_an_auditor(self, api: Api) -> None:
        assert refused(api.book(role="auditor")) == (403, "forbidden")

    def test_400_before_invalid(self, api: Api) -> None:
        for data in (b"", b"{", b"\xff\xfe", b"[1,]", b"{'a': 1}", b'{"a": NaN}', b"[" * 10_000):
            answer = api.call("POST", "/appointments", data=data, content_type="application/json")
            assert refused(answer) == (400, "not-json")
        answer = api.call("POST", "/appointments", data=b"{}", content_type="text/plain")
        assert refused(answer) == (400, "not-json")

    def test_invalid_before_too_soon(self, api: Api) -> None:
        answer = api.book("2020-01-01T00:00:00Z", patient=patient(birth_date="1980-02-30"))
        assert refused(answer) == (422, "invalid")

    def test_too_soon_before_not_offered(self, api: Api) -> None:
        answer = api.book("2026-03-02T08:07:00Z", service="screened")
        assert refused(answer) == (422, "too-soon")

    def test_too_soon_lets_the_very_notice_pass(self, api: Api) -> None:
        exactly = api.book("2026-03-03T15:00:00Z", service="screened")
        assert refused(exactly) == (422, "needs-screening")
        before = api.book("2026-03-03T14:45:00Z", service="screened")
        assert refused(before) == (422, "too-soon")

    def test_too_far_before_not_offered(self, api: Api) -> None:
        assert refused(api.book("2026-05-02T07:07:00Z")) == (422, "too-far")
        assert refused(api.book("2500-01-01T00:00:00Z")) == (422, "too-far")
        assert api.book("2026-05-01T15:00:00Z").status_code == 201

    def test_not_licensed_before_not_offered(self, api: Api) -> None:
        for state in ("CA", "VT"):
            answer = api.book("2026-03-03T07:07:00Z", service="video", state=state)
            assert refused(answer) == (422, "not-licensed")

    def test_not_offered_before_needs_screening(self, api: Api) -> None:
        answer = api.book("2026-03-04T07:00:00Z", service="screened")
        assert refused(answer) == (422, "not-offered")

    def test_needs_screening_before_slot_taken(self, api: Api) -> None:
        api.booked("2026-03-04T15:00:00Z")
        answer = api.book("2026-03-04T15:00:00Z", service="screened", name="Eve")
        assert refused(answer) == (422, "needs-screening")
        assert answer.get_json()["book_url"] == "http://localhost:8000/book/screened"
        assert api.book("2026-03-05T15:00:00Z", service="screened", role="admin").status_code == 201

    def test_limit_before_patient_busy(self, api: Api) -> None:
        api.booked()
        assert refused(api.book(practitioner="quist")) == (409, "limit-reached")

    def test_patient_busy_before_slot_taken(self, api: Api) -> None:
        api.booked()
        answer = api.book(service="fu")
        assert refused(answer) == (409, "patient-busy")
        assert "2026" not in answer.text

    def test_slot_taken_last_with_alternatives(self, api: Api) -> None:
        api.booked()
        answer = api.book(name="Eve")
        assert refused(answer) == (409, "slot-taken")
        found = answer.get_json()["alternatives"]
        assert len(found) == 5
        assert found[0] == {
            "starts_at": "2026-03-03T16:00:00Z",
            "ends_at": "2026-03-03T17:00:00Z",
            "local": "2026-03-03T11:00:00-05:00",
            "practitioner": "osei",
            "location": "main",
            "time_zone": "America/New_York",
        }


class TestNotOffered:
    def test_refuses_what_no_page_offers(self, api: Api) -> None:
        cases: list[tuple[Any, Any]] = [
            ("2026-03-08T07:00:00Z", {}),  # Sunday, 03:00
            ("2026-03-03T15:07:00Z", {}),
            ("2026-03-03T15:00:01Z", {}),
            ("2026-03-03T15:00:00Z", {"practitioner": "reyes"}),
            ("2026-03-03T15:00:00Z", {"service": "inside"}),
            ("2026-03-03T15:00:00Z", {"service": "nobody", "practitioner": None}),
        ]
        for starts_at, more in cases:
            assert refused(api.book(starts_at, **more)) == (422, "not-offered")
            answer = api.get("/appointments", role="admin", from_="2026-03-02", to="2026-03-09")
            assert answer.get_json()["appointments"] == []


class TestInvalid:
    def test_names_what_is_wrong(self, api: Api) -> None:
        cases: list[tuple[Any, Any]] = [
            ({"service": None}, {"service"}),
            ({"service": "x"}, {"service"}),
            ({"service": 3}, {"service"}),
            ({"service": ["eval"]}, {"service"}),
            ({"service": "\0"}, {"service"}),
            ({"service": "e" * 10_000}, {"service"}),
            ({"practitioner": "x"}, {"practitioner"}),
            ({"location": {}}, {"location"}),
            ({"starts_at": None}, {"starts_at"}),
            ({"starts_at": "2026-03-03T10:00:00"}, {"starts_at"}),
            ({"starts_at": "2026-03-03"}, {"starts_at"}),
            ({"starts_at": "2026-02-30T10:00:00Z"}, {"starts_at"}),
            ({"starts_at": "20000-01-01T10:00:00Z"}, {"starts_at"}),
            ({"starts_at": "9999-12-31T23:59:59-12:00"}, {"starts_at"}),
            ({"starts_at": "0001-01-01T00:00:00+12:00"}, {"starts_at"}),
            ({"starts_at": "2026-03-03T15:00:00.5Z"}, {"starts_at"}),
            ({"starts_at": "2026-03-03T15:00:00.0000001Z"}, {"starts_at"}),
            ({"starts_at": 1_772_550_000}, {"starts_at"}),
            ({"starts_at": True}, {"starts_at"}),
            ({"starts_at": "two o'clock"}, {"starts_at"}),
            ({"service": "video"}, {"state"}),
            ({"service": "video", "state": "New York"}, {"state"}),
            ({"state": "\N{PILE OF POO}"}, {"state"}),
            ({"time_zone": "America/Denver"}, {"time_zone"}),
            ({"service": "video", "state": "NY", "time_zone": "Mars/Olympus"}, {"time_zone"}),
            ({"patient": None}, {"patient"}),
            ({"patient": []}, {"patient"}),
            ({"patient": "Ada"}, {"patient"}),
            ({"patient": {}}, {f"patient.{name}" for name in patient()}),
            ({"patient": patient(birth_date="1980-02-30")}, {"patient.birth_date"}),
            ({"patient": patient(birth_date="20000-01-01")}, {"patient.birth_date"}),
            ({"patient": patient(birth_date=19800229)}, {"patient.birth_date"}),
            ({"patient": patient(birth_date="2026-03-03")}, {"patient.birth_date"}),
            ({"patient": patient(given_name="x" * 10_000)}, {"patient.given_name"}),
            ({"patient": patient(given_name="A\x07da")}, {"patient.given_name"}),
            ({"patient": patient(given_name="\ud800")}, {"patient.given_name"}),
            ({"patient": patient(family_name=7)}, {"patient.family_name"}),
            ({"patient": patient(email="nobody")}, {"patient.email"}),
            ({"patient": patient(phone="212 CALL ME")}, {"patient.phone"}),
            ({"patient": patient(middle_name="K")}, {"patient.middle_name"}),
            ({"notes": "x"}, {"notes"}),
            ({"service": "x", "starts_at": "x", "patient": 1}, {"service", "starts_at", "patient"}),
        ]
        for change, named in cases:
            body = {"service": "eval", "starts_at": TUESDAY_10, "patient": patient(), **change}
            answer = api.post("/appointments", body)
            assert refused(answer) == (422, "invalid")
            assert set(answer.get_json()["errors"]) == named

    def test_needs_an_object(self, api: Api) -> None:
        for body in [[], "x", 3, 1.5, True, None, [[{}]]]:
            answer = api.call(
                "POST",
                "/appointments",
                data=json.dumps(body),
                content_type="application/json",
            )
            assert refused(answer) == (422, "invalid")

    def test_finds_what_a_lenient_reader_would_pass(self, api: Api) -> None:
        for data, named in [
            ('{"service": "eval", "service": "fu"}', "service"),
            ('{"patient": {"email": "a", "email": "b"}}', "patient.email"),
            ('{"x": {"y": [{"z": 1, "z": 2}]}}', "x.y.0.z"),
            ('{"\\ud800": 1}', "?"),
            ('{"service": "\\udfff"}', "service"),
            ('{"service": ' + "9" * 5000 + "}", "service"),
            ('{"service": 1e999}', "service"),
            ('{"\\u0000": 1}', "?"),
            ('{"service": "' + "x" * 2_000_000 + '"}', "service"),
            ('{"' + "x" * 2_000_000 + '": 1}', "x" * 40),
        ]:
            answer = api.call(
                "POST", "/appointments", data=data.encode(), content_type="application/json"
            )
            assert refused(answer) == (422, "invalid")
            assert named in answer.get_json()["errors"]

    def test_needs_a_reason_to_override(self, api: Api) -> None:
        for reason in ["", "  ", 3, None, [], "x" * 501, "\x00", "\ud800"]:
            answer = api.book(role="front_desk", override={"reason": reason})
            assert refused(answer) == (422, "invalid")
            assert set(answer.get_json()["errors"]) == {"override.reason"}

    def test_needs_an_override_of_its_shape(self, api: Api) -> None:
        for override in ["urgent", [], True, {"reason": "x", "by": "me"}]:
            answer = api.book(role="front_desk", override=override)
            assert refused(answer) == (422, "invalid")

    def test_takes_names_of_all_scripts(self, api: Api) -> None:
        for number, name in enumerate(
            ("Søren", "李", "שרה", "Ana María", "O\N{RIGHT SINGLE QUOTATION MARK}Neil")
        ):
            answer = api.book(f"2026-03-03T{14 + number}:00:00Z", patient=patient(given_name=name))
            assert answer.status_code in {201, 409}, answer.text
