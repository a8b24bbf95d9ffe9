"""Who a browser is among those who are nobody yet: a random name in its session, kept as a hash."""

import secrets

from flask import session

from clinic.core.crypto import keyring

VISITOR = "visitor"


def visitor_of_browser() -> str | None:
    """The keyed hash of this browser's name; None before it needed one."""
    known = session.get(VISITOR)
    return keyring().mac("visitor", known) if isinstance(known, str) else None


def named_visitor() -> str:
    """The same, with a new random name where there was none."""
    if not isinstance(session.get(VISITOR), str):
        session[VISITOR] = secrets.token_urlsafe(24)
    return keyring().mac("visitor", session[VISITOR])
