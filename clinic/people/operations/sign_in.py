"""Signing in: the password first, then, where there is one, the second factor."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Refusal
from clinic.core.values import PUBLIC, Actor
from clinic.people import queries
from clinic.people.models import PendingSignIn, RecoveryCode, SecondFactor, Staff
from clinic.people.operations.sessions import open_session
from clinic.people.passwords import is_right
from clinic.people.rules.browsers import Browser
from clinic.people.rules.codes import matching_step, plain_recovery_code

UNKNOWN = Browser()
WAITS = timedelta(minutes=10)
"""How long a right password waits for its code: time to find the telephone."""


class SignInFailed(Refusal):
    """The same words for a wrong password, an unknown address and an account without password."""

    code = "sign-in-failed"
    status = 422
    message = "The e-mail address or the password is not right."


class CodeRefused(Refusal):
    """The code is wrong, too old, or was used before."""

    code = "code-refused"
    status = 422
    message = "This code is not right, or it was used already. Enter the one shown now."


class SignInOver(Refusal):
    """The sign-in that waited for a code is over."""

    code = "sign-in-over"
    status = 410
    message = "This took too long. Sign in once more."


@dataclass(frozen=True, slots=True)
class Admission:
    """What a right password gives: a session's token, or one that waits for a code."""

    token: str
    needs_code: bool = False


def sign_in(*, email: str, password: str, now: datetime, browser: Browser = UNKNOWN) -> Admission:
    """Open a session, or wait for the second factor of those who have one; raises SignInFailed.

    An unknown address takes as long as a wrong password. Attempts are counted by the caller.
    """
    account = queries.find_account(email=email)
    if is_right(password, stored=account.password_hash if account else None) and account:
        checked = account.password_hash or ""
        return _admit(staff_id=account.id, checked_hash=checked, browser=browser, now=now)
    _record_failure("staff.sign-in-failed", account.public_id if account else None, now)
    raise SignInFailed


@transaction
def _admit(*, staff_id: int, checked_hash: str, browser: Browser, now: datetime) -> Admission:
    # The password may have been changed, or the account closed, while it was being checked.
    wanted = (
        select(Staff)
        .where(Staff.id == staff_id, Staff.password_hash == checked_hash)
        .where(Staff.disabled_at.is_(None))
        .with_for_update()
    )
    staff = db.session.scalar(wanted)
    if staff is None:
        raise SignInFailed
    if queries.find_factor(staff_id=staff.id) is not None:
        return _wait(staff_id=staff.id, now=now)
    token, actor = open_session(staff=staff, browser=browser, has_second_factor=False, now=now)
    audit.record(action="staff.signed-in", actor=actor, now=now, subject=f"staff:{actor.id}")
    return Admission(token)


def _wait(*, staff_id: int, now: datetime) -> Admission:
    token = secrets.token_urlsafe(32)
    hashed = queries.token_hash(token)
    db.session.add(PendingSignIn(token_hash=hashed, staff_id=staff_id, expires_at=now + WAITS))
    return Admission(token, needs_code=True)


def finish_sign_in(*, token: str, code: str, now: datetime, browser: Browser = UNKNOWN) -> str:
    """Open the session of the sign-in that waits under this token, with a code; answers its token.

    The code is one of the app's, each of which works once, or a recovery code. Raises SignInOver
    and CodeRefused. Attempts are counted by the caller.
    """
    waiting = queries.find_waiting(token=token, now=now)
    if waiting is None:
        raise SignInOver
    factor = queries.find_factor(staff_id=waiting.staff_id)
    step = matching_step(secret=factor.secret or "", code=code, now=now) if factor else None
    proof = _Proof(
        step=step,
        factor_id=factor.id if factor else None,
        recovery=queries.token_hash(plain_recovery_code(code)),
    )
    try:
        return _finish(token=token, proof=proof, browser=browser, now=now)
    except CodeRefused:
        _record_failure("staff.code-refused", waiting.public_id, now)
        raise


@dataclass(frozen=True, slots=True)
class _Proof:
    """``step`` of the app, whose row is ``factor_id``, or else the hash of a recovery code."""

    step: int | None
    factor_id: int | None
    recovery: str


@transaction
def _finish(*, token: str, proof: _Proof, browser: Browser, now: datetime) -> str:
    waiting = queries.find_waiting(token=token, now=now)
    if waiting is None:
        raise SignInOver
    staff = db.session.scalars(
        select(Staff).where(Staff.id == waiting.staff_id).with_for_update()
    ).one()
    used = _use_step(proof) if proof.step is not None else _use_recovery(staff.id, proof, now)
    hashed = queries.token_hash(token)
    gone = delete(PendingSignIn).where(PendingSignIn.token_hash == hashed)
    if db.session.scalar(gone.returning(PendingSignIn.staff_id)) is None or staff.disabled_at:
        raise SignInOver
    if not used:
        raise CodeRefused
    token, actor = open_session(staff=staff, browser=browser, has_second_factor=True, now=now)
    how = "app" if proof.step is not None else "recovery code"
    _record_entry(actor, how, now)
    return token


def _use_step(proof: _Proof) -> bool:
    """Take the step in one statement, so that of two who send one code only the first gets in."""
    is_newer = SecondFactor.last_step.is_(None) | (SecondFactor.last_step < proof.step)
    used = (
        update(SecondFactor)
        .where(SecondFactor.id == proof.factor_id, is_newer)
        .where(SecondFactor.confirmed_at.is_not(None))
        .values(last_step=proof.step)
        .returning(SecondFactor.id)
    )
    return db.session.scalar(used) is not None


def _use_recovery(staff_id: int, proof: _Proof, now: datetime) -> bool:
    used = (
        update(RecoveryCode)
        .where(RecoveryCode.staff_id == staff_id, RecoveryCode.code_hash == proof.recovery)
        .where(RecoveryCode.used_at.is_(None))
        .values(used_at=now)
        .returning(RecoveryCode.code_hash)
    )
    return db.session.scalar(used) is not None


def _record_entry(actor: Actor, how: str, now: datetime) -> None:
    subject = f"staff:{actor.id}"
    details = {"second_factor": how}
    audit.record(action="staff.signed-in", actor=actor, now=now, subject=subject, details=details)


@transaction
def _record_failure(action: str, public_id: str | None, now: datetime) -> None:
    subject = f"staff:{public_id}" if public_id else None
    audit.record(action=action, actor=PUBLIC, now=now, subject=subject)
