"""A visit's forms follow it: asked for when it is booked, due when it begins, gone with it."""

from datetime import datetime, timedelta

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.values import Actor
from clinic.intake.operations.assigning import Occasion, assign_forms, move_forms, release_forms
from clinic.intake.operations.links import LINK_OUTLIVES, add_link
from clinic.intake.queries.screening import SAFETY_FORM
from clinic.intake.queries.signatures import CONSENTS_FORM
from clinic.messaging.operations import post_message
from clinic.people.models import Patient
from clinic.people.queries import list_addresses
from clinic.people.recipients import recipient_of
from clinic.scheduling.models import Appointment, Occurrence, Service
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.rules.setting import Setting

REMINDED_BEFORE = timedelta(hours=24)
TO_FILL = "forms-to-fill"
REMINDER = "forms-reminder"


def follow_with_forms(
    *,
    appointment: Appointment,
    step: str,
    actor: Actor,
    now: datetime,
    setting: Setting | None = None,
) -> None:
    """Let the forms follow a step of the visit, inside its transaction.

    ``setting`` is the configuration in force where the transaction has read it already.
    """
    if step not in {"booked", "moved", "cancelled", "undone"}:
        return
    services = (setting or get_setting()).services.values()
    if not any(service.forms or service.is_telehealth for service in services):
        return
    about = f"appointment:{appointment.public_id}"
    if step == "cancelled":
        release_forms(about=about, now=now)
        return
    names, starts_at = _what_and_when(appointment)
    if starts_at <= now or appointment.status != "booked":
        return
    if step == "moved":
        if move_forms(about=about, due_at=starts_at):
            _remind(appointment, starts_at, now, not_within=timedelta(0))
        return
    _ask(appointment, names, starts_at, actor, now)


def _ask(
    appointment: Appointment, names: list[str], starts_at: datetime, actor: Actor, now: datetime
) -> None:
    if not names:
        return
    patient = db.session.get_one(Patient, appointment.patient_id)
    occasion = Occasion(
        about=f"appointment:{appointment.public_id}",
        due_at=starts_at,
        today=clinic_date(now),
        is_returning=_was_here(patient.id),
    )
    if not assign_forms(patient=patient, names=names, occasion=occasion, actor=actor, now=now):
        return
    pause = get_setting().policy.undo_seconds if actor.is_staff else 0
    _post(TO_FILL, appointment, starts_at, now, due_at=now + timedelta(seconds=pause))
    _remind(appointment, starts_at, now)


def _remind(
    appointment: Appointment,
    starts_at: datetime,
    now: datetime,
    *,
    not_within: timedelta = timedelta(hours=6),
) -> None:
    """A day before, where that is not now; dropped when everything was handed in by then.

    ``not_within``: nobody is reminded so soon after the forms were asked for.
    """
    if starts_at - now > REMINDED_BEFORE + not_within:
        _post(REMINDER, appointment, starts_at, now, due_at=starts_at - REMINDED_BEFORE)


def _post(
    kind: str, appointment: Appointment, starts_at: datetime, now: datetime, *, due_at: datetime
) -> None:
    patient = db.session.get_one(Patient, appointment.patient_id)
    for email in list_addresses(person=patient, now=now):
        token = add_link(patient_id=patient.id, now=now, expires_at=starts_at + LINK_OUTLIVES)
        post_message(
            kind=kind,
            recipient=recipient_of(patient, email=email),
            context={"link": f"/intake/{token}"},
            about=f"appointment:{appointment.public_id}",
            now=now,
            due_at=due_at,
            valid_until=starts_at,
        )


def _what_and_when(appointment: Appointment) -> tuple[list[str], datetime]:
    row = db.session.execute(
        select(Service.forms, Service.modality, Occurrence.starts_at)
        .join(Occurrence, Occurrence.service_id == Service.id)
        .where(Occurrence.id == appointment.occurrence_id)
    ).one()
    # Nobody sees the patient walk in: safety is asked before every visit by video (RF-07), and so
    # is consent to be seen that way.
    first = [SAFETY_FORM, CONSENTS_FORM] if row.modality == "telehealth" else []
    return list(dict.fromkeys((*first, *row.forms))), row.starts_at


def _was_here(patient_id: int) -> bool:
    seen = select(Appointment.id).where(
        Appointment.patient_id == patient_id, Appointment.status == "fulfilled"
    )
    return db.session.scalar(seen.limit(1)) is not None
