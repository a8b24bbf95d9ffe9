"""Posting what a patient is told of visits: with the change itself, rendered when it is sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from clinic.core.db import db
from clinic.core.values import Actor
from clinic.messaging.operations import post_message
from clinic.people.models import Patient
from clinic.people.queries import list_addresses
from clinic.people.recipients import recipient_of
from clinic.scheduling.queries.setting import get_setting


def tell_patient(
    *,
    kind: str,
    visits: Sequence[str],
    patient_id: int,
    actor: Actor,
    now: datetime,
    series: str | None = None,
    patient: Patient | None = None,
) -> None:
    """Post a message about visits (public ids) of one patient, who may have no e-mail address.

    A child without one is told through the guardians who are confirmed to act for it.
    What staff do is told after the policy's ``undo_seconds``, so that a slip taken back is never
    told. ``patient`` is the record where it is at hand; ``series`` where a whole one is meant.
    """
    person = patient or db.session.get_one(Patient, patient_id)
    if not visits:
        return
    about = f"series:{series}" if series else f"appointment:{visits[0]}"
    pause = get_setting().policy.undo_seconds if actor.is_staff else 0
    for email in list_addresses(person=person, now=now):
        post_message(
            kind=kind,
            recipient=recipient_of(person, email=email),
            context={"visits": " ".join(visits)},
            about=about,
            now=now,
            due_at=now + timedelta(seconds=pause),
        )
