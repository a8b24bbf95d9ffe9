"""A message as a line of a table, for every page that lists messages."""

import re
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from clinic.messaging.queries import Posted
from clinic.messaging.rules import ASKED_ANEW, Channel, State
from clinic.web.filters import local_date, local_stamp, local_time

_ANSWER = re.compile(r"[45][0-9]{2}(?: ([45]\.[0-9]{1,3}\.[0-9]{1,3}))?(?=;|$)")


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message. ``look`` is icon and kind of the mark; ``resend`` the address of its button, ""
    where it has none; ``seen`` how it stood when that was offered. ``settle`` is where one is taken
    off the list of those not delivered.

    A button stands beside what was not delivered, and where a page offers to tell something again.
    """

    name: str
    email: str
    subject: str
    day: str
    time: str
    stamp: str
    state: str
    seen: str
    look: tuple[str, str]
    error: str
    resend: str
    settle: str
    href: str
    patient: str


def channel_words(channel: Channel) -> str:
    """By what a message went."""
    return str(_("Text message") if channel is Channel.SMS else _("E-mail"))


def present_row(message: Posted, zone: str) -> MessageRow:
    """A message as a line of a table."""
    at = message.sent_at or _moment(message)
    to = message.recipient
    state, look = _state(message.state)
    return MessageRow(
        name=to.name if to else _("forgotten"),
        email=to.address(message.channel) if to else "",
        subject=subject_words(message.kind),
        day=local_date(at, zone=zone),
        time=local_time(at, zone=zone),
        stamp=local_stamp(at, zone=zone),
        state=state,
        seen=message.state.value,
        look=look,
        error=error_words(message.last_error or ""),
        resend=resend_path(message)
        if message.state is State.FAILED and message.kind not in ASKED_ANEW
        else "",
        settle=f"/desk/messages/{message.public_id}/settle"
        if message.state is State.FAILED
        else "",
        href=f"/desk/messages/{message.public_id}",
        patient=f"/desk/patients/{message.patient}/messages" if message.patient else "",
    )


def error_words(error: str) -> str:
    """Why it was not delivered, for people; what a server answered stands behind it in brackets.

    The classes of answers are those of RFC 3463.
    """
    code = _ANSWER.match(error)
    if code is None:
        return error
    final, enhanced = error.startswith("5"), code[1] or ""
    if enhanced.startswith("5.1."):
        words = _("There is no such address")
    elif enhanced.startswith(("5.2.", "4.2.")):
        words = _("Their mailbox takes nothing now")
    elif enhanced.startswith("5.7."):
        words = _("Their mail server does not want it")
    else:
        words = _("Refused by the mail server") if final else _("Put off by the mail server")
    return f"{words} ({error})"


def resend_path(message: Posted) -> str:
    """Where it is sent again."""
    return f"/desk/messages/{message.public_id}/resend"


def _moment(message: Posted) -> datetime:
    return message.due_at if message.state is State.DUE else message.created_at


def _state(state: State) -> tuple[str, tuple[str, str]]:
    return {
        State.DUE: (_("Waiting"), ("hourglass", "w")),
        State.SENT: (_("Sent"), ("check", "")),
        State.FAILED: (_("Not delivered"), ("warning", "d")),
        State.DROPPED: (_("Not needed"), ("no", "muted")),
    }[state]


def subject_words(kind: str) -> str:
    """What a kind of message is about, in two or three words."""
    words: dict[str, str] = {
        "sign-in-code": _("Sign-in code"),
        "contact-new-code": _("Code for a new address"),
        "contact-old-code": _("Code to change the address"),
        "contact-changed": _("Contact changed"),
        "staff-set-up": _("New account"),
        "staff-reset": _("New password"),
        "staff-password-changed": _("Password changed"),
        "visit-booked": _("Visit booked"),
        "visit-moved": _("Visit moved"),
        "visit-cancelled": _("Visit cancelled"),
        "request-received": _("Request received"),
        "request-answered": _("Request answered"),
        "request-offered": _("Times offered"),
        "request-lapsed": _("Offered times over"),
        "request-turned": _("Request changed"),
        "request-scheduled": _("Request scheduled"),
        "request-declined": _("Request declined"),
        "request-opinion": _("An opinion is asked"),
        "forms-to-fill": _("Forms to fill in"),
        "forms-reminder": _("Reminder of forms"),
        "order-paid": _("Order paid"),
        "order-pending": _("Payment on its way"),
        "order-payment-failed": _("Payment failed"),
        "order-refunded": _("Refund"),
        "order-cancelled": _("Order cancelled"),
        "order-link": _("Way to an order"),
        "order-choose-time": _("A time to choose"),
        "safety-alert": _("Somebody is needed"),
        "safety-escalation": _("Somebody is still needed"),
        "visit-reminder": _("Reminder of a visit"),
        "practitioner-digest": _("Changes in a calendar"),
        "waitlist-joined": _("On the waitlist"),
        "waitlist-offer": _("A free time"),
        "report-released": _("Report released"),
    }
    return words.get(kind, kind)
