"""Saying what a visit costs in place of the service's price."""

from datetime import datetime

from flask_babel import gettext as _

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Invalid
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.scheduling.models import Appointment, VisitCharge

LONGEST_REASON = 500


@transaction
def set_charge(*, public_id: str, cents: int, reason: str, actor: Actor, now: datetime) -> None:
    """Let so many cents be due for a visit from now on; the reason is kept sealed.

    Raises NotFound, Invalid.
    """
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid({"reason": [_("Say why, in at most 500 characters.")]})
    if cents < 0:
        raise Invalid({"due": [_("Enter an amount like 180 or 180.50.")]})
    appointment = lock_row(Appointment, public_id)
    charge = VisitCharge(appointment_id=appointment.id, cents=cents, set_at=now, set_by=actor.name)
    charge.reason = reason
    db.session.add(charge)
    db.session.flush()
    audit.record(
        action="visit.charged",
        actor=actor,
        now=now,
        subject=f"appointment:{public_id}",
        details={"cents": cents},
    )
