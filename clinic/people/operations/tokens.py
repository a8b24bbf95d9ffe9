"""Keys of programs to the API."""

import secrets
from datetime import datetime

from sqlalchemy import or_, select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound
from clinic.core.values import Actor, Role
from clinic.people import queries
from clinic.people.models import ApiToken
from clinic.people.rules.names import Unusable, clean_text

PREFIX = "clinic_"
"""So that a token in a wrong place (a log, a repository) is recognised for what it is."""


@transaction
def create_token(*, name: str, role: Role, actor: Actor, now: datetime) -> str:
    """A new API token, answered here and never again; raises Invalid.

    Several tokens may share a name: while one replaces another, or one program has two roles.
    """
    name = _token_name(name)
    token = PREFIX + secrets.token_urlsafe(32)
    row = ApiToken(name=name, role=role.value, token_hash=queries.token_hash(token), created_at=now)
    db.session.add(row)
    audit.record(
        action="token.created",
        actor=actor,
        now=now,
        subject=f"token:{row.public_id}",
        details={"name": name, "role": role.value},
    )
    return token


@transaction
def revoke_tokens(*, which: str, actor: Actor, now: datetime) -> int:
    """End a token, given itself, or every live token of a name; answers how many.

    Raises NotFound when there is none.
    """
    rows = _live(which)
    if not rows:
        raise NotFound("There is no live token with this name, and this is no live token.")
    for row in rows:
        row.revoked_at = now
        audit.record(action="token.revoked", actor=actor, now=now, subject=f"token:{row.public_id}")
    return len(rows)


def _live(which: str) -> list[ApiToken]:
    meant = or_(
        ApiToken.token_hash == queries.token_hash(which), ApiToken.name == _token_name(which)
    )
    live = select(ApiToken).where(meant, ApiToken.revoked_at.is_(None))
    return list(db.session.scalars(live.order_by(ApiToken.id)))


def _token_name(name: str) -> str:
    try:
        found = clean_text(name, longest=200)
    except Unusable as complaint:
        raise Invalid({"name": [str(complaint)]}) from None
    if not found:
        raise Invalid({"name": ["This is needed."]})
    return found
