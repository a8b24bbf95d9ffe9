"""What the catalogue says of a product: its fields, their limits, and how lines are read. Pure.

Lists are typed as lines. A line of what one gets has its name before the first colon; a line of
questions has the question up to its question mark.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

Content = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CopyField:
    """One field: how long it may be, and whether it holds lines."""

    name: str
    longest: int
    has_lines: bool = False


FIELDS = (
    CopyField("summary", 240),
    CopyField("gets", 1500, has_lines=True),
    CopyField("bring", 300),
    CopyField("ask_first", 1200, has_lines=True),
    CopyField("questions", 4000, has_lines=True),
)


@dataclass(frozen=True, slots=True)
class Pair:
    """A name and what stands after it; either may be empty."""

    name: str
    text: str


def tidied(content: Content) -> dict[str, str]:
    """The fields in order, without what spaces and line ends differ by."""
    return {field.name: _tidy(content.get(field.name, ""), field) for field in FIELDS}


def faults_in(content: Content) -> dict[str, str]:
    """Field -> what is wrong with it in a sentence with ``%(most)s`` for its limit."""
    found = {}
    for field in FIELDS:
        text = content[field.name]
        if len(text) > field.longest:
            found[field.name] = "Use at most %(most)s characters."
        elif any(unicodedata.category(sign) in {"Cc", "Cs"} for sign in text.replace("\n", "")):
            found[field.name] = "Remove the characters that cannot be printed."
    return found


def longest(name: str) -> int:
    """How long a field may be."""
    return next(field.longest for field in FIELDS if field.name == name)


def lines_of(text: str) -> tuple[str, ...]:
    """The lines that say something."""
    return tuple(line for line in text.split("\n") if line)


def named_lines(text: str) -> tuple[Pair, ...]:
    """`A written report: in plain words` as name and text; a line without a colon is a name."""
    parts = (line.partition(":") for line in lines_of(text))
    return tuple(Pair(name.strip(), rest.strip()) for name, _colon, rest in parts)


def questions_of(text: str) -> tuple[Pair, ...]:
    """`Does it hurt? No.` as question and answer; a line without an answer is left out."""
    parts = (line.partition("?") for line in lines_of(text))
    return tuple(
        Pair(f"{question.strip()}?", answer.strip())
        for question, _mark, answer in parts
        if answer.strip()
    )


def _tidy(text: str, field: CopyField) -> str:
    plain = unicodedata.normalize("NFC", text)
    lines = [" ".join(line.split()) for line in re.split(r"\r\n|\r|\n", plain)]
    kept = [line for line in lines if line]
    return "\n".join(kept) if field.has_lines else " ".join(kept)
