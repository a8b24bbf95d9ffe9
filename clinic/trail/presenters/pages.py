"""The trail's pages around their entries: filters, the session's facts, patients found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.core.audit import AuditEntry
from clinic.trail.presenters.entries import (
    TRAIL,
    ChainView,
    DayOfEntries,
    address,
    moment_words,
    present_chain,
    present_days,
    role_words,
)
from clinic.trail.presenters.words import action_words
from clinic.trail.queries import (
    ChainState,
    Doer,
    EntryPage,
    PersonFound,
    SessionFacts,
    SubjectName,
)
from clinic.trail.rules import Asked
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.filters import full_date


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link with its words."""

    href: str
    text: str


@dataclass(frozen=True, slots=True)
class TrailView:
    """A page of the trail. ``patient`` is the name of whom it is about, if it is about one."""

    days: tuple[DayOfEntries, ...]
    chain: ChainView
    filters: tuple[FieldView, ...]
    kept: Mapping[str, str]
    patient: str
    clear_href: str
    older_href: str
    newest_href: str
    csv_href: str
    lines_href: str


def present_trail(
    *,
    asked: Asked,
    page: EntryPage,
    names: Mapping[str, SubjectName],
    chain: ChainState,
    doers: Iterable[Doer],
    actions: Iterable[str],
    patient: str,
    zone: str,
) -> TrailView:
    """The entries that were asked for, with the filters as they stand."""
    first = asked.from_the_newest()
    kept = {"patient": asked.patient, "session": asked.session}
    return TrailView(
        days=present_days(entries=page.entries, names=names, zone=zone),
        chain=present_chain(state=chain, zone=zone),
        filters=_filters(asked, doers, actions),
        kept={name: value for name, value in kept.items() if value},
        patient=patient,
        clear_href=TRAIL if asked.parameters() else "",
        older_href=address(first, after=page.following.text) if page.following else "",
        newest_href=address(first) if asked.after else "",
        csv_href=address(first, f"{TRAIL}/export.csv"),
        lines_href=address(first, f"{TRAIL}/export.jsonl"),
    )


def _filters(asked: Asked, doers: Iterable[Doer], actions: Iterable[str]) -> tuple[FieldView, ...]:
    people = [
        (one.public_id, _("%(name)s (program)", name=one.name) if one.is_program else one.name)
        for one in doers
    ]
    deeds = sorted(((one, action_words(one)) for one in actions), key=lambda pair: pair[1])
    dates = (("from", _("From"), asked.from_date), ("to", _("To"), asked.to_date))
    return (
        _choice("actor", _("Who"), _("Everybody"), people, asked.actor),
        _choice("action", _("What"), _("Everything"), deeds, asked.action),
        *(
            FieldView(id=name, name=name, label=label, type="date", value=_iso(day))
            for name, label, day in dates
        ),
    )


def _iso(day: object) -> str:
    return str(day) if day else ""


def _choice(
    name: str, label: str, anything: str, options: list[tuple[str, str]], chosen: str | None
) -> FieldView:
    shown = [("", anything), *options]
    if chosen and chosen not in {value for value, _label in options}:
        shown.append((chosen, chosen))
    choices = tuple(
        ChoiceView(f"{name}-{number}", value, words, value == (chosen or ""))
        for number, (value, words) in enumerate(shown)
    )
    return FieldView(id=name, name=name, label=label, choices=choices)


@dataclass(frozen=True, slots=True)
class SessionView:
    """A session: whose, from when to when, whom it showed, and each deed and look."""

    name: str
    facts: tuple[tuple[str, str], ...]
    seen: tuple[LinkView, ...]
    has_more_seen: bool
    days: tuple[DayOfEntries, ...]
    older_href: str
    csv_href: str
    lines_href: str


def present_session(
    *,
    asked: Asked,
    facts: SessionFacts,
    page: EntryPage,
    names: Mapping[str, SubjectName],
    seen: Iterable[str],
    most_seen: int,
    zone: str,
) -> SessionView:
    """The session's page; ``seen`` are subjects, each named once whatever was seen of it."""
    shown = list(seen)
    own = f"{TRAIL}/sessions/{asked.session}"
    return SessionView(
        name=facts.actor_name,
        facts=(
            (_("Who"), f"{facts.actor_name}, {role_words(facts.actor_role)}".rstrip(", ")),
            (_("First entry"), moment_words(facts.first_at, zone=zone)),
            (_("Last entry"), moment_words(facts.last_at, zone=zone)),
            (_("Entries"), str(facts.entries)),
        ),
        seen=_people_seen(shown, names),
        has_more_seen=len(shown) >= most_seen,
        days=present_days(entries=page.entries, names=names, zone=zone),
        older_href=f"{own}?after={page.following.text}" if page.following else "",
        csv_href=address(asked.from_the_newest(), f"{TRAIL}/export.csv"),
        lines_href=address(asked.from_the_newest(), f"{TRAIL}/export.jsonl"),
    )


def _people_seen(subjects: list[str], names: Mapping[str, SubjectName]) -> tuple[LinkView, ...]:
    people = {
        name.patient: name.name
        for subject in subjects
        if (name := names.get(subject)) is not None and name.patient
    }
    links = (LinkView(f"{TRAIL}?patient={one}", name) for one, name in people.items())
    return tuple(sorted(links, key=lambda link: link.text))


def present_found(people: Iterable[PersonFound]) -> tuple[tuple[LinkView, str], ...]:
    """Patients that a search found, each with the birth date that tells namesakes apart."""
    return tuple(
        (LinkView(f"{TRAIL}?patient={one.public_id}", one.name), full_date(one.birth_date))
        for one in people
    )


def patients_named(entries: Iterable[AuditEntry], names: Mapping[str, SubjectName]) -> set[str]:
    """The patients whose names a page of entries shows, as subjects of the look at it."""
    found = (names.get(entry.subject or "") for entry in entries)
    return {f"patient:{name.patient}" for name in found if name and name.patient}
