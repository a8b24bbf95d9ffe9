"""Visit requests through the API: sent by anybody, worked by staff."""

from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from clinic.core.db import db
from clinic.people.models import Guardian
from clinic.scheduling.queries.requests import get_request
from tests.integration.interop.conftest import (
    TUESDAY_10,
    UNKNOWN,
    Api,
    patient,
    refused,
)
from tests.integration.interop.test_document import check

PATH = "/visit-requests"
ONE = "/visit-requests/{id}"
MORNING = {"from": "2026-03-03T14:00:00Z", "to": "2026-03-03T17:00:00Z"}
TEN = {"starts_at": TUESDAY_10, "practitioner": "osei", "service": "eval"}


def body(**changes: Any) -> dict[str, Any]:
    asked = {
        "modality": "in_person",
        "reason": "My hip hurts when I run.\nSince May.",
        "preferred": [MORNING],
        "patient": patient(),
        **changes,
    }
    return {name: value for name, value in asked.items() if value is not ...}


def ask(api: Api, *, role: str | None = None, **changes: Any) -> TestResponse:
    answer = api.post(PATH, body(**changes), role=role)
    check(answer, method="post", path=PATH)
    return answer


def asked(api: Api, **changes: Any) -> dict[str, Any]:
    answer = ask(api, **changes)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def step(
    api: Api, request: dict[str, Any], action: str, sent: Any, *, role: str = "front_desk"
) -> TestResponse:
    answer = api.post(f"{PATH}/{request['id']}/{action}", sent, role=role)
    check(answer, method="post", path=f"{ONE}/{action}")
    return answer


def seen(api: Api, request: dict[str, Any]) -> dict[str, Any]:
    answer = api.get(f"{PATH}/{request['id']}", role="front_desk")
    check(answer, method="get", path=ONE)
    return dict(answer.get_json())


class TestAsk:
    def test_tells_the_public_where_it_is_followed(self, api: Api) -> None:
        answer = ask(api)
        found = answer.get_json()
        assert answer.status_code == 201
        assert set(found) == {"id", "status", "status_url"}
        assert found["status"] == "requested"
        assert answer.headers["Location"] == f"/api/v1/visit-requests/{found['id']}"
        path = found["status_url"].removeprefix("http://localhost:8000")
        assert "We have your request." in api.client.get(path).text

    def test_tells_staff_all_of_it(self, api: Api) -> None:
        found = asked(api, role="front_desk", practitioner="quist")
        assert found == seen(api, found)
        assert found | {"id": "", "status_url": "", "patient": {}} == {
            "id": "",
            "status": "requested",
            "status_url": "",
            "modality": "in_person",
            "reason": "My hip hurts when I run.\nSince May.",
            "preferred": [MORNING],
            "time_zone": "America/New_York",
            "state": None,
            "practitioner": "quist",
            "language": None,
            "interpreter": False,
            "emergency_address": None,
            "emergency_phone": None,
            "device": {"camera": None, "microphone": None, "connection": None},
            "urgency": "routine",
            "offers": [],
            "answer": None,
            "decline_reason": None,
            "appointment": None,
            "created_at": "2026-03-02T15:00:00Z",
            "due_at": "2026-03-02T22:00:00Z",
            "patient": {},
            "version": 1,
        }

    def test_takes_video_visits_with_state_and_zone(self, api: Api) -> None:
        found = asked(
            api, role="admin", modality="telehealth", state="NY", time_zone="America/Denver"
        )
        assert (found["modality"], found["state"]) == ("telehealth", "NY")
        assert found["time_zone"] == "America/Denver"

    def test_takes_what_the_page_asks_before_a_visit_by_video(self, api: Api) -> None:
        besides = {
            "language": "pt-BR",
            "interpreter": True,
            "emergency_address": "7 Elm Street\nAlbany",
            "emergency_phone": "212 555 0123",
            "device": {"camera": "works", "microphone": "fails"},
        }
        found = asked(api, role="admin", modality="telehealth", state="NY", **besides)
        told = {name: found[name] for name in besides}
        assert told == besides | {
            "emergency_phone": "+12125550123",
            "device": {"camera": "works", "microphone": "fails", "connection": None},
        }

    @pytest.mark.parametrize(
        "changes", [{"preferred": []}, {"preferred": None}, {"preferred": ...}, {"state": None}]
    )
    def test_needs_no_times(self, api: Api, changes: dict[str, Any]) -> None:
        assert asked(api, **changes)["status"] == "requested"

    @pytest.mark.parametrize(
        ("changes", "path"),
        [
            ({"modality": "phone"}, "modality"),
            ({"language": "Spanish, please"}, "language"),
            ({"interpreter": "yes"}, "interpreter"),
            ({"emergency_address": "7 Elm Street"}, "emergency_address"),
            ({"emergency_phone": "911911"}, "emergency_phone"),
            ({"device": {"camera": "good"}}, "device.camera"),
            ({"device": {"speaker": "works"}}, "device.speaker"),
            ({"modality": ...}, "modality"),
            ({"reason": ...}, "reason"),
            ({"reason": ""}, "reason"),
            ({"reason": "x" * 10_000}, "reason"),
            ({"reason": "a\x00"}, "reason"),
            ({"reason": 7}, "reason"),
            ({"modality": "telehealth"}, "state"),
            ({"modality": "telehealth", "state": "ZZ"}, "state"),
            ({"modality": "telehealth", "state": "ny"}, "state"),
            ({"time_zone": "America/Denver"}, "time_zone"),
            ({"modality": "telehealth", "state": "NY", "time_zone": "Mars"}, "time_zone"),
            ({"practitioner": "nobody"}, "practitioner"),
            ({"patient": ...}, "patient"),
            ({"patient": patient(email=None, phone=None)}, "patient.email"),
            ({"preferred": "soon"}, "preferred"),
            ({"preferred": [MORNING] * 11}, "preferred"),
            ({"preferred": ["soon"]}, "preferred.0"),
            ({"preferred": [{}]}, "preferred.0.from"),
            ({"preferred": [{**MORNING, "zone": "x"}]}, "preferred.0.zone"),
            ({"preferred": [{**MORNING, "from": "2026-02-30T09:00:00Z"}]}, "preferred.0.from"),
            ({"preferred": [{"from": MORNING["to"], "to": MORNING["from"]}]}, "preferred.0.to"),
            (
                {"preferred": [{"from": "2026-03-01T14:00:00Z", "to": "2026-03-01T15:00:00Z"}]},
                "preferred.0",
            ),
            ({"preferred": [MORNING, MORNING]}, "preferred.1"),
            ({"reasons": "x"}, "reasons"),
        ],
    )
    def test_names_the_field_that_cannot_be_used(
        self, api: Api, changes: dict[str, Any], path: str
    ) -> None:
        answer = ask(api, **changes)
        assert refused(answer) == (422, "invalid")
        assert path in answer.get_json()["errors"]
        assert api.get(PATH, role="admin").get_json()["visit_requests"] == []

    def test_once_for_one_key(self, api: Api) -> None:
        first, second = (api.post(PATH, body(), Idempotency_Key="k") for _ in range(2))
        assert first.status_code == second.status_code == 201
        assert first.get_json() == second.get_json()
        assert first.headers["Location"] == second.headers["Location"]
        other = api.post(PATH, body(reason="Knee"), Idempotency_Key="k")
        assert refused(other) == (422, "idempotency-mismatch")
        assert len(api.get(PATH, role="admin").get_json()["visit_requests"]) == 1

    def test_is_not_for_onlookers(self, api: Api) -> None:
        assert refused(ask(api, role="auditor")) == (403, "forbidden")


def child(**changes: Any) -> dict[str, Any]:
    return patient() | {"given_name": "Mia", "birth_date": "2016-04-02"} | changes


MOTHER = {"name": "Rosa Beltran", "birth_date": "1984-03-14", "relation": "parent"}


class TestChild:
    def test_is_taken_with_the_guardian_who_acts_for_it(self, api: Api) -> None:
        found = asked(api, patient=child(), guardian=MOTHER)
        with api.app.app_context():
            kept = get_request(found["id"])
            assert (kept.guardian_name, kept.guardian_relation) == ("Rosa Beltran", "parent")
            assert db.session.scalars(select(Guardian.name)).all() == ["Rosa Beltran"]

    def test_without_a_guardian_is_for_a_person_to_ask_and_opens_nothing(self, api: Api) -> None:
        found = asked(api, patient=child())
        with api.app.app_context():
            assert get_request(found["id"]).guardian_name is None
            assert db.session.scalars(select(Guardian)).all() == []

    @pytest.mark.parametrize(
        ("who", "guardian", "path"),
        [
            (patient(), MOTHER, "guardian"),
            (child(), MOTHER | {"birth_date": "2010-01-01"}, "guardian.birth_date"),
            (child(), MOTHER | {"birth_date": "yesterday"}, "guardian.birth_date"),
            (child(), MOTHER | {"relation": "aunt"}, "guardian.relation"),
            (child(), MOTHER | {"email": "rosa@example.com"}, "guardian.email"),
            (child(), {}, "guardian.name"),
            (child(), "Rosa", "guardian"),
        ],
    )
    def test_names_what_cannot_be_used(
        self, api: Api, who: dict[str, Any], guardian: Any, path: str
    ) -> None:
        answer = ask(api, patient=who, guardian=guardian)
        assert refused(answer) == (422, "invalid")
        assert path in answer.get_json()["errors"]


class TestRoles:
    @pytest.mark.parametrize("role", [None, "gait_lab", "auditor"])
    def test_keep_strangers_out(self, api: Api, role: str | None) -> None:
        request = asked(api)
        status = 401 if role is None else 403
        assert api.get(PATH, role=role).status_code == status
        assert api.get(f"{PATH}/{request['id']}", role=role).status_code == status
        for action in ("schedule", "answer", "decline"):
            path = f"{PATH}/{request['id']}/{action}"
            assert api.post(path, {}, role=role).status_code == status

    @pytest.mark.parametrize("role", ["admin", "front_desk", "clinician"])
    def test_let_those_in_who_answer(self, api: Api, role: str) -> None:
        request = asked(api)
        assert api.get(f"{PATH}/{request['id']}", role=role).status_code == 200
        assert step(api, request, "answer", {"message": "Hello"}, role=role).status_code == 200


class TestList:
    def test_is_by_age_and_by_status(self, api: Api) -> None:
        first, second = asked(api), asked(api, patient=patient("Eve"))
        step(api, first, "answer", {"message": "Hello"})
        for query, wanted in (
            ({}, [first, second]),
            ({"status": "requested"}, [second]),
            ({"status": "answered"}, [first]),
            ({"status": "declined"}, []),
        ):
            answer = api.get(PATH, role="front_desk", **query)
            check(answer, method="get", path=PATH)
            found = answer.get_json()
            assert [one["id"] for one in found["visit_requests"]] == [one["id"] for one in wanted]
            assert found["next"] is None

    @pytest.mark.parametrize("query", [{"status": "x"}, {"cursor": "x"}, {"from_": "2026-03-02"}])
    def test_refuses_what_is_not_asked_for(self, api: Api, query: dict[str, str]) -> None:
        assert refused(api.get(PATH, role="admin", **query)) == (422, "invalid")


class TestSchedule:
    def test_books_for_the_one_who_asked(self, api: Api) -> None:
        request = asked(api)
        answer = step(api, request, "schedule", TEN)
        found = answer.get_json()
        assert (answer.status_code, found["status"]) == (200, "scheduled")
        assert answer.headers["ETag"] == '"2"'
        path = f"/appointments/{found['appointment']}"
        visit = api.get(path, role="front_desk").get_json()
        assert (visit["starts_at"], visit["patient"]) == (TUESDAY_10, found["patient"])
        again = step(api, request, "schedule", TEN)
        assert (again.status_code, again.get_json()) == (200, found)

    def test_offers_others_for_a_taken_time_and_changes_nothing(self, api: Api) -> None:
        request = asked(api)
        api.booked(name="Eve")
        answer = step(api, request, "schedule", TEN)
        assert refused(answer) == (409, "slot-taken")
        assert answer.get_json()["alternatives"][0]["starts_at"] == "2026-03-03T16:00:00Z"
        assert seen(api, request)["status"] == "requested"

    @pytest.mark.parametrize(
        ("changes", "status", "code"),
        [
            ({"service": "x"}, 422, "invalid"),
            ({"service": None}, 422, "invalid"),
            ({"starts_at": "x"}, 422, "invalid"),
            ({"practitioner": "x"}, 422, "invalid"),
            ({"starts_at": "2026-03-07T15:00:00Z"}, 422, "not-offered"),
            ({"starts_at": "2026-01-07T15:00:00Z"}, 422, "too-soon"),
            ({"service": "video"}, 422, "invalid"),
        ],
    )
    def test_is_refused_as_booking_is(
        self, api: Api, changes: dict[str, Any], status: int, code: str
    ) -> None:
        request = asked(api)
        assert refused(step(api, request, "schedule", {**TEN, **changes})) == (status, code)
        assert seen(api, request)["version"] == 1

    def test_by_video_is_for_the_state_of_the_request(self, api: Api) -> None:
        request = asked(api, modality="telehealth", state="NY")
        assert step(api, request, "schedule", {**TEN, "service": "video"}).status_code == 200
        other = asked(api, modality="telehealth", state="CA", patient=patient("Eve"))
        answer = step(api, other, "schedule", {**TEN, "service": "video"})
        assert refused(answer) == (422, "not-licensed")


class TestSteps:
    def test_answer_and_decline_are_told_in_words(self, api: Api) -> None:
        request = asked(api)
        found = step(api, request, "answer", {"message": "Please call us."}).get_json()
        assert (found["status"], found["answer"]) == ("answered", "Please call us.")
        found = step(api, request, "decline", {"reason": "We are full."}).get_json()
        assert (found["status"], found["decline_reason"]) == ("declined", "We are full.")
        again = step(api, request, "decline", {"reason": "We are full."})
        assert (again.status_code, again.get_json()["version"]) == (200, 3)
        late = step(api, request, "answer", {"message": "Hello"})
        assert refused(late) == (409, "wrong-state")
        assert late.get_json()["request_status"] == "declined"

    def test_of_an_older_version_are_refused(self, api: Api) -> None:
        request = asked(api)
        step(api, request, "answer", {"message": "Hello"})
        path = f"{PATH}/{request['id']}/decline"
        stale = api.post(path, {"reason": "No"}, role="admin", If_Match='"1"')
        assert refused(stale) == (412, "version-mismatch")

    @pytest.mark.parametrize("action", ["answer", "decline", "schedule"])
    @pytest.mark.parametrize(
        "sent", [{}, {"message": ""}, {"reason": 3}, {"message": "x" * 9999}, [], "x", {"a": 1}]
    )
    def test_need_what_they_are_about(self, api: Api, action: str, sent: Any) -> None:
        request = asked(api)
        assert step(api, request, action, sent).status_code == 422
        assert seen(api, request)["version"] == 1

    @pytest.mark.parametrize("other", [UNKNOWN, "x", "%00"])
    def test_are_not_found_for_nothing(self, api: Api, other: str) -> None:
        path = f"{PATH}/{other}"
        assert api.get(path, role="admin").status_code == 404
        sent = {"message": "Hello"}
        assert api.post(f"{path}/answer", sent, role="admin").status_code == 404


class TestOffer:
    def test_holds_times_that_the_patient_chooses_from(self, api: Api) -> None:
        found = asked(api)
        times = {"times": [TEN, {**TEN, "starts_at": "2026-03-03T17:00:00Z"}]}
        told = step(api, found, "offer", times).get_json()
        assert told["status"] == "offered"
        assert [one["starts_at"] for one in told["offers"]] == [
            TUESDAY_10,
            "2026-03-03T17:00:00Z",
        ]
        other = asked(api, patient=patient(given_name="Bo"))
        assert refused(step(api, other, "schedule", TEN)) == (409, "slot-taken")
        assert seen(api, other)["status"] == "requested"

    @pytest.mark.parametrize(
        ("sent", "path"),
        [
            ({}, "times"),
            ({"times": []}, "times"),
            ({"times": [TEN] * 4}, "times"),
            ({"times": ["soon"]}, "times.0"),
            ({"times": [{**TEN, "service": "nothing"}]}, "times.0.service"),
        ],
    )
    def test_names_what_is_wrong(self, api: Api, sent: Any, path: str) -> None:
        answer = step(api, asked(api), "offer", sent)
        assert answer.status_code == 422
        assert path in answer.get_json()["errors"]
