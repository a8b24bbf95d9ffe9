"""Visits that a clinician must read first, with the safety events behind them."""

from dataclasses import dataclass

from clinic.intake.queries.safety.queue import QueuedEvent, list_queue
from clinic.scheduling.queries.visits import Visit, list_visits_to_review


@dataclass(frozen=True, slots=True)
class Review:
    """A visit that waits for a clinician, and the patient's open events, the most urgent first."""

    visit: Visit
    events: tuple[QueuedEvent, ...]


def list_reviews() -> tuple[Review, ...]:
    """The visits by start; three queries for any number."""
    visits = list_visits_to_review()
    events = list_queue() if visits else []
    return tuple(
        Review(visit, tuple(one for one in events if one.patient == visit.patient))
        for visit in visits
    )
