"""Whatever is sent, the API answers as announced and never breaks."""

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.interop.presenters.document import document
from tests.integration.interop.conftest import CLINIC, TUESDAY_10, Api, patient

At = Callable[[str], None]
ID = "A" * 22
CORPUS: list[Any] = [
    "",
    " ",
    "x" * 10_000,
    "\x00",
    "a\x07\x1b[0m",
    "\N{PILE OF POO}",
    "\u202eאבג",
    "\ud800",
    "2026-02-30",
    "20000-01-01",
    "12a",
    "' OR 1=1 --",
    "<script>",
    "{{7*7}}",
    "../../etc/passwd",
    "null",
    0,
    -1,
    10**400,
    1.5,
    True,
    [],
    {},
    [[]],
    {"a": {"b": {}}},
]
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("POST", "/appointments"): {
        "service": "eval",
        "practitioner": "osei",
        "location": "main",
        "starts_at": TUESDAY_10,
        "state": "NY",
        "patient": patient(),
        "override": {"reason": "x"},
    },
    ("PATCH", "/appointments/{id}"): {
        "starts_at": TUESDAY_10,
        "practitioner": "osei",
        "resources": [],
        "override": {"reason": "x"},
    },
    ("POST", "/appointments/{id}/cancel"): {"reason": "x"},
    **{
        ("POST", f"/appointments/{{id}}/{step}"): {}
        for step in ("confirm", "arrive", "check-in", "fulfil", "no-show", "undo")
    },
    ("POST", "/appointments/series"): {
        "service": "eval",
        "practitioner": "osei",
        "starts_at": TUESDAY_10,
        "patient": patient(),
        "rule": {"weekly": ["tue"], "count": 2},
        "on_conflict": "preview",
    },
    ("POST", "/series/{id}/cancel"): {"from_visit": 1, "reason": "x"},
    ("PATCH", "/series/{id}"): {"from_visit": 1, "practitioner": "osei", "local_time": "10:00"},
    ("POST", "/visit-requests"): {
        "modality": "telehealth",
        "reason": "My hip hurts.",
        "preferred": [{"from": TUESDAY_10, "to": "2026-03-03T17:00:00Z"}],
        "state": "NY",
        "time_zone": "America/Denver",
        "practitioner": "quist",
        "patient": patient("Rae"),
    },
    ("POST", "/visit-requests/{id}/offer"): {
        "times": [{"starts_at": TUESDAY_10, "practitioner": "osei", "service": "video"}],
    },
    ("POST", "/visit-requests/{id}/answer"): {"message": "Rest it."},
    ("POST", "/visit-requests/{id}/decline"): {"reason": "x"},
    ("POST", "/visit-requests/{id}/schedule"): {
        "starts_at": TUESDAY_10,
        "practitioner": "osei",
        "service": "video",
        "location": "main",
        "state": "NY",
        "override": {"reason": "x"},
    },
    ("POST", "/waitlist"): {
        "service": "eval",
        "practitioner": "osei",
        "location": "main",
        "from": "2026-03-03",
        "to": "2026-03-10",
        "days": ["tue"],
        "times": [["09:00", "12:00"]],
        "state": "NY",
        "language": "es",
        "patient": patient("Wim"),
    },
    ("POST", "/waitlist/{id}/withdraw"): {},
    ("POST", "/waitlist/{id}/book"): {
        "starts_at": TUESDAY_10,
        "practitioner": "osei",
        "location": "main",
        "override": {"reason": "x"},
    },
    ("POST", "/orders"): {
        "product": "gait-3d",
        "patient": patient("Ola"),
        "starts_at": TUESDAY_10,
        "practitioner": "osei",
    },
    ("POST", "/orders/{id}/refund"): {"cents": 100, "reason": "x"},
    ("POST", "/orders/{id}/schedule"): {
        "starts_at": TUESDAY_10,
        "practitioner": "osei",
        "override": {"reason": "x"},
    },
}
QUERIES: dict[str, dict[str, str]] = {
    "/services": {},
    "/practitioners": {},
    "/locations": {},
    "/slots": {
        "service": "eval",
        "from": "2026-03-03",
        "to": "2026-03-03",
        "practitioner": "osei",
        "location": "main",
        "state": "NY",
    },
    "/appointments": {
        "from": "2026-03-03",
        "to": "2026-03-03",
        "practitioner": "osei",
        "status": "booked",
        "cursor": "x",
    },
    "/visit-requests": {"status": "requested", "cursor": "x"},
    "/waitlist": {"status": "waiting", "cursor": "x"},
    "/orders": {"status": "paid", "cursor": "x"},
    "/openapi.json": {},
}
PRODUCT = """
[[products]]
slug = "gait-3d"
name = "3D gait analysis"
service = "gait"
price_cents = 35000
currency = "usd"
"""
THOROUGH = ("/appointments", "/series")
"""Calls that try every value at every place; others share them out among theirs."""
ALIKE = {"patient", "override"}
ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inside: (
        st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=6), inside, max_size=3)
    ),
    max_leaves=6,
)
FEW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


Place = tuple[str | int, ...]


def places(body: Any, path: Place = ()) -> list[Place]:
    """The path of every member of a body, inside of lists too."""
    found: list[Place] = []
    for name, value in body.items() if isinstance(body, dict) else enumerate(body):
        found.append((*path, name))
        if isinstance(value, dict | list):
            found += places(value, (*path, name))
    return found


def places_of(call: tuple[str, str]) -> list[Place]:
    """The places of a call's body; whose inside is read alike everywhere is tried once."""
    known = call != ("POST", "/appointments")
    return [one for one in places(BODIES[call]) if not (known and len(one) > 1 and one[0] in ALIKE)]


def changed(body: Any, path: Place, value: object) -> Any:
    """The body with another value at a path."""
    made = copy.deepcopy(body)
    inside = made
    for name in path[:-1]:
        inside = inside[name]
    inside[path[-1]] = value
    return made


def without(body: Any, path: Place) -> Any:
    """The body without what is at a path."""
    made = copy.deepcopy(body)
    inside = made
    for name in path[:-1]:
        inside = inside[name]
    del inside[path[-1]]
    return made


class TestEveryCall:
    """A call that is new in the document must be tried here too."""

    def test_with_a_body_is_among_the_bodies(self) -> None:
        told = {
            (method.upper(), path)
            for path, calls in document()["paths"].items()
            for method in calls
            if method != "get"
        }
        assert told == set(BODIES)

    def test_without_is_among_the_queries_with_each_of_its_parameters(self) -> None:
        told = {
            path: {one["name"] for one in calls["get"].get("parameters", ())}
            for path, calls in document()["paths"].items()
            if "get" in calls and "{id}" not in path
        }
        assert told == {path: set(query) for path, query in QUERIES.items()}

    def test_of_one_thing_answers_any_id(self, api: Api) -> None:
        for path, calls in document()["paths"].items():
            for ident in ("", " ", "x", "%00", "..", "A" * 300, "%F0%9F%92%A9", ID):
                for method in calls if "{id}" in path else ():
                    answer = api.call(
                        method.upper(),
                        path.replace("{id}", ident),
                        role="front_desk",
                        json=BODIES.get((method.upper(), path)),
                        headers={"If-Match": "1"},
                    )
                    assert 200 <= answer.status_code < 500, (method, path, ident, answer.text[:300])


class TestBodies:
    @pytest.fixture(autouse=True)
    def ids(self, api: Api) -> None:
        """What stands for `{id}` in paths: a visit, a series and a request that there are."""
        self.api = api
        api.load(CLINIC + PRODUCT)
        self.visit = api.booked("2026-03-05T15:00:00Z", name="Eve")["id"]
        answer = api.post(
            "/appointments/series",
            BODIES["POST", "/appointments/series"] | {"on_conflict": "free"},
            role="front_desk",
        )
        self.series = answer.get_json()["series"]
        asked = api.post("/visit-requests", BODIES["POST", "/visit-requests"], role="front_desk")
        self.idents = {
            "series": self.series,
            "visit-requests": asked.get_json()["id"],
            "orders": ID,
        }

    def send(self, method: str, path: str, body: object) -> Any:
        ident = self.idents.get(path.split("/")[1], self.visit)
        return self.api.call(
            method,
            path.replace("{id}", ident),
            role="front_desk",
            data=json.dumps(body).encode(),
            content_type="application/json",
            headers={"If-Match": "1"},
        )

    def check(self, method: str, path: str, body: object) -> None:
        answer = self.send(method, path, body)
        what = (method, path, str(body)[:300], answer.text[:300])
        assert answer.status_code < 500 or self.is_unpaid(answer), what
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json", what
        if answer.status_code == 422 and answer.get_json()["type"].endswith("/invalid"):
            assert all(answer.get_json()["errors"].values()), what

    def is_unpaid(self, answer: Any) -> bool:
        """A good order hears that this clinic takes no payments."""
        return bool(answer.status_code == 503 and "no payments online" in answer.text)

    def test_with_anything_at_any_place(self) -> None:
        for (method, path), body in BODIES.items():
            step = 1 if path.startswith(THOROUGH) else 3
            for number, place in enumerate(places_of((method, path))):
                for value in CORPUS[number % step :: step]:
                    self.check(method, path, changed(body, place, value))
                self.check(method, path, without(body, place))

    def test_with_far_moments(self) -> None:
        for (method, path), body in BODIES.items():
            if "starts_at" in body:
                for start in (
                    "1900-01-01T00:00:00Z",
                    "1960-02-29T12:00:00Z",
                    "9989-12-31T23:00:00Z",
                ):
                    self.check(method, path, {**body, "starts_at": start})
                    rule = {"rule": {"weekly": ["mon"], "count": 60}} if "rule" in body else {}
                    self.check(method, path, {**body, **rule, "starts_at": start})

    @FEW
    @given(body=ANY_JSON, call=st.sampled_from(sorted(BODIES)))
    def test_of_any_kind(self, body: object, call: tuple[str, str]) -> None:
        self.check(*call, body)

    @FEW
    @given(data=st.binary(max_size=200), call=st.sampled_from(sorted(BODIES)))
    def test_of_any_bytes(self, data: bytes, call: tuple[str, str]) -> None:
        method, path = call
        answer = self.api.call(
            method,
            path.replace("{id}", self.visit),
            role="front_desk",
            data=data,
            content_type="application/json",
            headers={"If-Match": "1"},
        )
        assert 200 <= answer.status_code < 500


class TestQueries:
    def test_with_anything_in_any_parameter(self, api: Api) -> None:
        texts = [str(value).encode("utf-8", "surrogatepass") for value in CORPUS]
        for path, query in QUERIES.items():
            for name in [*query, "other"]:
                for text in texts:
                    sent = {**query, name: text}
                    answer = api.call("GET", path, role="front_desk", query_string=sent)
                    assert answer.status_code in {200, 422}, (path, sent, answer.text[:300])

    @FEW
    @given(
        first=st.dates(),
        days=st.integers(0, 61),
        service=st.sampled_from(["eval", "class", "gait"]),
    )
    def test_with_any_dates(self, api: Api, first: Any, days: int, service: str) -> None:
        last = first.fromordinal(min(first.toordinal() + days, first.max.toordinal()))
        asked = {"from_": first.isoformat(), "to": last.isoformat()}
        slots = api.get("/slots", service=service, **asked)
        listed = api.get("/appointments", role="front_desk", **asked)
        for answer in (slots, listed):
            assert answer.status_code in {200, 422}, answer.text[:300]
            if first.year >= 1900 and last.year < 9990:
                assert answer.status_code == 200


class TestHeaders:
    def test_with_any_token(self, api: Api) -> None:
        for given_ in ("Bearer " + "x" * 10_000, "Bearer \xff", "Bearer a b", "bearer\tx", "\x7f"):
            answer = api.call("GET", "/services", headers={"Authorization": given_})
            assert answer.status_code == 401
