"""Licences that lapse and the visits by video they leave uncovered, ready to print."""

from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.desk.presenters.booking import moment_words
from clinic.desk.presenters.rows import name_of
from clinic.desk.queries.licences import Licences
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.licences import WARNED_DAYS, Lapse
from clinic.scheduling.rules.states import STATES
from clinic.web.filters import full_date


@dataclass(frozen=True, slots=True)
class StrandedView:
    """A visit that cannot take place as it is booked."""

    href: str
    name: str
    moment: str
    what: str


@dataclass(frozen=True, slots=True)
class LapseView:
    """A licence with its last day, and what it strands. ``is_near``: less than a month is left."""

    id: str
    title: str
    ends: str
    left: str
    is_near: bool
    note: str
    visits: tuple[StrandedView, ...]


@dataclass(frozen=True, slots=True)
class LicencesView:
    """The page; ``uncovered`` visits are those that no lapse of the list explains."""

    lapses: tuple[LapseView, ...]
    uncovered: tuple[StrandedView, ...]
    empty_reason: str


def present_licences(*, found: Licences, today: date) -> LicencesView:
    """The page of licences as they stand today."""
    return LicencesView(
        lapses=tuple(
            _lapse(lapse, found, today, number) for number, lapse in enumerate(found.lapses)
        ),
        uncovered=tuple(_visit(one) for one in found.uncovered),
        empty_reason=_(
            "No licence ends within %(days)s days, and every coming visit by video is covered.",
            days=WARNED_DAYS,
        ),
    )


def _lapse(lapse: Lapse, found: Licences, today: date, number: int) -> LapseView:
    left = (lapse.last_day - today).days
    licence = " ".join(filter(None, (lapse.licence.kind, lapse.licence.number)))
    return LapseView(
        id=f"licence-{number}",
        title=f"{lapse.practitioner.name}: {STATES.get(lapse.state, lapse.state)} ({licence})",
        ends=_("Last day %(date)s", date=full_date(lapse.last_day)),
        left=ngettext("%(num)d day left", "%(num)d days left", left) if left else _("Ends today"),
        is_near=left <= 30,
        note=_("Licensed again from %(date)s.", date=full_date(lapse.resumes))
        if lapse.resumes
        else "",
        visits=tuple(_visit(one) for one in found.stranded_by(lapse)),
    )


def _visit(one: Visit) -> StrandedView:
    state = STATES.get(one.patient_state or "", one.patient_state or _("no state named"))
    return StrandedView(
        href=f"/desk/visits/{one.public_id}",
        name=name_of(one),
        moment=moment_words(one.starts_at, one.zone),
        what=_(
            "%(service)s with %(who)s, patient in %(state)s",
            service=one.service_name,
            who=one.practitioner_name.partition(",")[0],
            state=state,
        ),
    )
