"""A page of the trail: entries under their days, filters, and how far the chain is sealed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.core.audit import AuditEntry
from clinic.core.values import Role
from clinic.trail.presenters.words import action_words, subject_words
from clinic.trail.queries import ChainState, SubjectName
from clinic.trail.rules import Asked
from clinic.web.filters import full_date, local_date, local_stamp, local_time, role_word

TRAIL = "/desk/audit"


@dataclass(frozen=True, slots=True)
class EntryView:
    """One line. ``about_href`` leads to all about that patient, ``session_href`` to the session."""

    time: str
    stamp: str
    who: str
    role: str
    words: str
    about: str
    about_href: str
    details: str
    session_href: str


@dataclass(frozen=True, slots=True)
class DayOfEntries:
    """The lines of one date of the clinic."""

    heading: str
    lines: tuple[EntryView, ...]


def address(asked: Asked, path: str = TRAIL, **more: str) -> str:
    """Where the same question is answered, with more said."""
    query = urlencode({**asked.parameters(), **more})
    return f"{path}?{query}" if query else path


def subjects_of(entries: Iterable[AuditEntry]) -> set[str]:
    """What has to be named to print these entries."""
    return {entry.subject for entry in entries if entry.subject}


def present_days(
    *, entries: Iterable[AuditEntry], names: Mapping[str, SubjectName], zone: str
) -> tuple[DayOfEntries, ...]:
    """The entries, the newest first, under the dates of ``zone``."""
    days: dict[date, list[EntryView]] = {}
    for entry in entries:
        day = entry.at.astimezone(ZoneInfo(zone)).date()
        days.setdefault(day, []).append(_line(entry, names, zone))
    return tuple(DayOfEntries(full_date(day), tuple(lines)) for day, lines in days.items())


def _line(entry: AuditEntry, names: Mapping[str, SubjectName], zone: str) -> EntryView:
    named = names.get(entry.subject or "")
    patient = named.patient if named else None
    return EntryView(
        time=local_time(entry.at, zone=zone),
        stamp=local_stamp(entry.at, zone=zone),
        who=_who(entry),
        role=role_words(entry.actor_role),
        words=action_words(entry.action),
        about=_about(entry, named, zone),
        about_href=f"{TRAIL}?patient={patient}" if patient else "",
        details=_details(entry.details),
        session_href=f"{TRAIL}/sessions/{entry.session}" if entry.session else "",
    )


def _who(entry: AuditEntry) -> str:
    if entry.actor_kind == "public":
        return str(_("a visitor of the site"))
    if entry.actor_kind == "system" and entry.actor_name == "system":
        return str(_("the system"))
    return entry.actor_name


def role_words(role: str | None) -> str:
    """A role as the trail wrote it down; one that no longer exists stays as it was written."""
    return role_word(Role(role)) if role in list(Role) else role or ""


def _about(entry: AuditEntry, named: SubjectName | None, zone: str) -> str:
    kind, _colon, rest = (entry.subject or "").partition(":")
    seen = entry.details.get("seen")
    if kind == "day" and seen is not None:
        found = ngettext("%(num)d patient", "%(num)d patients", len(seen))
        return f"{_day(rest)}, {found}"
    if kind == "day":
        return _day(rest)
    if named is None:
        if seen:
            return str(ngettext("%(num)d patient", "%(num)d patients", len(seen)))
        return subject_words(entry.subject) if entry.subject else ""
    if named.starts_at:
        there = named.zone or zone
        when = local_date(named.starts_at, zone=there)
        return f"{named.name}, {when}, {local_time(named.starts_at, zone=there)}"
    return named.name


def _day(text: str) -> str:
    try:
        return full_date(date.fromisoformat(text))
    except ValueError:
        return text


def _details(details: Mapping[str, Any]) -> str:
    """What was noted beside the deed, in short: `status: booked · count: 3`."""
    said = (
        f"{name.replace('_', ' ')}: {_plain(value)}"
        for name, value in details.items()
        if name != "seen" and value not in (None, "", [], {})
    )
    return " · ".join(said)[:300]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_plain(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(_plain(one) for one in value)
    return str(value)


@dataclass(frozen=True, slots=True)
class ChainView:
    """The chain's state in words; ``is_fine`` when the last verification found it whole."""

    words: str
    is_fine: bool


def present_chain(*, state: ChainState, zone: str) -> ChainView:
    """How far the trail is sealed, and when a command last verified it."""
    if state.sealed_at is None:
        sealed = _("Nothing is sealed yet.")
    else:
        sealed = _(
            "%(count)d entries are sealed, the last of %(moment)s.",
            count=state.seals,
            moment=moment_words(state.sealed_at, zone=zone),
        )
    if state.verified_at is None:
        verified = _("The chain was never verified: flask --app wsgi audit verify does it.")
    elif state.was_whole:
        verified = _(
            "Verified whole %(moment)s.", moment=moment_words(state.verified_at, zone=zone)
        )
    else:
        verified = _("Found BROKEN %(moment)s.", moment=moment_words(state.verified_at, zone=zone))
    return ChainView(f"{sealed} {verified}", state.verified_at is None or state.was_whole)


def moment_words(at: datetime, *, zone: str) -> str:
    """`November 23, 2026, 10:42 AM`."""
    return f"{full_date(at.astimezone(ZoneInfo(zone)).date())}, {local_time(at, zone=zone)}"
