"""The day of a practitioner who is away, ready to print."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.desk.operations.away import Outcome
from clinic.desk.presenters.booking import time_view
from clinic.desk.presenters.rows import name_of
from clinic.desk.queries.away import Stranded
from clinic.scheduling.rules.setting import Setting
from clinic.web.fields import ChoiceView, FieldView
from clinic.web.filters import local_time, long_date


@dataclass(frozen=True, slots=True)
class StrandedView:
    """One visit and what can become of it; ``fault`` is why nothing did."""

    time: str
    name: str
    service: str
    href: str
    field: FieldView
    fault: str


@dataclass(frozen=True, slots=True)
class AwayView:
    """The page: whose day, which visits; ``done`` tells what was just done."""

    title: str
    day: str
    practitioner: FieldView
    slug: str
    rows: tuple[StrandedView, ...]
    done: str
    calendar_href: str


def present_away(
    *,
    stranded: Sequence[Stranded],
    practitioner: str,
    day: date,
    setting: Setting,
    outcomes: Sequence[Outcome] = (),
) -> AwayView:
    """The visits that are left, each with the nearest other time chosen."""
    person = setting.practitioners[practitioner]
    name = person.name.partition(",")[0]
    faults = {one.visit: str(_(one.refusal.message)) for one in outcomes if one.refusal}
    done = sum(one.refusal is None for one in outcomes)
    people = [(one.slug, one.name.partition(",")[0]) for one in setting.practitioners.values()]
    return AwayView(
        title=str(_("%(name)s is away on %(day)s", name=name, day=long_date(day))),
        day=day.isoformat(),
        practitioner=_select("practitioner", str(_("Who")), people, practitioner),
        slug=practitioner,
        rows=tuple(_row(one, setting, faults.get(one.visit.public_id, "")) for one in stranded),
        done=ngettext("%(num)d visit done.", "%(num)d visits done.", done) if outcomes else "",
        calendar_href=f"/desk/calendar?date={day.isoformat()}",
    )


def _row(one: Stranded, setting: Setting, fault: str) -> StrandedView:
    visit = one.visit
    options = []
    if one.slot is not None:
        time = time_view(one.slot, setting)
        words = _("Move to %(time)s, %(who)s", time=time.label, who=time.with_whom)
        options.append((f"{visit.version}|move|{time.value}", str(words)))
    options.append((f"{visit.version}|cancel", str(_("Cancel"))))
    options.append((f"{visit.version}|leave", str(_("Leave it for now"))))
    label = str(_("What becomes of the visit of %(name)s", name=name_of(visit)))
    return StrandedView(
        time=local_time(visit.starts_at, zone=visit.zone),
        name=name_of(visit),
        service=visit.service_name,
        href=f"/desk/visits/{visit.public_id}",
        field=_select(f"do-{visit.public_id}", label, options, options[0][0]),
        fault=fault,
    )


def _select(name: str, label: str, options: list[tuple[str, str]], chosen: str) -> FieldView:
    choices = tuple(
        ChoiceView(f"{name}-{number}", value, words, value == chosen)
        for number, (value, words) in enumerate(options)
    )
    return FieldView(id=name, name=name, label=label, choices=choices)
