"""The OpenAPI document says what the API does."""

import re
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing import Registry, Resource

from clinic.interop.presenters.document import document
from tests.integration.interop.conftest import TUESDAY_10, Api, patient

ANY_OF = re.compile(r"<any\((?P<words>[^)]*)\):\w+>")
ID = "A" * 22


def routes(app: Flask) -> set[tuple[str, str]]:
    """Method and path of every view of the API, in OpenAPI's spelling."""
    found = set()
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("api."):
            path = rule.rule.removeprefix("/api/v1")
            some = ANY_OF.search(path)
            words = [word.strip("' ") for word in some["words"].split(",")] if some else [""]
            for word in words:
                spelled = re.sub(r"<\w+>", "{id}", ANY_OF.sub(word, path))
                found |= {
                    (method, spelled) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
                }
    return found


def check(answer: Any, *, method: str, path: str) -> None:
    """The answer is one that the document announces."""
    told = document()["paths"][path][method]["responses"][str(answer.status_code)]
    schema = told["content"][answer.mimetype]["schema"]
    whole = Resource.from_contents(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", **document()}
    )
    registry: Registry[Any] = Registry().with_resource("urn:api", whole)
    there = {"$ref": f"urn:api{schema['$ref']}"} if "$ref" in schema else schema
    validator = Draft202012Validator(there, registry=registry)
    faults = [
        f"{list(fault.path)}: {fault.message}" for fault in validator.iter_errors(answer.get_json())
    ]
    assert not faults


class TestDocument:
    def test_is_openapi(self, api: Api) -> None:
        found = api.get("/openapi.json").get_json()
        assert found["openapi"].startswith("3.1")
        assert list(OpenAPIV31SpecValidator(found).iter_errors()) == []

    def test_names_every_call_and_no_other(self, app: Flask) -> None:
        told = {
            (method.upper(), path)
            for path, calls in document()["paths"].items()
            for method in calls
        }
        assert told == routes(app)

    def test_has_no_shape_that_nobody_uses(self) -> None:
        used = set(re.findall(r"#/components/schemas/(\w+)", str(document())))
        assert used == set(document()["components"]["schemas"])


class TestAnswers:
    def test_are_as_announced_for_what_is_offered(self, api: Api) -> None:
        for role in (None, "front_desk"):
            for name in ("/services", "/practitioners", "/locations"):
                check(api.get(name, role=role), method="get", path=name)
        asked = {"service": "eval", "from_": "2026-03-03"}
        check(api.get("/slots", to="2026-03-03", **asked), method="get", path="/slots")
        check(api.get("/slots", to="x", **asked), method="get", path="/slots")
        closed = api.get("/slots", service="eval", from_="2026-03-07", to="2026-03-07")
        check(closed, method="get", path="/slots")

    def test_are_as_announced_for_appointments(self, api: Api) -> None:
        check(api.book(), method="post", path="/appointments")
        check(api.book(name="Eve"), method="post", path="/appointments")
        check(api.book(service="x"), method="post", path="/appointments")
        over = api.book(name="Eve", role="admin", override={"reason": "in pain"})
        check(over, method="post", path="/appointments")
        visit = over.get_json()["id"]
        listed = api.get("/appointments", role="admin", from_="2026-03-03", to="2026-03-03")
        check(listed, method="get", path="/appointments")
        one = "/appointments/{id}"
        check(api.get(f"/appointments/{visit}", role="admin"), method="get", path=one)
        check(api.get(f"/appointments/{visit}", role="auditor"), method="get", path=one)
        check(api.get(f"/appointments/{ID}", role="admin"), method="get", path=one)
        for version in (None, 1, 1, "x"):
            moved = api.patch(
                f"/appointments/{visit}", {"starts_at": "2026-03-04T15:00:00Z"}, version=version
            )
            check(moved, method="patch", path=one)

    @pytest.mark.parametrize(
        "action", ["confirm", "arrive", "check-in", "fulfil", "no-show", "cancel", "undo"]
    )
    def test_are_as_announced_for_steps(self, api: Api, action: str) -> None:
        visit = api.booked()["id"]
        body = {"reason": "ill"} if action == "cancel" else None
        for _ in range(2):
            answer = api.post(f"/appointments/{visit}/{action}", body, role="front_desk")
            check(answer, method="post", path=f"/appointments/{{id}}/{action}")

    def test_are_as_announced_for_series(self, api: Api) -> None:
        api.booked("2026-03-10T14:00:00Z", name="Eve")
        path = "/appointments/series"
        body: dict[str, Any] = {
            "service": "eval",
            "practitioner": "osei",
            "starts_at": TUESDAY_10,
            "patient": patient(),
            "rule": {"weekly": ["tue"], "count": 3},
        }
        for way in ("preview", "none", "free", "never"):
            answer = api.post(path, body | {"on_conflict": way}, role="front_desk")
            check(answer, method="post", path=path)
            if answer.status_code == 201:
                series = answer.get_json()["series"]
        moved = api.patch(f"/series/{series}", {"from_visit": 2, "local_time": "11:30"})
        check(moved, method="patch", path="/series/{id}")
        cancelled = api.post(f"/series/{series}/cancel", role="front_desk")
        check(cancelled, method="post", path="/series/{id}/cancel")
