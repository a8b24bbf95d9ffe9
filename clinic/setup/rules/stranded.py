"""Which booked visits a change of configuration would strand, and by what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from clinic.scheduling.rules.intervals import fits
from clinic.scheduling.rules.offers import has_licence
from clinic.scheduling.rules.opening import open_from
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.wall_time import local_date
from clinic.setup.rules.as_setting import as_setting
from clinic.setup.rules.clinic_file import ClinicFile

_SECONDS_OF_A_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedVisit:
    """A live visit, by slug; `starts` and `ends` are epoch seconds without buffers.

    `patient_state` is where the patient is, for telehealth.
    """

    public_id: str
    service: str
    practitioner: str
    location: str
    rooms: tuple[str, ...]
    starts: int
    ends: int
    patient_state: str | None = None


@dataclass(frozen=True, slots=True)
class StrandedVisit:
    """A visit with what the new configuration takes from it, such as "hours" or "location"."""

    visit: BookedVisit
    lost: tuple[str, ...]


def find_stranded(
    *, visits: Iterable[BookedVisit], before: ClinicFile, after: ClinicFile
) -> tuple[StrandedVisit, ...]:
    """The visits that lose something which they have in the present configuration.

    A visit that staff booked outside the hours stands outside them before and after: only what a
    change takes away strands it.
    """
    old, new = as_setting(file=before), as_setting(file=after)
    found = []
    for visit in visits:
        lost = missing(visit=visit, setting=new)
        lost = tuple(one for one in lost if one not in missing(visit=visit, setting=old))
        if lost:
            found.append(StrandedVisit(visit, lost))
    return tuple(found)


def missing(*, visit: BookedVisit, setting: Setting) -> tuple[str, ...]:
    """What a visit needs and a setting does not have.

    In this order: "service", "location", "practitioner", "resources" (retired or moved),
    "practitioner-service" (no longer does it), "licence", "hours" (outside them, or closed).
    """
    service = setting.services.get(visit.service)
    practitioner = setting.practitioners.get(visit.practitioner)
    checks = {
        "service": service is not None,
        "location": visit.location in setting.locations,
        "practitioner": practitioner is not None,
        "resources": all(_is_there(setting, visit, room) for room in visit.rooms),
        "practitioner-service": practitioner is None
        or service is None
        or visit.service in practitioner.services,
        "licence": _is_licensed(setting, visit),
        "hours": _is_open(setting, visit),
    }
    return tuple(name for name, holds in checks.items() if not holds)


def _is_there(setting: Setting, visit: BookedVisit, room: str) -> bool:
    return room in setting.rooms and setting.rooms[room].location == visit.location


def _is_licensed(setting: Setting, visit: BookedVisit) -> bool:
    """Whether the patient's state is covered; what is retired is told of as such, not here."""
    service = setting.services.get(visit.service)
    practitioner = setting.practitioners.get(visit.practitioner)
    location = setting.locations.get(visit.location)
    if service is None or practitioner is None or location is None or not service.is_telehealth:
        return True
    day = local_date(instant=visit.starts, zone=location.zone)
    return has_licence(practitioner=practitioner, state=visit.patient_state, day=day)


def _is_open(setting: Setting, visit: BookedVisit) -> bool:
    practitioner = setting.practitioners.get(visit.practitioner)
    location = setting.locations.get(visit.location)
    if practitioner is None or location is None:
        return True
    day = local_date(instant=visit.starts, zone=location.zone)
    # From the day before, since that day's hours may end after midnight where clocks change there.
    windows = open_from(
        setting=setting,
        practitioner=practitioner,
        location=location,
        day=day - timedelta(days=1),
        minutes=(visit.ends - visit.starts) // _SECONDS_OF_A_MINUTE + 1440,
    )
    return fits(windows, visit.starts, visit.ends)
