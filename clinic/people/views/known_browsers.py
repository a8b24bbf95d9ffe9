"""Browsers from which somebody has signed in before: strangers' failures do not lock them out.

The cookie holds a random name for the browser and, for each address that signed in with it, a
keyed hash of both. It lets nobody in; it only decides whose failures are counted together
(OWASP, "Slow Down Online Guessing Attacks with Device Cookies").
"""

import re
import secrets
from datetime import timedelta

from flask import Response, current_app, request

from clinic.core.crypto import keyring
from clinic.people.rules.names import email_key

LASTS = timedelta(days=365)
MOST_PEOPLE = 12
"""A front desk's browser is everybody's: so many are remembered, the newest first."""
_PURPOSE = "known-browser"
_VALUE = re.compile(r"([A-Za-z0-9_-]{22})((?:\.[0-9a-f]{32}){1,20})")


def known_browser(email: str) -> str | None:
    """The name of this browser if this address has signed in with it before, else None."""
    name, proofs = _read()
    text = _text(name, email)
    return name if any(keyring().proves(_PURPOSE, text, proof) for proof in proofs) else None


def remember_browser(response: Response, email: str) -> None:
    """Let the browser be known for this address from now on."""
    name, proofs = _read()
    name = name or secrets.token_urlsafe(16)
    mine = keyring().mac(_PURPOSE, _text(name, email))
    kept = [mine, *(proof for proof in proofs if proof != mine)][:MOST_PEOPLE]
    response.set_cookie(
        _cookie_name(),
        ".".join([name, *kept]),
        max_age=LASTS,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _read() -> tuple[str, list[str]]:
    found = _VALUE.fullmatch(request.cookies.get(_cookie_name()) or "")
    return (found[1], found[2].split(".")[1:]) if found else ("", [])


def _text(name: str, email: str) -> str:
    return f"{name}|{email_key(email.strip())}"


def _cookie_name() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"
