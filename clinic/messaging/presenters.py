"""The outbox for the desk: what was sent to whom and when, and what needs somebody."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.messaging.letters import Texts
from clinic.messaging.lines import (
    MessageRow,
    channel_words,
    present_row,
    resend_path,
    subject_words,
)
from clinic.messaging.queries import Posted
from clinic.messaging.rules import ASKED_ANEW, KINDS
from clinic.messaging.wording import placeholders_of, whole_placeholders_of
from clinic.web.filters import local_full_date


@dataclass(frozen=True, slots=True)
class OutboxView:
    """The page. ``trouble`` is said on top where mail does not go out; ``older`` leads on."""

    failed: tuple[MessageRow, ...]
    rows: tuple[MessageRow, ...]
    trouble: tuple[str, str] | None
    done: str
    older: str


def present_outbox(
    *,
    failed: tuple[Posted, ...],
    recent: tuple[Posted, ...],
    waiting: int,
    can_send: bool,
    is_done: bool,
    page_size: int,
    zone: str,
) -> OutboxView:
    """The outbox; ``recent`` holds one message more than a page when there are older ones."""
    shown = recent[:page_size]
    return OutboxView(
        failed=tuple(present_row(message, zone) for message in failed),
        rows=tuple(replace(present_row(message, zone), resend="") for message in shown),
        trouble=_trouble(waiting, can_send=can_send),
        done=_("It is sent again.") if is_done else "",
        older=f"/desk/messages?before={shown[-1].public_id}" if len(recent) > page_size else "",
    )


def _trouble(waiting: int, *, can_send: bool) -> tuple[str, str] | None:
    count = ngettext("%(num)d message is waiting.", "%(num)d messages are waiting.", waiting)
    if not can_send:
        rest = _("No mail server is set (SMTP_URL): messages go out once there is one.")
        return _("Nothing is sent"), f"{count} {rest}" if waiting else rest
    if waiting:
        rest = _("The mail server does not take them now; we go on trying.")
        return _("Mail is late"), f"{count} {rest}"
    return None


@dataclass(frozen=True, slots=True)
class MessageView:
    """One message with its words; ``text`` is "" where they were forgotten. ``once`` is why it has
    no button, ``refused`` why it was not sent when somebody pressed it."""

    row: MessageRow
    subject: str
    text: str
    channel: str
    once: str
    refused: str


def present_message(
    *,
    message: Posted,
    texts: Texts | None,
    zone: str,
    can_repeat: bool = False,
    refused: str = "",
) -> MessageView:
    """How a message stands, and how it reads."""
    once = ASKED_ANEW.get(message.kind, "")
    return MessageView(
        row=replace(present_row(message, zone), resend=resend_path(message) if can_repeat else ""),
        once=str(_(once)) if once else "",
        refused=refused,
        subject=texts.subject if texts else "",
        text=texts.text if texts else "",
        channel=channel_words(message.channel),
    )


@dataclass(frozen=True, slots=True)
class KindLine:
    """A kind of message in a list."""

    words: str
    href: str
    is_own: bool


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind with made-up data, what may stand in braces, and its versions."""

    title: str
    href: str
    subject: str
    text: str
    in_subject: str
    in_words: str
    in_body: str
    sms: str
    versions: tuple[tuple[int, str], ...]
    is_done: bool


def present_kinds(*, own: Collection[str]) -> tuple[KindLine, ...]:
    """Every kind, in the order in which they are told of."""
    return tuple(
        KindLine(subject_words(kind), f"/desk/messages/kinds/{kind}", kind in own) for kind in KINDS
    )


def present_kind(
    *,
    kind: str,
    texts: Texts,
    sms: str,
    versions: Sequence[tuple[int, datetime, str, bool]],
    zone: str,
    is_done: bool,
) -> KindView:
    """How one kind reads."""
    return KindView(
        title=str(_("Message: %(about)s", about=subject_words(kind))),
        href=f"/desk/messages/kinds/{kind}",
        subject=texts.subject,
        text=texts.text,
        in_subject=_braced(placeholders_of(kind=kind, is_subject=True)),
        in_words=_braced(placeholders_of(kind=kind, is_subject=False)),
        in_body=_braced(whole_placeholders_of(kind=kind)),
        sms=sms,
        versions=tuple((one[0], _version(*one, zone=zone)) for one in versions),
        is_done=is_done,
    )


def _braced(names: Sequence[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _version(number: int, at: datetime, who: str, is_shipped: bool, *, zone: str) -> str:
    what = _("back to what ships") if is_shipped else _("own words")
    return f"{number}. {what}, {local_full_date(at, zone=zone)}, {who}"
