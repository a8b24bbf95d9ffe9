"""Codes for signing in: asked for by a page, made and sent by the worker.

The page writes the same row for every address and asks nobody whether it is known. Only the
worker looks, so neither the answer nor its time tells a stranger who is a patient here.
"""

import secrets
from datetime import datetime

from sqlalchemy import delete, select, update

from clinic.core.crypto import keyring
from clinic.core.db import db, housekeeping, transaction
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient
from clinic.people.rules.names import email_key
from clinic.portal.models import SignInCode
from clinic.portal.queries.households import find_address
from clinic.portal.rules.codes import DIGITS, LASTS
from clinic.scheduling.queries.setting import clinic_date

BATCH = 50


@transaction
def ask_for_code(*, email: str, now: datetime) -> str:
    """Note that somebody wants a code for this (cleaned) address; answers what the browser keeps.

    Codes asked for earlier for the same address open nothing any more.
    """
    hashed = keyring().mac("sign-in-email", email_key(email))
    db.session.execute(
        update(SignInCode)
        .where(SignInCode.email_hash == hashed, SignInCode.ended_at.is_(None))
        .values(ended_at=now, email_sealed=None)
    )
    row = SignInCode(email_hash=hashed, created_at=now, expires_at=now + LASTS)
    row.email = email_key(email)
    db.session.add(row)
    return row.public_id


def issue_codes(*, now: datetime) -> None:
    """Make and post the codes that were asked for, each in a transaction of its own."""
    waiting = (
        select(SignInCode.id)
        .where(SignInCode.issued_at.is_(None))
        .order_by(SignInCode.created_at)
        .limit(BATCH)
    )
    for ident in list(db.session.scalars(waiting)):
        _issue(ident=ident, now=now)


@transaction
def _issue(*, ident: int, now: datetime) -> None:
    wanted = (
        select(SignInCode)
        .where(SignInCode.id == ident, SignInCode.issued_at.is_(None))
        .with_for_update(skip_locked=True)
    )
    row = db.session.scalar(wanted)
    if row is None:
        return
    row.issued_at = now
    if row.email is None or row.expires_at <= now:
        return
    address = find_address(email_key=row.email, today=clinic_date(now))
    if address is None:
        return
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    row.code_hash = keyring().mac("sign-in-code", f"{row.public_id}:{code}")
    post_message(
        kind="sign-in-code",
        recipient=Recipient(name="", email=address),
        context={"code": code, "minutes": str(LASTS.seconds // 60)},
        about=f"sign-in:{row.public_id}",
        now=now,
        valid_until=row.expires_at,
    )


def remove_old_codes(*, now: datetime) -> None:
    """Remove codes that open nothing any more."""
    over = SignInCode.expires_at <= now
    if db.session.scalar(select(SignInCode.id).where(over).limit(1)) is not None:
        _remove(now=now)


@housekeeping
def _remove(*, now: datetime) -> None:
    db.session.execute(delete(SignInCode).where(SignInCode.expires_at <= now))
