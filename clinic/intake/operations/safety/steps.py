"""The story of a safety event: each thing that happens to it is a row."""

from datetime import datetime

from clinic.core.rows import store
from clinic.core.values import Actor
from clinic.intake.models import SafetyStep
from clinic.intake.rules.alarms import Outcome, StepKind


def add_step(
    event_id: int,
    kind: StepKind,
    actor: Actor,
    now: datetime,
    *,
    outcome: Outcome | None = None,
    note: str | None = None,
) -> None:
    """Write down that something happened to an event (row number), who did it and when."""
    step = SafetyStep(
        event_id=event_id,
        kind=kind.value,
        at=now,
        actor_kind=actor.kind,
        actor_name=actor.name[:200],
        outcome=outcome.value if outcome else None,
    )
    step.note = note
    store(step)
