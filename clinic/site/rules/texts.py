"""What the manager may write: the kinds of texts, their fields and limits. Pure.

A text is named by its kind and its slug and holds a few named fields. What ships with the product
is data (`clinic/site/content/`); the database holds only what was changed.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clinic.site.rules.markup import Fault, faults_of

LONGEST_SLUG = 60
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
Content = Mapping[str, str]


class Kind(StrEnum):
    """Whose words they are."""

    HOME = "home"
    CONDITION = "condition"
    PERSON = "person"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class FieldRule:
    """One field of a text. Lines and markup are for the long ones only."""

    name: str
    longest: int
    is_needed: bool = True
    is_markup: bool = False


FIELDS: Mapping[Kind, tuple[FieldRule, ...]] = {
    Kind.HOME: (
        FieldRule("headline", 60),
        FieldRule("turn", 60),
        FieldRule("lead", 240),
        FieldRule("description", 300),
        FieldRule("feature", 80),
        FieldRule("story", 1200, is_markup=True),
    ),
    Kind.CONDITION: (
        FieldRule("title", 80),
        FieldRule("summary", 300),
        FieldRule("body", 20_000, is_markup=True),
    ),
    Kind.PERSON: (
        FieldRule("focus", 120),
        FieldRule("languages", 120, is_needed=False),
        FieldRule("credentials", 1200, is_needed=False, is_markup=True),
        FieldRule("bio", 6000, is_needed=False, is_markup=True),
    ),
    Kind.PAGE: (
        FieldRule("title", 80),
        FieldRule("summary", 300),
        FieldRule("body", 20_000, is_markup=True),
    ),
}


@dataclass(frozen=True, slots=True)
class Name:
    """Which text: `condition`, `buttock-pain`."""

    kind: Kind
    slug: str

    def __str__(self) -> str:
        """As audit entries and addresses name it."""
        return f"{self.kind}:{self.slug}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text as it stands. Version 0 is what ships; `changed_at` is None there."""

    name: Name
    content: Content
    version: int = 0
    changed_at: datetime | None = None
    is_hidden: bool = False


def tidied(*, kind: Kind, content: Content) -> dict[str, str]:
    """The kind's fields in order, tidied: line ends, spaces at the ends, NFC."""
    return {rule.name: _tidy(content.get(rule.name, ""), rule) for rule in FIELDS[kind]}


def faults_in(*, kind: Kind, content: Content) -> dict[str, list[Fault]]:
    """Field -> what is wrong with it; an empty mapping when the tidied text may be kept."""
    found = {rule.name: _faults(content[rule.name], rule) for rule in FIELDS[kind]}
    return {name: faults for name, faults in found.items() if faults}


def is_slug(text: str) -> bool:
    """Whether the text can be the last part of an address."""
    return len(text) <= LONGEST_SLUG and _SLUG.fullmatch(text) is not None


def _tidy(text: str, rule: FieldRule) -> str:
    lines = [line.rstrip() for line in re.split(r"\r\n|\r|\n", unicodedata.normalize("NFC", text))]
    return "\n".join(lines).strip() if rule.is_markup else " ".join(" ".join(lines).split())


def _faults(text: str, rule: FieldRule) -> list[Fault]:
    if rule.is_needed and not text:
        return [Fault("Enter some words here.")]
    if len(text) > rule.longest:
        return [Fault("Use at most %(about)s characters.", str(rule.longest))]
    if any(unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} for sign in _flat(text)):
        return [Fault("Remove the characters that cannot be printed.")]
    return list(faults_of(text)) if rule.is_markup else []


def _flat(text: str) -> str:
    return text.replace("\n", "").replace("\t", "")
