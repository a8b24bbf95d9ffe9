"""The manager's own words in a message: its subject, its whole text, lines below it. Pure.

Own words come with named placeholders in braces. One that there is not is refused, with its place,
and so is a text that leaves out what the message must say (day and time, codes, links).
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clinic.messaging.rules import KINDS, SMS_KINDS

SHIPPED = "en"
"""The language of the words that ship wherever there is no catalogue."""
LANGUAGES = (
    SHIPPED,
    *("es", "zh", "ar", "fil", "fr", "hi", "ht", "it", "ko", "pl", "pt", "ru", "vi"),
)
"""In which a manager may write: those in which patients may ask to be told, by their tags."""
_FROM_RIGHT = ("ar", "he")
LONGEST_SUBJECT = 120
LONGEST_WORDS = 2000
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_OF_VISITS = ("day", "time")
LONGEST_BODY = 4000
LONGEST_SMS = 300
BLOCKS = ("visits", "changes")
_ALONE = {f"{{{name}}}" for name in (*BLOCKS, "code", "link")}
_ADDED = {
    "visit-reminder": ("link",),
    "visit-cancelled": ("booking",),
    "request-scheduled": ("visits",),
    "order-paid": ("paid",),
    "order-refunded": ("refunded",),
    "order-link": ("total",),
    "practitioner-digest": ("changes",),
}
CROWDED = "Line %(line)s, character %(place)s: {%(what)s} stands on a line of its own."
UNKNOWN = "Line %(line)s, character %(place)s: there is no {%(what)s} here."
LONELY = "Line %(line)s, character %(place)s: a brace stands alone."


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Subject, text and text message in place of the shipped ones, and lines below the text.

    "" leaves what ships.
    """

    subject: str = ""
    words: str = ""
    body: str = ""
    sms: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of a text: lines of words, or what ``look`` names; a link's line is its label."""

    look: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where: a sentence with `%(what)s`, `%(line)s` and `%(place)s`."""

    sentence: str
    what: str = ""
    line: int = 1
    place: int = 1


def runs_from_right(language: str) -> bool:
    """Whether a language, by its tag, is written from right to left."""
    return language.partition("-")[0] in _FROM_RIGHT


def placeholders_of(*, kind: str, is_subject: bool) -> tuple[str, ...]:
    """What may stand in braces. A subject is seen by others: it names nobody."""
    visits = _OF_VISITS if "visits" in KINDS[kind] else ()
    return ("clinic", *visits) if is_subject else ("clinic", "name", "phone", *visits)


def whole_placeholders_of(*, kind: str) -> tuple[str, ...]:
    """What may stand in braces in the whole text of a kind, and in its text message."""
    given = ("code", "minutes", "link")
    visits = (*_OF_VISITS, "zone", "visits") if "visits" in KINDS[kind] else ()
    told = (*(name for name in given if name in KINDS[kind]), *_ADDED.get(kind, ()))
    return ("clinic", "name", "phone", *visits, *told)


def needed_in(*, kind: str, is_sms: bool = False) -> tuple[str, ...]:
    """What the whole text of a kind may not leave out."""
    known = whole_placeholders_of(kind=kind)
    wanted = ("day", "time", "link") if is_sms else ("visits", "code", "link", "changes")
    return tuple(name for name in wanted if name in known)


def tidied(*, subject: str, words: str, body: str = "", sms: str = "") -> OwnWords:
    """Line ends and spaces at the ends put in order, letters composed."""
    return OwnWords(_flat(subject), _lines(words), _lines(body), _flat(sms))


def _flat(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _lines(text: str) -> str:
    lines = (line.rstrip() for line in unicodedata.normalize("NFC", text).splitlines())
    return "\n".join(lines).strip()


def faults_in(*, kind: str, own: OwnWords) -> Mapping[str, list[Fault]]:
    """Field -> what is wrong with it; an empty mapping when the tidied words may be kept."""
    whole = whole_placeholders_of(kind=kind)
    fields = (
        ("subject", own.subject, LONGEST_SUBJECT, placeholders_of(kind=kind, is_subject=True)),
        ("words", own.words, LONGEST_WORDS, placeholders_of(kind=kind, is_subject=False)),
        ("body", own.body, LONGEST_BODY, whole),
        ("sms", own.sms, LONGEST_SMS, tuple(name for name in whole if name != "visits")),
    )
    found = {name: list(_faults(text, most, known)) for name, text, most, known in fields}
    found["body"] += _left_out(own.body, needed_in(kind=kind)) + _crowded(own.body)
    found["sms"] += _left_out(own.sms, needed_in(kind=kind, is_sms=True))
    if own.sms and (kind not in SMS_KINDS or "STOP" not in own.sms):
        found["sms"].append(Fault("Say that STOP ends the texts."))
    return {name: faults for name, faults in found.items() if faults}


def _left_out(text: str, needed: tuple[str, ...]) -> list[Fault]:
    missing = [name for name in needed if text and f"{{{name}}}" not in text]
    return [Fault("This message must say {%(what)s}.", name) for name in missing]


def _crowded(text: str) -> list[Fault]:
    return [
        Fault(CROWDED, name, number, line.index(f"{{{name}}}") + 1)
        for number, line in enumerate(text.split("\n"), start=1)
        for name in BLOCKS
        if f"{{{name}}}" in line and line.strip() != f"{{{name}}}"
    ]


def _faults(text: str, most: int, known: tuple[str, ...]) -> Iterator[Fault]:
    if len(text) > most:
        yield Fault("Use at most %(what)s characters.", str(most))
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in text if sign != "\n"):
        yield Fault("Remove the characters that cannot be printed.")
    for number, line in enumerate(text.split("\n"), start=1):
        yield from _braces(line, number, known)


def _braces(line: str, number: int, known: tuple[str, ...]) -> Iterator[Fault]:
    for brace in _BRACES.finditer(line):
        name, place = brace[1], brace.start() + 1
        if name is None:
            yield Fault(LONELY, "", number, place)
        elif name not in known:
            yield Fault(UNKNOWN, name, number, place)


def blocks_of(text: str, values: Mapping[str, str]) -> tuple[Block, ...]:
    """A whole text in pieces, its placeholders filled.

    A visit, a code or a link on a line of its own is a piece of its own; a line before a link that
    ends with a colon is the words of its button.
    """
    found: list[Block] = []
    for paragraph in re.split(r"\n{2,}", text):
        lines: list[str] = []
        for line in paragraph.split("\n"):
            look = line.strip().strip("{}") if line.strip() in _ALONE else ""
            if not look:
                lines.append(filled(line, values))
                continue
            is_label = look == "link" and bool(lines) and lines[-1].endswith(":")
            label = (lines.pop(),) if is_label else ()
            found += [Block("words", tuple(lines))] if lines else []
            found.append(Block(look, label))
            lines = []
        found += [Block("words", tuple(lines))] if lines else []
    return tuple(found)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; one without a value is left out."""
    return _BRACES.sub(lambda brace: values.get(brace[1] or "", ""), text)
