"""The outbox for the desk: what was sent to whom and when, and what needs somebody."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from babel import Locale
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _

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
from clinic.messaging.wording import (
    LANGUAGES,
    SHIPPED,
    placeholders_of,
    whole_placeholders_of,
)
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
    is_put_off: bool,
    can_send: bool,
    done: str,
    page_size: int,
    zone: str,
) -> OutboxView:
    """The outbox; ``recent`` holds one message more than a page when there are older ones, ``done``
    is the word that an earlier step left in the address. ``is_put_off``: a server was offered all
    that waits, and put each of them off."""
    words = {
        "1": _("It is sent again."),
        "settled": _("It is off the list. It still stands at the patient’s messages."),
    }
    shown = recent[:page_size]
    return OutboxView(
        failed=tuple(present_row(message, zone) for message in failed),
        rows=tuple(replace(present_row(message, zone), resend="") for message in shown),
        trouble=_trouble(waiting, is_put_off=is_put_off, can_send=can_send),
        done=str(words.get(done, "")),
        older=f"/desk/messages?before={shown[-1].public_id}" if len(recent) > page_size else "",
    )


def _trouble(waiting: int, *, is_put_off: bool, can_send: bool) -> tuple[str, str] | None:
    count = ngettext("%(num)d message is waiting.", "%(num)d messages are waiting.", waiting)
    if not can_send:
        rest = _("No mail server is set (SMTP_URL): messages go out once there is one.")
        return _("Nothing is sent"), f"{count} {rest}" if waiting else rest
    if is_put_off:
        rest = _("The mail server put them off; each is tried again for some hours.")
        return _("Some mail is put off"), f"{count} {rest}"
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
    """A kind of message in a list; ``own`` names the languages in which it has words of ours."""

    words: str
    href: str
    own: str


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language in which a kind may be written; ``tag`` is the page's and the words' ``lang``."""

    tag: str
    name: str
    href: str
    is_shown: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class KindView:
    """A kind with made-up data in a language, what may stand in braces, and its versions.

    ``href`` is where its forms are sent to, ``as_mail`` where it stands as a mail.
    """

    title: str
    href: str
    path: str
    as_mail: str
    language: str
    tongues: tuple[Tongue, ...]
    note: str
    subject: str
    text: str
    in_subject: str
    in_words: str
    in_body: str
    sms: str
    versions: tuple[tuple[int, str], ...]
    is_done: bool


def present_kinds(*, own: Collection[tuple[str, str]]) -> tuple[KindLine, ...]:
    """Every kind, in the order in which they are told of; ``own``: kind and language of words of
    our own."""
    return tuple(
        KindLine(
            words=subject_words(kind),
            href=f"/desk/messages/kinds/{kind}",
            own=", ".join(language_name(one) for one in LANGUAGES if (kind, one) in own),
        )
        for kind in KINDS
    )


def language_name(tag: str) -> str:
    """`Spanish`, in the reader's language."""
    locale = get_locale() or Locale(SHIPPED)
    return str(locale.languages.get(tag, tag))


def present_kind(
    *,
    kind: str,
    language: str,
    written: Collection[str],
    texts: Texts,
    sms: str,
    versions: Sequence[tuple[int, datetime, str, bool]],
    zone: str,
    is_done: bool,
) -> KindView:
    """How one kind reads in a language; ``written`` are those in which it has words of ours."""
    path = f"/desk/messages/kinds/{kind}"
    tongues = tuple(
        Tongue(
            tag=one,
            name=language_name(one),
            href=f"{path}{_asking(one)}",
            is_shown=one == language,
            is_own=one in written,
        )
        for one in LANGUAGES
    )
    return KindView(
        title=str(_("Message: %(about)s", about=subject_words(kind))),
        href=f"{path}{_asking(language)}",
        path=path,
        as_mail=f"{path}/html{_asking(language)}",
        language=language,
        tongues=tongues,
        note=_not_ours(language) if language not in {*written, SHIPPED} else "",
        subject=texts.subject,
        text=texts.text,
        in_subject=_braced(placeholders_of(kind=kind, is_subject=True)),
        in_words=_braced(placeholders_of(kind=kind, is_subject=False)),
        in_body=_braced(whole_placeholders_of(kind=kind)),
        sms=sms,
        versions=tuple((one[0], _version(*one, zone=zone)) for one in versions),
        is_done=is_done,
    )


def _asking(language: str) -> str:
    return "" if language == SHIPPED else f"?language={language}"


def _not_ours(language: str) -> str:
    name = language_name(language)
    return str(
        _(
            "There are no words of yours in %(language)s yet: what ships is sent. Write all of it "
            "in %(language)s; what is within a visit or below the message stays as it ships.",
            language=name,
        )
    )


def _braced(names: Sequence[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in names)


def _version(number: int, at: datetime, who: str, is_shipped: bool, *, zone: str) -> str:
    what = _("back to what ships") if is_shipped else _("own words")
    return f"{number}. {what}, {local_full_date(at, zone=zone)}, {who}"
