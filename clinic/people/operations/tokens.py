"""Keys of programs to the API."""

import secrets
from datetime import datetime

from sqlalchemy import select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.core.values import Actor, Role
from clinic.people import queries
from clinic.people.models import ApiToken
from clinic.people.rules.names import Unusable, clean_text

PREFIX = "clinic_"
"""So that a token in a wrong place (a log, a repository) is recognised for what it is."""


class TokenNameTaken(Refusal):
    """A live token has this name; revoking by name would end both."""

    code = "token-name-taken"
    message = "There is already a token with this name. Revoke it first, or choose another name."


@transaction
def create_token(*, name: str, role: Role, actor: Actor, now: datetime) -> str:
    """A new API token, answered here and never again; raises Invalid and TokenNameTaken."""
    name = _token_name(name)
    if _live(name):
        raise TokenNameTaken
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
def revoke_tokens(*, name: str, actor: Actor, now: datetime) -> int:
    """End every live token of that name; answers how many. Raises NotFound when there is none."""
    rows = _live(_token_name(name))
    if not rows:
        raise NotFound("There is no live token with this name.")
    for row in rows:
        row.revoked_at = now
        audit.record(action="token.revoked", actor=actor, now=now, subject=f"token:{row.public_id}")
    return len(rows)


def _live(name: str) -> list[ApiToken]:
    live = select(ApiToken).where(ApiToken.name == name, ApiToken.revoked_at.is_(None))
    return list(db.session.scalars(live.order_by(ApiToken.id)))


def _token_name(name: str) -> str:
    try:
        found = clean_text(name, longest=200)
    except Unusable as complaint:
        raise Invalid({"name": [str(complaint)]}) from None
    if not found:
        raise Invalid({"name": ["This is needed."]})
    return found
