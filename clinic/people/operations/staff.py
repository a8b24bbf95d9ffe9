"""Staff accounts: made with a one-time link, by which the person chooses the password."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from clinic.core import audit
from clinic.core.db import db, transaction, violates
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.core.values import Actor, Role
from clinic.people import queries
from clinic.people.models import SetupLink, Staff, StaffSession
from clinic.people.passwords import hash_password
from clinic.people.rules.names import Unusable, clean_email, clean_text, email_key
from clinic.people.rules.passwords import password_fault

LINK_LASTS = timedelta(hours=72)
"""A weekend: whoever is invited on Friday afternoon can still use it on Monday morning."""


class StaffExists(Refusal):
    """The e-mail address already belongs to a member of staff."""

    code = "staff-exists"
    message = "There is already a member of staff with this e-mail address."


class LinkGone(Refusal):
    """The set-up link was used, replaced by a newer one, or is too old."""

    code = "link-gone"
    status = 410
    message = "This link was already used, or it is too old. Ask for a new one."


def create_staff(*, email: str, name: str, role: Role, actor: Actor, now: datetime) -> str:
    """Make an account and a one-time link's token, answered here and never again.

    Raises Invalid (``email``, ``name``) and StaffExists.
    """
    errors: dict[str, list[str]] = {}
    values = {"email": email, "name": name}
    for field, clean in (("email", clean_email), ("name", _clean_staff_name)):
        try:
            values[field] = clean(values[field])
        except Unusable as complaint:
            errors[field] = [str(complaint)]
        else:
            if not values[field]:
                errors[field] = ["This is needed."]
    if errors:
        raise Invalid(errors)
    address = email_key(values["email"])
    return _create(email=address, name=values["name"], role=role, actor=actor, now=now)


def _clean_staff_name(name: str) -> str:
    return clean_text(name, longest=200)


@transaction
def _create(*, email: str, name: str, role: Role, actor: Actor, now: datetime) -> str:
    staff = Staff(email=email, name=name, role=role.value, created_at=now)
    db.session.add(staff)
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, "uq_staff_email"):
            raise StaffExists from error
        raise
    audit.record(
        action="staff.created",
        actor=actor,
        now=now,
        subject=f"staff:{staff.public_id}",
        details={"role": role.value},
    )
    return _add_link(staff.id, now)


@transaction
def new_setup_link(*, email: str, actor: Actor, now: datetime) -> str:
    """A new one-time link's token for an account (a lost link, a lost password); NotFound.

    Older links no longer work. The password stays until the new one is chosen.
    """
    account = queries.find_account(email=email)
    if account is None:
        raise NotFound("There is no member of staff with this e-mail address.")
    db.session.execute(delete(SetupLink).where(SetupLink.staff_id == account.id))
    audit.record(
        action="staff.link-made", actor=actor, now=now, subject=f"staff:{account.public_id}"
    )
    return _add_link(account.id, now)


def _add_link(staff_id: int, now: datetime) -> str:
    token = secrets.token_urlsafe(32)
    link = SetupLink(
        token_hash=queries.token_hash(token), staff_id=staff_id, expires_at=now + LINK_LASTS
    )
    db.session.add(link)
    return token


def choose_password(*, token: str, password: str, clinic_name: str, now: datetime) -> None:
    """Set the password of the person whose link this is, and end their sessions.

    Raises LinkGone, and Invalid (``password``) for a password that can be guessed.
    """
    account = queries.find_account_of_link(token=token, now=now)
    if account is None:
        raise LinkGone
    fault = password_fault(password, context=(clinic_name, account.name, account.email))
    if fault:
        raise Invalid({"password": [fault]})
    _set_password(token=token, password_hash=hash_password(password), now=now)


@transaction
def _set_password(*, token: str, password_hash: str, now: datetime) -> None:
    account = queries.find_account_of_link(token=token, now=now)
    used = (
        update(SetupLink)
        .where(SetupLink.token_hash == queries.token_hash(token), SetupLink.used_at.is_(None))
        .values(used_at=now)
        .returning(SetupLink.staff_id)
    )
    if account is None or db.session.scalar(used) is None:
        raise LinkGone
    staff = db.session.scalars(select(Staff).where(Staff.id == account.id)).one()
    staff.password_hash = password_hash
    db.session.execute(delete(StaffSession).where(StaffSession.staff_id == account.id))
    actor = Actor(kind="staff", id=staff.public_id, name=staff.name, role=Role(staff.role))
    audit.record(
        action="staff.password-chosen", actor=actor, now=now, subject=f"staff:{staff.public_id}"
    )
