"""Reads about records that were merged, and through them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import aliased

from clinic.core.db import db
from clinic.people.models import Patient, PatientMerge

UNDO_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class MergeSeen:
    """A record that was merged into another; ``merge`` is the merge's own public id."""

    merge: str
    gone: str
    gone_name: str
    merged_at: datetime
    merged_by: str

    def can_be_undone(self, *, now: datetime) -> bool:
        """Whether the day in which it may be taken back is not over."""
        return now <= self.merged_at + UNDO_WITHIN


def is_of_person(column: Any, *, patient_id: int) -> ColumnElement[bool]:
    """Whether a row number is the record's, or that of a record that was merged into it.

    For what can never be moved: signatures, safety events, the trail.
    """
    merged = select(PatientMerge.gone_id).where(
        PatientMerge.leads_to_id == patient_id, PatientMerge.undone_at.is_(None)
    )
    return or_(column == patient_id, column.in_(merged))


def follow_merge(patient: Patient) -> Patient:
    """The record itself, or the one that holds what was its own; one query for a merged one."""
    if patient.merged_at is None:
        return patient
    wanted = (
        select(Patient)
        .join(PatientMerge, PatientMerge.leads_to_id == Patient.id)
        .where(PatientMerge.gone_id == patient.id, PatientMerge.undone_at.is_(None))
    )
    return db.session.scalars(wanted).one()


def list_merged_into(*, patient_id: int, limit: int = 20) -> tuple[MergeSeen, ...]:
    """The records that were merged into this one itself, the latest first."""
    gone = aliased(Patient)
    wanted = (
        select(PatientMerge, gone)
        .join(gone, gone.id == PatientMerge.gone_id)
        .where(PatientMerge.kept_id == patient_id, PatientMerge.undone_at.is_(None))
        .order_by(PatientMerge.id.desc())
        .limit(limit)
    )
    return tuple(
        MergeSeen(
            merge=row.public_id,
            gone=one.public_id,
            gone_name=f"{one.given_name} {one.family_name}",
            merged_at=row.merged_at,
            merged_by=row.merged_by,
        )
        for row, one in db.session.execute(wanted)
    )
