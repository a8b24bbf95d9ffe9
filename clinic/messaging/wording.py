"""The manager's own words in a message: a subject, and some lines below it. Pure.

What a message must say (day and time, codes, links) stays in its template; own words come with
named placeholders in braces. One that there is not is refused, with its place.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from clinic.messaging.rules import KINDS

LONGEST_SUBJECT = 120
LONGEST_WORDS = 2000
_BRACES = re.compile(r"\{([^{}]*)\}|[{}]")
_OF_VISITS = ("day", "time")
UNKNOWN = "Line %(line)s, character %(place)s: there is no {%(what)s} here."
LONELY = "Line %(line)s, character %(place)s: a brace stands alone."


@dataclass(frozen=True, slots=True)
class OwnWords:
    """A subject in place of the shipped one, "" to leave it, and lines below the message."""

    subject: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong and where: a sentence with `%(what)s`, `%(line)s` and `%(place)s`."""

    sentence: str
    what: str = ""
    line: int = 1
    place: int = 1


def placeholders_of(*, kind: str, is_subject: bool) -> tuple[str, ...]:
    """What may stand in braces. A subject is seen by others: it names nobody."""
    visits = _OF_VISITS if "visits" in KINDS[kind] else ()
    return ("clinic", *visits) if is_subject else ("clinic", "name", "phone", *visits)


def tidied(*, subject: str, words: str) -> OwnWords:
    """Line ends and spaces at the ends put in order, letters composed."""
    lines = (line.rstrip() for line in unicodedata.normalize("NFC", words).splitlines())
    flat = " ".join(unicodedata.normalize("NFC", subject).split())
    return OwnWords(flat, "\n".join(lines).strip())


def faults_in(*, kind: str, own: OwnWords) -> Mapping[str, list[Fault]]:
    """Field -> what is wrong with it; an empty mapping when the tidied words may be kept."""
    fields = (
        ("subject", own.subject, LONGEST_SUBJECT, True),
        ("words", own.words, LONGEST_WORDS, False),
    )
    found = {
        name: list(_faults(text, most, placeholders_of(kind=kind, is_subject=is_subject)))
        for name, text, most, is_subject in fields
    }
    return {name: faults for name, faults in found.items() if faults}


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


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; one without a value is left out."""
    return _BRACES.sub(lambda brace: values.get(brace[1] or "", ""), text)
