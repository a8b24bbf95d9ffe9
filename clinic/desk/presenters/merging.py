"""Records that may be one person, side by side, ready to print."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.desk.presenters.booking import moment_words
from clinic.desk.presenters.finding import FoundView
from clinic.desk.presenters.record import PATIENTS, name_of_patient
from clinic.desk.queries.merging import Clash, Compared, Doubles
from clinic.desk.rules.merging import FIELDS
from clinic.people.models import Patient
from clinic.people.queries import FoundPatient
from clinic.web.filters import full_date, local_full_date, phone


@dataclass(frozen=True, slots=True)
class FieldView:
    """A field of both records; without a choice where both say the same."""

    name: str
    label: str
    kept: str
    gone: str
    is_same: bool
    takes_gone: bool


@dataclass(frozen=True, slots=True)
class ClashView:
    """Two visits at one time, with where each may be moved or cancelled."""

    kept: str
    kept_href: str
    gone: str
    gone_href: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareView:
    """Two records side by side. ``swap_href`` keeps the other one instead."""

    path: str
    kept_href: str
    kept_name: str
    gone_href: str
    gone_name: str
    kept_holds: str
    gone_holds: str
    fields: tuple[FieldView, ...]
    clashes: tuple[ClashView, ...]
    both_came: tuple[ClashView, ...]
    swap_href: str
    first: str
    second: str
    is_suggested: bool


@dataclass(frozen=True, slots=True)
class DoublesRow:
    """A pair in the queue."""

    first: str
    first_about: str
    second: str
    second_about: str
    why: str
    since: str
    href: str
    pair: tuple[str, str]


def present_compared(found: Compared, *, takes_gone: Collection[str]) -> CompareView:
    """The page of two records; ``takes_gone`` are the fields chosen so far."""
    kept, gone = found.kept, found.gone
    path = f"{PATIENTS}/{kept.public_id}"
    return CompareView(
        path=f"{path}/merge/{gone.public_id}",
        kept_href=path,
        kept_name=name_of_patient(kept),
        gone_href=f"{PATIENTS}/{gone.public_id}",
        gone_name=name_of_patient(gone),
        kept_holds=_holds(found.holds[kept.id]),
        gone_holds=_holds(found.holds[gone.id]),
        fields=tuple(_field(name, kept, gone, name in takes_gone) for name in FIELDS),
        clashes=tuple(_clash(one) for one in found.clashes),
        both_came=tuple(_clash(one) for one in found.both_came),
        swap_href=f"{PATIENTS}/{gone.public_id}/merge/{kept.public_id}",
        first=kept.public_id,
        second=gone.public_id,
        is_suggested=found.is_suggested,
    )


def present_doubles(pairs: Sequence[Doubles], *, zone: str) -> tuple[DoublesRow, ...]:
    """The queue's lines; the older record comes first and is the one to be kept."""
    return tuple(
        DoublesRow(
            first=name_of_patient(one.first),
            first_about=about_words(one.first),
            second=name_of_patient(one.second),
            second_about=about_words(one.second),
            why=why_words(one.reason),
            since=local_full_date(one.noticed_at, zone=zone),
            href=f"{PATIENTS}/{one.first.public_id}/merge/{one.second.public_id}",
            pair=(one.first.public_id, one.second.public_id),
        )
        for one in pairs
    )


def present_others(
    found: Sequence[FoundPatient], *, patient: Patient, doubles: Sequence[Doubles]
) -> tuple[FoundView, ...]:
    """Records to compare with: found by what was typed, or suggested."""
    lines = [
        FoundView(
            f"{PATIENTS}/{patient.public_id}/merge/{one.public_id}",
            one.name,
            full_date(one.birth_date),
            phone(one.phone) if one.phone else (one.email or ""),
        )
        for one in found
        if one.public_id != patient.public_id
    ]
    for pair in doubles:
        other = pair.second if pair.first.id == patient.id else pair.first
        href = f"{PATIENTS}/{patient.public_id}/merge/{other.public_id}"
        lines.append(
            FoundView(
                href, name_of_patient(other), full_date(other.birth_date), why_words(pair.reason)
            )
        )
    return tuple(lines)


def why_words(reason: str) -> str:
    """Why two records were noticed."""
    same_name = reason == "birth-date-and-name"
    return str(_("Same family name and birth date") if same_name else _("Same phone or e-mail"))


def about_words(one: Patient) -> str:
    """What tells people of one name apart."""
    known = [full_date(one.birth_date)]
    known += [phone(one.phone)] if one.phone else []
    known += [one.email] if one.email else []
    return ", ".join(known)


def _field(name: str, kept: Patient, gone: Patient, takes_gone: bool) -> FieldView:
    words = {
        "given_name": _("Given name"),
        "family_name": _("Family name"),
        "birth_date": _("Date of birth"),
        "email": _("E-mail"),
        "phone": _("Phone"),
    }
    is_same = getattr(kept, name) == getattr(gone, name)
    return FieldView(
        name, str(words[name]), _value(kept, name), _value(gone, name), is_same, takes_gone
    )


def _value(one: Patient, name: str) -> str:
    if name == "birth_date":
        return full_date(one.birth_date)
    value = getattr(one, name)
    if not value:
        return str(_("none"))
    return phone(value) if name == "phone" else str(value)


def _clash(one: Clash) -> ClashView:
    return ClashView(
        f"{moment_words(one.kept.starts_at, one.kept.zone)}, {one.kept.service_name}",
        f"/desk/visits/{one.kept.public_id}",
        f"{moment_words(one.gone.starts_at, one.gone.zone)}, {one.gone.service_name}",
        f"/desk/visits/{one.gone.public_id}",
    )


def _holds(counts: dict[str, int]) -> str:
    said = [_counted(name, number) for name, number in counts.items() if number]
    return ", ".join(said) if said else str(_("Nothing yet"))


def _counted(name: str, number: int) -> str:
    words = {
        "visits": ngettext("%(num)d visit", "%(num)d visits", number),
        "requests": ngettext("%(num)d request", "%(num)d requests", number),
        "forms": ngettext("%(num)d form", "%(num)d forms", number),
        "documents": ngettext("%(num)d document", "%(num)d documents", number),
        "orders": ngettext("%(num)d order", "%(num)d orders", number),
        "notes": ngettext("%(num)d note", "%(num)d notes", number),
    }
    return str(words[name])
