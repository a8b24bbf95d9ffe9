"""What kinds of messages there are, and what each of them has to be told."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

ABOUT = re.compile(r"[a-z-]{1,30}:[A-Za-z0-9_-]{1,40}")
ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")


REPEAT = "repeat:"
"""How the ``once_key`` of a message begins that tells again, as it was asked to, what was told."""


class Channel(StrEnum):
    """The way by which a message goes."""

    EMAIL = "email"
    SMS = "sms"


class State(StrEnum):
    """Where a message stands: ``due`` until it was sent, given up, or no longer wanted."""

    DUE = "due"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


def seen_state(form: Mapping[str, str]) -> State | None:
    """How a message stood on the page from which a form was sent; None where it does not say."""
    said = form.get("seen", "")
    return State(said) if said in set(State) else None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is written to, in a language as a BCP 47 tag.

    ``patient`` is the public id of the record whose wishes about being contacted count, None for
    staff; ``phone`` is in E.164.
    """

    name: str
    email: str
    language: str = "en"
    phone: str = ""
    patient: str | None = None

    def address(self, channel: Channel) -> str:
        """Where a message by this channel goes."""
        return self.phone if channel is Channel.SMS else self.email


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What every message says of the clinic; ``zone`` is where its desk looks at the clock."""

    name: str
    phone: str
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text that goes with a message: its MIME type is ``text/<subtype>``."""

    name: str
    subtype: str
    text: str
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Letter:
    """What a slice adds to a message just before it is sent."""

    words: Mapping[str, object] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


# Kind -> what its context holds, no more and no less. ``link`` is a path of this clinic's pages
# ("/set-up/..."), ``visits`` the public ids of appointments, separated by spaces. Templates stand
# in templates/messages/<kind>/.
KINDS: Mapping[str, frozenset[str]] = {
    "sign-in-code": frozenset({"code", "minutes"}),
    "contact-new-code": frozenset({"code", "minutes"}),
    "contact-old-code": frozenset({"code", "minutes"}),
    "contact-changed": frozenset(),
    "staff-set-up": frozenset({"link"}),
    "staff-reset": frozenset({"link"}),
    "staff-password-changed": frozenset(),
    "visit-booked": frozenset({"visits"}),
    "visit-moved": frozenset({"visits"}),
    "visit-cancelled": frozenset({"visits"}),
    "request-received": frozenset({"link"}),
    "request-answered": frozenset({"link"}),
    "request-offered": frozenset({"link"}),
    "request-lapsed": frozenset({"link"}),
    "request-turned": frozenset({"link"}),
    "request-scheduled": frozenset({"link"}),
    "request-declined": frozenset({"link"}),
    "request-opinion": frozenset({"link"}),
    "forms-to-fill": frozenset({"link"}),
    "forms-reminder": frozenset({"link"}),
    "order-paid": frozenset({"link"}),
    "order-pending": frozenset({"link"}),
    "order-payment-failed": frozenset({"link"}),
    "order-refunded": frozenset({"link"}),
    "order-cancelled": frozenset({"link"}),
    "order-link": frozenset({"link"}),
    "order-choose-time": frozenset({"link"}),
    "safety-alert": frozenset({"link"}),
    "safety-escalation": frozenset({"link"}),
    # About a visit at "starts_at" (RFC 3339): dropped when it stands elsewhere by then.
    "visit-reminder": frozenset({"visits", "starts_at"}),
    # A practitioner's changes since the last one, as numbers; nobody is named.
    "practitioner-digest": frozenset({"link", "booked", "moved", "cancelled"}),
    "waitlist-joined": frozenset({"link"}),
    "waitlist-offer": frozenset({"link"}),
    "report-released": frozenset({"link"}),
}

SMS_KINDS = frozenset({"visit-reminder", "waitlist-offer"})
"""These have an sms.txt too: short, with nothing of anybody's health, and the way to a page."""

ASKED_FOR = frozenset({"sign-in-code", "contact-new-code", "contact-old-code"})
"""Somebody waits for these at this moment: they go out whatever was wished before."""

_CODE = (
    "A code is never sent twice: whoever needs one asks for a new one on the page that wants it."
)
ASKED_ANEW: Mapping[str, str] = {
    **dict.fromkeys(sorted(ASKED_FOR), _CODE),
    "staff-set-up": "This link works once: send a new one from the person's page under Staff.",
    "staff-reset": "This link works once: whoever forgot the password asks for another at sign-in.",
}
"""Kind -> why it is never sent a second time."""

URGENT = ASKED_FOR | {"staff-reset", "safety-alert", "safety-escalation"}
"""These go before everything else that is due."""


def refuse_unknown(
    *, kind: str, context: Mapping[str, str], about: str, channel: Channel = Channel.EMAIL
) -> None:
    """Raise ValueError, in the face of the code that posts, for what no template could print.

    That is a kind that is not known or has no words for the channel, a context with a missing or an
    unknown key or a value that is no text, a link to another place, and a subject that is not
    ``kind:public id``.
    """
    if kind not in KINDS:
        raise ValueError(f"there is no kind of message called {kind!r}")
    if channel is Channel.SMS and kind not in SMS_KINDS:
        raise ValueError(f"{kind} has no words for a text message")
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


# How often a message that the mail server puts off is tried, and how long each pause is: 5 s at
# first, doubled up to an hour; twelve tries take some two hours and a half.
MOST_ATTEMPTS = 12
FIRST_PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt: the new state, for ``due`` the pause, and why, in our words.

    ``is_attempt`` is False where the message itself was not tried. ``is_barred`` when the carrier
    says that this address wants nothing more by this channel.
    """

    state: State
    pause_seconds: float = 0.0
    error: str | None = None
    is_attempt: bool = True
    is_barred: bool = False


SENT = Outcome(State.SENT)
GIVEN_BACK = Outcome(State.DUE, is_attempt=False)


def dropped(why: str) -> Outcome:
    """The message is no longer wanted."""
    return Outcome(State.DROPPED, error=why, is_attempt=False)


def refused(why: str, *, is_barred: bool = False) -> Outcome:
    """The message was refused for good: trying again would change nothing."""
    return Outcome(State.FAILED, error=why, is_barred=is_barred)


def put_off(*, why: str, attempts: int, chance: float) -> Outcome:
    """Try again later, or give up after the twelfth attempt.

    ``attempts`` were made before this one; ``chance`` in [0, 1) spreads the pauses by a fifth
    either way, so that what failed together does not come back together.
    """
    if attempts + 1 >= MOST_ATTEMPTS:
        return Outcome(State.FAILED, error=why)
    pause = min(FIRST_PAUSE_SECONDS * 2**attempts, LONGEST_PAUSE_SECONDS)
    return Outcome(State.DUE, pause_seconds=pause * (0.8 + 0.4 * chance), error=why)


class Choice(StrEnum):
    """What somebody answered to our texts."""

    STOP = "stop"
    START = "start"


# The words that carriers in the United States demand, and the service's own additions to them.
_STOPS = frozenset({"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"})
_STARTS = frozenset({"start", "yes", "unstop"})


def choice_of(*, words: str, opt_out_type: str = "") -> Choice | None:
    """What an answer asks for: a whole message of one such word; the service may say it itself."""
    said = (opt_out_type or words).strip().strip(".!").casefold()
    if said in _STOPS:
        return Choice.STOP
    return Choice.START if said in _STARTS else None
