"""Whatever is sent, the API answers as announced and never breaks."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.integration.interop.conftest import TUESDAY_10, Api, patient

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
    ("POST", "/appointments/{id}/confirm"): {},
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
}
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
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)


def places(body: dict[str, Any], path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """The path of every member of a body."""
    found = []
    for name, value in body.items():
        found.append((*path, name))
        if isinstance(value, dict):
            found += places(value, (*path, name))
    return found


def changed(body: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The body with another value at a path."""
    name, *rest = path
    inside = changed(body[name], tuple(rest), value) if rest else value
    return {**body, name: inside}


def without(body: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The body without what is at a path."""
    name, *rest = path
    if rest:
        return {**body, name: without(body[name], tuple(rest))}
    return {other: value for other, value in body.items() if other != name}


class TestBodies:
    @pytest.fixture(autouse=True)
    def ids(self, api: Api) -> None:
        """What stands for `{id}` in paths: a visit and a series that there are."""
        self.api = api
        self.visit = api.booked("2026-03-05T15:00:00Z", name="Eve")["id"]
        answer = api.post(
            "/appointments/series",
            BODIES["POST", "/appointments/series"] | {"on_conflict": "free"},
            role="front_desk",
        )
        self.series = answer.get_json()["series"]

    def send(self, method: str, path: str, body: object) -> Any:
        ident = self.series if path.startswith("/series") else self.visit
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
        assert answer.status_code < 500, what
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json", what
        if answer.status_code == 422 and answer.get_json()["type"].endswith("/invalid"):
            assert all(answer.get_json()["errors"].values()), what

    def test_with_anything_at_any_place(self) -> None:
        for (method, path), body in BODIES.items():
            for place in places(body):
                for value in CORPUS:
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
