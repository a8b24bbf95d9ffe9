"""The ways to a patient's forms without an account: a link and a birth date, a code at the desk."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, or_, select, update

from clinic.core import audit
from clinic.core.crypto import keyring
from clinic.core.db import db, housekeeping, in_transaction, transaction
from clinic.core.errors import Refusal
from clinic.core.values import PUBLIC, Actor
from clinic.intake.models import FormLink, FormSession
from clinic.intake.models.links import MOST_ATTEMPTS
from clinic.intake.queries.links import IDLE, KIOSK, MAIL
from clinic.people.models import Patient
from clinic.people.operations.locking import lock_record
from clinic.people.queries import token_hash

CODE_DIGITS = 8
CODE_LASTS = timedelta(minutes=15)
SESSION_LASTS = {MAIL: timedelta(hours=12), KIOSK: timedelta(hours=1)}
LINK_LASTS = timedelta(days=90)
LINK_OUTLIVES = timedelta(days=1)
"""How long after a visit began the link to its forms still opens."""


class LinkOver(Refusal):
    """The same words for a link that is not ours, that is over, and that was tried too often."""

    code = "link-over"
    status = 404
    message = "This link no longer works. Use the newest one that we sent, or call us."


class BirthDateWrong(Refusal):
    """The birth date is not the patient's; the attempt is counted."""

    code = "birth-date-wrong"
    status = 422
    message = "This date of birth does not fit. Enter the patient's date of birth."


class CodeWrong(Refusal):
    """The same words for a wrong code, a used one, and a birth date that does not fit."""

    code = "code-wrong"
    status = 422
    message = "The code and the date of birth do not fit together. Ask at the desk."


@dataclass(frozen=True, slots=True)
class Opened:
    """A session's token, and the patient's public id."""

    token: str
    patient: str


def add_link(*, patient_id: int, now: datetime, expires_at: datetime | None = None) -> str:
    """A new link's token for a message, inside the transaction that posts it. Older ones live on.

    RuntimeError outside a transaction.
    """
    if not in_transaction():
        raise RuntimeError("a link is made with the message that carries it")
    token = secrets.token_urlsafe(32)
    row = FormLink(
        patient_id=patient_id,
        kind=MAIL,
        token_hash=token_hash(token),
        created_at=now,
        expires_at=expires_at or now + LINK_LASTS,
    )
    db.session.add(row)
    return token


@transaction
def new_form_link(*, patient: str, actor: Actor, now: datetime, expires_at: datetime) -> str:
    """The token of a new link for whoever holds a visit's own link already. Raises NotFound."""
    person = lock_record(patient)
    _record("form.link-made", person, actor, now, {})
    return add_link(patient_id=person.id, now=now, expires_at=expires_at)


@transaction
def make_kiosk_code(*, patient: str, is_helped: bool, actor: Actor, now: datetime) -> str:
    """A code of eight digits that opens a patient's forms once, within a quarter of an hour.

    ``is_helped``: the member of staff sits beside the patient, and answers are recorded as given
    with their help. Codes made before for the same patient end. Raises NotFound.
    """
    person = lock_record(patient)
    db.session.execute(
        update(FormLink)
        .where(
            FormLink.patient_id == person.id, FormLink.kind == KIOSK, FormLink.ended_at.is_(None)
        )
        .values(ended_at=now)
    )
    code = _free_code()
    row = FormLink(
        patient_id=person.id,
        kind=KIOSK,
        token_hash=code_hash(code),
        helper=actor.name if is_helped else None,
        created_at=now,
        expires_at=now + CODE_LASTS,
    )
    db.session.add(row)
    details = {"helped": is_helped}
    _record("form.kiosk-code", person, actor, now, details)
    return code


def open_link(*, token: str, birth_date: date, now: datetime) -> Opened:
    """Open a session by a link and the patient's birth date. Raises LinkOver and BirthDateWrong.

    The attempt is counted whatever comes of it.
    """
    opened = _try(hashed=token_hash(token), kind=MAIL, birth_date=birth_date, now=now)
    if opened is None:
        raise LinkOver
    if not opened.token:
        raise BirthDateWrong
    return opened


def open_kiosk(*, code: str, birth_date: date, now: datetime) -> Opened:
    """Open a session on the clinic's tablet by a code from the desk. Raises CodeWrong."""
    opened = _try(hashed=code_hash(code), kind=KIOSK, birth_date=birth_date, now=now)
    if opened is None or not opened.token:
        raise CodeWrong
    return opened


def code_hash(code: str) -> str:
    """What is stored of a code: it is short, so the hash needs the clinic's key."""
    return keyring().mac("kiosk-code", code)


@transaction
def _try(*, hashed: str, kind: str, birth_date: date, now: datetime) -> Opened | None:
    """None for no live link, no token for a wrong birth date: what was counted stays counted."""
    link = db.session.scalar(
        select(FormLink)
        .where(
            FormLink.token_hash == hashed,
            FormLink.kind == kind,
            FormLink.ended_at.is_(None),
            FormLink.expires_at > now,
            FormLink.attempts < MOST_ATTEMPTS,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if link is None:
        return None
    patient = db.session.get_one(Patient, link.patient_id)
    if patient.birth_date != birth_date:
        link.attempts += 1
        _record("form.link-refused", patient, PUBLIC, now, {"kind": kind})
        return Opened("", patient.public_id)
    link.attempts = 0
    if kind == KIOSK:
        link.ended_at = now
    token = secrets.token_urlsafe(32)
    session = FormSession(
        link_id=link.id,
        patient_id=patient.id,
        kind=kind,
        token_hash=token_hash(token),
        helper=link.helper,
        created_at=now,
        last_seen_at=now,
        expires_at=min(now + SESSION_LASTS[kind], max(link.expires_at, now + CODE_LASTS))
        if kind == MAIL
        else now + SESSION_LASTS[kind],
    )
    db.session.add(session)
    _record("form.link-opened", patient, PUBLIC, now, {"kind": kind})
    return Opened(token, patient.public_id)


@transaction
def name_author(*, token: str, name: str, relation: str, now: datetime) -> None:
    """Note who fills in for a child in this browser; nothing happens when the session is over."""
    session = db.session.scalar(_live(token, now))
    if session is None:
        return
    session.author, session.relation = name, relation
    patient = db.session.get_one(Patient, session.patient_id)
    _record("form.guardian-named", patient, PUBLIC, now, {"relation": relation})


def renew_session(*, token: str, birth_date: date, now: datetime) -> None:
    """Let a session go on that a mail's link opened and that nobody used for too long, in the same
    browser, by the birth date. Who fills in for a child stays named.

    The attempt counts as one at the link. Raises LinkOver and BirthDateWrong.
    """
    is_renewed = _renew(hashed=token_hash(token), birth_date=birth_date, now=now)
    if is_renewed is None:
        raise LinkOver
    if not is_renewed:
        raise BirthDateWrong


@transaction
def _renew(*, hashed: str, birth_date: date, now: datetime) -> bool | None:
    """None where nothing can be renewed; what was counted stays counted."""
    row = db.session.execute(
        select(FormSession, FormLink)
        .join(FormLink, FormLink.id == FormSession.link_id)
        .where(
            FormSession.token_hash == hashed,
            FormSession.kind == MAIL,
            FormSession.expires_at > now,
            FormLink.ended_at.is_(None),
            FormLink.attempts < MOST_ATTEMPTS,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if row is None:
        return None
    session, link = row
    patient = db.session.get_one(Patient, session.patient_id)
    if patient.birth_date != birth_date:
        link.attempts += 1
        _record("form.link-refused", patient, PUBLIC, now, {"kind": MAIL})
        return False
    link.attempts, session.last_seen_at = 0, now
    _record("form.session-renewed", patient, PUBLIC, now, {"kind": MAIL})
    return True


@housekeeping
def see_session(*, token: str, now: datetime) -> None:
    """Note, at most once a minute, that the session is in use."""
    seen = update(FormSession).where(
        FormSession.token_hash == token_hash(token), FormSession.last_seen_at < now
    )
    db.session.execute(seen.values(last_seen_at=now))


@transaction
def lock_session(*, token: str, now: datetime) -> None:
    """End this browser's session: the tablet is given back, or the patient leaves."""
    ended = select(FormSession).where(FormSession.token_hash == token_hash(token))
    session = db.session.scalar(ended.with_for_update())
    if session is None:
        return
    patient = db.session.get_one(Patient, session.patient_id)
    _record("form.session-ended", patient, PUBLIC, now, {"kind": session.kind})
    db.session.delete(session)


def remove_stale_form_sessions(*, now: datetime) -> None:
    """Remove sessions that have ended for good; one that a mail's link opened and that is only idle
    may be renewed."""
    if db.session.scalar(select(FormSession.id).where(_gone(now)).limit(1)) is not None:
        _remove(now=now)


@housekeeping
def _remove(*, now: datetime) -> None:
    db.session.execute(delete(FormSession).where(_gone(now)))


def _gone(now: datetime) -> ColumnElement[bool]:
    return or_(FormSession.expires_at <= now, (FormSession.kind == KIOSK) & _over(now))


def _over(now: datetime) -> ColumnElement[bool]:
    idle = (
        (FormSession.kind == kind) & (FormSession.last_seen_at <= now - IDLE[kind]) for kind in IDLE
    )
    return or_(FormSession.expires_at <= now, *idle)


def _live(token: str, now: datetime) -> Select[FormSession]:
    return (
        select(FormSession)
        .where(FormSession.token_hash == token_hash(token), ~_over(now))
        .with_for_update()
    )


def _free_code() -> str:
    while True:
        code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        taken = select(FormLink.id).where(FormLink.token_hash == code_hash(code))
        if db.session.scalar(taken) is None:
            return code


def _record(
    action: str, patient: Patient, actor: Actor, now: datetime, details: Mapping[str, object]
) -> None:
    audit.record(
        action=action,
        actor=actor,
        now=now,
        subject=f"patient:{patient.public_id}",
        details=details,
    )
