"""Why a day has no times, in words."""

from dataclasses import dataclass
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import ngettext

from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.setting import Service
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.why import DayPlan, Kind
from clinic.web.filters import short_date


@dataclass(frozen=True, slots=True)
class Asked:
    """Who and what the reasons speak of; ``name`` is empty when anybody would do."""

    query: Query
    name: str
    is_today: bool


def reason_words(*, plan: DayPlan, asked: Asked) -> str:
    """One sentence, or one for each closure of the day."""
    if not plan.why:
        return ""
    first = plan.why[0]
    if first.kind is Kind.CLOSURE:
        return " ".join(
            _("Closed: %(reason)s.", reason=(why.reason or "").rstrip("."))
            for why in plan.why
            if why.kind is Kind.CLOSURE
        )
    return _words(first.kind, plan, asked)


def _words(kind: Kind, plan: DayPlan, asked: Asked) -> str:
    tellers = {
        Kind.PAST: _past,
        Kind.NOTICE: _notice,
        Kind.HORIZON: _horizon,
        Kind.NOT_OFFERED: _not_offered,
        Kind.HOURS: _hours,
        Kind.FULL: _full,
    }
    return tellers[kind](plan, asked) if kind in tellers else str(_("No times on this day."))


def _past(_plan: DayPlan, asked: Asked) -> str:
    return str(_("No more times today.") if asked.is_today else _("This day is over."))


def _notice(_plan: DayPlan, asked: Asked) -> str:
    return str(
        _("Too soon to book online: we need %(notice)s.", notice=_length(asked.query.wanted))
    )


def _length(service: Service) -> str:
    minutes = -(-service.min_notice_seconds // 60)
    if minutes % 60:
        return str(ngettext("%(num)d minute", "%(num)d minutes", minutes))
    return str(ngettext("%(num)d hour", "%(num)d hours", minutes // 60))


def _horizon(plan: DayPlan, asked: Asked) -> str:
    opens = plan.day - timedelta(days=asked.query.wanted.horizon_days)
    return str(_("Not open yet. It can be booked from %(day)s on.", day=short_date(opens)))


def _not_offered(_plan: DayPlan, asked: Asked) -> str:
    if asked.query.wanted.is_telehealth:
        state = STATES.get(asked.query.state or "", "")
        if asked.name:
            return str(
                _("%(name)s may not treat patients in %(state)s.", name=asked.name, state=state)
            )
        return str(_("Nobody here may treat patients in %(state)s.", state=state))
    if asked.name:
        return str(_("%(name)s does not offer this here.", name=asked.name))
    return str(_("This is not offered here."))


def _hours(_plan: DayPlan, asked: Asked) -> str:
    if asked.name:
        return str(_("%(name)s does not work here on this day.", name=asked.name))
    return str(_("Nobody works on this day."))


def _full(_plan: DayPlan, asked: Asked) -> str:
    if asked.name:
        return str(_("%(name)s is fully booked.", name=asked.name))
    return str(_("Every time is taken."))
