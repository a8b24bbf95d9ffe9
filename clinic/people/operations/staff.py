"""Staff accounts: made, given a role, closed and opened again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, Refusal
from clinic.core.schema import violates
from clinic.core.values import Actor, Role
from clinic.people.models import SetupLink, Staff
from clinic.people.operations.links import add_link, post_set_up
from clinic.people.operations.sessions import end_sessions, locked_staff
from clinic.people.rules.names import Unusable, clean_email, clean_text, email_key


class StaffExists(Refusal):
    """The e-mail address already belongs to a member of staff."""

    code = "staff-exists"
    message = "There is already a member of staff with this e-mail address."


class LastManager(Refusal):
    """Without this person nobody could manage staff."""

    code = "last-manager"
    message = "This is the only manager who can sign in. Make somebody else a manager first."


@dataclass(frozen=True, slots=True)
class Hired:
    """A new account's public id and its one-time link's token."""

    public_id: str
    token: str


def create_staff(*, email: str, name: str, role: Role, actor: Actor, now: datetime) -> str:
    """Make an account and a one-time link's token, answered here and never again.

    Raises Invalid (``email``, ``name``) and StaffExists.
    """
    address, tidy = _cleaned(email=email, name=name)
    return _create(
        email=address, name=tidy, role=role, is_invited=False, actor=actor, now=now
    ).token


def invite_staff(*, email: str, name: str, role: Role, actor: Actor, now: datetime) -> Hired:
    """Make an account as with ``create_staff``, and send the link to the person too."""
    address, tidy = _cleaned(email=email, name=name)
    return _create(email=address, name=tidy, role=role, is_invited=True, actor=actor, now=now)


def _cleaned(*, email: str, name: str) -> tuple[str, str]:
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
    return email_key(values["email"]), values["name"]


def _clean_staff_name(name: str) -> str:
    return clean_text(name, longest=200)


@transaction
def _create(
    *, email: str, name: str, role: Role, is_invited: bool, actor: Actor, now: datetime
) -> Hired:
    staff = Staff(email=email, name=name, role=role.value, created_at=now)
    db.session.add(staff)
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, "uq_staff_email"):
            raise StaffExists from error
        raise
    _record("staff.created", staff, actor, now, role=role.value)
    token = add_link(staff_id=staff.id, now=now)
    if is_invited:
        post_set_up(staff=staff, token=token, now=now)
    return Hired(staff.public_id, token)


@transaction
def change_role(*, public_id: str, role: Role, actor: Actor, now: datetime) -> None:
    """Give somebody another role, and end their sessions; NotFound, LastManager.

    Nothing happens when they have it already.
    """
    _hold_managers()
    staff = locked_staff(public_id=public_id)
    if staff.role == role.value:
        return
    _refuse_last_manager(staff)
    _record("staff.role-changed", staff, actor, now, role=role.value, before=staff.role)
    staff.role = role.value
    end_sessions(staff_id=staff.id)


@transaction
def disable_staff(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Close an account: sessions and links end at once, its records stay; NotFound, LastManager.

    Nothing happens when it is closed already.
    """
    _hold_managers()
    staff = locked_staff(public_id=public_id)
    if staff.disabled_at is not None:
        return
    _refuse_last_manager(staff)
    staff.disabled_at = now
    end_sessions(staff_id=staff.id)
    db.session.execute(delete(SetupLink).where(SetupLink.staff_id == staff.id))
    _record("staff.disabled", staff, actor, now)


@transaction
def enable_staff(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Open a closed account again, with the password it had; NotFound."""
    staff = locked_staff(public_id=public_id)
    if staff.disabled_at is not None:
        staff.disabled_at = None
        _record("staff.enabled", staff, actor, now)


@transaction
def end_sessions_of(*, public_id: str, actor: Actor, now: datetime) -> int:
    """Sign somebody out everywhere; answers how many sessions ended. NotFound."""
    staff = locked_staff(public_id=public_id)
    count = end_sessions(staff_id=staff.id)
    _record("staff.sessions-ended", staff, actor, now, sessions=count)
    return count


def _hold_managers() -> None:
    """Let nobody else change who manages until the commit: two who close each other's account at
    the same moment come one after the other, and the second is refused."""
    managers = select(Staff.id).where(Staff.role == Role.ADMIN.value).order_by(Staff.id)
    db.session.execute(managers.with_for_update()).all()


def _refuse_last_manager(staff: Staff) -> None:
    if staff.role != Role.ADMIN.value or staff.disabled_at is not None:
        return
    others = (
        select(Staff.id)
        .where(Staff.role == Role.ADMIN.value, Staff.id != staff.id)
        .where(Staff.disabled_at.is_(None), Staff.password_hash.is_not(None))
        .limit(1)
    )
    if staff.password_hash is not None and db.session.scalar(others) is None:
        raise LastManager


def _record(action: str, staff: Staff, actor: Actor, now: datetime, **details: str | int) -> None:
    audit.record(
        action=action,
        actor=actor,
        now=now,
        subject=f"staff:{staff.public_id}",
        details=details,
    )
