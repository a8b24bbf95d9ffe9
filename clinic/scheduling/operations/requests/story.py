"""Each step of a visit request: its append-only story, the audit trail, and the patient's mail."""

from datetime import datetime, timedelta

from clinic.core import audit
from clinic.core.db import db
from clinic.core.values import Actor
from clinic.messaging.operations import post_message
from clinic.people.models import Patient
from clinic.people.recipients import recipient_of
from clinic.scheduling.models import VisitRequest, VisitRequestChange
from clinic.scheduling.queries.links import Linked, request_token
from clinic.scheduling.queries.setting import get_setting

TOLD = {
    "requested": "request-received",
    "answered": "request-answered",
    "offered": "request-offered",
    "lapsed": "request-lapsed",
    "turned": "request-turned",
    "scheduled": "request-scheduled",
    "declined": "request-declined",
}
"""Step -> kind of the message about it. Who withdraws or writes knows; a reopened one is answered
later, and what the clinic says to itself is told to nobody."""


def write_request_step(
    *,
    request: VisitRequest,
    step: str,
    before: str | None,
    actor: Actor,
    now: datetime,
    person: Patient,
    words: str | None = None,
) -> None:
    """Add a step to the request's story and to the audit trail, and post the patient's message."""
    change = VisitRequestChange(
        request_id=request.id,
        at=now,
        actor_kind=actor.kind,
        actor_name=actor.name,
        step=step,
        from_status=before,
        to_status=request.status,
    )
    change.words = words
    db.session.add(change)
    audit.record(
        action=f"visit-request.{step}",
        actor=actor,
        now=now,
        subject=f"visit-request:{request.public_id}",
    )
    tell_patient_of(request, step, person, actor, now)


def tell_patient_of(
    request: VisitRequest, step: str, person: Patient, actor: Actor, now: datetime
) -> None:
    """Post the message about a step, where there is one."""
    kind = TOLD.get(step)
    if kind is None or request.contact_email is None:
        return
    token = request_token(
        Linked(
            public_id=request.public_id,
            link_version=request.link_version,
            birth_date=person.birth_date,
        )
    )
    # What staff have just done may be taken back before the patient reads of it.
    pause = timedelta(seconds=get_setting().policy.undo_seconds if actor.is_staff else 0)
    post_message(
        kind=kind,
        recipient=recipient_of(
            person, email=request.contact_email, language=request.language or "en"
        ),
        context={"link": f"/requests/{token}"},
        about=f"visit-request:{request.public_id}",
        now=now,
        due_at=now + pause,
    )
