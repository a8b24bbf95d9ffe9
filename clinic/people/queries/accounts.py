"""Reads about staff accounts and what opens them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.core.types import is_public_id
from clinic.core.values import Actor, Role
from clinic.people.models import ApiToken, SetupLink, Staff
from clinic.people.queries.secrets import token_hash
from clinic.people.rules.names import Unusable, clean_email, email_key

_Accounts = Select[int, str, str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Account:
    """What signing in needs of a member of staff."""

    id: int
    public_id: str
    name: str
    email: str
    role: Role
    password_hash: str | None


def find_account(*, email: str) -> Account | None:
    """The account that may sign in with this address, if there is one."""
    try:
        address = clean_email(email)
    except Unusable:
        return None
    wanted = _accounts().where(Staff.email == email_key(address))
    return _account(wanted)


def find_account_of_link(*, token: str, now: datetime) -> Account | None:
    """Whose set-up link this is; None once it is used, replaced or too old."""
    wanted = (
        _accounts()
        .join(SetupLink, SetupLink.staff_id == Staff.id)
        .where(
            SetupLink.token_hash == token_hash(token),
            SetupLink.used_at.is_(None),
            SetupLink.expires_at > now,
        )
    )
    return _account(wanted)


def get_account(*, public_id: str) -> Account:
    """The account of that id, if it may sign in; NotFound."""
    is_one = is_public_id(public_id)
    found = _account(_accounts().where(Staff.public_id == public_id)) if is_one else None
    if found is None:
        raise NotFound
    return found


def _accounts() -> _Accounts:
    person = (Staff.id, Staff.public_id, Staff.name, Staff.email)
    wanted = select(*person, Staff.role, Staff.password_hash)
    return wanted.where(Staff.disabled_at.is_(None))


def _account(wanted: _Accounts) -> Account | None:
    row = db.session.execute(wanted).first()
    if row is None:
        return None
    number, public_id, name, email, role, password_hash = row
    return Account(number, public_id, name, email, Role(role), password_hash)


def find_actor_of_token(*, token: str) -> Actor | None:
    """Whose live API token this is, or None."""
    wanted = select(ApiToken.public_id, ApiToken.name, ApiToken.role).where(
        ApiToken.token_hash == token_hash(token), ApiToken.revoked_at.is_(None)
    )
    row = db.session.execute(wanted).first()
    return Actor(kind="token", id=row[0], name=row[1], role=Role(row[2])) if row else None
