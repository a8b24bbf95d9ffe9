"""A visit in a message: when on the clinic's clock, with whom, where, and the way to its page."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.scheduling.presenters.times import clock_words, own_lines, zone_words
from clinic.scheduling.queries.links import visit_token
from clinic.scheduling.queries.visits import Visit
from clinic.web.filters import long_date, short_date


@dataclass(frozen=True, slots=True)
class VisitLetter:
    """A visit as messages print it; ``path`` opens its page.

    ``own_times`` tell a visit by video by the patient's clock too, where that is another one.
    """

    day: str
    short_day: str
    time: str
    zone: str
    service: str
    practitioner: str
    place: tuple[str, ...]
    path: str
    is_confirmed: bool = False
    own_times: tuple[str, ...] = ()


def present_visit_letter(visit: Visit) -> VisitLetter:
    """The lines of one visit. How to join a video visit is told on its page only."""
    token = visit_token(visit)
    return VisitLetter(
        day=long_date(visit.local.date()),
        short_day=short_date(visit.local.date()),
        time=clock_words(visit.starts_at, zone=visit.zone),
        zone=str(_("Clinic time: %(zone)s", zone=zone_words(visit.zone))),
        service=visit.service_name,
        practitioner=visit.practitioner_name,
        place=_place(visit),
        path=f"/visits/{token}",
        is_confirmed=visit.is_confirmed,
        own_times=_own_times(visit),
    )


def present_changes(counts: Mapping[str, str]) -> tuple[str, ...]:
    """What became of a practitioner's visits, a line for each kind that there is."""
    booked, moved, gone = (int(counts[name]) for name in ("booked", "moved", "cancelled"))
    lines = (
        (booked, ngettext("%(num)d visit was booked", "%(num)d visits were booked", booked)),
        (moved, ngettext("%(num)d visit was moved", "%(num)d visits were moved", moved)),
        (gone, ngettext("%(num)d visit was cancelled", "%(num)d visits were cancelled", gone)),
    )
    return tuple(str(words) for count, words in lines if count)


def _own_times(visit: Visit) -> tuple[str, ...]:
    if visit.modality != "telehealth":
        return ()
    return own_lines(
        visit.starts_at, zone=visit.zone, own=visit.patient_zone, state=visit.patient_state
    )


def _place(visit: Visit) -> tuple[str, ...]:
    if visit.modality == "telehealth":
        return (str(_("By video")),)
    lines = (visit.location_name, *visit.address.splitlines())
    return tuple(line.strip() for line in lines if line.strip())
