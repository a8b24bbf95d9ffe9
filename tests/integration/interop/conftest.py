"""A clinic behind the JSON API, its programs and its clock."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from clinic.core.values import SYSTEM, Role
from clinic.people.operations import create_token
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file

CLINIC = """
[clinic]
name = "Riverside Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0100"
[[locations]]
slug = "main"
name = "Main office"
address = "1 Example Street"
[[resources]]
slug = "lab"
name = "Gait lab"
kind = "room"
location = "main"
[[services]]
slug = "fu"
name = "Follow-up"
minutes = 45
price_cents = 12000
[[services]]
slug = "eval"
name = "First evaluation"
minutes = 60
price_cents = 20000
[[services]]
slug = "gait"
name = "Gait analysis"
minutes = 60
needs = [["lab"]]
price_cents = 35000
[[services]]
slug = "class"
name = "Balance class"
minutes = 60
capacity = 2
price_cents = 3000
[[services]]
slug = "video"
name = "Video visit"
minutes = 30
modality = "telehealth"
price_cents = 9000
[[services]]
slug = "screened"
name = "Back pain visit"
minutes = 45
safety_screen = true
price_cents = 12000
[[services]]
slug = "inside"
name = "Case review"
minutes = 30
online = false
price_cents = 0
[[services]]
slug = "nobody"
name = "Not yet"
minutes = 30
price_cents = 0
[[practitioners]]
slug = "osei"
name = "Amara Osei"
services = ["fu", "eval", "gait", "class", "video", "screened", "inside"]
[[practitioners.licences]]
state = "NY"
kind = "PT"
number = "000111"
[[practitioners.licences]]
state = "VT"
kind = "PT"
number = "000222"
valid_to = 2025-12-31
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"
[[practitioners]]
slug = "quist"
name = "Jonas Quist"
services = ["fu", "eval", "gait"]
licence = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"
[[practitioners]]
slug = "reyes"
name = "Ines Reyes"
services = ["inside"]
[[practitioners.hours]]
days = ["mon"]
from = "09:00"
to = "17:00"
location = "main"
"""
MONDAY = "2026-03-02T15:00:00Z"
"""Monday, 10:00 in New York."""
TUESDAY_10 = "2026-03-03T15:00:00Z"
UNKNOWN = "A" * 22


@pytest.fixture
def at(set_clock: Callable[[datetime], None]) -> Callable[[str], None]:
    """Stops the clock: `at("2026-03-02T15:00:00Z")`."""

    def stop(text: str) -> None:
        set_clock(datetime.fromisoformat(text))

    return stop


class Api:
    """Programs that call the API, and what they learn."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client = app.test_client()
        self.tokens: dict[str, str] = {}

    def load(self, text: str, *, allow_stranded: bool = False) -> None:
        """Let the clinic be what the file says."""
        with self.app.app_context():
            load_clinic(
                file=read_clinic_file(data=text.encode()),
                actor=SYSTEM,
                now=datetime(2026, 1, 1, tzinfo=UTC),
                allow_stranded=allow_stranded,
            )

    def token(self, role: str) -> str:
        """A token of that role."""
        if role not in self.tokens:
            with self.app.app_context():
                self.tokens[role] = create_token(
                    name=role, role=Role(role), actor=SYSTEM, now=datetime(2026, 1, 1, tzinfo=UTC)
                )
        return self.tokens[role]

    def call(self, method: str, path: str, *, role: str | None = None, **more: Any) -> TestResponse:
        """Any call; `role` sends that role's token."""
        headers = {**more.pop("headers", {})}
        if role is not None:
            headers["Authorization"] = f"Bearer {self.token(role)}"
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **more)

    def get(self, path: str, *, role: str | None = None, **query: str) -> TestResponse:
        """A GET with a query; `from_` stands for `from`."""
        named = {name.rstrip("_"): value for name, value in query.items()}
        return self.call("GET", path, role=role, query_string=named)

    def post(
        self, path: str, body: object = None, *, role: str | None = None, **headers: str
    ) -> TestResponse:
        """A POST of JSON; `Idempotency_Key="..."` sends that header."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.call("POST", path, role=role, json=body, headers=named)

    def patch(
        self, path: str, body: object, *, version: object = None, role: str | None = "front_desk"
    ) -> TestResponse:
        """A PATCH by staff with If-Match."""
        headers = {} if version is None else {"If-Match": str(version)}
        return self.call("PATCH", path, role=role, json=body, headers=headers)

    def book(
        self,
        starts_at: str = TUESDAY_10,
        *,
        role: str | None = None,
        name: str = "Ada",
        **more: Any,
    ) -> TestResponse:
        """A booking of an evaluation with Osei unless `more` says otherwise."""
        body = {"service": "eval", "practitioner": "osei", **more}
        body |= {"starts_at": starts_at, "patient": more.get("patient", patient(name))}
        return self.post("/appointments", body, role=role)

    def booked(self, starts_at: str = TUESDAY_10, **more: Any) -> dict[str, Any]:
        """A booking that must succeed."""
        answer = self.book(starts_at, **more)
        assert answer.status_code == 201, answer.text
        return dict(answer.get_json())

    def starts(self, from_: str, to: str | None = None, **query: str) -> list[str]:
        """The local times of the slots of Osei's evaluations, or of what `query` says."""
        role = query.pop("role", None)
        asked = {"service": "eval", "practitioner": "osei", **query}
        answer = self.get("/slots", role=role, from_=from_, to=to or from_, **asked)
        assert answer.status_code == 200, answer.text
        return [slot["local"] for slot in answer.get_json()["slots"]]


def patient(name: str = "Ada", **more: Any) -> dict[str, Any]:
    """A patient's details; another name is another person."""
    return {
        "given_name": name,
        "family_name": "Lovelace",
        "birth_date": "1980-02-29",
        "email": f"{name.lower()}@example.com",
        "phone": "+1 212 555 0142",
        **more,
    }


@pytest.fixture
def api(app: Flask, at: Callable[[str], None]) -> Api:
    """The clinic at ten on a Monday, once on each engine."""
    made = Api(app)
    made.load(CLINIC)
    at(MONDAY)
    return made


def code(answer: TestResponse) -> str:
    """The code of a problem, which must be one by all its marks."""
    found = answer.get_json()
    assert answer.mimetype == "application/problem+json", answer.text
    assert found["status"] == answer.status_code
    return str(found["type"].rpartition("/")[2])


def refused(answer: TestResponse) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, code(answer)


def cancel(api: Api, visit: dict[str, Any]) -> None:
    """Cancel a visit."""
    path = f"/appointments/{visit['id']}/cancel"
    assert api.post(path, {"reason": "ill"}, role="front_desk").status_code == 200
