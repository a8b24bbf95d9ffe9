"""Secret links of visits, requests and waitlist entries: proven by a keyed hash, never stored.

A link is made for whoever acts on that day: while the patient is a child, for its guardians. From
the eighteenth birthday on such a link opens nothing, and links made since are the patient's own.
Nobody has to end it: the day is asked of the clock when a link is made and when one is opened.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

from clinic.core.clock import now
from clinic.core.crypto import keyring
from clinic.core.errors import NotFound, Refusal
from clinic.people.rules.ages import is_minor
from clinic.scheduling.queries.requests import RequestedVisit, get_request
from clinic.scheduling.queries.setting import remembered_setting
from clinic.scheduling.queries.visits import Visit, get_visit
from clinic.scheduling.queries.waitlist import WaitingEntry, get_entry
from clinic.scheduling.rules.wall_time import local_date

VISIT = "visit-link"
REQUEST = "request-link"
WAITLIST = "waitlist-link"
ID_LENGTH = 22
SIGN_IN = "/portal/sign-in"
LASTS = timedelta(days=90)
"""How long a link opens what is over."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What a link is made of, where no visit or request was read."""

    public_id: str
    link_version: int
    birth_date: date


_Opened = Visit | RequestedVisit | WaitingEntry | Linked


class LinkUnknown(NotFound):
    """A link that is not ours, not whole, or older than the one that replaced it."""

    title = "This link opens nothing"
    leads_to = SIGN_IN
    message = (
        "It may be cut off, or a newer one has replaced it. Nothing was changed. Use the link in "
        "our newest message, sign in under “Your visits”, or call us."
    )


class LinkOfChildhood(Refusal):
    """A link of the years in which a guardian acted for the patient, who is of age now."""

    code = "link-over"
    status = 410
    title = "This link no longer works"
    leads_to = SIGN_IN
    message = (
        "This link was made before the patient turned 18, and ended with that birthday. "
        "If it is your visit, sign in under “Your visits”, or call us."
    )


class LinkOfThePast(Refusal):
    """A link of something that has long been over; whoever signs in still finds it."""

    code = "link-over"
    status = 410
    title = "This link no longer works"
    leads_to = SIGN_IN
    message = (
        "What it opened has been over for some time, and the link ended with it. Nothing was "
        "changed. Sign in under “Your visits” to see it, or call us."
    )


def is_visit_link_over(*, visit: Visit, now: datetime) -> bool:
    """Whether the visit ended so long ago that a link alone opens it no more."""
    return visit.ends_at + LASTS < now


def is_request_link_over(*, found: RequestedVisit, now: datetime) -> bool:
    """The same for a request that was closed and of which no visit was made."""
    return found.visit is None and found.closed_at is not None and found.closed_at + LASTS < now


def is_waitlist_link_over(*, entry: WaitingEntry, now: datetime) -> bool:
    """The same for a waitlist entry that is closed; one that led to a visit stays open for as long
    after the last day that was asked for."""
    if entry.closed_at is None or entry.closed_at + LASTS >= now:
        return False
    return entry.visit is None or entry.to_date + LASTS < now.date()


def visit_token(visit: Visit) -> str:
    """The token of a visit's own page; raising the visit's ``link_version`` ends all older ones."""
    return _token(VISIT, visit)


def get_visit_by_token(token: str) -> Visit:
    """The visit that the token opens. Raises LinkUnknown, and LinkOfChildhood for its own."""
    visit = _found(get_visit, token)
    _refuse_forged(VISIT, token, visit)
    return visit


def request_token(request: RequestedVisit | Linked) -> str:
    """The token of a request's own page, made and ended like a visit's."""
    return _token(REQUEST, request)


def get_request_by_token(token: str) -> RequestedVisit:
    """The request that the token opens; refusals as above."""
    found = _found(get_request, token)
    _refuse_forged(REQUEST, token, found)
    return found


def waitlist_token(entry: WaitingEntry | Linked) -> str:
    """The token of a waitlist entry's own page, made and ended like a visit's."""
    return _token(WAITLIST, entry)


def get_entry_by_token(token: str) -> WaitingEntry:
    """The entry that the token opens; refusals as above."""
    found = _found(get_entry, token)
    _refuse_forged(WAITLIST, token, found)
    return found


def _token(purpose: str, what: _Opened) -> str:
    return what.public_id + keyring().mac(purpose, _proven(what, is_childs=_is_childs(what)))


def _proven(what: _Opened, *, is_childs: bool) -> str:
    return f"{what.public_id}:{what.link_version}{':child' if is_childs else ''}"


def _is_childs(what: _Opened) -> bool:
    return is_minor(birth_date=what.birth_date, today=_today())


def _today() -> date:
    return local_date(instant=int(now().timestamp()), zone=remembered_setting().zone)


def _found(get: Callable[[str], T], token: str) -> T:
    if not (token.isascii() and token.isprintable()):
        raise LinkUnknown
    try:
        return get(token[:ID_LENGTH])
    except NotFound:
        raise LinkUnknown from None


def _refuse_forged(purpose: str, token: str, what: _Opened) -> None:
    mac, is_childs = token[ID_LENGTH:], _is_childs(what)
    if keyring().proves(purpose, _proven(what, is_childs=is_childs), mac):
        return
    if not is_childs and keyring().proves(purpose, _proven(what, is_childs=True), mac):
        raise LinkOfChildhood
    raise LinkUnknown
