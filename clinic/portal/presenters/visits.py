"""A patient's visits as lines of their own pages."""

from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.scheduling.queries.links import visit_token
from clinic.scheduling.queries.visits import Visit
from clinic.web.filters import full_date, local_stamp, local_time, long_date

PAST_ICONS = {"cancelled": "cross", "noshow": "no", "booked": "circle"}


@dataclass(frozen=True, slots=True)
class VisitLine:
    """One visit; ``href`` is its own page, "" where there is nothing left to do.

    ``icon`` and ``word`` say what became of it as patients would, not as the desk does.
    """

    day: str
    time: str
    stamp: str
    service: str
    practitioner: str
    place: str
    status: str
    is_confirmed: bool
    href: str
    about: str
    icon: str
    word: str


def present_coming(visit: Visit) -> VisitLine:
    """A visit ahead, with the way to its page."""
    token = visit_token(visit)
    return _line(visit, long_date(visit.local.date()), f"/visits/{token}")


def present_past(visit: Visit) -> VisitLine:
    """A visit that is over, with the year."""
    return _line(visit, full_date(visit.local.date()), "")


def _line(visit: Visit, day: str, href: str) -> VisitLine:
    time = local_time(visit.starts_at, zone=visit.zone)
    return VisitLine(
        day=day,
        time=time,
        stamp=local_stamp(visit.starts_at, zone=visit.zone),
        service=visit.service_name,
        practitioner=visit.practitioner_name,
        place=str(_("By video")) if visit.modality == "telehealth" else visit.location_name,
        status=visit.status,
        is_confirmed=visit.is_confirmed,
        href=href,
        about=f"{day}, {time}",
        icon=PAST_ICONS.get(visit.status, "check"),
        word=past_word(visit.status),
    )


def past_word(status: str) -> str:
    """What became of a visit, in a patient's words."""
    words = {"cancelled": _("Cancelled"), "noshow": _("Missed"), "booked": _("Booked")}
    return str(words.get(status, _("Took place")))
