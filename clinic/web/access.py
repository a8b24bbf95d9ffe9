"""Who may call what: nothing, unless the view says so.

Every view carries a rule, ``@public``, ``@allow(Role.ADMIN, ...)`` or ``@patients_only``, put
closest to the function. A view without one is refused to everybody. Pages know people by a session
cookie, the API knows programs by a bearer token; neither looks at the other's proof.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, Response, current_app, g, redirect, request
from werkzeug.middleware.proxy_fix import ProxyFix

from clinic.core import clock
from clinic.core.errors import Forbidden, Unauthorized
from clinic.core.values import PUBLIC, Actor, Role
from clinic.web.addresses import (
    PATIENT_SIGN_IN,
    PROVE_AGAIN,
    SECOND_FACTOR,
    SIGN_IN,
)
from clinic.web.cookies import patient_token, session_token
from clinic.web.households import Household
from clinic.web.pages import nearest_page
from clinic.web.refusals import note_refusal

View = TypeVar("View", bound=Callable[..., Any])
API = "/api/"
TOKEN_API = "/api/v1/"  # noqa: S105 - a path
PROOF_LASTS = timedelta(minutes=15)
"""How long a password stands for what matters most (OWASP ASVS 5.0, 7.5.1)."""
_RULE = "access_rule"
_KEY = "clinic.access"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """What a view asks of its caller: nothing, a patient's sign-in, or one of ``roles``.

    ``proved_lately``: the caller's password was given within ``PROOF_LASTS``. ``unfinished``: a
    session that still owes its second factor may come in too. ``is_signed``: a program calls it
    whose signature the view checks.
    """

    is_public: bool
    roles: frozenset[Role] = frozenset()
    for_patients: bool = False
    proved_lately: bool = False
    unfinished: bool = False
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A member of staff behind a session, and when they last gave their password.

    Without a role the sign-in is not finished: it lacks the second factor that is demanded.
    """

    actor: Actor
    proved_at: datetime


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """How proofs become people; tied by ``create_app``, because staff live in a slice above.

    ``staff_of_cookie(token, now)``, ``household_of_cookie(token, now)`` and
    ``actor_of_token(token)`` answer None for nobody.
    """

    staff_of_cookie: Callable[[str, datetime], SignedIn | None]
    household_of_cookie: Callable[[str, datetime], Household | None]
    actor_of_token: Callable[[str], Actor | None]


def public(view: View) -> View:
    """Let everybody call the view."""
    return _ruled(view, AccessRule(is_public=True))


def signed_by_caller(view: View) -> View:
    """Let a program of somebody else's call the view, which checks their signature itself.

    No form of ours leads to it, so no proof is asked that one did.
    """
    return _ruled(view, AccessRule(is_public=True, is_signed=True))


def allow(*roles: Role, proved_lately: bool = False) -> Callable[[View], View]:
    """Let staff (pages) and tokens (API) of these roles call the view.

    ``proved_lately`` sends people whose password was given long ago to give it again (pages only).
    """
    if not roles:
        raise ValueError("name the roles that may call the view")
    rule = AccessRule(is_public=False, roles=frozenset(roles), proved_lately=proved_lately)
    return lambda view: _ruled(view, rule)


def allow_staff(*, proved_lately: bool = False, unfinished: bool = False) -> Callable[[View], View]:
    """Let everybody who works here call the view, whatever their role.

    With ``unfinished`` also those who have yet to set up the second factor that is demanded.
    """
    rule = AccessRule(
        is_public=False,
        roles=frozenset(Role),
        proved_lately=proved_lately,
        unfinished=unfinished,
    )
    return lambda view: _ruled(view, rule)


def patients_only(view: View) -> View:
    """Let patients and guardians call the view who have signed in by code; see ``household``."""
    return _ruled(view, AccessRule(is_public=False, for_patients=True))


def _ruled(view: View, rule: AccessRule) -> View:
    if hasattr(view, _RULE):
        raise ValueError("a view has one access rule")
    setattr(view, _RULE, rule)
    return view


def access_rule(view: Callable[..., Any]) -> AccessRule | None:
    """The rule of a view function, None when it has none (and nobody may call it)."""
    found: AccessRule | None = getattr(view, _RULE, None)
    return found


def init_access(app: Flask, *, doorkeeper: Doorkeeper, trusted_proxies: int = 0) -> None:
    """Guard every request of the app; to be called after ``init_proof``, which looks first.

    ``trusted_proxies`` is how many proxies in front write X-Forwarded-For and -Proto; with none
    the headers are ignored, so that nobody chooses an address for himself.
    """
    app.extensions[_KEY] = doorkeeper
    if trusted_proxies:
        fixed = ProxyFix(app.wsgi_app, x_for=trusted_proxies, x_proto=trusted_proxies)
        app.wsgi_app = fixed  # type: ignore[method-assign]
    static = app.view_functions.get("static")
    if static is not None and access_rule(static) is None:
        public(static)
    app.before_request(_check_caller)


def _check_caller() -> Response | None:
    g.actor = PUBLIC
    if request.endpoint is None:  # no such page: answered as 404 or 405
        return None
    rule = access_rule(current_app.view_functions[request.endpoint])
    if rule is None:
        raise Forbidden
    if is_api():
        _admit_program(rule)
        return None
    return _admit_person(rule)


def is_api() -> bool:
    """Whether a program is asking (paths under /api/)."""
    return request.path.startswith(API)


def _admit_program(rule: AccessRule) -> None:
    g.actor = _bearer()
    if rule.is_public:
        return
    if g.actor.kind != "token":
        raise Unauthorized
    if g.actor.role not in rule.roles:
        note_refusal("not for this role", actor=g.actor)
        raise Forbidden


def _bearer() -> Actor:
    """Whose token came with the request. A wrong one is refused even where none is needed."""
    given = request.headers.get("Authorization")
    if given is None:
        return PUBLIC
    scheme, _, token = given.strip().partition(" ")
    found = None
    if scheme.lower() == "bearer" and token.strip():
        found = _doorkeeper().actor_of_token(token.strip())
    if found is None:
        note_refusal("unknown token")
        raise Unauthorized("The token is not known, or it was revoked.")
    return found


def _admit_person(rule: AccessRule) -> Response | None:
    """On public pages everybody is the public: staff act as staff on their own pages only."""
    if rule.is_public:
        return None
    if rule.for_patients:
        return _admit_patient()
    return _admit_staff(rule)


def _admit_staff(rule: AccessRule) -> Response | None:
    visitor = _visitor()
    if visitor is None:
        return _to(SIGN_IN)
    g.actor = visitor.actor
    if visitor.actor.role is None and not rule.unfinished:
        return _to(SECOND_FACTOR)
    if visitor.actor.role is not None and visitor.actor.role not in rule.roles:
        note_refusal("not for this role", actor=visitor.actor)
        raise Forbidden
    if rule.proved_lately and clock.now() - visitor.proved_at > PROOF_LASTS:
        return _to(PROVE_AGAIN)
    return None


def _admit_patient() -> Response | None:
    found = signed_in_household()
    if found is None:
        return _to_sign_in_again() if patient_token() else _to(PATIENT_SIGN_IN)
    g.actor = found.actor()
    return None


def _to(path: str) -> Response:
    """Another page first; it leads back to the one that was wanted."""
    wanted = request.full_path.rstrip("?") if request.method in {"GET", "HEAD"} else ""
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return current_app.make_response(redirect(f"{path}{query}", 303))


def _to_sign_in_again() -> Response:
    """Whose session is over learns that it is, and whether anything was lost with it."""
    is_look = request.method in {"GET", "HEAD"}
    wanted = request.full_path.rstrip("?") if is_look else nearest_page()
    query = urlencode({"why": "ended" if is_look else "unsaved", "next": wanted})
    return current_app.make_response(redirect(f"{PATIENT_SIGN_IN}?{query}", 303))


def current_actor() -> Actor:
    """Who is calling, as the view's rule let them in; the public on public pages."""
    found: Actor = g.actor
    return found


def signed_in_staff() -> Actor | None:
    """The member of staff whose session this browser has, also on public pages; None if none."""
    visitor = _visitor()
    return visitor.actor if visitor else None


def _visitor() -> SignedIn | None:
    if "visitor" not in g:
        token = session_token()
        g.visitor = _doorkeeper().staff_of_cookie(token, clock.now()) if token is not None else None
    found: SignedIn | None = g.visitor
    return found


def signed_in_household() -> Household | None:
    """The patient or guardian whose session this browser has, also on public pages."""
    if "signed_in_household" not in g:
        token = patient_token()
        g.signed_in_household = (
            _doorkeeper().household_of_cookie(token, clock.now()) if token is not None else None
        )
    found: Household | None = g.signed_in_household
    return found


def household() -> Household:
    """Who is signed in, in a view for patients; Unauthorized where nobody is."""
    found = signed_in_household()
    if found is None:
        raise Unauthorized
    return found


def _doorkeeper() -> Doorkeeper:
    found: Doorkeeper = current_app.extensions[_KEY]
    return found


def client_address() -> str:
    """The address the request came from; proxies are believed only as TRUSTED_PROXIES says."""
    return request.remote_addr or "unknown"
