"""A patient's referrals, and the days of the visits that they cover."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from clinic.core.db import db
from clinic.people.models import Patient
from clinic.scheduling.models import Appointment, Occurrence, Practitioner, Referral
from clinic.scheduling.rules.direct_access import Counter, Covered, count_visits
from clinic.scheduling.rules.setting import Setting

COUNTED = ("booked", "arrived", "checked-in", "fulfilled")
THERAPIST = "PT"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferralSeen:
    """A referral as somebody wrote it down."""

    public_id: str
    referrer: str
    begins: date
    ends: date | None
    visits: int | None
    added_by: str
    added_at: datetime


def list_referrals(*, patient_id: int) -> tuple[ReferralSeen, ...]:
    """Those that hold or held, the latest first."""
    wanted = (
        select(Referral)
        .where(Referral.patient_id == patient_id, Referral.removed_at.is_(None))
        .order_by(Referral.begins.desc(), Referral.id.desc())
    )
    return tuple(
        ReferralSeen(
            public_id=one.public_id,
            referrer=one.referrer or "",
            begins=one.begins,
            ends=one.ends,
            visits=one.visits,
            added_by=one.added_by,
            added_at=one.added_at,
        )
        for one in db.session.scalars(wanted)
    )


def find_counter(*, patient: str, setting: Setting, day: date) -> Counter | None:
    """How many visits the patient may still have on that day; None where nothing counts them."""
    patient_id = db.session.scalar(select(Patient.id).where(Patient.public_id == patient))
    if patient_id is None:
        return None
    wanted = select(Referral.begins, Referral.ends, Referral.visits).where(
        Referral.patient_id == patient_id, Referral.removed_at.is_(None)
    )
    referrals = [Covered(*row) for row in db.session.execute(wanted)]
    state = setting.policy.direct_access
    if not referrals and not state:
        return None
    days = _days(patient_id, setting)
    return count_visits(visits=days, referrals=referrals, state=state, day=day)


def _days(patient_id: int, setting: Setting) -> list[date]:
    wanted = (
        select(Occurrence.starts_at, Practitioner.slug)
        .join(Appointment, Appointment.occurrence_id == Occurrence.id)
        .join(Practitioner, Practitioner.id == Occurrence.practitioner_id)
        .where(Appointment.patient_id == patient_id, Appointment.status.in_(COUNTED))
        .order_by(Occurrence.starts_at)
    )
    zone, others = ZoneInfo(setting.zone), without_therapists(setting)
    return [
        at.astimezone(zone).date()
        for at, practitioner in db.session.execute(wanted)
        if practitioner not in others
    ]


def without_therapists(setting: Setting) -> Collection[str]:
    """Who (slugs) treats by another licence than a therapist's: their visits need no referral."""
    return {
        one.slug
        for one in setting.practitioners.values()
        if one.licences and not any(THERAPIST in licence.kind for licence in one.licences)
    }
