"""The second factor: an authenticator app, and ten recovery codes for the day it is lost."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.core.values import Actor
from clinic.people import queries
from clinic.people.models import RecoveryCode, SecondFactor, Staff
from clinic.people.operations.sessions import end_sessions, locked_staff, open_session
from clinic.people.rules.browsers import Browser
from clinic.people.rules.codes import (
    matching_step,
    new_recovery_codes,
    new_secret,
    plain_recovery_code,
)


class NothingBegun(Refusal):
    """There is no app waiting for its first code."""

    code = "nothing-begun"
    message = "There is nothing to confirm. Start setting up the app again."


class SecondFactorDemanded(Refusal):
    """Everybody who works here needs a second factor."""

    code = "second-factor-demanded"
    message = "Everybody who works here signs in with a second factor; it cannot be switched off."


@dataclass(frozen=True, slots=True)
class Enrolled:
    """The new session's token, and the recovery codes, to be shown this once."""

    token: str
    recovery_codes: tuple[str, ...]


@transaction
def begin_second_factor(*, actor: Actor, now: datetime) -> None:
    """Make a new secret for an app; the one in use stays until the new one is confirmed."""
    staff = locked_staff(public_id=actor.id or "")
    _drop(staff_id=staff.id, confirmed=False)
    factor = SecondFactor(staff_id=staff.id, created_at=now)
    factor.secret = new_secret()
    db.session.add(factor)
    _record("staff.second-factor-begun", actor, staff, now)


def confirm_second_factor(*, code: str, browser: Browser, actor: Actor, now: datetime) -> Enrolled:
    """Take the app into use with its first code: a new session, all others ended, ten codes.

    Raises NothingBegun, and Invalid (``code``) for a wrong code.
    """
    account = queries.get_account(public_id=actor.id or "")
    factor = queries.find_begun_factor(staff_id=account.id)
    if factor is None:
        raise NothingBegun
    step = matching_step(secret=factor.secret or "", code=code, now=now)
    if step is None:
        raise Invalid({"code": ["This code is not right. Enter the one the app shows now."]})
    return _confirm(factor_id=factor.id, step=step, browser=browser, actor=actor, now=now)


@transaction
def _confirm(
    *, factor_id: int, step: int, browser: Browser, actor: Actor, now: datetime
) -> Enrolled:
    staff = locked_staff(public_id=actor.id or "")
    factor = queries.find_begun_factor(staff_id=staff.id)
    if factor is None or factor.id != factor_id:
        raise NothingBegun
    _drop(staff_id=staff.id, confirmed=True)
    factor.confirmed_at, factor.last_step = now, step
    codes = _renew_codes(staff_id=staff.id, now=now)
    end_sessions(staff_id=staff.id)
    token, _actor = open_session(staff=staff, browser=browser, has_second_factor=True, now=now)
    _record("staff.second-factor-set", actor, staff, now)
    return Enrolled(token, codes)


@transaction
def renew_recovery_codes(*, actor: Actor, now: datetime) -> tuple[str, ...]:
    """Ten new recovery codes, shown this once; older ones no longer work.

    NotFound without a second factor.
    """
    staff = locked_staff(public_id=actor.id or "")
    if queries.find_factor(staff_id=staff.id) is None:
        raise NotFound
    _record("staff.recovery-codes-made", actor, staff, now)
    return _renew_codes(staff_id=staff.id, now=now)


@transaction
def switch_off_second_factor(*, is_demanded: bool, actor: Actor, now: datetime) -> None:
    """Sign in with the password alone from now on; SecondFactorDemanded where that may not be."""
    if is_demanded:
        raise SecondFactorDemanded
    staff = locked_staff(public_id=actor.id or "")
    _remove_all(staff_id=staff.id)
    _record("staff.second-factor-removed", actor, staff, now)


@transaction
def reset_second_factor(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Take somebody's lost app and recovery codes out of use, and end their sessions; NotFound.

    They sign in with the password and, where it is demanded, set up a new app before all else.
    """
    staff = locked_staff(public_id=public_id)
    _remove_all(staff_id=staff.id)
    end_sessions(staff_id=staff.id)
    _record("staff.second-factor-reset", actor, staff, now)


def _remove_all(*, staff_id: int) -> None:
    db.session.execute(delete(SecondFactor).where(SecondFactor.staff_id == staff_id))
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))


def _drop(*, staff_id: int, confirmed: bool) -> None:
    at = SecondFactor.confirmed_at
    which = at.is_not(None) if confirmed else at.is_(None)
    db.session.execute(delete(SecondFactor).where(SecondFactor.staff_id == staff_id, which))


def _renew_codes(*, staff_id: int, now: datetime) -> tuple[str, ...]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    codes = new_recovery_codes()
    hashes = (queries.token_hash(plain_recovery_code(code)) for code in codes)
    db.session.add_all(
        RecoveryCode(code_hash=hashed, staff_id=staff_id, created_at=now) for hashed in hashes
    )
    return tuple(codes)


def _record(action: str, actor: Actor, staff: Staff, now: datetime) -> None:
    audit.record(action=action, actor=actor, now=now, subject=f"staff:{staff.public_id}")
