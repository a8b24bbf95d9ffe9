"""The second factor: nobody passes without it, no code works twice, no way leads around it."""

import contextlib
import threading
from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.errors import Invalid
from clinic.core.values import SYSTEM, Actor, Role
from clinic.people.models import RecoveryCode, SecondFactor, StaffSession
from clinic.people.operations import (
    CodeRefused,
    NothingBegun,
    SecondFactorDemanded,
    SignInOver,
    begin_second_factor,
    choose_password,
    confirm_second_factor,
    create_staff,
    disable_staff,
    finish_sign_in,
    new_setup_link,
    recognise,
    remove_stale_sessions,
    renew_recovery_codes,
    reset_second_factor,
    sign_in,
    switch_off_second_factor,
)
from clinic.people.operations.sign_in import UNKNOWN, WAITS
from clinic.people.queries import count_recovery_codes, find_factor
from tests.integration.people.accounts import EMAIL, NOW, PASSWORD

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def amara(in_app: Flask) -> Actor:
    """Somebody with a password, signed in."""
    link = create_staff(email=EMAIL, name="Amara", role=Role.CLINICIAN, actor=SYSTEM, now=NOW)
    choose_password(token=link, password=PASSWORD, clinic_name="", now=NOW)
    return who(sign_in(email=EMAIL, password=PASSWORD, now=NOW).token)


@pytest.fixture
def codes(amara: Actor) -> tuple[str, ...]:
    """The recovery codes of somebody who has set up the app."""
    begin_second_factor(actor=amara, now=NOW)
    enrolled = confirm_second_factor(
        code=code(NOW, begun=True), browser=UNKNOWN, actor=amara, now=NOW
    )
    return enrolled.recovery_codes


def who(token: str, at: datetime = NOW) -> Actor:
    session = recognise(token=token, now=at)
    assert session is not None
    return session.actor


def code(at: datetime, *, begun: bool = False) -> str:
    confirmed = SecondFactor.confirmed_at
    which = confirmed.is_(None) if begun else confirmed.is_not(None)
    db.session.rollback()
    factor = db.session.scalars(select(SecondFactor).where(which)).one()
    return pyotp.TOTP(factor.secret or "").at(at)


def waiting(at: datetime = LATER) -> str:
    admission = sign_in(email=EMAIL, password=PASSWORD, now=at)
    assert admission.needs_code
    return admission.token


class TestEnrolment:
    def test_needs_a_right_code(self, amara: Actor) -> None:
        begin_second_factor(actor=amara, now=NOW)
        wrong = f"{(int(code(NOW, begun=True)) + 1) % 1_000_000:06d}"
        with pytest.raises(Invalid):
            confirm_second_factor(code=wrong, browser=UNKNOWN, actor=amara, now=NOW)
        assert not sign_in(email=EMAIL, password=PASSWORD, now=NOW).needs_code

    def test_needs_to_be_begun(self, amara: Actor) -> None:
        with pytest.raises(NothingBegun):
            confirm_second_factor(code="123456", browser=UNKNOWN, actor=amara, now=NOW)

    def test_gives_a_new_session_and_ends_all_others(self, amara: Actor) -> None:
        """ASVS 7.2.4: a new session when the proofs change."""
        other = sign_in(email=EMAIL, password=PASSWORD, now=NOW).token
        begin_second_factor(actor=amara, now=NOW)
        enrolled = confirm_second_factor(
            code=code(NOW, begun=True), browser=UNKNOWN, actor=amara, now=NOW
        )
        assert recognise(token=other, now=NOW) is None
        assert who(enrolled.token).session != amara.session
        assert db.session.scalars(select(StaffSession.has_second_factor)).all() == [True]

    def test_keeps_secrets_sealed_and_codes_hashed(self, codes: tuple[str, ...]) -> None:
        """ASVS 6.5.2: recovery codes are kept as hashes."""
        factor = db.session.scalars(select(SecondFactor)).one()
        assert (factor.secret or "x") not in factor.secret_sealed
        hashes = db.session.scalars(select(RecoveryCode.code_hash)).all()
        assert len(hashes) == len(codes) == 10
        assert not any(code.replace("-", "") in hashes for code in codes)

    def test_keeps_the_old_app_until_the_new_one_is_confirmed(
        self, amara: Actor, codes: tuple[str, ...]
    ) -> None:
        begin_second_factor(actor=amara, now=LATER)
        assert finish_sign_in(token=waiting(), code=code(LATER), now=LATER)


class TestSignIn:
    def test_opens_nothing_before_the_code(self, codes: tuple[str, ...]) -> None:
        token = waiting()
        assert recognise(token=token, now=LATER) is None
        session = finish_sign_in(token=token, code=code(LATER), now=LATER)
        found = recognise(token=session, now=LATER)
        assert found is not None
        assert found.has_second_factor

    def test_takes_each_code_once(self, codes: tuple[str, ...]) -> None:
        """ASVS 6.5.1: one-time codes are used once."""
        used = code(LATER)
        finish_sign_in(token=waiting(), code=used, now=LATER)
        for at in (LATER, LATER + timedelta(seconds=30)):
            with pytest.raises(CodeRefused):
                finish_sign_in(token=waiting(at), code=used, now=at)

    def test_takes_no_code_older_than_one_that_was_used(self, codes: tuple[str, ...]) -> None:
        older = code(LATER - timedelta(seconds=30))
        finish_sign_in(token=waiting(), code=code(LATER), now=LATER)
        with pytest.raises(CodeRefused):
            finish_sign_in(token=waiting(), code=older, now=LATER)

    def test_does_not_take_the_code_of_the_enrolment_again(self, codes: tuple[str, ...]) -> None:
        with pytest.raises(CodeRefused):
            finish_sign_in(token=waiting(NOW), code=code(NOW), now=NOW)

    @pytest.mark.usefixtures("unhurried")
    def test_lets_one_of_many_in_who_send_a_code_at_once(
        self, in_app: Flask, codes: tuple[str, ...]
    ) -> None:
        right, tokens = code(LATER), [waiting() for _ in range(6)]
        entered: list[str] = []

        def enter(token: str) -> None:
            with in_app.app_context(), contextlib.suppress(CodeRefused):
                entered.append(finish_sign_in(token=token, code=right, now=LATER))

        threads = [threading.Thread(target=enter, args=(token,)) for token in tokens]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(entered) == 1

    def test_takes_each_recovery_code_once(self, codes: tuple[str, ...]) -> None:
        assert finish_sign_in(token=waiting(), code=codes[3].upper(), now=LATER)
        with pytest.raises(CodeRefused):
            finish_sign_in(token=waiting(), code=codes[3], now=LATER)
        assert finish_sign_in(token=waiting(), code=codes[4].replace("-", " "), now=LATER)
        staff_id = db.session.scalars(select(SecondFactor.staff_id)).one()
        assert count_recovery_codes(staff_id=staff_id) == 8

    @pytest.mark.parametrize("typed", ["", "000000", "x" * 9999, "\x00", "\ud800"])
    def test_refuses_all_else(self, codes: tuple[str, ...], typed: str) -> None:
        token = waiting()
        with pytest.raises(CodeRefused):
            finish_sign_in(token=token, code=typed, now=LATER)
        assert finish_sign_in(token=token, code=code(LATER), now=LATER)

    def test_waits_ten_minutes(self, codes: tuple[str, ...]) -> None:
        token, over = waiting(), LATER + WAITS
        with pytest.raises(SignInOver):
            finish_sign_in(token=token, code=code(over), now=over)
        remove_stale_sessions(now=over)
        assert finish_sign_in(token=waiting(over), code=code(over), now=over)

    def test_is_over_once_it_is_finished(self, codes: tuple[str, ...]) -> None:
        token = waiting()
        finish_sign_in(token=token, code=code(LATER), now=LATER)
        with pytest.raises(SignInOver):
            finish_sign_in(token=token, code=codes[0], now=LATER)

    def test_is_over_when_the_account_is_closed(self, codes: tuple[str, ...]) -> None:
        subjects = select(AuditEntry.subject).order_by(AuditEntry.id)
        token, mine = waiting(), db.session.scalars(subjects).all()[-1]
        create_admin()
        disable_staff(public_id=str(mine).removeprefix("staff:"), actor=SYSTEM, now=LATER)
        with pytest.raises(SignInOver):
            finish_sign_in(token=token, code=code(LATER), now=LATER)

    def test_is_not_avoided_by_a_reset(self, codes: tuple[str, ...]) -> None:
        """ASVS 6.4.3: a new password is no way around the second factor."""
        token = waiting()
        link = new_setup_link(email=EMAIL, actor=SYSTEM, now=LATER)
        choose_password(token=link, password="another good password", clinic_name="", now=LATER)
        with pytest.raises(SignInOver):
            finish_sign_in(token=token, code=code(LATER), now=LATER)
        assert sign_in(email=EMAIL, password="another good password", now=LATER).needs_code

    def test_puts_refused_codes_on_record(self, codes: tuple[str, ...]) -> None:
        """ASVS 16.3.1: failures of authentication are logged."""
        with pytest.raises(CodeRefused):
            finish_sign_in(token=waiting(), code="000000", now=LATER)
        actions = db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert actions[-1] == "staff.code-refused"


def create_admin() -> None:
    link = create_staff(email="b@example.com", name="B", role=Role.ADMIN, actor=SYSTEM, now=NOW)
    choose_password(token=link, password=PASSWORD, clinic_name="", now=NOW)


class TestUpkeep:
    def test_puts_old_recovery_codes_out_of_use(self, amara: Actor, codes: tuple[str, ...]) -> None:
        new = renew_recovery_codes(actor=amara, now=LATER)
        with pytest.raises(CodeRefused):
            finish_sign_in(token=waiting(), code=codes[0], now=LATER)
        assert finish_sign_in(token=waiting(), code=new[0], now=LATER)

    def test_can_be_switched_off_where_it_is_not_demanded(
        self, amara: Actor, codes: tuple[str, ...]
    ) -> None:
        with pytest.raises(SecondFactorDemanded):
            switch_off_second_factor(is_demanded=True, actor=amara, now=LATER)
        switch_off_second_factor(is_demanded=False, actor=amara, now=LATER)
        assert not sign_in(email=EMAIL, password=PASSWORD, now=LATER).needs_code

    def test_can_be_taken_away_by_others_and_ends_the_sessions(
        self, amara: Actor, codes: tuple[str, ...]
    ) -> None:
        session = finish_sign_in(token=waiting(), code=codes[0], now=LATER)
        reset_second_factor(public_id=amara.id or "", actor=SYSTEM, now=LATER)
        assert recognise(token=session, now=LATER) is None
        assert db.session.scalars(select(RecoveryCode)).all() == []
        assert not sign_in(email=EMAIL, password=PASSWORD, now=LATER).needs_code


class TestDemand:
    def test_leaves_a_session_without_the_factor_no_role(self, amara: Actor) -> None:
        """ASVS 6.3.3: multi-factor authentication is demanded."""
        token = sign_in(email=EMAIL, password=PASSWORD, now=NOW).token
        found = recognise(token=token, now=NOW, second_factor_demanded=True)
        assert found is not None
        assert found.actor.role is None
        assert not found.actor.is_staff
        assert find_factor(staff_id=0) is None
