"""Services with a safety screen: who may take a time, and whose answers came before it."""

from dataclasses import replace
from datetime import datetime

from clinic.core.values import Actor
from clinic.intake.operations.screening import bind_screening
from clinic.intake.queries.screening import find_screening
from clinic.people.models import Patient
from clinic.scheduling.operations.guests import Guest
from clinic.scheduling.operations.refusals import CallClinic, ScreeningNeeded


def refuse_unscreened(*, service: str, visitor: str | None, now: datetime) -> None:
    """Raise ScreeningNeeded where the questions were not answered in the last 14 days.

    Raises CallClinic where the answers call for a person to speak with the visitor first.
    """
    found = find_screening(visitor=visitor, now=now) if visitor else None
    if found is None:
        raise ScreeningNeeded(service=service)
    if not found.may_book:
        raise CallClinic


def with_screening(
    *, guest: Guest, visitor: str | None, patient: Patient, actor: Actor, now: datetime
) -> Guest:
    """The guest, once the answers of this visitor are told of the patient."""
    level = visitor and bind_screening(visitor=visitor, patient=patient, actor=actor, now=now)
    return replace(guest, level=guest.level or level) if level else guest
