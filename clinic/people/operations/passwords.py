"""Choosing and changing a password. Every session ends with the old one."""

from datetime import datetime

from sqlalchemy import delete, select, update

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid
from clinic.core.values import Actor, Role
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient
from clinic.people import queries
from clinic.people.common_passwords import is_common
from clinic.people.models import SetupLink, Staff
from clinic.people.operations.links import LinkGone
from clinic.people.operations.sessions import end_sessions, locked_staff, open_session
from clinic.people.passwords import hash_password
from clinic.people.rules.browsers import Browser
from clinic.people.rules.passwords import password_fault


def choose_password(*, token: str, password: str, clinic_name: str, now: datetime) -> None:
    """Set the password of the person whose link this is, and end their sessions and links.

    The second factor stays: a link is no way around it. Raises LinkGone, and Invalid
    (``password``) for a password that can be guessed.
    """
    account = queries.find_account_of_link(token=token, now=now)
    if account is None:
        raise LinkGone
    _refuse_weak(password, account, clinic_name)
    _set_by_link(token=token, password_hash=hash_password(password), now=now)


@transaction
def _set_by_link(*, token: str, password_hash: str, now: datetime) -> None:
    account = queries.find_account_of_link(token=token, now=now)
    used = (
        update(SetupLink)
        .where(SetupLink.token_hash == queries.token_hash(token), SetupLink.used_at.is_(None))
        .values(used_at=now)
        .returning(SetupLink.staff_id)
    )
    if account is None or db.session.scalar(used) is None:
        raise LinkGone
    staff = locked_staff(public_id=account.public_id)
    actor = Actor(kind="staff", id=staff.public_id, name=staff.name, role=Role(staff.role))
    _set_password(staff, password_hash, "staff.password-chosen", actor, now)


def change_password(
    *, password: str, clinic_name: str, browser: Browser, actor: Actor, now: datetime
) -> str:
    """Change one's own password; all sessions end, and a new one's token is answered.

    The caller has made sure that the old password was given lately. Raises Invalid (``password``).
    """
    account = queries.get_account(public_id=actor.id or "")
    _refuse_weak(password, account, clinic_name)
    hashed = hash_password(password)
    return _change(password_hash=hashed, browser=browser, actor=actor, now=now)


@transaction
def _change(*, password_hash: str, browser: Browser, actor: Actor, now: datetime) -> str:
    staff = locked_staff(public_id=actor.id or "")
    _set_password(staff, password_hash, "staff.password-changed", actor, now)
    has_factor = queries.find_factor(staff_id=staff.id) is not None
    token, _actor = open_session(
        staff=staff, browser=browser, has_second_factor=has_factor, now=now
    )
    return token


def _refuse_weak(password: str, account: queries.Account, clinic_name: str) -> None:
    fault = password_fault(password, context=(clinic_name, account.name, account.email))
    if fault is None and is_common(password):
        fault = "Many people use this password, and attackers try it first. Choose another one."
    if fault:
        raise Invalid({"password": [fault]})


def _set_password(
    staff: Staff, password_hash: str, action: str, actor: Actor, now: datetime
) -> None:
    had_one = staff.password_hash is not None
    staff.password_hash = password_hash
    end_sessions(staff_id=staff.id)
    links = select(SetupLink.token_hash).where(SetupLink.staff_id == staff.id)
    db.session.execute(delete(SetupLink).where(SetupLink.token_hash.in_(links)))
    audit.record(action=action, actor=actor, now=now, subject=f"staff:{staff.public_id}")
    if had_one:
        _tell_owner(staff, now)


def _tell_owner(staff: Staff, now: datetime) -> None:
    """Whoever did not change it themselves learns of it."""
    post_message(
        kind="staff-password-changed",
        recipient=Recipient(staff.name, staff.email),
        context={},
        about=f"staff:{staff.public_id}",
        now=now,
    )
