"""Plans of care: previewed, booked, moved and cancelled in one go."""

from datetime import datetime
from typing import Any

from flask import Response

from clinic.core.clock import now
from clinic.core.values import Actor
from clinic.interop.forms.bodies import read_body
from clinic.interop.forms.series import (
    SeriesAsked,
    read_series,
    read_series_cancel,
    read_series_change,
)
from clinic.interop.presenters.series import plan_shown, series_shown
from clinic.interop.views.answers import asked_id, json_answer, posted, shown, telling
from clinic.interop.views.blueprint import blueprint
from clinic.scheduling.operations.refusals import SeriesConflict
from clinic.scheduling.operations.series import SeriesPlan, book_series, plan_series
from clinic.scheduling.operations.series_changes import cancel_series, move_series
from clinic.scheduling.operations.wishes import BOOKING_ROLES
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.queries.visits import Visit
from clinic.web.access import allow, current_actor


@blueprint.post("/appointments/series")
@allow(*BOOKING_ROLES)
def book_many() -> Response:
    """Preview or book a plan of care."""
    actor, moment, body = current_actor(), now(), read_body()

    def run() -> SeriesPlan:
        asked = read_series(body, setting=get_setting(), actor=actor, now=moment)
        return _plan_or_book(asked, actor, moment)

    def answer(plan: SeriesPlan) -> tuple[dict[str, Any], int]:
        return _shown(plan), 201 if plan.public_id else 200

    return json_answer(*posted(body=body, run=run, answer=answer, now=moment))


def _plan_or_book(asked: SeriesAsked, actor: Actor, moment: datetime) -> SeriesPlan:
    wish, rule, patient = asked.wish, asked.rule, asked.patient
    if asked.on_conflict == "preview":
        return plan_series(wish=wish, rule=rule, patient=patient, actor=actor, now=moment)
    try:
        return book_series(
            wish=wish,
            rule=rule,
            patient=patient,
            on_conflict=asked.on_conflict,
            actor=actor,
            now=moment,
        )
    except SeriesConflict as refusal:
        plan = plan_series(wish=wish, rule=rule, patient=patient, actor=actor, now=moment)
        refusal.details = _shown(plan)
        raise


def _shown(plan: SeriesPlan) -> dict[str, Any]:
    return plan_shown(plan, setting=get_setting(), show=shown)


@blueprint.post("/series/<public_id>/cancel")
@allow(*BOOKING_ROLES)
def cancel_many(public_id: str) -> Response:
    """Cancel a series, or what is left of it from a visit on."""
    actor, moment, body = current_actor(), now(), read_body(may_be_empty=True)

    def run() -> tuple[Visit, ...]:
        from_visit, reason = read_series_cancel(body)
        return cancel_series(
            public_id=asked_id(public_id),
            from_visit=from_visit,
            reason=reason,
            actor=actor,
            now=moment,
        )

    def answer(visits: tuple[Visit, ...]) -> tuple[dict[str, Any], int]:
        return series_shown(visits, show=shown), 200

    return json_answer(*posted(body=body, run=run, answer=answer, now=moment))


@blueprint.patch("/series/<public_id>")
@allow(*BOOKING_ROLES)
def move_many(public_id: str) -> Response:
    """Give a series, or the rest of it from a visit on, another time or practitioner."""
    change = read_series_change(read_body(), setting=get_setting())
    with telling():
        visits = move_series(
            public_id=asked_id(public_id),
            from_visit=change.from_visit,
            practitioner=change.practitioner,
            local_minute=change.local_minute,
            actor=current_actor(),
            now=now(),
        )
    return json_answer(series_shown(visits, show=shown))
