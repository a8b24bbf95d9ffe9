"""What covers the visits of a day, a referral or the state's rule: parts of the one question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, String, cast, false, func, literal, or_, select

from clinic.people.models import Patient
from clinic.scheduling.models import Appointment, Occurrence, Practitioner, Referral
from clinic.scheduling.queries.diary import epoch_seconds, instant
from clinic.scheduling.queries.referrals import COUNTED, without_therapists
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.direct_access import (
    LONGEST_LOOK_BACK,
    Counter,
    Covered,
    count_visits,
)
from clinic.scheduling.rules.setting import Setting

KINDS = frozenset({"referral", "counted"})
_NOTHING = literal(0)


@dataclass(slots=True)
class Covering:
    """Of one patient: what covers visits, and when those were that count."""

    referrals: list[Covered] = field(default_factory=list)
    visits: list[datetime] = field(default_factory=list)

    def take(self, kind: str, number: int, first: str, second: str) -> None:
        """Take in one line of the answer."""
        if kind == "counted":
            self.visits.append(instant(number))
        else:
            ends = date.fromisoformat(second) if second else None
            self.referrals.append(Covered(date.fromisoformat(first), ends, number or None))


def covering_parts(
    *, visits: Sequence[Visit], patients: Sequence[str], setting: Setting
) -> list[Any]:
    """The parts: referrals that may still speak, and the visits that they or the state count, no
    further back than can matter."""
    first = min(one.starts_at for one in visits)
    last = max(one.starts_at for one in visits)
    since = first - LONGEST_LOOK_BACK
    return [_referrals(patients, since.date()), _counted(patients, since, last, setting)]


def _columns(kind: str, number: Any, first: Any, second: Any) -> tuple[Any, ...]:
    key = cast(Patient.public_id, String).label("key")
    return literal(kind).label("kind"), key, number, _NOTHING, _NOTHING, first, second


def _referrals(patients: Sequence[str], since: date) -> Any:
    ends = func.coalesce(cast(Referral.ends, String), "")
    most = func.coalesce(Referral.visits, 0)
    return (
        select(*_columns("referral", most, cast(Referral.begins, String), ends))
        .join(Referral, Referral.patient_id == Patient.id)
        .where(Patient.public_id.in_(patients), *_speaks(since))
    )


def _speaks(since: date) -> tuple[ColumnElement[bool], ...]:
    has_not_ended = or_(Referral.ends.is_(None), Referral.ends >= since)
    return Referral.removed_at.is_(None), has_not_ended


def _counted(patients: Sequence[str], since: datetime, last: datetime, setting: Setting) -> Any:
    counts = select(Referral.patient_id).where(Referral.visits.is_not(None), *_speaks(since.date()))
    in_episode: Any = false()
    if setting.policy.direct_access:
        in_episode = Occurrence.starts_at >= since
    return (
        select(*_columns("counted", epoch_seconds(Occurrence.starts_at), literal(""), literal("")))
        .join(Appointment, Appointment.patient_id == Patient.id)
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .join(Practitioner, Practitioner.id == Occurrence.practitioner_id)
        .where(
            Patient.public_id.in_(patients),
            or_(Patient.id.in_(counts), in_episode),
            Appointment.status.in_(COUNTED),
            Occurrence.starts_at <= last,
            Practitioner.slug.not_in(without_therapists(setting)),
        )
    )


def count_before(
    *, visits: Sequence[Visit], covering: Mapping[str, Covering], setting: Setting
) -> dict[str, Counter]:
    """How it stands before each of these visits, by its public id, itself not counted.

    Only what counts something has an entry. A referral that ended months before, of an earlier
    episode, says nothing.
    """
    others, state = without_therapists(setting), setting.policy.direct_access
    found: dict[str, Counter] = {}
    for one in visits:
        if one.practitioner in others or one.status not in COUNTED:
            continue
        known, day = covering.get(one.patient, Covering()), _day(one.starts_at, setting)
        before = [_day(at, setting) for at in known.visits if at < one.starts_at]
        counter = count_visits(visits=before, referrals=known.referrals, state=state, day=day)
        if counter is not None:
            found[one.public_id] = counter
    return found


def _day(at: datetime, setting: Setting) -> date:
    return at.astimezone(ZoneInfo(setting.zone)).date()
