"""Why a time is refused, in sentences that can be said on the phone."""

from datetime import datetime

from flask_babel import gettext as _

from clinic.desk.presenters.blocks import block_words
from clinic.desk.presenters.rows import short_person
from clinic.desk.queries.booking import Refused
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.obstacles import Obstacle
from clinic.scheduling.rules.asking import Problem, Query, RefusalCode
from clinic.scheduling.rules.blocking import claimed_span
from clinic.web.filters import local_time


def why_lines(
    *, refused: Refused, query: Query, start: int, zone: str, patient: str = ""
) -> tuple[str, ...]:
    """One sentence for each thing in the way; the worst first."""
    told = [*_early(refused, query), *_outside(refused, query, zone)]
    told += [_busy(one, query, start, zone, patient) for one in refused.obstacles]
    told += _rooms(refused)
    return tuple(dict.fromkeys(told)) or (_("This time cannot be had."),)


def _early(refused: Refused, query: Query) -> list[str]:
    who = _who(query)
    words = {
        RefusalCode.TOO_SOON: _("This time is over."),
        RefusalCode.TOO_FAR: _("This is further ahead than the clinic books."),
        RefusalCode.NOT_LICENSED: _(
            "%(who)s has no licence for %(state)s.", who=who, state=query.state or "?"
        ),
    }
    if refused.code in words:
        return [str(words[refused.code])]
    if refused.code is RefusalCode.NOT_OFFERED and not refused.problems:
        service = query.wanted.name
        return [str(_("%(who)s does not do “%(service)s” there.", who=who, service=service))]
    return []


def _who(query: Query) -> str:
    known = query.setting.practitioners.get(query.practitioner or "")
    return short_person(known.name) if known else str(_("Nobody here"))


def _outside(refused: Refused, query: Query, zone: str) -> list[str]:
    told = [
        str(_("Closed: %(reason)s.", reason=one.reason.rstrip("."))) for one in refused.closures
    ]
    if Problem.HOURS not in refused.problems:
        return told if Problem.CLOSURE in refused.problems else []
    spans = ", ".join(
        _span(instant(begins), instant(ends), zone) for begins, ends in refused.windows
    )
    who = _who(query) if query.practitioner else str(_("Whoever could take it"))
    if not spans:
        return [*told, str(_("%(who)s does not work on that day.", who=who))]
    return [*told, str(_("%(who)s works %(spans)s on that day.", who=who, spans=spans))]


def _busy(one: Obstacle, query: Query, start: int, zone: str, patient: str) -> str:
    span = _span(one.starts_at, one.ends_at, zone)
    if one.is_held:
        return str(
            _("%(name)s: %(span)s is held by somebody who is booking.", name=_name(one), span=span)
        )
    if one.kind == "patient":
        return str(
            _(
                "%(name)s has “%(service)s” with %(who)s %(span)s.",
                name=patient or _("The patient"),
                service=one.service_name,
                who=short_person(one.practitioner_name),
                span=span,
            )
        )
    if one.block_kind:
        words = block_words(one.block_kind)
        return str(_("%(name)s: %(kind)s %(span)s.", name=_name(one), kind=words, span=span))
    if _touches_buffer_only(one, query, start):
        return str(
            _(
                "%(name)s has “%(service)s” %(span)s, and the time between is too short.",
                name=_name(one),
                service=one.service_name,
                span=span,
            )
        )
    return str(
        _(
            "%(name)s has “%(service)s” %(span)s.",
            name=_name(one),
            service=one.service_name,
            span=span,
        )
    )


def _touches_buffer_only(one: Obstacle, query: Query, start: int) -> bool:
    """Whether the two visits are apart and only what lies around them overlaps."""
    begins, ends = claimed_span(service=query.wanted, start=start)
    visit_ends = start + query.wanted.minutes * 60
    apart = one.ends_at <= instant(start) or one.starts_at >= instant(visit_ends)
    return apart and one.busy_from < instant(ends) and one.busy_until > instant(begins)


def _rooms(refused: Refused) -> list[str]:
    named = any(one.kind in {"room", "equipment"} for one in refused.obstacles)
    if Problem.ROOM in refused.problems and not named:
        return [str(_("No room or equipment that it needs is free."))]
    return []


def _name(one: Obstacle) -> str:
    return short_person(one.name) if one.kind == "practitioner" else one.name


def _span(begins: datetime, ends: datetime, zone: str) -> str:
    return f"{local_time(begins, zone=zone)}–{local_time(ends, zone=zone)}"
