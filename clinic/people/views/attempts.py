"""How often somebody may try: counted before the proof is looked at, given back when it was right.

So many at once gain nothing, and only failures are limited. What one network may try is bounded
for each account and over all accounts. What all networks together may try on one account is
bounded too; browsers from which its owner has signed in before are counted apart, so that
strangers' failures lock nobody out of their own desk. Who is locked out on a new browser
can have a reset link sent.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.people.views.known_browsers import known_browser
from clinic.web.access import client_address
from clinic.web.limits import TooMany, give_back, limit, network_of

WINDOW = timedelta(minutes=15)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FAILURES_OF_ACCOUNT = 10
FAILURES_OF_STRANGERS = 40
FAILURES_OF_ADDRESS = 50
WRONG_CODES = 5
WRONG_CODES_A_DAY = 20
LINKS_OF_ADDRESS = 30
RESETS_OF_ADDRESS = 10
RESETS_OF_ACCOUNT = 3


@dataclass(frozen=True, slots=True)
class Count:
    """What is counted, of whom, and how often it may fail within a window."""

    name: str
    who: str
    at_most: int
    window: timedelta = WINDOW


@contextmanager
def counted(counts: tuple[Count, ...], *, now: datetime) -> Iterator[None]:
    """Count an attempt in each of the counts, and take it back unless the block raises.

    Raises TooMany before the block when one of them is used up.
    """
    for count in counts:
        limit(name=count.name, who=count.who, at_most=count.at_most, now=now, window=count.window)
    yield
    for count in counts:
        give_back(name=count.name, who=count.who, now=now, window=count.window)


def sign_in_counts(email: str) -> tuple[Count, ...]:
    """For a password, whether the address is anybody's or not."""
    account, here = email.strip().casefold(), _here()
    everywhere = Count("sign-in-address", here, FAILURES_OF_ADDRESS)
    browser = known_browser(email)
    if browser:
        return (Count("sign-in-known", f"{account}|{browser}", FAILURES_OF_ACCOUNT), everywhere)
    return (
        Count("sign-in", f"{account}|{here}", FAILURES_OF_ACCOUNT),
        everywhere,
        Count("sign-in-strangers", account, FAILURES_OF_STRANGERS, HOUR),
    )


def code_counts(*, account: str, email: str) -> tuple[Count, ...]:
    """For a code of the app or of the paper, after a right password."""
    who = f"{account}|{known_browser(email) or 'strangers'}"
    return (
        Count("code", who, WRONG_CODES),
        Count("code-day", who, WRONG_CODES_A_DAY, DAY),
        Count("code-address", _here(), FAILURES_OF_ADDRESS),
    )


def proof_counts(session: str) -> tuple[Count, ...]:
    """For the password once more, and for the first code of an app, in an open session."""
    return (Count("proof", session, WRONG_CODES),)


def link_counts() -> tuple[Count, ...]:
    """For one-time links that open nothing."""
    return (Count("set-up", _here(), LINKS_OF_ADDRESS),)


def may_ask_reset(email: str, *, now: datetime) -> bool:
    """Count a request for a new password: TooMany for a network that asks too often.

    False when this address was asked for too often: nothing more is sent, and the page says the
    same as ever.
    """
    limit(name="reset-address", who=_here(), at_most=RESETS_OF_ADDRESS, now=now, window=HOUR)
    account = email.strip().casefold()
    try:
        limit(name="reset", who=account, at_most=RESETS_OF_ACCOUNT, now=now, window=HOUR)
    except TooMany:
        return False
    return True


def _here() -> str:
    return network_of(client_address())
