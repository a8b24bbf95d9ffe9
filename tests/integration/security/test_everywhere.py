"""What holds for every answer of the whole address map (OWASP ASVS 5.0, ids at each test)."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.core.values import Role
from clinic.web.access import public
from tests.integration.portal.family import patient
from tests.integration.security.doors import (
    csrf,
    patient_client,
    read_table,
    some_path,
    staff_client,
)
from tests.support.page_clinic import PASSWORD, book, hire

TABLE = read_table()
PAGES = [row for row in TABLE if row.method == "GET"]
SPOOF = {
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Prefix": "/evil",
    "X-Original-URL": "/desk",
    "X-Rewrite-URL": "/desk",
    "Forwarded": "host=evil.example;proto=https",
}


def answers(client: FlaskClient) -> Iterator[tuple[str, TestResponse]]:
    """An answer of every page and of every kind of failure."""
    for row in PAGES:
        yield row.rule, client.get(some_path(row.rule), buffered=True)
    for method, path in (
        ("GET", "/no-such-page"),
        ("GET", "/static/none.css"),
        ("GET", "/static/css/site.css"),
        ("DELETE", "/book"),
        ("POST", "/sign-in"),
        ("POST", "/api/v1/appointments"),
        ("TRACE", "/"),
    ):
        yield f"{method} {path}", client.open(path, method=method)


class TestHeaders:
    @pytest.fixture
    def house(self, make_app: Callable[..., Flask], clinic: Flask) -> Flask:
        """The clinic as the internet reaches it, with a page that breaks."""
        app = make_app(BASE_URL="https://clinic.example.com")
        app.config["PROPAGATE_EXCEPTIONS"] = False

        @app.get("/breaks")
        @public
        def breaks() -> str:
            raise ValueError(request.headers["X-Name"])

        return app

    def test_are_on_every_answer(self, house: Flask) -> None:
        """3.4.1 HSTS, 3.4.3 CSP, 3.4.4 nosniff, 3.4.5 referrer, 3.4.6 frames."""
        client = house.test_client()
        found = [*answers(client), ("/breaks", client.get("/breaks", headers={"X-Name": "Secret"}))]
        assert {answer.status_code for _, answer in found} >= {200, 303, 400, 404, 405, 500}
        for name, answer in found:
            headers = answer.headers
            policy = headers["Content-Security-Policy"]
            assert "max-age=63072000; includeSubDomains" in headers["Strict-Transport-Security"]
            for rule in ("default-src 'none'", "object-src 'none'", "base-uri 'none'"):
                assert rule in policy, name
            assert "frame-ancestors 'none'" in policy, name
            assert "unsafe" not in policy, name
            assert headers["X-Content-Type-Options"] == "nosniff", name
            assert headers["Referrer-Policy"] in {"same-origin", "no-referrer"}, name
            assert "Server" not in headers, name

    def test_keep_pages_out_of_every_store(self, clinic: Flask) -> None:
        """14.3.2: what is signed in, and what a link opens, is not cached."""
        for client in (staff_client(clinic, Role.ADMIN), patient_client(clinic)):
            for row in PAGES:
                if row.callers != "public":
                    answer = client.get(some_path(row.rule), buffered=True)
                    assert answer.headers["Cache-Control"] == "no-store", row

    def test_of_a_fault_tell_nothing_of_it(
        self, house: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        """16.5.1: a reference to the log, not what went wrong. 16.2.5: nor does the log quote."""
        house.testing = False
        answer = house.test_client().get("/breaks", headers={"X-Name": "Secret"})
        assert answer.status_code == 500
        for told in (answer.text, caplog.text):
            assert "Secret" not in told
        assert answer.headers["X-Request-Id"] in answer.text

    def test_set_cookies_that_only_our_pages_send(self, house: Flask, clinic: Flask) -> None:
        """3.3.1 to 3.3.4."""
        with clinic.app_context():
            email = hire(Role.FRONT_DESK)
        client = house.test_client()
        base = "https://clinic.example.com"
        page = client.get("/sign-in", base_url=base)
        proof = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
        assert proof is not None
        values = {"csrf_token": proof[1], "email": email, "password": PASSWORD}
        answer = client.post("/sign-in", data=values, base_url=base)
        cookies = [*page.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
        assert any(cookie.startswith("__Host-staff=") for cookie in cookies), answer.text
        for cookie in cookies:
            assert cookie.startswith("__Host-"), cookie
            parts = {part.strip() for part in cookie.split(";")}
            assert parts >= {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"}, cookie


class TestForgedHeaders:
    @pytest.mark.parametrize("header", SPOOF)
    def test_change_no_page(self, clinic: Flask, header: str) -> None:
        """4.1.3: what only a proxy may say is not believed from outside."""
        client = clinic.test_client()
        for path in ("/", "/desk", "/sign-in", "/book"):
            told = client.get(path, headers={header: SPOOF[header]})
            assert not re.search(r"\bevil\b", told.text)
            assert "evil" not in told.headers.get("Location", "")
            assert told.status_code == client.get(path).status_code

    def test_of_the_host_stand_in_no_link(self, clinic: Flask) -> None:
        client = clinic.test_client()
        for row in PAGES:
            if row.callers == "public":
                answer = client.get(some_path(row.rule), headers={"Host": "evil.example"})
                assert "evil.example" not in answer.text, row
                assert "//evil.example" not in answer.headers.get("Location", ""), row


class TestNext:
    @pytest.mark.parametrize(
        "wanted",
        [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/%09/evil.example",
            "javascript:alert(1)",
            "http:evil.example",
            "///evil.example",
            "/desk\r\nSet-Cookie: a=b",
            "https:/\\evil.example",
            "@evil.example",
        ],
    )
    @pytest.mark.parametrize("path", ["/sign-in", "/portal/sign-in"])
    def test_leads_to_no_other_site(self, clinic: Flask, path: str, wanted: str) -> None:
        """3.7.2."""
        client = staff_client(clinic, Role.ADMIN) if path == "/sign-in" else patient_client(clinic)
        answer = client.get(path, query_string={"next": wanted})
        location = answer.headers.get("Location", "")
        assert answer.status_code in {200, 303}
        assert re.match(r"^(?!//)(?!/\\)/[!-~]*$", location) or not location, location
        assert "a=b" not in str(answer.headers)


class TestParameters:
    @pytest.mark.parametrize(
        "query",
        [
            "after=1&after=2",
            "date=2026-03-02&date=9999-99-99",
            "patient=a&patient[]=b&patient[$ne]=c",
            "next=/desk&next=//evil.example",
            "__proto__=x&constructor=y&role=admin&is_admin=1",
            "%00=%00&%ff=%fe",
            "x=" + "9" * 4000,
        ],
    )
    def test_doubled_odd_or_unknown_end_no_page_in_a_fault(self, clinic: Flask, query: str) -> None:
        """15.3.7 parameter pollution, 2.2.1 input of any kind."""
        client = staff_client(clinic, Role.ADMIN)
        for row in PAGES:
            if row.rule != "/readyz":  # there is no worker here, and it says so
                assert (
                    client.get(f"{some_path(row.rule)}?{query}", buffered=True).status_code < 500
                ), row

    def test_that_no_form_has_are_ignored(self, clinic: Flask) -> None:
        """15.3.3 mass assignment: a role sent along with a password change stays unread."""
        client = staff_client(clinic, Role.FRONT_DESK)
        proof = csrf(client)
        for row in TABLE:
            if row.method == "POST" and not row.is_api and "sign" not in row.rule:
                values = {"csrf_token": proof, "role": "admin", "is_staff": "1", "public_id": "x"}
                assert client.post(some_path(row.rule), data=values).status_code < 500, row
        assert client.get("/desk/audit").status_code == 403


class TestSignOut:
    def test_lets_the_browser_forget_what_it_kept(self, clinic: Flask) -> None:
        """14.3.1 Clear-Site-Data; 7.4.1 a copied cookie opens nothing afterwards."""
        client = staff_client(clinic, Role.ADMIN)
        cookie = client.get_cookie("staff")
        assert cookie is not None
        answer = client.post("/sign-out", data={"csrf_token": csrf(client)})
        assert '"cache"' in answer.headers["Clear-Site-Data"]
        thief = clinic.test_client()
        thief.set_cookie("staff", cookie.value)
        assert thief.get("/desk").status_code == 303

    def test_of_patients_does_too(self, clinic: Flask) -> None:
        client = patient_client(clinic)
        answer = client.post("/portal/sign-out", data={"csrf_token": csrf(client)})
        assert '"cache"' in answer.headers["Clear-Site-Data"]


class TestIds:
    @pytest.mark.parametrize(
        "pattern", ["/visits/{}", "/visits/{}/cancel", "/requests/{}", "/book/eval/{}"]
    )
    def test_of_others_and_of_nobody_answer_alike(self, clinic: Flask, pattern: str) -> None:
        """8.2.2: nothing tells a wrong id from one that is not there, by status or by words."""
        client = clinic.test_client()
        with clinic.app_context():
            anothers = book("2026-03-05 09:00", who=5).public_id
        wrong = ("x" * 22, "A" * 22, "A" * 22 + "b" * 32, anothers, anothers + "b" * 32)
        answers = [client.get(pattern.format(one)) for one in wrong]
        told = {(one.status_code, one.headers.get("Location"), one.text) for one in answers}
        assert len(told) == 1
        assert {one.status_code for one in answers} <= {303, 404, 410}

    def test_of_another_patient_answer_like_nobodys(self, clinic: Flask) -> None:
        client = patient_client(clinic)
        zoe = patient(clinic, "Zoe").public_id
        for row in PAGES:
            if row.callers == "patient" and "<person>" in row.rule:
                told = {
                    (answer.status_code, answer.text)
                    for one in (zoe, "A" * 22)
                    for answer in [client.get(row.rule.replace("<person>", one))]
                }
                assert {status for status, _ in told} == {404}, row
                assert len(told) == 1, row


class TestLog:
    def test_takes_no_line_from_a_visitor(
        self, clinic: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        """16.4.1: what a visitor sends cannot begin a line of its own, nor stand in one."""
        caplog.set_level("INFO")
        client = clinic.test_client()
        client.get("/no%0d%0aFORGED")
        client.get("/book/x%0aFORGED?date=%0aFORGED")
        client.post("/sign-in", data={"email": "a\r\nFORGED"}, headers={"User-Agent": "FORGED"})
        assert "FORGED" not in caplog.text
