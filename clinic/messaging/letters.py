"""From a message and the words for it to the bytes that are sent.

Each kind has templates in ``templates/messages/<kind>/``: ``subject.txt``, ``body.txt`` and
``body.html``, rendered in the recipient's language. Subjects and links carry no health data.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.headerregistry import Address
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.core import UnknownLocaleError
from flask import current_app
from flask_babel import force_locale, get_locale

from clinic.messaging.mime import Mail
from clinic.messaging.printing import printer
from clinic.messaging.queries import Parcel
from clinic.messaging.rules import NUMBER, Letter, Letterhead, Recipient, one_line
from clinic.messaging.wording import SHIPPED, OwnWords, blocks_of, filled
from clinic.web.filters import phone

ADDRESS = re.compile(r'([^\s@<>()\[\],;:"\\]{1,64})@([^\s@<>()\[\],;:"\\]{1,255})')

GAPS = re.compile(r"\n{3,}")
COPIED = frozenset({"code", "link", "booking"})


class NoAddress(Exception):
    """The recipient's address cannot be one."""


@dataclass(frozen=True, slots=True)
class Office:
    """Who writes: mail's address, the pages' address, and what every message says of the clinic."""

    mail_from: str
    base_url: str
    letterhead: Letterhead
    words: Mapping[tuple[str, str], OwnWords] = field(default_factory=dict)

    @property
    def sender(self) -> str:
        """The bare address."""
        return _bare(self.mail_from)

    @property
    def domain(self) -> str:
        """The part of our address behind the @."""
        return self.sender.rpartition("@")[2]


@lru_cache(maxsize=16)
def _bare(address: str) -> str:
    return parseaddr(address)[1]


@dataclass(frozen=True, slots=True)
class Texts:
    """A message in words."""

    subject: str
    text: str
    html: str


def render_texts(
    *,
    kind: str,
    values: Mapping[str, object],
    language: str,
    own: OwnWords | None = None,
) -> Texts:
    """The three texts of a kind; a value that a template asks for and nobody gave is an error.

    ``own`` are the manager's words in this language.
    """
    folder = f"messages/{kind}"
    with speaking(language):
        tongue, own = _known(language), own or OwnWords()
        named = _named(values)
        subject = filled(own.subject, named) or printer(values, tongue)(f"{folder}/subject.txt")
        named = _isolated(named, tongue)
        values = {**values, "own_lines": _paragraphs(filled(own.words, named))}
        if own.body:
            folder, body = "messages/own", blocks_of(own.body, named)
            values |= {"own_title": one_line(subject), "own_body": body, **_whole(kind, named)}
        rendered = printer(values, tongue)
        return Texts(
            subject=one_line(subject),
            text=GAPS.sub("\n\n", rendered(f"{folder}/body.txt")).strip() + "\n",
            html=rendered(f"{folder}/body.html"),
        )


def _paragraphs(words: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in words.split("\n\n") if one.strip())


def _whole(kind: str, named: Mapping[str, str]) -> dict[str, object]:
    is_managed = kind in {"visit-booked", "visit-moved"}
    return {"own_link": named.get("link", ""), "own_manage": is_managed}


def _isolated(named: dict[str, str], tongue: Locale) -> dict[str, str]:
    """Numbers and names that keep their order inside words that run from the right (UAX #9, FSI
    and PDI); what is opened or copied stays as it is."""
    if tongue.text_direction != "rtl":
        return named
    return {
        name: said if name in COPIED or not said else f"\u2068{said}\u2069"
        for name, said in named.items()
    }


def _named(values: Mapping[str, object]) -> dict[str, str]:
    """What placeholders stand for."""
    told: Any = values
    plain = ("code", "minutes", "link", "paid", "refunded", "total")
    named = {name: one_line(str(told[name])) for name in plain if name in told}
    named |= {
        "name": one_line(str(told["name"])),
        "clinic": told["clinic"].name,
        "phone": phone(told["clinic"].phone),
        "booking": f"{told['site']}/book",
    }
    if told.get("visits"):
        visit = told["visits"][0]
        named |= {"day": visit.short_day, "time": visit.time, "zone": visit.zone}
        named.setdefault("link", f"{told['site']}{visit.path}")
    return named


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Let words, dates and times be in this language, in English where it is none of ours."""
    wanted = _known(language)
    if get_locale() is wanted:  # to say it anew costs more than a sentence
        yield
        return
    with force_locale(wanted):
        yield


def write_text(*, parcel: Parcel, letter: Letter, office: Office) -> str:
    """A text message: one line in plain signs, so that it stays short and cheap."""
    return render_sms(
        kind=parcel.kind,
        values=_values(parcel, letter, office),
        language=parcel.recipient.language,
        own=own_words(office.words, kind=parcel.kind, language=parcel.recipient.language),
    )


def render_sms(
    *, kind: str, values: Mapping[str, object], language: str, own: OwnWords | None = None
) -> str:
    """The text of a kind for a phone, on one line; ``own`` are the manager's words in this
    language."""
    with speaking(language):
        if own and own.sms:
            words = filled(own.sms, _named(values))
        else:
            words = printer(values, _known(language))(f"messages/{kind}/sms.txt")
        return one_line(words).replace("\u202f", " ")


def number_of(recipient: Recipient) -> str:
    """The number that a text goes to; raises NoAddress."""
    if not NUMBER.fullmatch(recipient.phone):
        raise NoAddress
    return recipient.phone


def write_letter(*, parcel: Parcel, letter: Letter, office: Office, now: datetime) -> Mail:
    """The whole e-mail. Its Message-ID is the message's for ever; raises NoAddress.

    Names cannot begin another header: they are put on one line, and quoted.
    """
    to = address_of(parcel.recipient)
    texts = render_texts(
        kind=parcel.kind,
        values=_values(parcel, letter, office),
        language=parcel.recipient.language,
        own=own_words(office.words, kind=parcel.kind, language=parcel.recipient.language),
    )
    fields = (
        ("From", office.mail_from),
        ("Subject", texts.subject),
        ("Date", format_datetime(now)),
        ("Message-ID", f"<{parcel.public_id}@{office.domain}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", str(_known(parcel.recipient.language)).replace("_", "-")),
    )
    return Mail(parcel.public_id, to, fields, texts.text, texts.html, letter.attachments)


def _values(parcel: Parcel, letter: Letter, office: Office) -> dict[str, object]:
    values = dict(parcel.context) | dict(letter.words)
    if "link" in values:
        values["link"] = f"{office.base_url}{values['link']}"
    return {
        **values,
        "clinic": office.letterhead,
        "site": office.base_url,
        "name": parcel.recipient.name,
    }


def address_of(recipient: Recipient) -> Address:
    """Where a message goes, with the domain as mail servers know it; raises NoAddress."""
    parts = ADDRESS.fullmatch(recipient.email)
    if parts is None:
        raise NoAddress
    try:
        domain = parts[2].encode("idna").decode()
        return Address(display_name=one_line(recipient.name), username=parts[1], domain=domain)
    except ValueError as error:
        raise NoAddress from error


def own_words(
    words: Mapping[tuple[str, str], OwnWords], *, kind: str, language: str
) -> OwnWords | None:
    """The manager's words for a kind in a language, `pt` for `pt-BR` too; None for what ships."""
    return words.get((kind, _known(language).language)) if words else None


def in_our_tongue(parcel: Parcel, words: Mapping[tuple[str, str], OwnWords]) -> Parcel:
    """A message in a language that we have words for: those of the product's catalogues, or the
    manager's own in this kind; in English where there are neither, its dates too."""
    language = parcel.recipient.language
    tongue = _known(language).language
    if tongue == SHIPPED or (parcel.kind, tongue) in words or tongue in catalogues():
        return parcel
    return replace(parcel, recipient=replace(parcel.recipient, language=SHIPPED))


def catalogues() -> frozenset[str]:
    """The languages that the product's own sentences were translated into."""
    babel: Any = current_app.extensions["babel"].instance
    return _listed(babel)


@lru_cache(maxsize=4)
def _listed(babel: Any) -> frozenset[str]:
    return frozenset(one.language for one in babel.list_translations())


@lru_cache(maxsize=64)
def _known(language: str) -> Locale:
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
