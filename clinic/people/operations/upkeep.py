"""What keeps sessions and links in order beside the use cases."""

from datetime import datetime, timedelta

from sqlalchemy import delete, not_, select, update

from clinic.core.db import db, housekeeping
from clinic.people import queries
from clinic.people.models import PendingSignIn, SetupLink, StaffSession

SEEN_EVERY = timedelta(minutes=1)
LINK_KEPT = timedelta(days=7)


@housekeeping
def see_session(*, token: str, now: datetime) -> None:
    """Note that the session is in use. Once a minute is enough (``SEEN_EVERY``)."""
    seen = (
        update(StaffSession)
        .where(StaffSession.token_hash == queries.token_hash(token))
        .where(StaffSession.last_seen_at < now)
        .values(last_seen_at=now)
    )
    db.session.execute(seen)


def remove_stale_sessions(*, now: datetime) -> None:
    """Remove sessions and waiting sign-ins that have ended, and links long out of use."""
    ended = not_(queries.is_live(now))
    gone = SetupLink.expires_at <= now - LINK_KEPT
    stale = (
        db.session.scalar(select(StaffSession.token_hash).where(ended).limit(1)),
        db.session.scalar(select(SetupLink.token_hash).where(gone).limit(1)),
        db.session.scalar(
            select(PendingSignIn.token_hash).where(PendingSignIn.expires_at <= now).limit(1)
        ),
    )
    if any(stale):
        _remove(now=now)


@housekeeping
def _remove(*, now: datetime) -> None:
    ended = not_(queries.is_live(now))
    db.session.execute(delete(StaffSession).where(ended))
    db.session.execute(delete(SetupLink).where(SetupLink.expires_at <= now - LINK_KEPT))
    db.session.execute(delete(PendingSignIn).where(PendingSignIn.expires_at <= now))
