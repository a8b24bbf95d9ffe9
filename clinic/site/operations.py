"""The manager's changes to the site's texts. Each one adds a version; none is ever lost."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, select
from sqlalchemy.exc import IntegrityError

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid, NotFound, Refusal
from clinic.core.schema import violates
from clinic.core.values import SYSTEM, Actor
from clinic.site.models import TextVersion
from clinic.site.queries.texts import get_version_row, is_of, shipped_texts, text_of
from clinic.site.rules.texts import Content, Kind, Name, Text, faults_in, is_slug, tidied

DEMO_PEOPLE = Path(__file__).parent / "demo_people.toml"


class TextChanged(Refusal):
    """Somebody else saved the text after it was opened here."""

    code = "text-changed"
    message = "Somebody changed this text after you opened it. Nothing of yours was saved yet."


class AddressTaken(Refusal):
    """There is a text at that address already."""

    code = "address-taken"
    message = "There is a page at this address already. Choose another one."


@dataclass(frozen=True, slots=True)
class _Change:
    """Who changes which text when, having looked at which version."""

    name: Name
    looked_at: int
    actor: Actor
    now: datetime


@transaction
def save_text(*, name: Name, content: Content, looked_at: int, actor: Actor, now: datetime) -> int:
    """Keep the text as a new version and answer its number; unchanged words add none.

    Raises Invalid by field, NotFound, and TextChanged when version `looked_at` is not the last.
    """
    last = _last(name)
    if last is None and name.kind is not Kind.PERSON and name not in shipped_texts():
        raise NotFound
    kept = _checked(name.kind, content)
    current = _current(name, last)
    if current.version == looked_at and dict(current.content) == kept:
        return looked_at
    return _add(_Change(name, looked_at, actor, now), last, deed="saved", content=kept)


@transaction
def add_condition(*, slug: str, content: Content, actor: Actor, now: datetime) -> int:
    """Add a page about a condition, hidden until it is shown.

    Raises Invalid (`slug` or a field) and AddressTaken.
    """
    name = Name(Kind.CONDITION, slug)
    if not is_slug(slug):
        raise Invalid({"slug": ["Use small letters, digits and dashes, like knee-pain."]})
    if name in shipped_texts() or _last(name) is not None:
        raise AddressTaken
    kept = _checked(name.kind, content)
    change = _Change(name, 0, actor, now)
    return _add(change, None, deed="added", content=kept, is_hidden=True)


@transaction
def restore_text(*, name: Name, number: int, looked_at: int, actor: Actor, now: datetime) -> int:
    """Let an earlier version count again, as a new one. Raises NotFound and TextChanged."""
    found = get_version_row(name=name, number=number)
    change = _Change(name, looked_at, actor, now)
    return _add(change, _last(name), deed="restored", content=found.content)


@transaction
def reset_text(*, name: Name, looked_at: int, actor: Actor, now: datetime) -> int:
    """Let the text be what ships with the product. Raises NotFound where none ships."""
    if name not in shipped_texts():
        raise NotFound
    change = _Change(name, looked_at, actor, now)
    return _add(change, _last(name), deed="reset", content=None)


@transaction
def show_condition(
    *, slug: str, is_shown: bool, looked_at: int, actor: Actor, now: datetime
) -> int:
    """Show a condition's page to visitors, or hide it. Raises NotFound and TextChanged."""
    name = Name(Kind.CONDITION, slug)
    last = _last(name)
    if last is None and name not in shipped_texts():
        raise NotFound
    return _add(
        _Change(name, looked_at, actor, now),
        last,
        deed="shown" if is_shown else "hidden",
        content=last.content if last else None,
        is_hidden=not is_shown,
    )


@transaction
def introduce_demo_people(*, now: datetime) -> None:
    """Give the people of the demonstration clinic their words, unless they have some."""
    for slug, content in tomllib.loads(DEMO_PEOPLE.read_text(encoding="utf-8")).items():
        name = Name(Kind.PERSON, slug)
        if _last(name) is None:
            kept = _checked(name.kind, content)
            _add(_Change(name, 0, SYSTEM, now), None, deed="saved", content=kept)


def _checked(kind: Kind, content: Content) -> dict[str, str]:
    kept = tidied(kind=kind, content=content)
    faults = faults_in(kind=kind, content=kept)
    if faults:
        raise Invalid({name: [str(fault) for fault in found] for name, found in faults.items()})
    return kept


def _versions(name: Name) -> Select[TextVersion]:
    return select(TextVersion).where(*is_of(name))


def _last(name: Name) -> TextVersion | None:
    found: TextVersion | None = db.session.scalar(
        _versions(name).order_by(TextVersion.number.desc()).limit(1)
    )
    return found


def _current(name: Name, last: TextVersion | None) -> Text:
    if last is None:
        return shipped_texts().get(name) or Text(name, tidied(kind=name.kind, content={}))
    return text_of(last)


def _add(
    change: _Change,
    last: TextVersion | None,
    *,
    deed: str,
    content: Content | None,
    is_hidden: bool | None = None,
) -> int:
    """Write the next version; a text stays hidden or shown where `is_hidden` does not say."""
    name, number = change.name, last.number if last else 0
    if number != change.looked_at:
        raise TextChanged
    hidden = (last.is_hidden if last else False) if is_hidden is None else is_hidden
    row = TextVersion(
        kind=name.kind.value,
        slug=name.slug,
        number=number + 1,
        deed=deed,
        content=content,
        is_hidden=hidden,
        saved_at=change.now,
        saved_by=change.actor.name,
    )
    db.session.add(row)
    try:
        db.session.flush()
    except IntegrityError as error:
        if violates(error, "uq_text_versions_number"):
            raise TextChanged from error
        raise
    audit.record(
        action=f"text.{deed}",
        actor=change.actor,
        now=change.now,
        subject=f"text:{name}",
        details={"version": row.number},
    )
    return row.number
