"""Guardians as lines of the desk's list."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.portal.presenters.person import relation_word
from clinic.portal.queries.guardians import NamedGuardian
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
            path=f"{path}/{one.public_id}",
        )
        for one in guardians
    )
