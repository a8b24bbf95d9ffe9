"""Visit requests: their states, the times that may be asked for, and by when the clinic answers.

A request is open while somebody has to do something: the clinic while it is ``requested``, the
patient while it is ``answered`` or times are ``offered``. Scheduled, declined and withdrawn are its
ends; staff may open a declined one again, and a scheduled one whose visit was cancelled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum, StrEnum

from clinic.core.values import Interval
from clinic.scheduling.rules.intervals import merge
from clinic.scheduling.rules.opening import open_intervals, works_at
from clinic.scheduling.rules.setting import MINUTES_OF_A_DAY, Setting
from clinic.scheduling.rules.wall_time import edge, local_date
from clinic.scheduling.rules.week_view import PARTS, Part

LONGEST_REASON = 2000
LONGEST_ANSWER = 2000
LONGEST_ADDRESS = 500
LANGUAGE_TAG = "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"
"""How the tag of a language is written (BCP 47), roughly."""
LONGEST_LANGUAGE = 35
MOST_TIMES = 10
MOST_OFFERS = 3
FARTHEST = timedelta(days=365)
"""Nobody's diary reaches further; a later time is a slip of the pen."""
LAST_CALL_SECONDS = 2 * 3600
"""What comes in later than this before closing is answered on the next working day."""
LOOKED_AHEAD_DAYS = 21
ROUTINE = 3
"""The least urgent; 1 is for the same day, 2 for soon."""


class Modality(StrEnum):
    """Where the visit would be."""

    IN_PERSON = "in_person"
    TELEHEALTH = "telehealth"


class RequestStatus(StrEnum):
    """Where a request stands."""

    REQUESTED = "requested"
    ANSWERED = "answered"
    OFFERED = "offered"
    SCHEDULED = "scheduled"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class RequestAction(StrEnum):
    """What can be done with a request."""

    ANSWER = "answer"
    REPLY = "reply"
    OFFER = "offer"
    CHOOSE = "choose"
    LAPSE = "lapse"
    RETRACT = "retract"
    SCHEDULE = "schedule"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    MERGE = "merge"
    TURN = "turn"
    REOPEN = "reopen"


class Urgency(IntEnum):
    """How soon somebody has to read it, the most urgent first."""

    URGENT = 1
    SOON = 2
    ROUTINE = 3


class Advice(StrEnum):
    """What a clinician advises the desk to do with a request."""

    VIDEO = "video"
    IN_PERSON = "in_person"
    CALL = "call"
    DECLINE = "decline"


class Tried(StrEnum):
    """What the patient's browser found of camera, microphone or connection."""

    WORKS = "works"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class DeviceCheck:
    """What the patient's browser found; None where it did not try."""

    camera: Tried | None = None
    microphone: Tried | None = None
    connection: Tried | None = None


class BodyArea(StrEnum):
    """Where it hurts, roughly."""

    NECK = "neck"
    SHOULDER = "shoulder"
    ARM = "arm"
    BACK = "back"
    HIP = "hip"
    KNEE = "knee"
    FOOT = "foot"
    OTHER = "other"


class TimeFault(StrEnum):
    """Why a preferred time cannot be taken down."""

    PAST = "past"
    TOO_FAR = "too-far"
    OVERLAPS = "overlaps"


OPEN = frozenset({RequestStatus.REQUESTED, RequestStatus.ANSWERED, RequestStatus.OFFERED})
LEADS_TO: Mapping[RequestAction, RequestStatus] = {
    RequestAction.ANSWER: RequestStatus.ANSWERED,
    RequestAction.REPLY: RequestStatus.REQUESTED,
    RequestAction.OFFER: RequestStatus.OFFERED,
    RequestAction.CHOOSE: RequestStatus.SCHEDULED,
    RequestAction.LAPSE: RequestStatus.REQUESTED,
    RequestAction.RETRACT: RequestStatus.REQUESTED,
    RequestAction.SCHEDULE: RequestStatus.SCHEDULED,
    RequestAction.DECLINE: RequestStatus.DECLINED,
    RequestAction.WITHDRAW: RequestStatus.WITHDRAWN,
    RequestAction.MERGE: RequestStatus.WITHDRAWN,
    RequestAction.TURN: RequestStatus.REQUESTED,
    RequestAction.REOPEN: RequestStatus.REQUESTED,
}
FROM_OFFERED = frozenset({RequestAction.CHOOSE, RequestAction.LAPSE, RequestAction.RETRACT})


def can_take(
    *, status: RequestStatus, action: RequestAction, is_visit_cancelled: bool = False
) -> bool:
    """Whether the action leads on from there: from an open request any.

    Only offered times can be chosen, lapse or be taken back. Reopening leads on from a declined
    one, and from a scheduled one whose visit was cancelled.
    """
    if action is RequestAction.REOPEN:
        return status is RequestStatus.DECLINED or (
            status is RequestStatus.SCHEDULED and is_visit_cancelled
        )
    if action in FROM_OFFERED:
        return status is RequestStatus.OFFERED
    return status in OPEN


def fault_of_time(*, time: Interval, before: Sequence[Interval], now: datetime) -> TimeFault | None:
    """What is wrong with a preferred time beside those named before it; None when nothing is."""
    if time.ends_at <= now:
        return TimeFault.PAST
    if time.starts_at > now + FARTHEST or time.ends_at > now + FARTHEST + timedelta(days=1):
        return TimeFault.TOO_FAR
    return TimeFault.OVERLAPS if any(time.overlaps(other) for other in before) else None


def time_of(*, day: date, part: Part | None, zone: str) -> Interval | None:
    """A part of a local day, or with None all of it; None where the clock leaves nothing of it."""
    begins, ends = PARTS[part] if part else (0, MINUTES_OF_A_DAY)
    first = edge(day=day, minute=begins, zone=zone, last=False)
    last = edge(day=day, minute=ends, zone=zone, last=True)
    if first >= last:
        return None
    return Interval(datetime.fromtimestamp(first, UTC), datetime.fromtimestamp(last, UTC))


def part_of(*, time: Interval, zone: str) -> tuple[date, Part | None] | None:
    """The local day and the part of it that a period is exactly; None when it is none."""
    day = local_date(instant=int(time.starts_at.timestamp()), zone=zone)
    parts: tuple[Part | None, ...] = (None, *Part)
    return next(
        ((day, part) for part in parts if time_of(day=day, part=part, zone=zone) == time), None
    )


def is_open_on(*, setting: Setting, day: date) -> bool:
    """Whether anybody sees patients on that local day."""
    return _closes(setting, day) is not None


def answer_due(*, setting: Setting, received: int, urgency: int = ROUTINE) -> int:
    """By when a person answers, in seconds: so much open time later as policy says of the urgency.

    For what is routine policy may say nothing: then it is the end of the clinic's day, as it is
    open to patients; when less than two hours are left of it, or it is closed, the end of the next
    open day. When no open time is known for three weeks, it is two days later.
    """
    policy = setting.policy
    urgent = {1: policy.request_urgent_minutes, 2: policy.request_soon_minutes}
    minutes = urgent.get(urgency, policy.request_answer_hours * 60)
    if minutes:
        return _after_open_time(setting, received, minutes)
    today = local_date(instant=received, zone=setting.zone)
    for ahead in range(LOOKED_AHEAD_DAYS):
        closes = _closes(setting, today + timedelta(days=ahead))
        if closes is not None and received <= closes - LAST_CALL_SECONDS:
            return closes
    return received + 2 * 24 * 3600


def _after_open_time(setting: Setting, received: int, minutes: int) -> int:
    today = local_date(instant=received, zone=setting.zone)
    left = minutes * 60
    for ahead in range(LOOKED_AHEAD_DAYS):
        for begins, ends in merge(_open_on(setting, today + timedelta(days=ahead))):
            at = max(begins, received)
            if ends - at >= left:
                return at + left
            left -= max(0, ends - at)
    return received + 2 * 24 * 3600


def _closes(setting: Setting, day: date) -> int | None:
    return max((end for _start, end in _open_on(setting, day)), default=None)


def _open_on(setting: Setting, day: date) -> list[tuple[int, int]]:
    return [
        window
        for practitioner in setting.practitioners.values()
        for slug in works_at(setting=setting, practitioner=practitioner)
        for window in open_intervals(
            setting=setting,
            practitioner=practitioner,
            location=setting.locations[slug],
            first=day,
            last=day,
        )
    ]
