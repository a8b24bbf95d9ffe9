"""Numbers of visit requests: how soon they had a first answer, and what became of them, by week.

One query whatever the period holds, which reads only the period through the index of when requests
came in; the database adds up, a few rows come back.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, literal, select

from clinic.core.db import db
from clinic.core.types import Instant
from clinic.desk.rules.numbers import ANSWER_HOURS, Period
from clinic.scheduling.models import VisitRequest
from clinic.scheduling.queries.diary import epoch_seconds, instant
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.wall_time import start_of_day

AN_HOUR = 3600
UNANSWERED = len(ANSWER_HOURS) + 1
"""The class of what has had no answer."""


@dataclass(slots=True)
class RequestTally:
    """Requests by what became of them; ``in_time`` of the ``judged`` were answered as promised.

    Judged is what was answered, and what was open when its promise ended.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    classes: Counter[int] = field(default_factory=Counter)
    judged: int = 0
    in_time: int = 0
    seconds: int = 0

    @property
    def asked(self) -> int:
        """All that came in."""
        return sum(self.outcomes.values())

    @property
    def answered(self) -> int:
        """Those that had a first answer."""
        return sum(self.classes.values()) - self.classes[UNANSWERED]

    @property
    def mean_seconds(self) -> int:
        """From the request to its first answer, on average; 0 where nothing was answered."""
        return self.seconds // (self.answered or 1)


@dataclass(frozen=True, slots=True)
class RequestNumbers:
    """A period's requests by week, by kind ("telehealth", "in_person") and altogether."""

    weeks: tuple[tuple[date, RequestTally], ...]
    kinds: dict[str, RequestTally]
    total: RequestTally


def get_request_numbers(period: Period, *, now: datetime) -> RequestNumbers:
    """Requests that came in during a period of the clinic's days, joined ones but once."""
    zone = get_setting().zone
    weeks = [RequestTally() for _ in period.weeks]
    kinds = {"telehealth": RequestTally(), "in_person": RequestTally()}
    total = RequestTally()
    for week, kind, outcome, place, count, seconds, judged, in_time in _rows(period, zone, now):
        for tally in (weeks[week], kinds[kind], total):
            tally.outcomes[outcome] += count
            tally.classes[place] += count
            tally.seconds += int(seconds or 0)
            tally.judged += judged
            tally.in_time += in_time
    firsts = (first for first, _last in period.weeks)
    return RequestNumbers(tuple(zip(firsts, weeks, strict=True)), kinds, total)


def _rows(period: Period, zone: str, now: datetime) -> Any:
    wait = epoch_seconds(VisitRequest.first_answered_at) - epoch_seconds(VisitRequest.created_at)
    bounds = [(wait <= hours * AN_HOUR, place) for place, hours in enumerate(ANSWER_HOURS)]
    is_unanswered = VisitRequest.first_answered_at.is_(None)
    until = func.coalesce(VisitRequest.closed_at, literal(now, Instant()))
    is_judged = ~is_unanswered | (VisitRequest.due_at < until)
    listed = (
        select(
            _week(period, zone).label("week"),
            VisitRequest.modality.label("kind"),
            _outcome().label("outcome"),
            case((is_unanswered, UNANSWERED), *bounds, else_=len(ANSWER_HOURS)).label("place"),
            wait.label("wait"),
            case((is_judged, 1), else_=0).label("judged"),
            case((VisitRequest.first_answered_at <= VisitRequest.due_at, 1), else_=0).label("kept"),
        )
        .where(
            VisitRequest.created_at >= instant(start_of_day(day=period.first, zone=zone)),
            VisitRequest.created_at < _end_of(period.last, zone),
            VisitRequest.merged_into_id.is_(None),
        )
        .subquery()
    )
    by = [listed.c[name] for name in ("week", "kind", "outcome", "place")]
    sums = (func.sum(listed.c[name]) for name in ("wait", "judged", "kept"))
    counts = (func.count(), *sums)
    return db.session.execute(select(*by, *counts).group_by(*by).order_by(*by))


def _outcome() -> ColumnElement[str]:
    ends = ("scheduled", "declined", "withdrawn")
    return case((VisitRequest.status.in_(ends), VisitRequest.status), else_="open")


def _week(period: Period, zone: str) -> ColumnElement[int]:
    ends = [
        (VisitRequest.created_at < _end_of(last, zone), number)
        for number, (_first, last) in enumerate(period.weeks)
    ]
    return case(*ends, else_=len(ends) - 1)


def _end_of(day: date, zone: str) -> Any:
    return instant(start_of_day(day=day + timedelta(days=1), zone=zone))
