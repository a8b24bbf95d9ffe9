"""What staff do with appointments through the API."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.people.models import Patient
from tests.integration.interop.conftest import CLINIC, UNKNOWN, Api, refused

At = Callable[[str], None]
ROLES = ("admin", "front_desk", "clinician", "gait_lab")


def trail(api: Api) -> list[tuple[str, str, str | None, Any]]:
    """Action, name of the actor, subject and details of every entry by a token."""
    wanted = select(AuditEntry).where(AuditEntry.actor_kind == "token").order_by(AuditEntry.id)
    with api.app.app_context():
        return [
            (one.action, one.actor_name, one.subject, one.details)
            for one in db.session.scalars(wanted)
        ]


def move(api: Api, visit: dict[str, Any], starts_at: str, **more: Any) -> Any:
    """Move a visit from the version at hand."""
    path = f"/appointments/{visit['id']}"
    return api.patch(path, {"starts_at": starts_at, **more}, version=visit["version"])


def step(api: Api, visit: dict[str, Any], action: str) -> Any:
    """Take a step with a visit."""
    body = {"reason": "ill"} if action == "cancel" else None
    return api.post(f"/appointments/{visit['id']}/{action}", body, role="front_desk")


class TestWhoMay:
    def test_is_staff_that_books(self, api: Api) -> None:
        for method, path in [
            ("GET", "/appointments"),
            ("GET", f"/appointments/{UNKNOWN}"),
            ("PATCH", f"/appointments/{UNKNOWN}"),
            ("POST", f"/appointments/{UNKNOWN}/confirm"),
            ("POST", f"/appointments/{UNKNOWN}/cancel"),
            ("POST", "/appointments/series"),
            ("POST", f"/series/{UNKNOWN}/cancel"),
            ("PATCH", f"/series/{UNKNOWN}"),
        ]:
            answer = api.call(method, path)
            assert refused(answer) == (401, "unauthorized")
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert refused(api.call(method, path, role="auditor")) == (403, "forbidden")
            for role in ROLES:
                assert api.call(method, path, role=role).status_code not in {401, 403}

    def test_is_nobody_by_the_session_of_a_browser(self, api: Api) -> None:
        api.client.set_cookie("staff", "whatever")
        assert api.get("/appointments").status_code == 401


class TestOne:
    def test_x1_is_not_found_under_any_other_id(self, api: Api) -> None:
        api.booked()
        for ident in (UNKNOWN, "1", "%00", "%F0%9F%98%80", "x" * 10_000, "..%2f1", "' OR 1=1 --"):
            answer = api.call("GET", f"/appointments/{ident}", role="front_desk")
            assert refused(answer) == (404, "not-found")
            assert "Lovelace" not in answer.text

    def test_shows_it_with_its_version(self, api: Api) -> None:
        visit = api.booked(role="front_desk")
        answer = api.get(f"/appointments/{visit['id']}", role="clinician")
        assert answer.get_json() == visit
        assert answer.headers["ETag"] == '"1"'

    def test_leaves_a_trail(self, api: Api) -> None:
        visit = api.booked()
        api.get(f"/appointments/{visit['id']}", role="clinician")
        subject = f"appointment:{visit['id']}"
        assert ("appointment.seen", "clinician", subject, {}) in trail(api)


class TestList:
    def listed(self, api: Api, **asked: str) -> list[str]:
        answer = api.get("/appointments", role="front_desk", **asked)
        assert answer.status_code == 200, answer.text
        return [one["local"] for one in answer.get_json()["appointments"]]

    def test_shows_the_dates_of_the_clinic_in_order(self, api: Api) -> None:
        api.load(CLINIC.replace('to = "17:00"', 'to = "24:00"'))
        for number, start in enumerate(
            ("2026-03-04T15:00:00Z", "2026-03-04T04:00:00Z", "2026-03-03T15:00:00Z")
        ):
            api.booked(start, name=f"P{number}")
        found = self.listed(api, from_="2026-03-03", to="2026-03-03")
        assert found == ["2026-03-03T10:00:00-05:00", "2026-03-03T23:00:00-05:00"]
        assert len(self.listed(api, from_="2026-03-03", to="2026-03-04")) == 3
        assert self.listed(api, from_="2026-03-05", to="2026-05-05") == []

    def test_narrows_down_to_practitioner_and_status(self, api: Api) -> None:
        day = {"from_": "2026-03-03", "to": "2026-03-03"}
        first = api.booked()
        api.booked(practitioner="quist", name="Eve")
        step(api, first, "cancel")
        assert len(self.listed(api, **day)) == 2
        assert len(self.listed(api, practitioner="quist", **day)) == 1
        assert len(self.listed(api, status="cancelled", **day)) == 1
        assert self.listed(api, practitioner="quist", status="cancelled", **day) == []
        before, _, rest = CLINIC.partition('[[practitioners]]\nslug = "quist"')
        after = rest[rest.index("[[practitioners]]") :]
        api.load(before + after, allow_stranded=True)
        assert (
            len(self.listed(api, practitioner="quist", **day)) == 1
        )  # a retired one's visits stay

    def test_goes_on_from_a_cursor(self, api: Api) -> None:
        api.load(CLINIC.replace("capacity = 2", "capacity = 150"))
        for number in range(103):
            api.booked(service="class", name=f"P{number}")
        asked = {"from_": "2026-03-03", "to": "2026-03-03", "role": "front_desk"}
        first = api.get("/appointments", **asked).get_json()
        second = api.get("/appointments", cursor=first["next"], **asked).get_json()
        assert (len(first["appointments"]), len(second["appointments"])) == (100, 3)
        assert second["next"] is None
        ids = {one["id"] for page in (first, second) for one in page["appointments"]}
        assert len(ids) == 103

    def test_names_what_is_wrong(self, api: Api) -> None:
        for query, named in [
            ("", {"from", "to"}),
            ("from=2026-03-03", {"to"}),
            ("from=2026-02-30&to=x", {"from", "to"}),
            ("from=2026-03-03&to=2026-03-02", {"to"}),
            ("from=2026-03-03&to=2026-06-03", {"to"}),
            ("from=2026-03-03&to=2026-03-03&practitioner=x", {"practitioner"}),
            ("from=2026-03-03&to=2026-03-03&status=gone", {"status"}),
            ("from=2026-03-03&to=2026-03-03&cursor=x", {"cursor"}),
            ("from=2026-03-03&to=2026-03-03&cursor=", {"cursor"}),
            ("from=2026-03-03&to=2026-03-03&cursor=OTk5OTk5OTk5OTk5OTk5OTkvMQ", set()),
            ("from=2026-03-03&to=2026-03-03&cursor=%F0%9F%98%80", {"cursor"}),
            ("from=2026-03-03&to=2026-03-03&to=2026-03-03", {"to"}),
            ("from=2026-03-03&to=2026-03-03&limit=5", {"limit"}),
        ]:
            answer = api.call("GET", f"/appointments?{query}", role="front_desk")
            assert answer.status_code == (422 if named else 200)
            assert set(answer.get_json().get("errors", {})) == named

    def test_leaves_one_entry_that_tells_whom_it_showed(self, api: Api) -> None:
        api.booked()
        with api.app.app_context():
            shown = db.session.scalars(select(Patient.public_id)).one()
        self.listed(api, from_="2026-03-03", to="2026-03-04")
        looks = [entry for entry in trail(api) if entry[0] == "appointments.listed"]
        assert looks == [
            (
                "appointments.listed",
                "front_desk",
                None,
                {
                    "from": "2026-03-03",
                    "to": "2026-03-04",
                    "practitioner": None,
                    "status": None,
                    "count": 1,
                    "seen": [f"patient:{shown}"],
                },
            )
        ]


class TestMove:
    def test_c1_is_not_in_its_own_way(self, api: Api) -> None:
        visit = api.booked("2026-03-03T16:30:00Z")
        answer = move(api, visit, "2026-03-03T16:45:00Z")
        assert answer.status_code == 200
        found = answer.get_json()
        assert (found["id"], found["starts_at"]) == (visit["id"], "2026-03-03T16:45:00Z")
        assert (found["version"], answer.headers["ETag"]) == (2, '"2"')

    def test_r6_leaves_it_as_it_was_when_the_room_is_taken(self, api: Api) -> None:
        api.booked(service="gait")
        visit = api.booked("2026-03-03T18:00:00Z", service="gait", practitioner="quist", name="Eve")
        answer = move(api, visit, "2026-03-03T15:00:00Z")
        assert refused(answer) == (409, "slot-taken")
        assert answer.get_json()["alternatives"][0]["practitioner"] == "quist"
        after = api.get(f"/appointments/{visit['id']}", role="front_desk").get_json()
        assert (after["starts_at"], after["version"]) == ("2026-03-03T18:00:00Z", 1)

    def test_r15_frees_the_practitioner_it_left(self, api: Api) -> None:
        visit = api.booked()
        path = f"/appointments/{visit['id']}"
        moved = api.patch(path, {"practitioner": "quist"}, version=1)
        assert moved.get_json()["practitioner"] == "quist"
        assert api.book(name="Eve").status_code == 201

    def test_needs_the_version_that_was_looked_at(self, api: Api) -> None:
        visit = api.booked()
        path, body = f"/appointments/{visit['id']}", {"starts_at": "2026-03-03T16:00:00Z"}
        assert refused(api.patch(path, body)) == (428, "precondition-required")
        assert refused(api.patch(path, body, version=2)) == (412, "version-mismatch")
        assert refused(api.patch(path, body, version='"7"')) == (412, "version-mismatch")
        assert api.patch(path, body, version='"1"').status_code == 200
        assert refused(api.patch(path, body, version=1)) == (412, "version-mismatch")
        assert api.patch(path, {"starts_at": "2026-03-03T17:00:00Z"}, version=2).status_code == 200

    def test_refuses_what_is_no_version(self, api: Api) -> None:
        for version in [
            "",
            "x",
            "*",
            '"',
            '""',
            "1.0",
            "-1",
            'W/"1"',
            '"1", "2"',
            "9" * 5000,
            "1e3",
        ]:
            answer = api.patch(f"/appointments/{UNKNOWN}", {}, version=version)
            assert refused(answer) == (422, "invalid")
            assert set(answer.get_json()["errors"]) == {"If-Match"}

    def test_changes_nothing_when_nothing_is_asked(self, api: Api) -> None:
        visit = api.booked(role="front_desk")
        answer = api.patch(f"/appointments/{visit['id']}", {}, version=1)
        assert (answer.status_code, answer.get_json()) == (200, visit)

    def test_is_not_found_under_another_id(self, api: Api) -> None:
        assert refused(api.patch(f"/appointments/{UNKNOWN}", {}, version=1)) == (404, "not-found")

    def test_names_what_is_wrong(self, api: Api) -> None:
        visit = api.booked()
        for body, named in [
            ({"starts_at": "2026-03-03"}, {"starts_at"}),
            ({"starts_at": 5}, {"starts_at"}),
            ({"practitioner": "x"}, {"practitioner"}),
            ({"practitioner": []}, {"practitioner"}),
            ({"resources": "lab"}, {"resources"}),
            ({"resources": ["x"]}, {"resources"}),
            ({"resources": [1]}, {"resources"}),
            ({"resources": ["lab", "lab"]}, {"resources"}),
            ({"resources": ["x" * 10_000]}, {"resources"}),
            ({"resources": ["lab"] * 1000}, {"resources"}),
            ({"override": {}}, {"override.reason"}),
            ({"override": {"reason": "x", "y": 1}}, {"override.y"}),
            ({"service": "fu"}, {"service"}),
            ({"version": 1}, {"version"}),
            ([], {"body"}),
        ]:
            answer = api.patch(f"/appointments/{visit['id']}", body, version=1)
            assert refused(answer) == (422, "invalid")
            assert set(answer.get_json()["errors"]) == named

    def test_goes_against_hours_with_a_reason(self, api: Api) -> None:
        visit = api.booked()
        late = "2026-03-04T00:00:00Z"
        assert refused(move(api, visit, late)) == (422, "not-offered")
        answer = move(api, visit, late, override={"reason": "works late"})
        assert answer.get_json()["override"] == {"reason": "works late", "by": "front_desk"}

    def test_refuses_what_is_cancelled(self, api: Api) -> None:
        visit = step(api, api.booked(), "cancel").get_json()
        assert refused(move(api, visit, "2026-03-04T15:00:00Z")) == (409, "wrong-state")


class TestSteps:
    def test_go_forward_and_may_skip(self, api: Api) -> None:
        visit = api.booked()
        for action, status in (
            ("confirm", "booked"),
            ("arrive", "arrived"),
            ("check-in", "checked-in"),
            ("fulfil", "fulfilled"),
        ):
            answer = step(api, visit, action)
            assert (answer.status_code, answer.get_json()["status"]) == (200, status)
        skipping = api.booked("2026-03-04T15:00:00Z", name="Eve")
        assert step(api, skipping, "fulfil").get_json()["status"] == "fulfilled"
        assert refused(step(api, skipping, "arrive")) == (409, "wrong-state")

    @pytest.mark.parametrize("action", ["confirm", "arrive", "check-in", "fulfil", "cancel"])
    def test_change_nothing_when_repeated(self, api: Api, action: str) -> None:
        visit = api.booked()
        first, second = step(api, visit, action), step(api, visit, action)
        assert (first.status_code, second.status_code) == (200, 200)
        assert first.get_json() == second.get_json()

    def test_know_a_no_show_only_after_the_start(self, api: Api, at: At) -> None:
        visit = api.booked()
        assert refused(step(api, visit, "no-show")) == (409, "wrong-state")
        at("2026-03-03T15:10:00Z")
        for _ in range(2):
            assert step(api, visit, "no-show").get_json()["status"] == "noshow"

    def test_undo_one_step_back(self, api: Api) -> None:
        visit = api.booked()
        assert refused(step(api, visit, "undo")) == (409, "wrong-state")
        step(api, visit, "arrive")
        step(api, visit, "cancel")
        assert step(api, visit, "undo").get_json()["status"] == "arrived"
        assert step(api, visit, "undo").get_json()["status"] == "booked"

    def test_undo_not_into_a_time_that_went(self, api: Api) -> None:
        visit = api.booked()
        step(api, visit, "cancel")
        api.booked(name="Eve")
        assert refused(step(api, visit, "undo")) == (409, "slot-taken")

    def test_heed_a_version_when_one_is_sent(self, api: Api) -> None:
        path = f"/appointments/{api.booked()['id']}/arrive"
        assert refused(api.post(path, role="admin", If_Match="2")) == (412, "version-mismatch")
        assert api.post(path, role="admin", If_Match="1").status_code == 200

    def test_cancel_only_with_a_reason(self, api: Api) -> None:
        path = f"/appointments/{api.booked()['id']}/cancel"
        for body, named in [
            ({}, "reason"),
            ({"reason": ""}, "reason"),
            ({"reason": 1}, "reason"),
            ({"reason": "x" * 10_000}, "reason"),
            ({"reason": "\x1b"}, "reason"),
            ({"reason": "ill", "by": "me"}, "by"),
            ([], "body"),
        ]:
            answer = api.post(path, body, role="front_desk")
            assert refused(answer) == (422, "invalid")
            assert set(answer.get_json()["errors"]) == {named}

    def test_take_no_words_otherwise(self, api: Api) -> None:
        path = f"/appointments/{api.booked()['id']}/arrive"
        assert refused(api.post(path, {"reason": "x"}, role="front_desk")) == (422, "invalid")
        assert api.call("POST", path, role="front_desk").status_code == 200

    def test_are_not_found_under_other_names(self, api: Api) -> None:
        visit = api.booked()
        assert refused(step(api, visit, "delete")) == (404, "not-found")
        assert refused(step(api, {"id": UNKNOWN}, "arrive")) == (404, "not-found")

    def test_leave_a_trail(self, api: Api) -> None:
        visit = api.booked()
        step(api, visit, "arrive")
        assert ("appointment.arrived", "front_desk", f"appointment:{visit['id']}", {}) in trail(api)
