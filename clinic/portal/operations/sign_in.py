"""A patient's session: opened by a code and a birth date, ended here or everywhere."""

import contextlib
import secrets
from datetime import date, datetime, timedelta

from sqlalchemy import delete, or_, select, update

from clinic.core import audit
from clinic.core.crypto import keyring
from clinic.core.db import db, housekeeping, transaction
from clinic.core.errors import Refusal, Unavailable
from clinic.core.values import PUBLIC
from clinic.people.queries import token_hash
from clinic.portal.models import PatientSession, SignInCode
from clinic.portal.queries.households import IDLE, find_household, find_session
from clinic.portal.rules.codes import MOST_ATTEMPTS, clean_code
from clinic.scheduling.queries.setting import clinic_date
from clinic.web.households import Household

SESSION_LASTS = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)


class CodeWrong(Refusal):
    """The same words for a wrong code, a wrong birth date and an address nobody has."""

    code = "code-wrong"
    status = 422
    message = "The code and the date of birth do not fit together. Check both."


class CodeOver(Refusal):
    """The code was used, replaced by a newer one, tried too often, or is too old."""

    code = "code-over"
    status = 422
    message = "This code no longer works. Ask for a new one."


def sign_in_with_code(*, public_id: str, code: str, birth_date: date, now: datetime) -> str:
    """Open a session and answer its token; raises CodeWrong and CodeOver.

    The attempt is counted whatever comes of it. Of two who send the same code one gets in.
    """
    token = _try_code(public_id=public_id, code=clean_code(code), birth_date=birth_date, now=now)
    if token is None:
        raise CodeWrong
    if not token:
        raise CodeOver
    return token


@transaction
def _try_code(*, public_id: str, code: str, birth_date: date, now: datetime) -> str | None:
    """The token of a new session; "" when the code is over, None when it was wrong.

    Nothing is raised: what was counted stays counted. The counting locks the row, so a second try
    of the same code waits and then finds it used.
    """
    row = _count_attempt(public_id=public_id, now=now)
    if row is None:
        return ""
    # Compared where there is no code too, so that both take the same time.
    is_right = keyring().proves("sign-in-code", f"{public_id}:{code}", row.code_hash or "-" * 32)
    token = _open_session(row, birth_date, now) if is_right and row.code_hash else None
    if token is None:
        audit.record(action="patient.sign-in-failed", actor=PUBLIC, now=now)
    return token


def _count_attempt(*, public_id: str, now: datetime) -> SignInCode | None:
    counted = (
        update(SignInCode)
        .where(
            SignInCode.public_id == public_id,
            SignInCode.ended_at.is_(None),
            SignInCode.expires_at > now,
            SignInCode.attempts < MOST_ATTEMPTS,
        )
        .values(attempts=SignInCode.attempts + 1)
        .returning(SignInCode.id)
    )
    ident = db.session.scalar(counted)
    return None if ident is None else db.session.get(SignInCode, ident, populate_existing=True)


def _open_session(row: SignInCode, birth_date: date, now: datetime) -> str | None:
    token = secrets.token_urlsafe(32)
    session = PatientSession(
        token_hash=token_hash(token),
        email_key=row.email or "",
        birth_date=birth_date,
        created_at=now,
        last_seen_at=now,
        expires_at=now + SESSION_LASTS,
    )
    household = find_household(
        session=session.public_id,
        email_key=session.email_key,
        birth_date=birth_date,
        today=clinic_date(now),
    )
    if household is None:
        return None
    db.session.add(session)
    row.ended_at, row.email_sealed = now, None
    _record("patient.signed-in", household, now)
    return token


@transaction
def sign_out(*, token: str, now: datetime) -> None:
    """End the session of this token; nothing happens when there is none."""
    found = find_session(token=token, now=now, today=clinic_date(now))
    db.session.execute(delete(PatientSession).where(PatientSession.token_hash == token_hash(token)))
    if found is not None:
        _record("patient.signed-out", found[0], now)


@transaction
def sign_out_everywhere(*, household: Household, now: datetime) -> None:
    """End every session of the person signed in, this one too."""
    theirs = (
        PatientSession.email_key == household.email,
        PatientSession.birth_date == household.birth_date,
    )
    db.session.execute(delete(PatientSession).where(*theirs))
    _record("patient.signed-out-everywhere", household, now)


def recognise(*, token: str, now: datetime) -> Household | None:
    """Who is signed in with this token; notes, at most once a minute, that they are here."""
    found = find_session(token=token, now=now, today=clinic_date(now))
    if found is None:
        return None
    household, last_seen_at = found
    if now - last_seen_at >= SEEN_EVERY:
        with contextlib.suppress(Unavailable):
            _see(token=token, now=now)
    return household


@housekeeping
def _see(*, token: str, now: datetime) -> None:
    seen = update(PatientSession).where(PatientSession.token_hash == token_hash(token))
    db.session.execute(seen.where(PatientSession.last_seen_at < now).values(last_seen_at=now))


def remove_stale_sessions(*, now: datetime) -> None:
    """Remove sessions that have ended."""
    ended = or_(PatientSession.expires_at <= now, PatientSession.last_seen_at <= now - IDLE)
    if db.session.scalar(select(PatientSession.id).where(ended).limit(1)) is not None:
        _remove(now=now)


@housekeeping
def _remove(*, now: datetime) -> None:
    ended = or_(PatientSession.expires_at <= now, PatientSession.last_seen_at <= now - IDLE)
    db.session.execute(delete(PatientSession).where(ended))


def _record(action: str, household: Household, now: datetime) -> None:
    audit.record(
        action=action,
        actor=household.actor(),
        now=now,
        subject=f"patient:{household.kin[0].patient}",
    )
