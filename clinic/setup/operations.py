"""Loading a clinic file: the whole configuration changes at once, or nothing does."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import ngettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Busy, Refusal
from clinic.core.schema import violates
from clinic.core.values import Actor
from clinic.intake.operations.policy import write_clinical_policy
from clinic.scheduling.models import Clinic, MessagePolicy, TelehealthPolicy, WaitlistPolicy
from clinic.scheduling.queries.diary import instant
from clinic.setup.queries import find_clinic_file, list_live_visits
from clinic.setup.rules.as_setting import as_setting
from clinic.setup.rules.changes import Change, list_changes
from clinic.setup.rules.clinic_file import ClinicFile
from clinic.setup.rules.stranded import StrandedVisit, find_stranded
from clinic.setup.tables import write_tables

REQUEST_POLICY = TelehealthPolicy.__table__.columns.keys()[1:]


class StrandedVisits(Refusal):
    """Booked visits would lose their practitioner, place or hours.

    `details["visits"]` lists them by start: id, local start, practitioner, service, location, and
    what each would lose. It names no patient.
    """

    code = "stranded-visits"
    status = 409


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a load did: no changes when the clinic was so already. `stranded` are public ids."""

    version: int
    changes: tuple[Change, ...]
    stranded: tuple[str, ...] = ()


@transaction
def load_clinic(
    *, file: ClinicFile, actor: Actor, now: datetime, allow_stranded: bool = False
) -> Loaded:
    """Let the clinic be what the file says; loading the same again writes nothing.

    What the file no longer names is retired, and revived when it is named again. The clinic's
    version rises by one with any change. Raises StrandedVisits for visits that the present
    configuration covers and the new one would not, unless they may be stranded.
    """
    clinic = db.session.scalar(select(Clinic).with_for_update())
    before = find_clinic_file()
    changes = list_changes(before=before, after=file)
    if clinic is not None and not changes:
        return Loaded(clinic.version, ())
    stranded = () if before is None else _find_stranded(before, file, now)
    if stranded and not allow_stranded:
        raise _refusal(stranded, before or file)
    version = _write_clinic(clinic, file)
    write_tables(file=file, now=now)
    ids = tuple(one.visit.public_id for one in stranded)
    audit.record(
        action="clinic.load",
        actor=actor,
        now=now,
        subject="clinic",
        details={
            "version": version,
            "changes": [str(change) for change in changes],
            "stranded": list(ids),
        },
    )
    return Loaded(version, changes, ids)


def _find_stranded(
    before: ClinicFile, after: ClinicFile, now: datetime
) -> tuple[StrandedVisit, ...]:
    return find_stranded(visits=list_live_visits(now=now), before=before, after=after)


def _refusal(stranded: tuple[StrandedVisit, ...], before: ClinicFile) -> StrandedVisits:
    places = as_setting(file=before).locations
    visits = []
    for one in stranded:
        place = places.get(one.visit.location)
        zone = ZoneInfo(place.zone if place else before.time_zone)
        local = instant(one.visit.starts).astimezone(zone)
        visits.append(
            {
                "id": one.visit.public_id,
                "local": local.isoformat(timespec="minutes"),
                "practitioner": one.visit.practitioner,
                "service": one.visit.service,
                "location": one.visit.location,
                "lost": list(one.lost),
            }
        )
    sentence = ngettext(
        "%(num)s booked visit would be left without its practitioner, place or hours.",
        "%(num)s booked visits would be left without their practitioner, place or hours.",
        len(visits),
    )
    return StrandedVisits(sentence, visits=visits)


def _write_clinic(clinic: Clinic | None, file: ClinicFile) -> int:
    """Write the clinic's own row; Busy when somebody else makes the first one right now."""
    policy = file.policy
    row = clinic or Clinic(id=1, version=0)
    row.version += 1
    row.name, row.time_zone, row.phone = file.name, file.time_zone, file.phone
    row.currency = file.currency
    row.cancellation_notice_hours = policy.cancellation_notice_hours
    row.hold_minutes = policy.hold_minutes
    row.payment_hold_minutes = policy.payment_hold_minutes
    row.undo_seconds = policy.undo_seconds
    row.online_limit_per_service_and_day = policy.online_limit_per_service_and_day
    row.direct_access = policy.direct_access or None
    messages = db.session.get(MessagePolicy, 1) or MessagePolicy(id=1)
    messages.reminder_hours = list(policy.reminder_hours)
    messages.message_days = policy.message_days
    messages.practitioner_digest = policy.practitioner_digest
    requests = db.session.get(TelehealthPolicy, 1) or TelehealthPolicy(id=1)
    for name in REQUEST_POLICY:
        setattr(requests, name, getattr(policy, name))
    waitlist = db.session.get(WaitlistPolicy, 1) or WaitlistPolicy(id=1)
    waitlist.waitlist_offer_minutes = policy.waitlist_offer_minutes
    db.session.add_all((row, messages, requests, waitlist))
    write_clinical_policy(policy=file.clinical)
    try:
        db.session.flush()
    except IntegrityError as error:
        if clinic is None and violates(error, "pk_clinic"):
            raise Busy from error
        raise
    return row.version
