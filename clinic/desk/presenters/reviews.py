"""Visits that a clinician must read first, ready to print."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.desk.presenters.booking import moment_words
from clinic.desk.presenters.rows import name_of, short_person
from clinic.desk.queries.reviews import Review
from clinic.web.filters import full_date

QUEUE = "/desk/reviews"
SAFETY = "/desk/safety"


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """A visit to be reviewed. ``clear`` is where a clinician lets it take place, "" for others."""

    name: str
    born: str
    record_href: str
    moment: str
    stamp: str
    about: str
    href: str
    reasons: tuple[tuple[str, str], ...]
    taken: str
    clear: str


def present_reviews(found: Sequence[Review], *, is_clinician: bool) -> tuple[ReviewRow, ...]:
    """The lines; others than clinicians learn that one must read, never what was answered."""
    return tuple(_row(one, is_clinician) for one in found)


def _row(one: Review, is_clinician: bool) -> ReviewRow:
    visit = one.visit
    reasons = tuple((event.title, f"{SAFETY}/{event.event}") for event in one.events)
    taken = next((event.taken_by for event in one.events if event.taken_by), None)
    return ReviewRow(
        name=name_of(visit),
        born=full_date(visit.birth_date),
        record_href=f"/desk/patients/{visit.patient}",
        moment=moment_words(visit.starts_at, visit.zone),
        stamp=visit.starts_at.isoformat(),
        about=f"{visit.service_name}, {short_person(visit.practitioner_name)}",
        href=f"/desk/visits/{visit.public_id}",
        reasons=reasons if is_clinician else (),
        taken=str(_("%(name)s is on it", name=taken) if taken else _("Nobody yet")),
        clear=f"{QUEUE}/{visit.public_id}/clear" if is_clinician else "",
    )
