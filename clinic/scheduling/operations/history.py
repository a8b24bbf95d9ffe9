"""The append-only story of an appointment, written with each of its changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from clinic.core import audit, hooks
from clinic.core.db import db, insert_later
from clinic.core.types import new_public_id
from clinic.core.values import Actor
from clinic.messaging.operations import take_back
from clinic.scheduling.models import Appointment, AppointmentChange
from clinic.scheduling.operations.visit_forms import REMINDER as FORMS_REMINDER
from clinic.scheduling.operations.visit_forms import follow_with_forms
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.status import State, Status
from clinic.scheduling.rules.telling import REMINDER

PLANNED_ANEW = frozenset({"moved", "undone"})
"""Steps after which reminders are planned again; a new visit waits for it anyway."""
REMINDERS_END = {
    "moved": "the visit was moved after this was planned",
    "cancelled": "the visit was cancelled after this was planned",
}
NO_STATUS_STEPS = frozenset({"booked", "moved", "undone"})


_CHANGES: Any = AppointmentChange.__table__
_ADD_CHANGE = insert(_CHANGES).inline()


def write_change(
    *,
    appointment: Appointment,
    step: str,
    actor: Actor,
    now: datetime,
    before: State | None,
    details: Mapping[str, Any] | None = None,
    reason: str | None = None,
    undoes: int | None = None,
    setting: Setting | None = None,
) -> None:
    """Add the step to the appointment's story and to the audit trail, and announce it.

    ``setting`` is the configuration in force where this transaction has read it already.
    """
    was_confirmed = before.is_confirmed if before else False
    public_id = new_public_id()
    # Rows of a story are only ever added, so the session need not watch over them.
    change = {
        "public_id": public_id,
        "appointment_id": appointment.id,
        "at": now,
        "actor_kind": actor.kind,
        "actor_name": actor.name,
        "step": step,
        "from_status": before.status.value if before else None,
        "to_status": appointment.status,
        "undoes_id": undoes,
        "details": {**(details or {}), "was_confirmed": was_confirmed},
        "reason_sealed": AppointmentChange.reason.sealed(reason, public_id=public_id),
    }
    if step in PLANNED_ANEW:
        appointment.reminders_planned = False
    _take_back_reminders(appointment, step, details or {})
    insert_later(_ADD_CHANGE, change)
    audit.record(
        action=f"appointment.{step}",
        actor=actor,
        now=now,
        subject=f"appointment:{appointment.public_id}",
        details=details,
    )
    follow_with_forms(appointment=appointment, step=step, actor=actor, now=now, setting=setting)
    hooks.appointment_changed.announce(appointment.public_id, step)


def _take_back_reminders(appointment: Appointment, step: str, details: Mapping[str, Any]) -> None:
    """What waits to remind of a visit that is gone or elsewhere goes with it, so that nobody reads
    at the desk that it will be sent. What is to be said of the new time is posted after this."""
    if step not in REMINDERS_END:
        return
    is_same_time = step == "moved" and details.get("from") == details.get("to")
    take_back(
        about=f"appointment:{appointment.public_id}",
        kinds=(FORMS_REMINDER,) if is_same_time else (REMINDER, FORMS_REMINDER),
        why=REMINDERS_END[step],
    )


def state_of(appointment: Appointment) -> State:
    """Where the appointment stands, as the rules see it."""
    return State(Status(appointment.status), appointment.confirmed)


@dataclass(frozen=True, slots=True)
class PastStep:
    """A change of state that still stands: the state before it, and what was noted with it."""

    change_id: int
    before: State
    was_overbooked: bool


def steps_to_undo(appointment_id: int) -> list[PastStep]:
    """The changes of state that still stand, oldest first."""
    wanted = (
        select(AppointmentChange)
        .where(AppointmentChange.appointment_id == appointment_id)
        .order_by(AppointmentChange.id)
    )
    changes = list(db.session.scalars(wanted))
    undone = {change.undoes_id for change in changes}
    return [
        PastStep(
            change.id,
            State(Status(change.from_status), bool(change.details["was_confirmed"])),
            bool(change.details.get("overbooked")),
        )
        for change in changes
        if change.from_status is not None
        and change.step not in NO_STATUS_STEPS
        and change.id not in undone
    ]
