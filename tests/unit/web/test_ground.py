"""Errors, headers, assets and styles: what every answer owes, whatever the page."""

import gzip
import logging
from typing import Any

import pytest
from flask import Flask, abort, render_template_string
from sqlalchemy.exc import OperationalError

from clinic.core.errors import Busy, Invalid, Refusal
from tests.support.ground import make_ground
from tests.support.pages import Page, check_page
from tools.build_css import SHEETS, shrunk
from tools.build_css import main as build_css

LOST = OperationalError("SELECT 1", {}, Exception("gone"))
KINDS: dict[str, Exception] = {
    "lost": LOST,
    "busy": Busy(),
    "taken": Refusal("That time was taken a moment ago.", alternatives=["x"]),
    "invalid": Invalid({"name": ["Enter a name"]}),
    "unforeseen": ZeroDivisionError("Jordan Avery"),
}


@pytest.fixture
def ground() -> Flask:
    app = make_ground(base_url="https://clinic.example.com")

    @app.get("/fail/<kind>", endpoint="page")
    @app.get("/api/v1/fail/<kind>", endpoint="api")
    def fail(kind: str) -> str:
        raise KINDS[kind]

    @app.get("/stop/<int:status>", endpoint="stop")
    def stop(status: int) -> str:
        abort(status)

    @app.post("/send", endpoint="send")
    def send() -> str:
        return "sent"

    return app


def answer(app: Flask, path: str, **more: Any) -> tuple[Any, Page]:
    response = app.test_client().get(path, **more)
    return response, Page(path, response.status_code, response.data.decode(errors="replace"))


class TestErrorPages:
    @pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 410, 413, 429, 500, 503])
    def test_are_whole_pages(self, ground: Flask, status: int) -> None:
        response, page = answer(ground, f"/stop/{status}")
        assert response.status_code == status
        check_page(page)

    @pytest.mark.parametrize(
        ("kind", "status", "words"),
        [
            ("lost", 503, "Nothing you typed is lost"),
            ("busy", 503, "Nothing you typed is lost"),
            ("taken", 409, "That time was taken a moment ago."),
            ("invalid", 422, "Enter a name"),
            ("unforeseen", 500, "It is not your fault"),
        ],
    )
    def test_say_it_in_plain_words(self, ground: Flask, kind: str, status: int, words: str) -> None:
        response, page = answer(ground, f"/fail/{kind}")
        check_page(page)
        assert (response.status_code, words in page.text) == (status, True)
        assert ("Retry-After" in response.headers) == (status == 503)

    @pytest.mark.parametrize("path", ["/stop/429?day=1", "/stop/500?day=1", "/fail/lost?day=1"])
    def test_offer_to_try_again_where_it_may_help(self, ground: Flask, path: str) -> None:
        page = answer(ground, path)[1]
        assert page.links()[-2:] == [path, "/"]

    @pytest.mark.parametrize("path", ["/stop/404", "/stop/403", "/stop/413"])
    def test_offer_only_what_may_help(self, ground: Flask, path: str) -> None:
        page = answer(ground, path)[1]
        assert "Try again" not in page.text
        assert page.links()[-1] == "/"

    def test_explain_a_form_that_is_not_ours(self, ground: Flask) -> None:
        response = ground.test_client().post("/send")
        page = Page("/send", response.status_code, response.get_data(as_text=True))
        assert (page.status, page.h1) == (400, "Please send the form again")

    def test_keep_the_methods_that_are_allowed(self, ground: Flask) -> None:
        assert "POST" in ground.test_client().get("/send").headers["Allow"]

    def test_need_no_facts_of_the_clinic_but_use_what_is_remembered(self, ground: Flask) -> None:
        client = ground.test_client()
        assert b"555-0142" not in client.get("/fail/lost").data
        client.get("/_components")
        assert b"555-0142" in client.get("/fail/lost").data


class TestProblems:
    @pytest.mark.parametrize(
        ("kind", "status", "code"),
        [
            ("lost", 503, "unavailable"),
            ("busy", 503, "busy"),
            ("taken", 409, "refused"),
            ("invalid", 422, "invalid"),
            ("unforeseen", 500, "internal-error"),
        ],
    )
    def test_answer_programs(self, ground: Flask, kind: str, status: int, code: str) -> None:
        response, _ = answer(ground, f"/api/v1/fail/{kind}")
        assert response.mimetype == "application/problem+json"
        body = response.get_json(force=True)
        assert (response.status_code, body["status"]) == (status, status)
        assert body["type"].rsplit("/", 1)[-1] == code
        assert body["title"]

    def test_carry_what_the_refusal_knows(self, ground: Flask) -> None:
        body = answer(ground, "/api/v1/fail/taken")[0].get_json(force=True)
        assert (body["detail"], body["alternatives"]) == (KINDS["taken"].args[0], ["x"])
        body = answer(ground, "/api/v1/fail/invalid")[0].get_json(force=True)
        assert body["errors"] == {"name": ["Enter a name"]}

    def test_answer_paths_that_do_not_exist(self, ground: Flask) -> None:
        response, _ = answer(ground, "/api/v1/nothing")
        assert response.get_json(force=True)["type"] == "/problems/not-found"


class TestLogs:
    def test_never_quote_what_an_error_said(
        self, ground: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        ground.testing = False
        answer(ground, "/fail/unforeseen?name=Jordan")
        assert "ZeroDivisionError" in caplog.text
        assert "Jordan" not in caplog.text

    def test_name_the_route_and_not_the_address(
        self, ground: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.INFO)
        response, _ = answer(ground, "/stop/404?born=1984")
        assert "/stop/<int:status>" in caplog.text
        assert response.headers["X-Request-Id"] in caplog.text
        assert "born" not in caplog.text


class TestHeaders:
    def test_deny_what_we_do_not_use(self, ground: Flask) -> None:
        headers = answer(ground, "/_components")[0].headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; ")
        assert not {"unsafe", "data:", "http", "*"} & set(policy.replace("'", " ").split())
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "max-age=63072000" in headers["Strict-Transport-Security"]

    def test_demand_https_only_where_it_is_served(self) -> None:
        headers = answer(make_ground(), "/_components")[0].headers
        assert "Strict-Transport-Security" not in headers

    def test_are_on_errors_too(self, ground: Flask) -> None:
        for path in ("/nothing", "/fail/unforeseen", "/api/v1/nothing", "/static/nothing"):
            assert "Content-Security-Policy" in answer(ground, path)[0].headers


class TestAssets:
    def test_are_kept_for_ever_under_their_version(self, ground: Flask) -> None:
        with ground.test_request_context():
            address = render_template_string("{{ asset('css/site.css') }}")
        assert "immutable" in answer(ground, address)[0].headers["Cache-Control"]
        for other in ("/static/css/site.css", "/static/css/site.css?v=old"):
            assert answer(ground, other)[0].headers["Cache-Control"] == "no-cache"

    def test_are_packed_for_who_can_unpack(self, ground: Flask) -> None:
        plain, _ = answer(ground, "/static/css/site.css")
        packed, _ = answer(ground, "/static/css/site.css", headers={"Accept-Encoding": "gzip, br"})
        assert gzip.decompress(packed.data) == plain.data
        assert packed.headers["ETag"] != plain.headers["ETag"]
        refused, _ = answer(ground, "/static/css/site.css", headers={"Accept-Encoding": "gzip;q=0"})
        assert refused.data == plain.data

    def test_are_not_sent_twice(self, ground: Flask) -> None:
        first, _ = answer(ground, "/static/css/site.css")
        again, _ = answer(
            ground, "/static/css/site.css", headers={"If-None-Match": first.headers["ETag"]}
        )
        assert (again.status_code, again.data) == (304, b"")

    @pytest.mark.parametrize("path", ["../pyproject.toml", "%2e%2e/pyproject.toml", "css", "no"])
    def test_stay_in_their_folder(self, ground: Flask, path: str) -> None:
        assert answer(ground, f"/static/{path}")[0].status_code == 404

    @pytest.mark.parametrize(
        ("sheets", "of_a_page"),
        [(["site.css"], 40_000), (["site.css", "desk.css"], 60_000)],
        ids=["public", "desk"],
    )
    def test_leave_most_of_a_page_to_its_words(
        self, ground: Flask, sheets: list[str], of_a_page: int
    ) -> None:
        assert set(sheets) <= set(SHEETS)
        sent = sum(
            len(answer(ground, f"/static/css/{name}", headers={"Accept-Encoding": "gzip"})[0].data)
            for name in sheets
        )
        assert sent < of_a_page / 4


class TestStyles:
    def test_are_built_from_their_sources(self) -> None:
        assert build_css(["--check"]) == 0

    def test_lose_nothing_but_space(self) -> None:
        css = "/* why */\na > b , c {\n  margin : 0 ;\n  width: calc(1px + 2px);\n}\n"
        assert shrunk(css=css) == "a > b,c{margin : 0;width: calc(1px + 2px)}"
