"""Who waits for a time in the demo: some joined beside the times, some by phone, one left again."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.core.errors import Refusal
from clinic.core.values import PUBLIC, Actor
from clinic.scheduling.operations.waitlist import join_waitlist, withdraw_entry
from clinic.scheduling.queries.setting import clinic_date
from clinic.scheduling.rules.waitlist import WaitWish, Window
from clinic.setup.demo.people import patients

MORNING, LATE = Window(0, 12 * 60), Window(16 * 60, 24 * 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Waits:
    """The demo's patient of that number, who joined so long ago for the days from today on."""

    patient: int
    hours_ago: float
    service: str
    until: int
    practitioner: str | None = None
    days: frozenset[int] = frozenset()
    windows: tuple[Window, ...] = ()
    by_phone: bool = False
    leaves: bool = False


_ENTRIES = (
    # At weekends she works nowhere, so this one is still waiting whatever else comes free.
    _Waits(
        patient=33,
        hours_ago=70,
        service="evaluation",
        until=12,
        practitioner="okafor",
        days=frozenset({5, 6}),
    ),
    _Waits(patient=38, hours_ago=49, service="follow-up", until=10, windows=(LATE,)),
    _Waits(
        patient=44,
        hours_ago=27,
        service="ultrasound",
        until=12,
        days=frozenset({0, 2}),
        windows=(MORNING,),
        by_phone=True,
    ),
    _Waits(patient=50, hours_ago=26, service="hip-class", until=9, leaves=True),
    _Waits(
        patient=56,
        hours_ago=5,
        service="evaluation",
        until=14,
        practitioner="raman",
        windows=(MORNING,),
    ),
    _Waits(
        patient=61,
        hours_ago=2,
        service="follow-up",
        until=5,
        practitioner="santos",
        windows=(LATE,),
        by_phone=True,
    ),
)


def let_some_wait(*, now: datetime, desk: Actor) -> None:
    """Put them on the waitlist in the order in which they came.

    Whom the clinic would not put on it, because somebody has to speak with them first, is left out.
    """
    for one in _ENTRIES:
        at = now - timedelta(hours=one.hours_ago)
        today = clinic_date(now)
        wish = WaitWish(
            service=one.service,
            from_date=today,
            to_date=today + timedelta(days=one.until),
            practitioner=one.practitioner,
            days=one.days,
            windows=one.windows,
        )
        actor = desk if one.by_phone else PUBLIC
        with suppress(Refusal):
            made = join_waitlist(wish=wish, patient=patients()[one.patient], actor=actor, now=at)
            if one.leaves:
                later = at + timedelta(hours=1)
                withdraw_entry(public_id=made.public_id, actor=PUBLIC, now=later)
