"""What somebody asks for in a visit request, and what cannot be asked for."""

from dataclasses import dataclass
from datetime import datetime

from clinic.core.errors import Invalid
from clinic.core.values import Interval, Role
from clinic.scheduling.rules.requests import (
    LONGEST_REASON,
    MOST_TIMES,
    BodyArea,
    DeviceCheck,
    Modality,
    TimeFault,
    Urgency,
    fault_of_time,
)
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.week_view import Part
from clinic.scheduling.rules.zones import NO_ZONE, is_zone

REQUEST_ROLES = (Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN)
"""Who reads and answers requests: what a patient writes there is meant for them."""

FAULTS = {
    TimeFault.PAST: "This time is over. Choose a later one.",
    TimeFault.TOO_FAR: "This is more than a year away. Choose an earlier time.",
    TimeFault.OVERLAPS: "You have named this time already. Choose another one.",
}


UNTRIED = DeviceCheck()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestWish:
    """A visit as somebody wishes it: their words, and when it would suit.

    ``zone`` is the zone the times were meant in, for telehealth only; ``state`` where the patient
    will be. ``part`` is the part of the day that usually suits, None for any. ``is_unsure``: either
    kind of visit would do. The emergency address and phone are where help is sent to, ``device`` is
    what the browser found. ``screened_as`` is the browser that answered the safety questions, and
    ``screening`` the public id of these answers, which sending looks up.
    """

    modality: Modality
    reason: str
    times: tuple[Interval, ...] = ()
    part: Part | None = None
    area: BodyArea | None = None
    zone: str | None = None
    state: str | None = None
    practitioner: str | None = None
    is_returning: bool | None = None
    is_unsure: bool = False
    emergency_address: str | None = None
    emergency_phone: str | None = None
    language: str | None = None
    needs_interpreter: bool = False
    device: DeviceCheck = UNTRIED
    urgency: Urgency = Urgency.ROUTINE
    screened_as: str | None = None
    screening: str | None = None


def check_request_wish(*, wish: RequestWish, setting: Setting, now: datetime) -> None:
    """Raise Invalid, by the fields' names in the interface, for all that cannot be asked for."""
    errors: dict[str, list[str]] = {}
    if not wish.reason or len(wish.reason) > LONGEST_REASON:
        errors["reason"] = [f"Say what it is about, in up to {LONGEST_REASON} characters."]
    if wish.practitioner is not None and wish.practitioner not in setting.practitioners:
        errors["practitioner"] = ["There is no such practitioner."]
    _check_place(wish, errors)
    if len(wish.times) > MOST_TIMES:
        errors["preferred"] = [f"Name at most {MOST_TIMES} times."]
    for number, time in enumerate(wish.times[:MOST_TIMES]):
        fault = fault_of_time(time=time, before=wish.times[:number], now=now)
        if fault is not None:
            errors[f"preferred.{number}"] = [FAULTS[fault]]
    if errors:
        raise Invalid(errors)


def _check_place(wish: RequestWish, errors: dict[str, list[str]]) -> None:
    is_video = wish.modality is Modality.TELEHEALTH or wish.is_unsure
    if is_video and wish.state is None:
        errors["state"] = ["Say in which state you will be during the video visit."]
    elif wish.state is not None and wish.state not in STATES:
        errors["state"] = ["There is no such state."]
    if wish.zone is not None and not is_video:
        errors["time_zone"] = ["A visit in the clinic is in the clinic's time: leave this out."]
    elif wish.zone is not None and not is_zone(wish.zone):
        errors["time_zone"] = [NO_ZONE]
