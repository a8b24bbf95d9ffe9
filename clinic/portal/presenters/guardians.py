"""Guardians as lines of the desk's list."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.portal.presenters.person import relation_word
from clinic.portal.queries.guardians import LoneMinor, NamedGuardian
from clinic.web.filters import full_date, local_full_date, phone


@dataclass(frozen=True, slots=True)
class GuardianLine:
    """One guardian of one child. ``path`` is where the decision is sent."""

    name: str
    relation: str
    born: str
    contact: tuple[str, ...]
    child: str
    child_born: str
    named: str
    is_confirmed: bool
    is_resting: bool
    path: str


def present_guardians(
    guardians: Iterable[NamedGuardian], *, path: str, zone: str
) -> tuple[GuardianLine, ...]:
    """The lines in the order of the query; ``zone`` is the clinic's."""
    return tuple(
        GuardianLine(
            name=one.name,
            relation=relation_word(one.relation),
            born=str(_("born %(day)s", day=full_date(one.birth_date))),
            contact=tuple(filter(None, (one.email, phone(one.phone) if one.phone else ""))),
            child=one.child,
            child_born=str(_("born %(day)s", day=full_date(one.child_birth_date))),
            named=local_full_date(one.named_at, zone=zone),
            is_confirmed=one.is_confirmed,
            is_resting=one.is_resting,
            path=f"{path}/{one.public_id}",
        )
        for one in guardians
    )


@dataclass(frozen=True, slots=True)
class LoneLine:
    """A minor who decides alone. ``path`` is where the end of it is sent."""

    name: str
    born: str
    ground: str
    note: tuple[str, ...]
    since: str
    path: str


def present_lone_minors(
    minors: Iterable[LoneMinor], *, path: str, zone: str
) -> tuple[LoneLine, ...]:
    """The lines in the order of the query; ``zone`` is the clinic's."""
    return tuple(
        LoneLine(
            name=one.name,
            born=str(_("born %(day)s", day=full_date(one.birth_date))),
            ground=ground_word(one.ground),
            note=tuple(line for line in one.note.splitlines() if line),
            since=str(
                _(
                    "since %(day)s, by %(who)s",
                    day=local_full_date(one.granted_at, zone=zone),
                    who=one.granted_by,
                )
            ),
            path=f"{path}/{one.public_id}/end",
        )
        for one in minors
    )


def ground_word(ground: str) -> str:
    """Why a minor may decide alone."""
    words = {
        "married": _("Is or was married"),
        "parent": _("Has a child"),
        "homeless": _("Homeless youth in a program"),
        "other": _("Another ground of the law"),
    }
    return str(words[ground])


def record_words(email: str | None, number: str | None) -> str:
    """A record among others of the same name, told by its contact."""
    known = ", ".join(filter(None, (email, phone(number) if number else "")))
    return known or str(_("No e-mail address or phone number"))
