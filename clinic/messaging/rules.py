"""What kinds of messages there are, and what each of them has to be told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

CHANNEL = "email"
ABOUT = re.compile(r"[a-z-]{1,30}:[A-Za-z0-9_-]{1,40}")
ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class State(StrEnum):
    """Where a message stands: ``due`` until it was sent, given up, or no longer wanted."""

    DUE = "due"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is written to, in a language as a BCP 47 tag."""

    name: str
    email: str
    language: str = "en"


# Kind -> what its context holds, no more and no less. ``link`` is a path of this clinic's pages
# ("/set-up/..."), ``visits`` the public ids of appointments, separated by spaces. Templates stand
# in templates/messages/<kind>/.
KINDS: Mapping[str, frozenset[str]] = {
    "sign-in-code": frozenset({"code", "minutes"}),
    "staff-set-up": frozenset({"link"}),
    "staff-reset": frozenset({"link"}),
    "staff-password-changed": frozenset(),
    "visit-booked": frozenset({"visits"}),
    "visit-moved": frozenset({"visits"}),
    "visit-cancelled": frozenset({"visits"}),
    "request-received": frozenset({"link"}),
    "request-answered": frozenset({"link"}),
    "request-scheduled": frozenset({"link"}),
    "request-declined": frozenset({"link"}),
}


def refuse_unknown(*, kind: str, context: Mapping[str, str], about: str) -> None:
    """Raise ValueError, in the face of the code that posts, for what no template could print.

    That is a kind that is not known, a context with a missing or an unknown key or a value that is
    no text, a link to another place, and a subject that is not ``kind:public id``.
    """
    if kind not in KINDS:
        raise ValueError(f"there is no kind of message called {kind!r}")
    if context.keys() != KINDS[kind]:
        raise ValueError(f"{kind} takes {sorted(KINDS[kind])}, not {sorted(context)}")
    if not all(isinstance(value, str) for value in context.values()):
        raise ValueError(f"{kind}: every value of a context is a text")
    if not re.match(r"/(?!/)", context.get("link", "/here")):
        raise ValueError(f"{kind}: a link is a path of this clinic, from its first slash on")
    if not ABOUT.fullmatch(about):
        raise ValueError(f"{kind} is about a kind and a public id, 'visit:...', not {about!r}")


def one_line(text: str) -> str:
    """The text without anything that could begin another line of a header."""
    return ONE_LINE.sub(" ", text).strip()
