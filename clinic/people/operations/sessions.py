"""Sessions: opened, recognised, proved again, ended.

A session is a row; the browser holds its random token, the row a hash.
"""

import contextlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound, Refusal, Unavailable
from clinic.core.rows import lock_row
from clinic.core.types import is_public_id
from clinic.core.values import Actor, Role
from clinic.people import queries
from clinic.people.models import PendingSignIn, Staff, StaffSession
from clinic.people.operations.upkeep import SEEN_EVERY, see_session
from clinic.people.passwords import is_right
from clinic.people.rules.browsers import Browser

SESSION_LASTS = timedelta(days=7)
"""However much it is used: a week of work at one desk, then the password again."""


class WrongPassword(Refusal):
    """The password that was asked for again is not right."""

    code = "wrong-password"
    status = 422
    message = "The password is not right."


def open_session(
    *, staff: Staff, browser: Browser, has_second_factor: bool, now: datetime
) -> tuple[str, Actor]:
    """A new session's token and who acts through it; inside the running transaction."""
    token = secrets.token_urlsafe(32)
    session = StaffSession(
        token_hash=queries.token_hash(token),
        staff_id=staff.id,
        created_at=now,
        last_seen_at=now,
        expires_at=now + SESSION_LASTS,
        proved_at=now,
        has_second_factor=has_second_factor,
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
    return token, actor


def end_sessions(*, staff_id: int, but: str | None = None) -> int:
    """End what this person has open, waiting sign-ins too; inside the running transaction.

    ``but`` is the public id of a session that stays. Answers how many sessions ended.
    """
    db.session.execute(delete(PendingSignIn).where(PendingSignIn.staff_id == staff_id))
    ended = delete(StaffSession).where(StaffSession.staff_id == staff_id)
    if but is not None:
        ended = ended.where(StaffSession.public_id != but)
    gone = db.session.scalars(ended.returning(StaffSession.public_id)).all()
    return len(gone)


def locked_staff(*, public_id: str) -> Staff:
    """The row of a member of staff, which nobody else changes until the commit; NotFound."""
    return lock_row(Staff, public_id)


def recognise(
    *, token: str, now: datetime, second_factor_demanded: bool = False
) -> queries.SessionRow | None:
    """Whose session this is; notes, at most once a minute, that they are here.

    Where a second factor is demanded, a session without one has no role: it may finish setting
    one up and do nothing else. A note that cannot be written now is not worth a page that cannot
    be read.
    """
    found = queries.find_session(token=token, now=now)
    if found is None:
        return None
    if now - found.last_seen_at >= SEEN_EVERY:
        with contextlib.suppress(Unavailable):
            see_session(token=token, now=now)
    is_whole = found.has_second_factor or not second_factor_demanded
    return found if is_whole else found.without_role()


@transaction
def sign_out(*, token: str, now: datetime) -> None:
    """End the session of this token; nothing happens when there is none."""
    found = queries.find_session(token=token, now=now)
    hashed = queries.token_hash(token)
    db.session.execute(delete(StaffSession).where(StaffSession.token_hash == hashed))
    if found is not None:
        actor = found.actor
        audit.record(action="staff.signed-out", actor=actor, now=now, subject=f"staff:{actor.id}")


@transaction
def end_own_session(*, session: str, actor: Actor, now: datetime) -> None:
    """End one session of the person who asks; NotFound when they have none of that id."""
    if not is_public_id(session):
        raise NotFound
    mine = select(Staff.id).where(Staff.public_id == actor.id).scalar_subquery()
    ended = (
        delete(StaffSession)
        .where(StaffSession.public_id == session, StaffSession.staff_id == mine)
        .returning(StaffSession.public_id)
    )
    if db.session.scalar(ended) is None:
        raise NotFound
    _record_ended(actor=actor, now=now, count=1)


@transaction
def end_other_sessions(*, actor: Actor, now: datetime) -> int:
    """End every session of the person who asks but the one they ask from; answers how many."""
    staff = locked_staff(public_id=actor.id or "")
    count = end_sessions(staff_id=staff.id, but=actor.session or "")
    _record_ended(actor=actor, now=now, count=count)
    return count


def _record_ended(*, actor: Actor, now: datetime, count: int) -> None:
    audit.record(
        action="staff.sessions-ended",
        actor=actor,
        now=now,
        subject=f"staff:{actor.id}",
        details={"sessions": count},
    )


def prove_again(*, password: str, actor: Actor, now: datetime) -> None:
    """Take the password once more before something that matters; raises WrongPassword."""
    account = queries.get_account(public_id=actor.id or "")
    if not is_right(password, stored=account.password_hash):
        _record_wrong(actor=actor, now=now)
        raise WrongPassword
    _note_proof(actor=actor, now=now)


@transaction
def _record_wrong(*, actor: Actor, now: datetime) -> None:
    audit.record(action="staff.proof-failed", actor=actor, now=now, subject=f"staff:{actor.id}")


@transaction
def _note_proof(*, actor: Actor, now: datetime) -> None:
    proved = update(StaffSession).where(StaffSession.public_id == actor.session)
    db.session.execute(proved.values(proved_at=now))
    audit.record(action="staff.proved-again", actor=actor, now=now, subject=f"staff:{actor.id}")
