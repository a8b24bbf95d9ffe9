"""A plan of care as the JSON API tells it."""

from collections.abc import Callable, Sequence
from typing import Any

from clinic.interop.presenters.slots import slot_shown
from clinic.interop.rules.instants import local_text, utc_text
from clinic.scheduling.operations.series import PlannedVisit, SeriesPlan
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.setting import Setting

Shown = dict[str, Any]
ShowVisit = Callable[[Visit], Shown]


def plan_shown(plan: SeriesPlan, *, setting: Setting, show: ShowVisit) -> Shown:
    """A series as planned or booked, visit by visit."""
    return {
        "series": plan.public_id,
        "visits": [_planned(one, setting, show) for one in plan.visits],
    }


def _planned(one: PlannedVisit, setting: Setting, show: ShowVisit) -> Shown:
    return {
        "n": one.number,
        "starts_at": utc_text(one.starts_at) if one.starts_at else None,
        "local": local_text(one.starts_at, zone=one.zone) if one.starts_at else None,
        "result": _result(one),
        "conflict": one.conflict,
        "alternatives": [slot_shown(slot, setting) for slot in one.alternatives],
        "appointment": show(one.visit) if one.visit else None,
    }


def _result(one: PlannedVisit) -> str:
    if one.conflict is not None:
        return "conflict"
    return "booked" if one.visit else "free"


def series_shown(visits: Sequence[Visit], *, show: ShowVisit) -> Shown:
    """The visits of a series as they stand."""
    return {
        "series": visits[0].series,
        "visits": [
            {
                "n": one.series_number,
                "starts_at": utc_text(one.starts_at),
                "local": local_text(one.starts_at, zone=one.zone),
                "result": "booked",
                "conflict": None,
                "alternatives": [],
                "appointment": show(one),
            }
            for one in visits
        ],
    }
