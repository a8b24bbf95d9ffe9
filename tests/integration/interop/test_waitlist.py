"""The waitlist through the API: joined by anybody, worked by staff."""

from typing import Any

from werkzeug.test import TestResponse

from clinic.core.audit import AuditEntry, AuditSight
from clinic.core.db import db
from tests.integration.interop.conftest import (
    TUESDAY_10,
    UNKNOWN,
    Api,
    cancel,
    patient,
    refused,
)
from tests.integration.interop.test_document import check

PATH, ONE = "/waitlist", "/waitlist/{id}"
WEDNESDAY_10 = "2026-03-04T15:00:00Z"


REFUSALS: list[tuple[dict[str, Any], str, str | None]] = [
    ({"service": "x"}, "invalid", "service"),
    ({"service": ...}, "invalid", "service"),
    ({"practitioner": "x"}, "invalid", "practitioner"),
    ({"from": "3 March"}, "invalid", "from"),
    ({"to": ...}, "invalid", "to"),
    ({"to": "2026-03-02"}, "invalid", "to"),
    ({"days": []}, "invalid", "days"),
    ({"days": ["tue", "tue"]}, "invalid", "days"),
    ({"days": ["Tuesday"]}, "invalid", "days"),
    ({"times": [["12:00", "09:00"]]}, "invalid", "times.0"),
    ({"times": [["9", "12"]]}, "invalid", "times.0"),
    ({"times": [["24:00", "24:00"]]}, "invalid", "times.0"),
    ({"times": [["10:00", "10:30"]]}, "invalid", "times"),
    ({"patient": {"given_name": "Wim"}}, "invalid", "patient.birth_date"),
    ({"language": "not a tag"}, "invalid", "language"),
    ({"time_zone": "America/Denver"}, "invalid", "time_zone"),
    ({"service": "video"}, "invalid", "state"),
    ({"surprise": 1}, "invalid", "surprise"),
    ({"from": "2026-02-03", "to": "2026-02-04"}, "too-soon", None),
    ({"from": "2026-08-03", "to": "2026-08-04"}, "too-far", None),
    ({"service": "video", "state": "VT"}, "not-licensed", None),
    ({"service": "inside", "practitioner": ...}, "not-offered", None),
    ({"service": "nobody", "practitioner": ...}, "not-offered", None),
    ({"service": "screened"}, "needs-screening", None),
]


def join(api: Api, name: str = "Wim", *, role: str | None = None, **changes: Any) -> TestResponse:
    asked = {
        "service": "eval",
        "practitioner": "osei",
        "from": "2026-03-03",
        "to": "2026-03-03",
        "days": ["tue"],
        "times": [["10:00", "11:00"]],
        "patient": patient(name),
        **changes,
    }
    body = {member: value for member, value in asked.items() if value is not ...}
    key = {"Idempotency_Key": changes["key"]} if body.pop("key", None) else {}
    answer = api.post(PATH, body, role=role, **key)
    check(answer, method="post", path=PATH)
    return answer


def joined(api: Api, name: str = "Wim", **changes: Any) -> dict[str, Any]:
    answer = join(api, name, **changes)
    assert answer.status_code == 201, answer.text
    return dict(answer.get_json())


def seen(api: Api, entry: dict[str, Any]) -> dict[str, Any]:
    answer = api.get(f"{PATH}/{entry['id']}", role="front_desk")
    check(answer, method="get", path=ONE)
    return dict(answer.get_json())


def step(
    api: Api, entry: dict[str, Any], name: str, body: Any, role: str = "front_desk"
) -> TestResponse:
    answer = api.post(f"{PATH}/{entry['id']}/{name}", body, role=role)
    check(answer, method="post", path=f"{ONE}/{name}")
    return answer


class TestJoin:
    def test_answers_that_one_waits_and_where_it_is_followed(self, api: Api) -> None:
        api.booked()
        answer = join(api)
        told = answer.get_json()
        assert set(told) == {"id", "status", "status_url"}
        assert told["status"] == "waiting"
        assert "/waitlist/" in told["status_url"]
        assert answer.headers["Location"] == f"/api/v1/waitlist/{told['id']}"
        assert seen(api, told) | {"status_url": "", "patient": {}, "id": ""} == {
            "id": "",
            "status": "waiting",
            "status_url": "",
            "service": "eval",
            "practitioner": "osei",
            "location": None,
            "state": None,
            "from": "2026-03-03",
            "to": "2026-03-03",
            "days": ["tue"],
            "times": [["10:00", "11:00"]],
            "time_zone": "America/New_York",
            "language": None,
            "offer": None,
            "appointment": None,
            "joined_at": "2026-03-02T15:00:00Z",
            "closed_at": None,
            "patient": {},
            "version": 1,
        }

    def test_is_once_and_the_same_for_one_key(self, api: Api) -> None:
        first = joined(api, key="k")
        assert joined(api, key="k") == first
        assert refused(join(api)) == (409, "limit-reached")
        assert joined(api, service="fu", times=..., practitioner=None)["status"] == "waiting"

    def test_refuses_by_field_and_in_the_order_of_booking(self, api: Api) -> None:
        for changes, code, field in REFUSALS:
            answer = join(api, **changes)
            assert refused(answer) == (422, code), changes
            assert field is None or field in answer.get_json()["errors"], changes
        assert answer.get_json()["book_url"].endswith("/book/screened")

    def test_is_for_staff_who_book(self, api: Api) -> None:
        assert refused(join(api, role="auditor")) == (403, "forbidden")
        found = joined(api, role="front_desk", service="inside", times=...)
        assert found["service"] == "inside"


class TestOffer:
    def test_follows_a_cancellation_at_once(self, api: Api) -> None:
        visit = api.booked()
        first, second = joined(api, "Wim"), joined(api, "Xia")
        cancel(api, visit)
        told = seen(api, first)
        assert (told["status"], seen(api, second)["status"]) == ("offered", "waiting")
        assert told["offer"] | {"id": ""} == {
            "id": "",
            "practitioner": "osei",
            "location": "main",
            "starts_at": TUESDAY_10,
            "local": "2026-03-03T10:00:00-05:00",
            "expires_at": "2026-03-02T17:00:00Z",
        }
        assert "2026-03-03T10:00:00-05:00" not in api.starts("2026-03-03")
        assert refused(api.book(TUESDAY_10, name="Yan")) == (409, "slot-taken")

    def test_is_booked_or_withdrawn_by_staff(self, api: Api) -> None:
        visit = api.booked()
        first, second = joined(api, "Wim"), joined(api, "Xia")
        cancel(api, visit)
        for _ in range(2):
            booked = step(api, first, "book", {"starts_at": TUESDAY_10, "practitioner": "osei"})
            assert (booked.status_code, booked.get_json()["status"]) == (200, "booked")
        made = api.get(f"/appointments/{booked.get_json()['appointment']}", role="front_desk")
        assert made.get_json()["starts_at"] == TUESDAY_10
        assert refused(step(api, first, "withdraw", {})) == (409, "wrong-state")
        taken = step(api, second, "book", {"starts_at": TUESDAY_10, "practitioner": "osei"})
        assert refused(taken) == (409, "slot-taken")
        for _ in range(2):
            gone = step(api, second, "withdraw", None if _ else {})
            assert gone.get_json()["status"] == "withdrawn"
        assert refused(step(api, {"id": UNKNOWN}, "withdraw", {})) == (404, "not-found")
        assert refused(step(api, second, "book", {"starts_at": 1}))[1] == "invalid"


class TestList:
    def test_goes_by_status_and_is_put_on_record(self, api: Api) -> None:
        entries = [joined(api, name) for name in ("Wim", "Xia")]
        step(api, entries[0], "withdraw", {})
        for status, expected in (("waiting", entries[1:]), ("withdrawn", entries[:1])):
            answer = api.get(PATH, role="clinician", status=status)
            check(answer, method="get", path=PATH)
            assert [one["id"] for one in answer.get_json()["entries"]] == [
                one["id"] for one in expected
            ]
            assert answer.get_json()["next"] is None
        with api.app.app_context():
            looks = db.session.query(AuditEntry).filter_by(action="waitlist.listed").count()
            assert (looks, db.session.query(AuditSight).count()) == (2, 2)
        assert refused(api.get(PATH, role="front_desk", status="none")) == (422, "invalid")
        assert refused(api.get(PATH)) == (401, "unauthorized")
        assert refused(api.get(PATH, role="auditor")) == (403, "forbidden")
