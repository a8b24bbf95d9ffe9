"""Set-up links, signing in and out, and what a stolen or old cookie is good for."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask_wtf.csrf import generate_csrf
from sqlalchemy import func, select, text

from clinic.core.audit import AuditEntry
from clinic.core.clock import now
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound
from clinic.core.values import SYSTEM, Role
from clinic.people.models import SetupLink, Staff, StaffSession
from clinic.people.operations import (
    LINK_LASTS,
    LinkGone,
    SignInFailed,
    StaffExists,
    choose_password,
    create_staff,
    new_setup_link,
    recognise,
    remove_stale_sessions,
    sign_out,
)
from clinic.people.operations import sign_in as open_session
from clinic.people.passwords import hash_password, is_right
from clinic.people.queries import IDLE
from clinic.web.access import allow
from tests.integration.people.accounts import EMAIL, NOW, PASSWORD, make_staff, sign_in
from tests.support.page_client import PageClient

SetClock = Callable[[datetime], None]


def create(email: str = EMAIL, name: str = "Amara Osei") -> str:
    return create_staff(email=email, name=name, role=Role.CLINICIAN, actor=SYSTEM, now=NOW)


def choose(token: str, password: str = PASSWORD, *, at: datetime = NOW) -> None:
    choose_password(token=token, password=password, clinic_name="Riverside Rehab", now=at)


def sessions(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(StaffSession)) or 0


@pytest.fixture
def desk(app: Flask) -> Flask:
    """The app with a page for the front desk and one of everybody's, and one without a rule."""

    @app.get("/desk")
    @allow(Role.FRONT_DESK, Role.ADMIN)
    def desk_page() -> str:
        return f"today {generate_csrf()}"

    @app.get("/trail")
    @allow(Role.AUDITOR)
    def trail_page() -> str:
        return "trail"

    make_staff(app)
    return app


@pytest.mark.usefixtures("in_app")
class TestCreateStaff:
    def test_gives_a_link_and_stores_its_hash(self) -> None:
        token = create(email=" Amara.Osei@Example.COM ")
        staff = db.session.scalars(select(Staff)).one()
        link = db.session.scalars(select(SetupLink)).one()
        assert (staff.email, staff.password_hash) == (EMAIL, None)
        assert token not in link.token_hash
        assert len(token) >= 43

    def test_refuses_an_address_that_has_an_account(self) -> None:
        create()
        with pytest.raises(StaffExists):
            create(email=EMAIL.upper())

    @pytest.mark.parametrize(
        ("email", "name", "faulty"),
        [
            ("no", "A", {"email"}),
            ("", "A", {"email"}),
            (EMAIL, " ", {"name"}),
            ("x", "\x00", {"email", "name"}),
        ],
    )
    def test_names_the_faults(self, email: str, name: str, faulty: set[str]) -> None:
        with pytest.raises(Invalid) as caught:
            create(email=email, name=name)
        assert set(caught.value.errors) == faulty


@pytest.mark.usefixtures("in_app")
class TestChoosePassword:
    def test_works_once(self) -> None:
        token = create()
        choose(token)
        with pytest.raises(LinkGone):
            choose(token, "another good password")
        assert open_session(email=EMAIL, password=PASSWORD, now=NOW)

    def test_works_until_its_time_is_over(self) -> None:
        token = create()
        with pytest.raises(LinkGone):
            choose(token, at=NOW + LINK_LASTS)
        choose(token, at=NOW + LINK_LASTS - timedelta(seconds=1))

    @pytest.mark.parametrize("password", ["short", "amara.osei.2026", "riverside rehab", ""])
    def test_refuses_what_can_be_guessed_and_keeps_the_link(self, password: str) -> None:
        token = create()
        with pytest.raises(Invalid, match="corrected"):
            choose(token, password)
        choose(token)

    def test_ends_the_sessions_of_that_person_only(self) -> None:
        choose(create())
        choose(create(email="bo@example.com"))
        mine = open_session(email=EMAIL, password=PASSWORD, now=NOW)
        theirs = open_session(email="bo@example.com", password=PASSWORD, now=NOW)
        choose(new_setup_link(email=EMAIL, actor=SYSTEM, now=NOW), "another good password")
        assert recognise(token=mine, now=NOW) is None
        assert recognise(token=theirs, now=NOW) is not None
        with pytest.raises(SignInFailed):
            open_session(email=EMAIL, password=PASSWORD, now=NOW)

    def test_is_not_possible_with_a_link_that_was_replaced(self) -> None:
        old = create()
        new = new_setup_link(email=EMAIL, actor=SYSTEM, now=NOW)
        with pytest.raises(LinkGone):
            choose(old)
        choose(new)

    def test_needs_an_account_for_a_new_link(self) -> None:
        with pytest.raises(NotFound):
            new_setup_link(email="nobody@example.com", actor=SYSTEM, now=NOW)


@pytest.mark.usefixtures("in_app")
class TestSignIn:
    @pytest.fixture(autouse=True)
    def amara(self, in_app: Flask) -> None:
        choose(create())

    def test_recognises_the_session_and_stores_its_hash(self) -> None:
        token = open_session(email=f" {EMAIL.upper()} ", password=PASSWORD, now=NOW)
        actor = recognise(token=token, now=NOW)
        assert actor is not None
        assert (actor.kind, actor.name, actor.role) == ("staff", "Amara Osei", Role.CLINICIAN)
        assert token not in db.session.scalars(select(StaffSession.token_hash)).all()

    @pytest.mark.parametrize(
        ("email", "password"),
        [
            (EMAIL, "wrong password"),
            ("nobody@example.com", PASSWORD),
            ("", ""),
            (EMAIL, ""),
            ("\x00", "\x00"),
            ("\ud800", "\ud800"),
            ("a" * 10_000, "a" * 10_000),
            (EMAIL, PASSWORD * 100),
        ],
    )
    def test_refuses_all_others_in_the_same_words(self, email: str, password: str) -> None:
        with pytest.raises(SignInFailed) as caught:
            open_session(email=email, password=password, now=NOW)
        assert caught.value.message == SignInFailed.message

    def test_refuses_an_account_that_has_no_password_yet(self) -> None:
        create(email="new@example.com")
        with pytest.raises(SignInFailed):
            open_session(email="new@example.com", password="", now=NOW)

    def test_refuses_a_closed_account_and_ends_its_sessions(self) -> None:
        token = open_session(email=EMAIL, password=PASSWORD, now=NOW)

        @transaction
        def close() -> None:
            db.session.scalars(select(Staff)).one().disabled_at = NOW

        close()
        assert recognise(token=token, now=NOW) is None
        with pytest.raises(SignInFailed):
            open_session(email=EMAIL, password=PASSWORD, now=NOW)

    def test_is_on_record_with_its_failures(self) -> None:
        with pytest.raises(SignInFailed):
            open_session(email=EMAIL, password="wrong", now=NOW)
        with pytest.raises(SignInFailed):
            open_session(email="nobody@example.com", password="wrong", now=NOW)
        sign_out(token=open_session(email=EMAIL, password=PASSWORD, now=NOW), now=NOW)
        entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
        me = entries[0].subject
        assert [(entry.action, entry.subject) for entry in entries[2:]] == [
            ("staff.sign-in-failed", me),
            ("staff.sign-in-failed", None),
            ("staff.signed-in", me),
            ("staff.signed-out", me),
        ]

    def test_takes_as_long_for_nobody_as_for_somebody(self) -> None:
        def seconds(email: str) -> float:
            best = 9.0
            for _ in range(5):
                began = time.thread_time()
                with pytest.raises(SignInFailed):
                    open_session(email=email, password="wrong", now=NOW)
                best = min(best, time.thread_time() - began)
            return best

        known, unknown = seconds(EMAIL), seconds("nobody@example.com")
        assert 0.5 < known / unknown < 2


@pytest.mark.usefixtures("in_app")
class TestSession:
    @pytest.fixture
    def token(self, in_app: Flask) -> str:
        choose(create())
        return open_session(email=EMAIL, password=PASSWORD, now=NOW)

    def test_ends_when_nobody_uses_it(self, token: str) -> None:
        assert recognise(token=token, now=NOW + IDLE - timedelta(seconds=1))
        assert recognise(token=token, now=NOW + 2 * IDLE - timedelta(seconds=2))
        assert recognise(token=token, now=NOW + 3 * IDLE) is None

    def test_ends_after_a_week_however_it_is_used(self, token: str) -> None:
        for hours in range(0, 7 * 24, 8):
            assert recognise(token=token, now=NOW + timedelta(hours=hours))
        assert recognise(token=token, now=NOW + timedelta(days=7)) is None

    def test_is_noted_at_most_once_a_minute(self, token: str) -> None:
        def seen() -> timedelta:
            db.session.rollback()
            at: datetime = db.session.scalars(select(StaffSession.last_seen_at)).one()
            return at - NOW

        recognise(token=token, now=NOW + timedelta(seconds=59))
        assert seen() == timedelta()
        recognise(token=token, now=NOW + timedelta(seconds=60))
        assert seen() == timedelta(seconds=60)

    def test_is_removed_when_it_has_ended(self, token: str) -> None:
        remove_stale_sessions(now=NOW + IDLE - timedelta(seconds=1))
        assert db.session.scalar(select(func.count()).select_from(StaffSession)) == 1
        remove_stale_sessions(now=NOW + IDLE)
        assert db.session.scalar(select(func.count()).select_from(StaffSession)) == 0

    def test_is_nobodys_with_another_token(self, token: str) -> None:
        for other in ("", "x", token[:-1], token + "x", "\x00", "\udcff"):
            assert recognise(token=other, now=NOW) is None


@pytest.mark.usefixtures("in_app")
class TestPasswords:
    def test_are_hashed_outside_of_transactions_only(self) -> None:
        @transaction
        def wrong() -> None:
            hash_password(PASSWORD)

        with pytest.raises(RuntimeError, match="outside"):
            wrong()

    def test_fit_their_column(self) -> None:
        assert hash_password("x" * 256).startswith("$argon2id$v=19$m=19456,t=2,p=1$")
        assert len(hash_password("x" * 256)) <= 200

    def test_are_right_however_the_keyboard_composes(self) -> None:
        assert is_right(
            "cafe\u0301 with four words", stored=hash_password("caf\u00e9 with four words")
        )
        assert not is_right("anything", stored="no hash at all")


class TestPages:
    def test_lead_to_where_one_wanted_to_go(self, desk: Flask, pages: PageClient) -> None:
        page = pages.get("/desk?day=2026-11-24", status=200)
        assert page.h1 == "Staff sign-in"
        answer = pages.submit({"email": EMAIL, "password": PASSWORD}, follow=False, status=303)
        assert answer.path.startswith("/sign-in?next=")
        assert pages.client.get("/desk?day=2026-11-24").text.startswith("today")

    @pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil"])
    def test_never_lead_elsewhere(self, desk: Flask, pages: PageClient, wanted: str) -> None:
        pages.get(f"/sign-in?next={wanted}")
        form = pages.page.form()
        answer = pages.client.post(
            form.action, data={**form.values, "email": EMAIL, "password": PASSWORD}
        )
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk")

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
        proof = pages.client.get("/desk").text.removeprefix("today ")
        answer = pages.client.post("/sign-out", data={"csrf_token": proof})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
        assert sessions(desk) == 0
        thief = desk.test_client()
        thief.set_cookie("staff", cookie.value)
        assert thief.get("/desk").status_code == 303

    def test_refuse_other_roles(self, desk: Flask, pages: PageClient) -> None:
        sign_in(pages)
        page = pages.get("/trail", status=403)
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
        at = now()
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
        assert pages.submit({"password": PASSWORD}).h1 == "Staff sign-in"
        assert pages.get(f"/set-up/{token}", status=410).h1 == "This link no longer works"

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
        pages.get("/desk", status=503)
