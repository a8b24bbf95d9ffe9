"""What a calendar of some days shows: visits, holds and blocks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from clinic.desk.queries.day import HeldRow, digest_of, list_holds
from clinic.intake.queries.status import FormsCount, count_forms
from clinic.scheduling.queries.blocks import BlockRow, list_blocks
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.visits import Visit, list_visits
from clinic.scheduling.rules.wall_time import start_of_day

MOST_VISITS = 1000


@dataclass(frozen=True, slots=True)
class Span:
    """The local days that a calendar shows, both included, as instants too."""

    first: date
    last: date
    zone: str

    @property
    def begins(self) -> datetime:
        """The first midnight."""
        return instant(start_of_day(day=self.first, zone=self.zone))

    @property
    def ends(self) -> datetime:
        """The midnight after the last day."""
        return instant(start_of_day(day=self.last + timedelta(days=1), zone=self.zone))


@dataclass(frozen=True, slots=True)
class Diary:
    """Everything of the days, each by start. ``forms``: how those of a visit (public id) stand."""

    visits: tuple[Visit, ...]
    holds: tuple[HeldRow, ...]
    blocks: tuple[BlockRow, ...]
    forms: Mapping[str, FormsCount] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The same as long as a look would show nothing new of anybody."""
        return digest_of(self.visits, self.holds)


def list_diary(*, span: Span, practitioner: str | None, now: datetime) -> Diary:
    """The days of everybody or of one practitioner: five queries for any number."""
    visits = list_visits(
        starts_at=span.begins, ends_at=span.ends, practitioner=practitioner, limit=MOST_VISITS
    ).visits
    holds = list_holds(span.begins, span.ends, now)
    return Diary(
        visits=visits,
        holds=tuple(one for one in holds if practitioner in {None, one.practitioner}),
        blocks=list_blocks(starts_at=span.begins, ends_at=span.ends),
        forms=_forms(visits),
    )


def _forms(visits: Sequence[Visit]) -> dict[str, FormsCount]:
    found = count_forms(abouts=[f"appointment:{one.public_id}" for one in visits])
    return {about.partition(":")[2]: count for about, count in found.items()}
