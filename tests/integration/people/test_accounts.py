"""Accounts: set-up links, signing in and out, and how long a session lasts."""

import time
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.audit import AuditEntry
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
    sign_in,
    sign_out,
)
from clinic.people.passwords import hash_password, is_right
from clinic.people.queries import IDLE
from tests.integration.people.accounts import EMAIL, NOW, PASSWORD


def create(email: str = EMAIL, name: str = "Amara Osei") -> str:
    return create_staff(email=email, name=name, role=Role.CLINICIAN, actor=SYSTEM, now=NOW)


def choose(token: str, password: str = PASSWORD, *, at: datetime = NOW) -> None:
    choose_password(token=token, password=password, clinic_name="Riverside Rehab", now=at)


def open_session(*, email: str, password: str, now: datetime) -> str:
    return sign_in(email=email, password=password, now=now).token


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
        session = recognise(token=token, now=NOW)
        assert session is not None
        actor = session.actor
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
