"""Signing in and out. A session is a row; the browser holds its random token, the row a hash."""

import contextlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Refusal, Unavailable
from clinic.core.values import PUBLIC, Actor, Role
from clinic.people import queries
from clinic.people.models import Staff, StaffSession
from clinic.people.operations.upkeep import SEEN_EVERY, see_session
from clinic.people.passwords import is_right
from clinic.people.rules.browsers import Browser

SESSION_LASTS = timedelta(days=7)
UNKNOWN = Browser()


class SignInFailed(Refusal):
    """The same words for a wrong password, an unknown address and an account without password."""

    code = "sign-in-failed"
    status = 422
    message = "The e-mail address or the password is not right."


def sign_in(*, email: str, password: str, now: datetime, browser: Browser = UNKNOWN) -> str:
    """Open a session and answer its token; raises SignInFailed.

    An unknown address takes as long as a wrong password. Attempts are counted by the caller.
    """
    account = queries.find_account(email=email)
    if is_right(password, stored=account.password_hash if account else None) and account:
        checked = account.password_hash or ""
        return _open_session(staff_id=account.id, checked_hash=checked, browser=browser, now=now)
    _record_failure(subject=f"staff:{account.public_id}" if account else None, now=now)
    raise SignInFailed


@transaction
def _open_session(*, staff_id: int, checked_hash: str, browser: Browser, now: datetime) -> str:
    # The password may have been changed, or the account closed, while it was being checked.
    staff = db.session.scalar(
        select(Staff).where(
            Staff.id == staff_id,
            Staff.password_hash == checked_hash,
            Staff.disabled_at.is_(None),
        )
    )
    if staff is None:
        raise SignInFailed
    token = secrets.token_urlsafe(32)
    session = StaffSession(
        token_hash=queries.token_hash(token),
        staff_id=staff.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + SESSION_LASTS,
        proved_at=now,
        has_second_factor=False,
        browser=browser.family,
        system=browser.system,
        network=browser.network,
    )
    db.session.add(session)
    actor = Actor(
        kind="staff",
        id=staff.public_id,
        name=staff.name,
        role=Role(staff.role),
        session=session.public_id,
    )
    audit.record(action="staff.signed-in", actor=actor, now=now, subject=f"staff:{actor.id}")
    return token


@transaction
def _record_failure(*, subject: str | None, now: datetime) -> None:
    audit.record(action="staff.sign-in-failed", actor=PUBLIC, now=now, subject=subject)


@transaction
def sign_out(*, token: str, now: datetime) -> None:
    """End the session of this token; nothing happens when there is none."""
    found = queries.find_session(token=token, now=now)
    hashed = queries.token_hash(token)
    db.session.execute(delete(StaffSession).where(StaffSession.token_hash == hashed))
    if found is not None:
        actor = found.actor
        audit.record(action="staff.signed-out", actor=actor, now=now, subject=f"staff:{actor.id}")


def recognise(*, token: str, now: datetime) -> queries.SessionRow | None:
    """Who is signed in with this session token; notes, at most once a minute, that they are here.

    A note that cannot be written now is not worth a page that cannot be read.
    """
    found = queries.find_session(token=token, now=now)
    if found is None:
        return None
    if now - found.last_seen_at >= SEEN_EVERY:
        with contextlib.suppress(Unavailable):
            see_session(token=token, now=now)
    return found
