"""The pages of signing in and out, and what a stolen or old cookie is good for."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select, text

from clinic.core.clock import now
from clinic.core.db import db, transaction
from clinic.core.values import SYSTEM, Role
from clinic.people.models import StaffSession
from clinic.people.operations import (
    SignInFailed,
    create_staff,
)
from clinic.web.access import allow, current_actor
from tests.integration.people.accounts import EMAIL, PASSWORD, make_staff, sign_in
from tests.support.page_client import PageClient

SetClock = Callable[[datetime], None]


def sessions(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(StaffSession)) or 0


def next_hour() -> datetime:
    return now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


@pytest.fixture
def desk(app: Flask) -> Flask:
    """The app with a page for the front desk and one of everybody's, and one without a rule."""

    @app.get("/try/desk")
    @allow(Role.FRONT_DESK, Role.ADMIN)
    def desk_page() -> str:
        return f"today {generate_csrf()}"

    @app.get("/try/trail")
    @allow(Role.AUDITOR)
    def trail_page() -> str:
        return "trail"

    make_staff(app)
    return app


class TestPages:
    def test_lead_to_where_one_wanted_to_go(self, desk: Flask, pages: PageClient) -> None:
        page = pages.get("/try/desk?day=2026-11-24", status=200)
        assert page.h1 == "Staff sign-in"
        answer = pages.submit({"email": EMAIL, "password": PASSWORD}, follow=False, status=303)
        assert answer.path.startswith("/sign-in?next=")
        assert pages.client.get("/try/desk?day=2026-11-24").text.startswith("today")

    @pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil"])
    def test_never_lead_elsewhere(self, desk: Flask, pages: PageClient, wanted: str) -> None:
        pages.get(f"/sign-in?next={wanted}")
        form = pages.page.form()
        answer = pages.client.post(
            form.action, data={**form.values, "email": EMAIL, "password": PASSWORD}
        )
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/start")

    def test_say_what_is_missing_beside_the_field(self, desk: Flask, pages: PageClient) -> None:
        pages.get("/sign-in")
        page = pages.submit({"email": "", "password": ""}, status=422)
        assert page.title.startswith("Error: ")
        assert "Enter your password." in page.text

    @pytest.mark.parametrize("email", ["x", "\x00\x07", "\u202e\U0001f600", "a" * 10_000])
    def test_keep_what_was_typed_and_never_the_password(
        self, desk: Flask, pages: PageClient, email: str
    ) -> None:
        pages.get("/sign-in")
        form = pages.page.form()
        answer = pages.client.post(
            form.action, data={**form.values, "email": email, "password": "secret-words"}
        )
        assert answer.status_code == 422
        assert "secret-words" not in answer.text
        assert SignInFailed.message in answer.text

    def test_give_a_new_session_at_every_sign_in(self, desk: Flask, pages: PageClient) -> None:
        sign_in(pages)
        first = pages.client.get_cookie("staff")
        pages.client.delete_cookie("staff")
        pages.get("/sign-in")
        pages.client.set_cookie("staff", "chosen-by-somebody-else")
        sign_in(pages)
        second = pages.client.get_cookie("staff")
        assert first is not None
        assert second is not None
        assert second.value not in {first.value, "chosen-by-somebody-else"}
        assert second.http_only
        assert second.same_site == "Lax"

    def test_replace_the_session_this_browser_had(self, desk: Flask, pages: PageClient) -> None:
        pages.get("/sign-in")
        form = pages.page.form()
        sign_in(pages)
        data = {**form.values, "email": EMAIL, "password": PASSWORD}
        # The back button: the old form, whose proof ended with the session it came from.
        assert pages.client.post("/sign-in", data=data).status_code == 400
        assert sessions(desk) == 1

    def test_sign_out_for_good(self, desk: Flask, pages: PageClient) -> None:
        sign_in(pages)
        cookie = pages.client.get_cookie("staff")
        assert cookie is not None
        proof = pages.client.get("/try/desk").text.removeprefix("today ")
        answer = pages.client.post("/sign-out", data={"csrf_token": proof})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
        assert sessions(desk) == 0
        thief = desk.test_client()
        thief.set_cookie("staff", cookie.value)
        assert thief.get("/try/desk").status_code == 303

    def test_note_the_session_that_acts(self, desk: Flask, pages: PageClient) -> None:
        @desk.get("/try/session")
        @allow(Role.FRONT_DESK)
        def session_page() -> str:
            return str(current_actor().session)

        agent = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0"
        pages.client.environ_base["HTTP_USER_AGENT"] = agent
        sign_in(pages)
        told = pages.client.get("/try/session").text
        with desk.app_context():
            row = db.session.scalars(select(StaffSession)).one()
        assert told == row.public_id
        assert (row.browser, row.system, row.network) == ("Firefox", "Linux", "127.0.0.1")

    def test_refuse_other_roles(self, desk: Flask, pages: PageClient) -> None:
        sign_in(pages)
        page = pages.get("/try/trail", status=403)
        assert page.h1 == "This is not yours to open"

    def test_secure_their_cookies_under_https(self, make_app: Callable[..., Flask]) -> None:
        app = make_app(BASE_URL="https://clinic.example.com")
        make_staff(app)
        client = app.test_client()
        base = "https://clinic.example.com"
        html = client.get("/sign-in", base_url=base).text
        token = html.split('name="csrf_token" value="')[1].split('"')[0]
        answer = client.post(
            "/sign-in",
            base_url=base,
            data={"csrf_token": token, "email": EMAIL, "password": PASSWORD},
        )
        assert answer.status_code == 303
        [cookie] = [line for line in answer.headers.getlist("Set-Cookie") if "staff" in line]
        assert cookie.startswith("__Host-staff=")
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))

    def test_limit_failures_and_not_successes(
        self, desk: Flask, pages: PageClient, set_clock: SetClock
    ) -> None:
        at = next_hour()  # a window begins, so that more than its last minute is left to wait
        set_clock(at)
        for _ in range(12):
            sign_in(pages)
            pages.client.delete_cookie("staff")
        for _ in range(10):
            pages.get("/sign-in")
            pages.submit({"email": EMAIL, "password": "wrong"}, status=422)
        pages.get("/sign-in")
        page = pages.submit({"email": EMAIL, "password": PASSWORD}, status=429)
        assert "minutes" in page.text
        set_clock(at + timedelta(minutes=15))
        sign_in(pages)

    def test_limit_an_address_that_tries_many_accounts(
        self, desk: Flask, pages: PageClient, set_clock: SetClock
    ) -> None:
        set_clock(now())
        pages.get("/sign-in")
        form = pages.page.form()
        statuses = [
            pages.client.post(
                "/sign-in",
                data={**form.values, "email": f"p{number}@example.com", "password": "wrong"},
            ).status_code
            for number in range(51)
        ]
        assert statuses == [422] * 50 + [429]

    def test_let_a_password_be_chosen_once(self, app: Flask, pages: PageClient) -> None:
        with app.app_context():
            token = create_staff(
                email=EMAIL, name="Amara Osei", role=Role.ADMIN, actor=SYSTEM, now=now()
            )
        for _ in range(2):  # a mail scanner that opens the link uses nothing up
            page = pages.get(f"/set-up/{token}")
        assert page.h1 == "Choose your password"
        pages.submit({"password": ""}, status=422)
        page = pages.submit({"password": "short"}, status=422)
        assert "12 characters" in page.text
        page = pages.submit({"password": PASSWORD})
        assert page.h1 == "Staff sign-in"
        assert "Your password is kept" in page.text
        gone = pages.get(f"/set-up/{token}", status=410)
        assert gone.h1 == "This link no longer works"
        assert {"/sign-in", "/sign-in/forgotten"} <= set(gone.links())

    @pytest.mark.parametrize("token", ["x", "a" * 5000, "%00", "%F0%9F%98%80"])
    def test_explain_a_link_that_is_none(self, pages: PageClient, token: str) -> None:
        pages.get(f"/set-up/{token}", status=410)


class TestLostDatabase:
    @pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
    def test_ends_as_503_in_plain_words(self, desk: Flask, pages: PageClient) -> None:
        sign_in(pages)
        with desk.app_context():

            @transaction
            def lose() -> None:
                db.session.execute(text("ALTER TABLE staff_sessions RENAME TO lost"))

            lose()
        pages.get("/try/desk", status=503)
