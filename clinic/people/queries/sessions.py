"""Reads about signed-in browsers."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select

from clinic.core.db import db
from clinic.core.values import Actor, Role
from clinic.people.models import Staff, StaffSession
from clinic.people.queries.secrets import token_hash

IDLE = timedelta(hours=12)
"""A session that nobody used for so long has ended: longer than any working day, so that the desk
signs in once in the morning, and shorter than a night, so that no browser is open the next day."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A live session: whose it is, when it was last used, when its owner last gave a proof."""

    actor: Actor
    last_seen_at: datetime
    proved_at: datetime
    has_second_factor: bool

    def without_role(self) -> "SessionRow":
        """The same session, which may do nothing but finish its sign-in."""
        return replace(self, actor=replace(self.actor, role=None))


def find_session(*, token: str, now: datetime) -> SessionRow | None:
    """The live session of this token; None when it has ended or its owner may not come in."""
    columns = (
        Staff.public_id,
        Staff.name,
        Staff.role,
        StaffSession.public_id,
        StaffSession.last_seen_at,
        StaffSession.proved_at,
        StaffSession.has_second_factor,
    )
    wanted = (
        select(*columns)
        .join(StaffSession, StaffSession.staff_id == Staff.id)
        .where(StaffSession.token_hash == token_hash(token), is_live(now))
        .where(Staff.disabled_at.is_(None))
    )
    row = db.session.execute(wanted).first()
    if row is None:
        return None
    public_id, name, role, session, last_seen_at, proved_at, has_second_factor = row
    actor = Actor(kind="staff", id=public_id, name=name, role=Role(role), session=session)
    return SessionRow(actor, last_seen_at, proved_at, has_second_factor)


@dataclass(frozen=True, slots=True)
class SessionSeen:
    """A live session as its owner is shown it; ``browser`` and ``system`` may be empty."""

    public_id: str
    browser: str
    system: str
    network: str
    created_at: datetime
    last_seen_at: datetime


def list_sessions(*, staff_public_id: str, now: datetime) -> list[SessionSeen]:
    """The live sessions of a member of staff, the one used last first."""
    columns = (
        StaffSession.public_id,
        StaffSession.browser,
        StaffSession.system,
        StaffSession.network,
        StaffSession.created_at,
        StaffSession.last_seen_at,
    )
    wanted = (
        select(*columns)
        .join(Staff, Staff.id == StaffSession.staff_id)
        .where(Staff.public_id == staff_public_id, is_live(now))
        .order_by(StaffSession.last_seen_at.desc(), StaffSession.public_id)
    )
    return [SessionSeen(*row) for row in db.session.execute(wanted)]


def is_live(now: datetime) -> ColumnElement[bool]:
    """Sessions that are neither too old nor unused for too long."""
    return and_(StaffSession.expires_at > now, StaffSession.last_seen_at > now - IDLE)
