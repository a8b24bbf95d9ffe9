"""One's own account: what it shows, what it asks a password for, and what ends what."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.values import Role
from clinic.messaging.models import Message
from clinic.people.models import RecoveryCode, SecondFactor, StaffSession
from clinic.people.presenters import spaced
from clinic.web.access import PROOF_LASTS
from tests.integration.people.accounts import EMAIL, PASSWORD, make_staff, sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import load

SetClock = Callable[[datetime], None]
NEW = "another good password"
HTTPS = "https://clinic.example.com"


@pytest.fixture(autouse=True)
def clinic(app: Flask) -> None:
    """The desk's pages name the clinic."""
    with app.app_context():
        load()


def sessions(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(select(StaffSession.public_id)))


def code(app: Flask, at: datetime) -> str:
    with app.app_context():
        factor = db.session.scalars(select(SecondFactor).order_by(SecondFactor.id.desc())).first()
        assert factor is not None
        return pyotp.TOTP(factor.secret or "").at(at)


def enrol(app: Flask, pages: PageClient, at: datetime) -> list[str]:
    """Set up the app in this browser; the recovery codes as they were shown."""
    pages.get("/account/second-factor")
    page = pages.submit(action="/account/second-factor/begin")
    assert "qrbox" in page.html
    page = pages.submit({"code": code(app, at)}, action="/account/second-factor")
    assert page.h1 == "Keep these codes"
    return [item.text or "" for item in page.tree.iter("li") if (item.text or "").count("-") == 3]


@pytest.fixture
def amara(app: Flask, pages: PageClient, set_clock: SetClock) -> datetime:
    """Amara is signed in, and the clock stands still."""
    at = now()
    set_clock(at)
    make_staff(app)
    sign_in(pages)
    return at


class TestAccount:
    def test_is_for_everybody_who_works_here(self, app: Flask, pages: PageClient) -> None:
        make_staff(app, role=Role.AUDITOR)
        assert pages.get("/account").h1 == "Staff sign-in"
        sign_in(pages)
        assert "auditor" in pages.get("/account").text

    def test_lists_the_sessions_and_marks_this_one(
        self, app: Flask, pages: PageClient, amara: datetime
    ) -> None:
        """ASVS 7.5.2: people see their sessions and can end them."""
        sign_in(PageClient(app))
        page = pages.get("/account")
        assert page.text.count("this one") == 1
        buttons = [value for name, value in page.form("/account/sessions/end").buttons]
        assert len(sessions(app)) == 2
        assert set(buttons) - {""} < set(sessions(app))

    def test_ends_one_session_or_all_others(
        self, app: Flask, pages: PageClient, amara: datetime
    ) -> None:
        others = [PageClient(app) for _ in range(3)]
        for other in others:
            sign_in(other)
        page = pages.get("/account")
        [first, *_] = [value for _, value in page.form("/account/sessions/end").buttons]
        pages.submit({"session": first}, action="/account/sessions/end")
        assert first not in sessions(app)
        assert len(sessions(app)) == 3
        pages.submit({"session": ""}, action="/account/sessions/end")
        assert len(sessions(app)) == 1
        assert others[0].get("/account").h1 == "Staff sign-in"
        assert pages.get("/account").h1 == "Your account"

    def test_ends_no_session_of_somebody_else(
        self, app: Flask, pages: PageClient, amara: datetime
    ) -> None:
        """ASVS 8.2.2: another's session is as one that does not exist."""
        make_staff(app, email="bo@example.com")
        bo = PageClient(app)
        sign_in(bo, email="bo@example.com")
        mine = set(sessions(app))
        pages.get("/account")
        form = pages.page.form("/account/sessions/end")
        for session in (*mine, "nobodys", "x" * 5000, "\x00", "\U0001f600"):
            pages.client.post(form.action, data={**form.values, "session": session})
        assert bo.get("/account").h1 == "Your account"


class TestPassword:
    def test_asks_for_the_old_one_when_it_was_given_long_ago(
        self, app: Flask, pages: PageClient, amara: datetime, set_clock: SetClock
    ) -> None:
        """ASVS 7.5.1: a new proof before what matters."""
        set_clock(amara + PROOF_LASTS)
        assert pages.get("/account/password").h1 == "Change your password"
        set_clock(amara + PROOF_LASTS + timedelta(seconds=1))
        assert pages.get("/account/password").h1 == "Your password, once more"
        page = pages.submit({"password": "wrong"}, action="/account/confirm", status=422)
        assert "not right" in page.text
        page = pages.submit({"password": PASSWORD}, action="/account/confirm")
        assert page.h1 == "Change your password"

    def test_cannot_be_changed_by_a_form_that_was_left_open(
        self, app: Flask, pages: PageClient, amara: datetime, set_clock: SetClock
    ) -> None:
        pages.get("/account/password")
        set_clock(amara + timedelta(hours=1))
        page = pages.submit({"password": NEW}, action="/account/password")
        assert page.h1 == "Your password, once more"
        sign_in(PageClient(app), password=PASSWORD)

    def test_ends_every_session_and_starts_a_new_one_here(
        self, app: Flask, pages: PageClient, amara: datetime
    ) -> None:
        """ASVS 7.4.3: other sessions end with the old password."""
        other = PageClient(app)
        sign_in(other)
        before = set(sessions(app))
        pages.get("/account/password")
        assert (
            "Your password was changed"
            in pages.submit({"password": NEW}, action="/account/password").text
        )
        assert len(sessions(app)) == 1
        assert not before & set(sessions(app))
        assert other.get("/account").h1 == "Staff sign-in"
        sign_in(PageClient(app), password=NEW)
        with app.app_context():
            kinds = db.session.scalars(select(Message.kind)).all()
        assert kinds == ["staff-password-changed"]

    @pytest.mark.parametrize("password", ["", "short", "amara osei 2026", "qwertyuiop123"])
    def test_refuses_a_weak_one_at_the_field(
        self, app: Flask, pages: PageClient, amara: datetime, password: str
    ) -> None:
        pages.get("/account/password")
        page = pages.submit({"password": password}, action="/account/password", status=422)
        assert page.title.startswith("Error: ")
        assert len(sessions(app)) == 1

    def test_limits_how_often_the_old_one_is_guessed(
        self, app: Flask, pages: PageClient, amara: datetime
    ) -> None:
        pages.get("/account/confirm")
        for _ in range(5):
            pages.submit({"password": "wrong"}, action="/account/confirm", status=422)
        pages.submit({"password": PASSWORD}, action="/account/confirm", status=429)


class TestSecondFactor:
    def test_is_set_up_and_asked_for(
        self, app: Flask, pages: PageClient, amara: datetime, set_clock: SetClock
    ) -> None:
        before = set(sessions(app))
        assert len(enrol(app, pages, amara)) == 10
        assert not before & set(sessions(app))
        assert "10 recovery codes are left" in pages.get("/account").text
        later = amara + timedelta(minutes=1)
        set_clock(later)
        other = PageClient(app)
        other.get("/sign-in?next=/account")
        page = other.submit({"email": EMAIL, "password": PASSWORD})
        assert page.h1 == "Enter the code of your app"
        assert other.get("/account").h1 == "Staff sign-in"
        other.get("/sign-in/code?next=/account")
        assert other.submit({"code": code(app, later)}).h1 == "Your account"

    def test_never_shows_its_secret_again(
        self, app: Flask, pages: PageClient, amara: datetime
    ) -> None:
        codes = enrol(app, pages, amara)
        with app.app_context():
            secret = db.session.scalars(select(SecondFactor)).one().secret or ""
        kept = [secret, spaced(secret), "qrbox", *codes]
        for path in ("/account", "/account/second-factor"):
            assert not [one for one in kept if one in pages.get(path).html]

    def test_lets_a_recovery_code_in_once(
        self, app: Flask, pages: PageClient, amara: datetime
    ) -> None:
        codes = enrol(app, pages, amara)
        for expected in (200, 422):
            other = PageClient(app)
            other.get("/sign-in")
            other.submit({"email": EMAIL, "password": PASSWORD})
            other.get("/sign-in/recovery?next=/account")
            other.submit({"code": codes[0]}, status=expected)

    def test_limits_wrong_codes_even_over_many_sign_ins(
        self, app: Flask, pages: PageClient, amara: datetime
    ) -> None:
        """ASVS 6.3.1: guessing is limited on this path too."""
        codes = enrol(app, pages, amara)
        statuses = []
        for number in range(7):
            other = PageClient(app)
            other.get("/sign-in")
            other.submit({"email": EMAIL, "password": PASSWORD})
            path = "/sign-in/code" if number % 2 else "/sign-in/recovery"
            other.get(path)
            form = other.page.form()
            answer = other.client.post(path, data={**form.values, "code": "000000"})
            statuses.append(answer.status_code)
        assert statuses == [422] * 5 + [429] * 2
        # Strangers' failures do not keep its owner's own browser out.
        pages.client.delete_cookie("staff")
        sign_in(pages)
        pages.get("/sign-in/recovery?next=/account")
        assert pages.submit({"code": codes[1]}).h1 == "Your account"

    def test_can_be_switched_off_here(self, app: Flask, pages: PageClient, amara: datetime) -> None:
        enrol(app, pages, amara)
        pages.get("/account/second-factor")
        page = pages.submit(action="/account/second-factor/off")
        assert "switched off" in page.text
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(RecoveryCode)) == 0


class TestProduction:
    @pytest.fixture
    def strict(self, make_app: Callable[..., Flask]) -> Flask:
        """The clinic with real patients: https, and a second factor for everybody."""
        app = make_app(CLINIC_ENV="production", BASE_URL=HTTPS)
        make_staff(app)
        return app

    def test_leads_everywhere_to_the_second_factor(self, strict: Flask) -> None:
        """ASVS 6.3.3: a password alone opens nothing."""
        pages = PageClient(strict)
        pages.client.environ_base["wsgi.url_scheme"] = "https"
        sign_in(pages)
        for path in ("/desk", "/desk/start", "/account", "/account/password"):
            answer = pages.client.get(path)
            assert answer.status_code == 303
            assert answer.headers["Location"].startswith("/account/second-factor"), path

    def test_opens_the_desk_once_it_is_set_up_and_does_not_let_it_go(self, strict: Flask) -> None:
        pages = PageClient(strict)
        pages.client.environ_base["wsgi.url_scheme"] = "https"
        sign_in(pages)
        assert len(enrol(strict, pages, now())) == 10
        page = pages.get("/account/second-factor")
        assert "Switch it off" not in page.text
        form = page.form("/account/second-factor/codes")
        answer = pages.client.post("/account/second-factor/off", data=form.values)
        assert answer.status_code == 409
        assert pages.client.get("/account").status_code == 200
