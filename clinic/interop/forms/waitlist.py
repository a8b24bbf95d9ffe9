"""What programs send to join the waitlist, and what staff do with an entry."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _

from clinic.core.values import Actor
from clinic.interop.forms.bodies import Fields, fields_of
from clinic.interop.forms.bookings import read_patient, today
from clinic.interop.forms.visit_requests import read_language
from clinic.interop.rules.bounds import DAYS
from clinic.interop.rules.instants import read_date
from clinic.interop.rules.json_text import JsonText, join
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.waitlist.wishes import faults_of_wish
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.waitlist import MOST_WINDOWS, WaitWish, Window

ENTRY = (
    *("service", "practitioner", "location", "from", "to", "days", "times"),
    *("patient", "guardian", "state", "time_zone", "language"),
)
BOOKING = ("starts_at", "practitioner", "location", "override")
_CLOCK = re.compile(r"(24):(00)|([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Wait:
    """What is waited for, and by whom."""

    wish: WaitWish
    patient: PatientDetails


def read_wait(body: JsonText, *, setting: Setting, actor: Actor, now: datetime) -> Wait:
    """An entry for the waitlist; Invalid with every fault at once, unknown codes too."""
    fields = fields_of(body, allowed=ENTRY)
    first, last = _day(fields, "from"), _day(fields, "to")
    either = first or last or today(setting, now=now)
    wish = WaitWish(
        service=fields.text("service", needed=True) or "",
        practitioner=fields.text("practitioner"),
        location=fields.text("location"),
        state=fields.state("state"),
        from_date=first or either,
        to_date=last or either,
        days=_days(fields),
        windows=_windows(fields),
        language=read_language(fields),
        patient_zone=fields.text("time_zone"),
    )
    fields.faults.add_new(faults_of_wish(wish=wish, setting=setting, now=now))
    service = setting.services.get(wish.service)
    if wish.patient_zone is not None and service is not None and not service.is_telehealth:
        fields.fault("time_zone", _("This is asked for visits by video only: leave it out."))
    patient = read_patient(fields, setting=setting, actor=actor, now=now)
    fields.faults.refuse()
    if patient is None:
        raise AssertionError("a patient without faults was read")
    return Wait(wish, patient)


def read_entry_booking(body: JsonText, *, service: str) -> Wish:
    """The time that staff book for somebody who waits for the service."""
    fields = fields_of(body, allowed=BOOKING)
    starts_at = fields.instant("starts_at", needed=True)
    practitioner, location = fields.text("practitioner"), fields.text("location")
    reason = fields.reason("override")
    fields.faults.refuse()
    if starts_at is None:
        raise AssertionError("what is needed was read")
    return Wish(
        service=service,
        starts_at=starts_at,
        practitioner=practitioner,
        location=location,
        override_reason=reason,
    )


def _day(fields: Fields, name: str) -> date | None:
    found = fields.text(name, needed=True)
    if found is None:
        return None
    try:
        return read_date(text=found)
    except ValueError:
        fields.fault(name, _("Send a date as YYYY-MM-DD, like 2026-03-02."))
        return None


def _days(fields: Fields) -> frozenset[int]:
    raw = fields.raw.get("days")
    if raw is None:
        return frozenset()
    is_list = isinstance(raw, list) and 0 < len(raw) <= len(DAYS)
    named = [one for one in raw if isinstance(one, str)] if isinstance(raw, list) else []
    if not is_list or not isinstance(raw, list) or len(set(named) & set(DAYS)) != len(raw):
        words = ", ".join(DAYS)
        fields.fault(
            "days", _("Send a list of different days, each one of: %(words)s.", words=words)
        )
        return frozenset()
    return frozenset(DAYS.index(one) for one in named)


def _windows(fields: Fields) -> tuple[Window, ...]:
    raw = fields.raw.get("times")
    if raw is None:
        return ()
    if not isinstance(raw, list) or not 0 < len(raw) <= MOST_WINDOWS:
        fields.fault("times", _("Send one to %(most)d times of day.", most=MOST_WINDOWS))
        return ()
    found = [_window(fields, one, number) for number, one in enumerate(raw)]
    return tuple(one for one in found if one is not None) if None not in found else ()


def _window(fields: Fields, raw: object, number: int) -> Window | None:
    edges = [_minute(one) for one in raw] if isinstance(raw, list) and len(raw) == 2 else []
    begins, ends = edges or (None, None)
    if begins is None or ends is None or begins >= ends:
        path = join("times", str(number))
        fields.faults.add(path, _('Send from and to, like ["09:00", "12:00"].'))
        return None
    return Window(begins, ends)


def _minute(raw: object) -> int | None:
    match = _CLOCK.fullmatch(raw) if isinstance(raw, str) else None
    if match is None:
        return None
    hour, minute = (one for one in match.groups() if one is not None)
    return int(hour) * 60 + int(minute)
