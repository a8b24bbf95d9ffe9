"""Reads about the people who work here, for whoever runs the clinic."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.types import is_public_id
from clinic.core.values import Role
from clinic.people.models import SecondFactor, Staff, StaffSession
from clinic.people.queries.sessions import is_live


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A member of staff as a manager sees them; ``last_seen_at`` is of their live sessions."""

    public_id: str
    name: str
    email: str
    role: Role
    has_password: bool
    has_second_factor: bool
    is_disabled: bool
    sessions: int
    last_seen_at: datetime | None


def list_staff(*, now: datetime) -> list[StaffMember]:
    """Everybody who works or worked here: those who may sign in first, then by name."""
    wanted = _members(now).order_by(Staff.disabled_at.is_not(None), Staff.name, Staff.id)
    return [_member(row) for row in db.session.execute(wanted)]


@dataclass(frozen=True, slots=True)
class Reachable:
    """Somebody who works here and can be written to."""

    name: str
    email: str


def list_reachable(*, roles: Iterable[Role]) -> list[Reachable]:
    """Everybody of these roles whose account is open, by name."""
    wanted = (
        select(Staff.name, Staff.email)
        .where(Staff.role.in_([role.value for role in roles]), Staff.disabled_at.is_(None))
        .order_by(Staff.name, Staff.id)
    )
    return [Reachable(name, email) for name, email in db.session.execute(wanted)]


def get_staff(*, public_id: str, now: datetime) -> StaffMember:
    """One of them; NotFound."""
    if not is_public_id(public_id):
        raise NotFound
    row = db.session.execute(_members(now).where(Staff.public_id == public_id)).first()
    if row is None:
        raise NotFound
    return _member(row)


def _members(now: datetime) -> Select[Any]:
    live = (
        select(
            StaffSession.staff_id,
            func.count().label("sessions"),
            func.max(StaffSession.last_seen_at).label("last_seen_at"),
        )
        .where(is_live(now))
        .group_by(StaffSession.staff_id)
        .subquery()
    )
    factor = select(SecondFactor.id).where(
        SecondFactor.staff_id == Staff.id, SecondFactor.confirmed_at.is_not(None)
    )
    columns = (
        Staff.public_id,
        Staff.name,
        Staff.email,
        Staff.role,
        Staff.password_hash.is_not(None),
        factor.exists(),
        Staff.disabled_at.is_not(None),
        func.coalesce(live.c.sessions, 0),
        live.c.last_seen_at,
    )
    return select(*columns).outerjoin(live, live.c.staff_id == Staff.id)


def _member(row: Sequence[Any]) -> StaffMember:
    public_id, name, email, role, has_password, has_factor, is_disabled, sessions, seen = row
    return StaffMember(
        public_id=public_id,
        name=name,
        email=email,
        role=Role(role),
        has_password=bool(has_password),
        has_second_factor=bool(has_factor),
        is_disabled=bool(is_disabled),
        sessions=sessions,
        last_seen_at=seen,
    )
