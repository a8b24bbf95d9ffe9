"""What marks records and visits: suggestions of doubles, and visits a clinician reads first."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, update

from clinic.core import hooks
from clinic.core.db import db
from clinic.desk.operations.merging.rows import Pair, run_statement
from clinic.intake.models import OpenSafetyEvent
from clinic.people.models import PatientSuggestion
from clinic.scheduling.models import Appointment

Suggestions = dict[str, list[list[int]]]
Reviews = dict[str, list[str]]


def settle_suggestions(pair: Pair, *, now: datetime) -> Suggestions:
    """What was suggested of the record that goes is settled, and suggested of the kept one."""
    wanted = select(
        PatientSuggestion.patient_id, PatientSuggestion.other_id, PatientSuggestion.reason
    ).where(
        or_(
            PatientSuggestion.patient_id == pair.gone_id,
            PatientSuggestion.other_id == pair.gone_id,
        ),
        PatientSuggestion.settled_at.is_(None),
    )
    settled: list[list[int]] = []
    added: list[list[int]] = []
    for first, second, reason in db.session.execute(wanted).all():
        run_statement(update(PatientSuggestion).where(*_is(first, second)).values(settled_at=now))
        settled.append([first, second])
        third = second if first == pair.gone_id else first
        older, newer = sorted((pair.kept_id, third))
        if older != newer and db.session.get(PatientSuggestion, (older, newer)) is None:
            db.session.add(
                PatientSuggestion(patient_id=older, other_id=newer, reason=reason, created_at=now)
            )
            db.session.flush()
            added.append([older, newer])
    return {"settled": settled, "added": added}


def suggest_again(before: Suggestions, *, at: datetime) -> None:
    """Suggest what was suggested, unless somebody settled it since."""
    for first, second in before["added"]:
        live = PatientSuggestion.settled_at.is_(None)
        run_statement(delete(PatientSuggestion).where(*_is(first, second), live))
    for first, second in before["settled"]:
        then = PatientSuggestion.settled_at == at
        run_statement(
            update(PatientSuggestion).where(*_is(first, second), then).values(settled_at=None)
        )


def _is(first: int, second: int) -> tuple[Any, ...]:
    return PatientSuggestion.patient_id == first, PatientSuggestion.other_id == second


def review_together(pair: Pair, *, now: datetime) -> Reviews:
    """Let a clinician read first what either answered: visit -> its mark before, and since."""
    before = _reviews((pair.kept_id,))
    if _has_open_event(pair.kept_id):
        hooks.safety_changed.announce(pair.kept_id, now)
    after = _reviews((pair.kept_id,))
    return {
        str(visit): [mark, after[visit]] for visit, mark in before.items() if after[visit] != mark
    }


def review_apart(reviews: Reviews, pair: Pair, *, at: datetime, now: datetime) -> None:
    """Give each visit the mark it had, unless it got another one since."""
    for visit, (before, after) in reviews.items():
        marked = update(Appointment).where(Appointment.id == int(visit))
        run_statement(
            marked.where(Appointment.review == after).values(
                review=before, version=Appointment.version + 1
            )
        )
    for patient_id in (pair.kept_id, pair.gone_id):
        if _has_open_event(patient_id, since=at):
            hooks.safety_changed.announce(patient_id, now)


def _reviews(patient_ids: tuple[int, ...]) -> dict[int, str]:
    wanted = select(Appointment.id, Appointment.review).where(
        Appointment.patient_id.in_(patient_ids)
    )
    return dict(db.session.execute(wanted).all())


def _has_open_event(patient_id: int, since: datetime | None = None) -> bool:
    wanted = select(OpenSafetyEvent.event_id).where(OpenSafetyEvent.patient_id == patient_id)
    if since is not None:
        wanted = wanted.where(OpenSafetyEvent.raised_at > since)
    return db.session.scalar(wanted.limit(1)) is not None
