"""The site's texts as they stand: what ships, and over it what the manager wrote.

Versions are only ever added, so their count says whether what this process remembers is still
true: a page asks for that one number, the texts are read again when it has grown.
"""

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import current_app
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from clinic.core.db import current_connection, db
from clinic.core.errors import NotFound
from clinic.core.once import ask_once
from clinic.site.models import LANGUAGE, TextVersion
from clinic.site.rules.texts import Kind, Name, Text, tidied

CONTENT = Path(__file__).parent.parent / "content"
LARGEST_NUMBER = 2**31 - 1
_CACHE = "site-texts"
_COUNT = select(func.count()).select_from(TextVersion.__table__)


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A version of a text in its history."""

    number: int
    deed: str
    saved_at: datetime
    saved_by: str


@functools.cache
def shipped_texts() -> Mapping[Name, Text]:
    """What comes with the product, read from its files once."""
    found = {}
    for path in sorted(CONTENT.glob("*/*.toml")):
        name = Name(Kind(path.parent.name), path.stem)
        content = tidied(kind=name.kind, content=tomllib.loads(path.read_text(encoding="utf-8")))
        found[name] = Text(name, content)
    return found


def get_texts() -> Mapping[Name, Text]:
    """Every text as it stands, hidden ones too, by kind and slug. One query when none is new."""
    return ask_once(_as_they_stand)


def _as_they_stand() -> Mapping[Name, Text]:
    count = current_connection().scalar(_COUNT)
    cached: tuple[int, Mapping[Name, Text]] | None = current_app.extensions.get(_CACHE)
    if cached is None or cached[0] != count:
        current_app.extensions[_CACHE] = cached = (count or 0, _read())
    return cached[1]


def get_text(*, name: Name) -> Text:
    """A text as it stands, hidden or not. A person always has one, if an empty one; NotFound."""
    found = get_texts().get(name)
    if found is not None:
        return found
    if name.kind is Kind.PERSON:
        return Text(name, tidied(kind=Kind.PERSON, content={}))
    raise NotFound


def get_shown_text(*, name: Name) -> Text:
    """A text that visitors may read; NotFound for a hidden one too."""
    found = get_text(name=name)
    if found.is_hidden:
        raise NotFound
    return found


def list_shown(*, kind: Kind) -> list[Text]:
    """The texts of a kind that visitors may read, by title."""
    texts = get_texts().items()
    found = [text for name, text in texts if name.kind is kind and not text.is_hidden]
    return sorted(found, key=lambda text: (text.content.get("title", ""), text.name.slug))


def is_of(name: Name) -> tuple[ColumnElement[bool], ...]:
    """What narrows a query to the versions of one text in the site's language."""
    return (
        TextVersion.kind == name.kind.value,
        TextVersion.slug == name.slug,
        TextVersion.language == LANGUAGE,
    )


def list_versions(*, name: Name, limit: int = 50) -> list[PastVersion]:
    """The history of a text, the newest first."""
    columns = (
        TextVersion.number,
        TextVersion.deed,
        TextVersion.saved_at,
        TextVersion.saved_by,
    )
    wanted = select(*columns).where(*is_of(name)).order_by(TextVersion.number.desc()).limit(limit)
    return [PastVersion(*row) for row in db.session.execute(wanted)]


def get_version(*, name: Name, number: int) -> Text:
    """One version of a text as it was then, what ships where it had no words; NotFound."""
    return text_of(get_version_row(name=name, number=number))


def get_version_row(*, name: Name, number: int) -> TextVersion:
    """One stored version of a text; NotFound, for a number that no column holds too."""
    wanted = select(TextVersion).where(*is_of(name), TextVersion.number == number)
    found = db.session.scalar(wanted) if 0 < number <= LARGEST_NUMBER else None
    if found is None:
        raise NotFound
    return found


def ships(*, name: Name) -> bool:
    """Whether the product brings a text of that name."""
    return name in shipped_texts()


def text_of(row: TextVersion) -> Text:
    """A stored version as a text; fields that a later release added are filled with what ships."""
    name = Name(Kind(row.kind), row.slug)
    shipped = shipped_texts().get(name)
    whole = {**(shipped.content if shipped else {}), **(row.content or {})}
    content = tidied(kind=name.kind, content=whole)
    return Text(name, content, row.number, row.saved_at, row.is_hidden)


def _read() -> Mapping[Name, Text]:
    newer = aliased(TextVersion)
    is_last = ~(
        select(newer.id)
        .where(newer.kind == TextVersion.kind, newer.slug == TextVersion.slug)
        .where(newer.language == TextVersion.language, newer.number > TextVersion.number)
        .exists()
    )
    found = dict(shipped_texts())
    for row in db.session.scalars(
        select(TextVersion).where(is_last, TextVersion.language == LANGUAGE)
    ):
        found[Name(Kind(row.kind), row.slug)] = text_of(row)
    return found
