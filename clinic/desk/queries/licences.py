"""Visits by video that a licence does not, or will not, cover."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from clinic.core.db import db
from clinic.scheduling.models import Appointment, Occurrence, Service
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.queries.visits import Visit, list_named_visits
from clinic.scheduling.rules.licences import Lapse, is_covered, list_lapses
from clinic.scheduling.rules.setting import Setting

LIVE = ("booked", "arrived", "checked-in")


@dataclass(frozen=True, slots=True)
class Licences:
    """What lapses within 90 days, and the coming visits that no licence covers, by start."""

    lapses: tuple[Lapse, ...]
    stranded: tuple[Visit, ...]

    def stranded_by(self, lapse: Lapse) -> tuple[Visit, ...]:
        """The visits after the lapse's last day, until the state is covered again."""
        return tuple(one for one in self.stranded if _is_of(lapse, one))

    @property
    def uncovered(self) -> tuple[Visit, ...]:
        """Visits that no listed lapse explains: the licence was taken away or changed."""
        return tuple(
            one for one in self.stranded if not any(_is_of(lapse, one) for lapse in self.lapses)
        )


def list_licences(*, now: datetime) -> Licences:
    """Lapses with what they strand: one query over the coming visits by video, one for their rows.

    What is past is not asked for: the cost is that of the booking horizon.
    """
    setting = get_setting()
    wanted = (
        select(Appointment.public_id)
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .join(Service, Service.id == Occurrence.service_id)
        .where(
            Occurrence.starts_at > now,
            Appointment.status.in_(LIVE),
            Service.modality == "telehealth",
        )
    )
    visits = list_named_visits(list(db.session.scalars(wanted)))
    return Licences(
        list_lapses(setting=setting, today=clinic_date(now)),
        tuple(one for one in visits if is_unlicensed(visit=one, setting=setting)),
    )


def is_unlicensed(*, visit: Visit, setting: Setting) -> bool:
    """Whether a visit by video is one that its practitioner may not give where the patient is."""
    if visit.modality != "telehealth":
        return False
    return not is_covered(
        setting=setting,
        practitioner=visit.practitioner,
        state=visit.patient_state,
        day=visit.local.date(),
    )


def _is_of(lapse: Lapse, visit: Visit) -> bool:
    day: date = visit.local.date()
    is_same = (visit.practitioner, visit.patient_state) == (lapse.practitioner.slug, lapse.state)
    return is_same and lapse.last_day < day < (lapse.resumes or date.max)
