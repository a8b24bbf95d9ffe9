"""What programs send about a plan of care."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from flask_babel import gettext as _

from clinic.core.values import Actor
from clinic.interop.forms.bodies import Fields, fields_of
from clinic.interop.forms.bookings import read_patient, read_wish
from clinic.interop.rules.bounds import DAYS, LONGEST_REASON, WAYS
from clinic.interop.rules.json_text import JsonText
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.series import MOST_VISITS, Rule
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.rules.setting import Setting

SERIES = (
    "service",
    "practitioner",
    "location",
    "state",
    "starts_at",
    "patient",
    "rule",
    "on_conflict",
    "override",
)
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class SeriesAsked:
    """A plan of care, whom it is for, and what a conflict means."""

    wish: Wish
    rule: Rule
    patient: PatientDetails
    on_conflict: Literal["preview", "none", "free"]


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """What is to be different about a series from a visit on; None leaves it."""

    from_visit: int | None
    practitioner: str | None
    local_minute: int | None


def read_series(body: JsonText, *, setting: Setting, actor: Actor, now: datetime) -> SeriesAsked:
    """A plan of care; Invalid with every fault at once."""
    fields = fields_of(body, allowed=SERIES)
    wish = read_wish(fields, setting=setting, now=now, reason=fields.reason("override"))
    if wish.practitioner is None and fields.raw.get("practitioner") is None:
        fields.fault("practitioner", _("This is needed."))
    rule = _rule(fields)
    on_conflict = fields.one_of("on_conflict", WAYS, needed=True)
    patient = read_patient(fields, setting=setting, actor=actor, now=now)
    fields.faults.refuse()
    if patient is None:
        raise AssertionError("a patient without faults was read")
    return SeriesAsked(wish, rule, patient, cast(Literal["preview", "none", "free"], on_conflict))


def _rule(fields: Fields) -> Rule:
    inside = fields.members("rule", allowed=("weekly", "count"), needed=True)
    if inside is None:
        return Rule(weekly=(), count=0)
    days, count = (
        inside.codes("weekly"),
        inside.whole_number("count", lowest=1, highest=MOST_VISITS),
    )
    for name in ("weekly", "count"):
        if inside.raw.get(name) is None:
            inside.fault(name, _("This is needed."))
    if days is not None and (not days or not set(days) <= set(DAYS)):
        inside.fault("weekly", _("Send one or more of: %(words)s.", words=", ".join(DAYS)))
        days = ()
    weekly = tuple(sorted(DAYS.index(day) for day in days or ()))
    return Rule(weekly=weekly, count=count or 0)


def read_series_cancel(body: JsonText) -> tuple[int | None, str | None]:
    """From which visit on a series is cancelled (else all of it), and why."""
    fields = fields_of(body, allowed=("from_visit", "reason"))
    from_visit = fields.whole_number("from_visit", lowest=1, highest=MOST_VISITS)
    reason = fields.text("reason", most=LONGEST_REASON)
    fields.faults.refuse()
    return from_visit, reason


def read_series_change(body: JsonText, *, setting: Setting) -> SeriesChange:
    """What is to be different about the rest of a series."""
    fields = fields_of(body, allowed=("from_visit", "practitioner", "local_time"))
    practitioner, minute = fields.text("practitioner"), None
    if practitioner is not None and practitioner not in setting.practitioners:
        fields.fault("practitioner", _("There is no such practitioner."))
    clock = fields.text("local_time")
    if clock is not None:
        match = _CLOCK.fullmatch(clock)
        if match is None:
            fields.fault("local_time", _("Send a time of day, like 14:30."))
        else:
            minute = int(match[1]) * 60 + int(match[2])
    from_visit = fields.whole_number("from_visit", lowest=1, highest=MOST_VISITS)
    fields.faults.refuse()
    return SeriesChange(from_visit, practitioner, minute)
