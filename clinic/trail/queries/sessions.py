"""What went through one session, as the trail knows it: also after the session has ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select, union

from clinic.core.audit import AuditEntry, AuditSight
from clinic.core.db import db

OF_A_PATIENT = ("patient", "appointment", "visit-request")


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What went through a session: whose it was, the first and last entry, how many."""

    actor_id: str | None
    actor_name: str
    actor_role: str | None
    first_at: datetime
    last_at: datetime
    entries: int


def find_session_facts(*, session: str) -> SessionFacts | None:
    """The session as the trail knows it, also after it ended; None when nothing went through."""
    last = db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.session == session)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return None
    count, first_at = db.session.execute(
        select(func.count(), func.min(AuditEntry.at)).where(AuditEntry.session == session)
    ).one()
    return SessionFacts(
        last.actor_id, last.actor_name, last.actor_role, first_at, last.at, int(count)
    )


def list_seen_through(*, session: str, limit: int) -> list[str]:
    """The subjects that were looked at or changed through a session, each once, in their order."""
    own = select(AuditEntry.subject.label("subject")).where(
        AuditEntry.session == session, AuditEntry.subject.is_not(None)
    )
    listed: Select[Any] = (
        select(AuditSight.subject.label("subject"))
        .join(AuditEntry, AuditEntry.id == AuditSight.entry_id)
        .where(AuditEntry.session == session)
    )
    both = union(own, listed).subquery()
    wanted = select(both.c.subject).where(_is_of_a_patient(both.c.subject))
    return list(db.session.scalars(wanted.order_by(both.c.subject).limit(limit)))


def _is_of_a_patient(subject: ColumnElement[Any]) -> ColumnElement[bool]:
    return or_(*(subject.startswith(f"{kind}:") for kind in OF_A_PATIENT))
