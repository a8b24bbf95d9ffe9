"""The demo's visit requests: one in every state, among them one that waits too long."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.core.values import PUBLIC, Actor
from clinic.scheduling.operations.requests import (
    Step,
    answer_request,
    decline_request,
    request_visit,
    withdraw_request,
)
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.requests import BodyArea, Modality, time_of
from clinic.scheduling.rules.wall_time import local_date
from clinic.scheduling.rules.week_view import Part
from clinic.setup.demo.people import patients

ANSWER = (
    "This sounds like something we see often. A first evaluation would be right; please bring the "
    "pictures from your MRI.\nWhich day next week suits you best?"
)
REASON = (
    "We do not treat injuries of the jaw. Your dentist can send you to a jaw clinic; we are glad "
    "to see you for anything else."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A made-up request, sent so many hours ago; the days named are counted from today."""

    patient: int
    hours_ago: float
    reason: str
    area: BodyArea | None = None
    part: Part | None = None
    days: tuple[tuple[int, Part | None], ...] = ()
    is_returning: bool = False
    then: str = ""


_REQUESTS = (
    _Asked(
        patient=3,
        hours_ago=75,
        reason="A deep ache in my right buttock since the half marathon in May.\n"
        "Sitting in the car makes it worse. Two doctors say it is my back, but my back is fine.",
        area=BodyArea.HIP,
        days=((1, Part.MORNING), (2, Part.AFTERNOON)),
    ),
    _Asked(
        patient=8,
        hours_ago=5,
        reason="My knee gives way on stairs. I had surgery on it four years ago.",
        area=BodyArea.KNEE,
        part=Part.EVENING,
        is_returning=True,
    ),
    _Asked(
        patient=14,
        hours_ago=1.5,
        reason="I would like somebody to look at how I run before I train for my first marathon.",
        part=Part.MORNING,
        days=((4, None),),
    ),
    _Asked(
        patient=19,
        hours_ago=30,
        reason="Numb fingers at night, both hands. It started with a new keyboard.",
        area=BodyArea.ARM,
        then="answer",
    ),
    _Asked(
        patient=23,
        hours_ago=52,
        reason="My jaw clicks and hurts when I chew.",
        area=BodyArea.OTHER,
        then="decline",
    ),
    _Asked(
        patient=27,
        hours_ago=80,
        reason="A stiff neck after a long flight.",
        area=BodyArea.NECK,
        then="withdraw",
    ),
)


def ask_for_visits(*, now: datetime, desk: Actor) -> None:
    """Send the requests in their order, and let the desk and their patients go on with some."""
    for one in sorted(_REQUESTS, key=lambda one: -one.hours_ago):
        at = now - timedelta(hours=one.hours_ago)
        who = patients()[one.patient % len(patients())]
        sent = request_visit(wish=_wish(one, now), patient=who, actor=PUBLIC, now=at)
        later = at + timedelta(hours=1)
        step = Step(public_id=sent.public_id, actor=desk, now=later)
        if one.then == "answer":
            answer_request(step=step, message=ANSWER)
        elif one.then == "decline":
            decline_request(step=step, reason=REASON)
        elif one.then == "withdraw":
            withdraw_request(step=Step(public_id=sent.public_id, actor=PUBLIC, now=later))


def _wish(one: _Asked, now: datetime) -> RequestWish:
    zone = get_setting().zone
    today = local_date(instant=int(now.timestamp()), zone=zone)
    named = (
        time_of(day=today + timedelta(days=ahead), part=part, zone=zone) for ahead, part in one.days
    )
    return RequestWish(
        modality=Modality.IN_PERSON,
        reason=one.reason,
        times=tuple(time for time in named if time is not None),
        part=one.part,
        area=one.area,
        is_returning=one.is_returning,
    )
