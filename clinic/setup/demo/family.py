"""The demo's family: a mother with two children, and a grandfather who is a guardian.

Their sign-ins are printed: portals, children and guardians are there to be tried.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from clinic.core.errors import Refusal
from clinic.core.values import PUBLIC, Actor
from clinic.people.rules.guardians import GuardianDetails
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish, query_of
from clinic.scheduling.queries.diary import instant, seconds
from clinic.scheduling.queries.setting import clinic_date, get_setting
from clinic.scheduling.queries.slots import find_alternatives
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action

FAMILY_NAME = "Sample"
DAYS_BACK = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoRelative:
    """An adult of the family, as the demo prints them."""

    given_name: str
    email: str
    phone: str
    birth_date: date
    relation: str
    is_for: str

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given_name} {FAMILY_NAME}"


NORA = DemoRelative(
    given_name="Nora",
    email="nora.sample@example.com",
    phone="+12125550191",
    birth_date=date(1985, 4, 12),
    relation="parent",
    is_for="mother of Milo and Ida",
)
WALTER = DemoRelative(
    given_name="Walter",
    email="walter.sample@example.com",
    phone="+12125550192",
    birth_date=date(1953, 11, 8),
    relation="guardian",
    is_for="grandfather and guardian of Juno",
)
RELATIVES = (NORA, WALTER)


def settle_family(*, now: datetime, desk: Actor) -> int:
    """Book what they came for and will come for; answers how many visits.

    As a guardian of Ida, too, Walter waits to be believed.
    """
    year = clinic_date(now).year
    milo = _child("Milo", date(year - 9, 5, 20), NORA)
    ida = _child("Ida", date(year - 13, 9, 2), NORA)
    juno = _child("Juno", date(year - 15, 2, 17), WALTER)
    before = now - timedelta(days=DAYS_BACK)
    past = [_book(who, "evaluation", before, days=1) for who in (milo, _adult(WALTER))]
    for visit in past:
        _come(visit, desk=desk, now=now)
    plans = (
        (milo, "follow-up"),
        (_adult(NORA), "running-check"),
        (ida, "evaluation"),
        (juno, "evaluation"),
        (replace(ida, guardian=_guardian(WALTER, NORA)), "follow-up"),
    )
    coming = [_book(*plan, now, days=days) for days, plan in enumerate(plans, start=3)]
    return sum(visit is not None for visit in (*past, *coming))


def _adult(one: DemoRelative) -> PatientDetails:
    return PatientDetails(
        given_name=one.given_name,
        family_name=FAMILY_NAME,
        birth_date=one.birth_date,
        email=one.email,
        phone=one.phone,
    )


def _child(given_name: str, birth_date: date, of: DemoRelative) -> PatientDetails:
    return PatientDetails(
        given_name=given_name,
        family_name=FAMILY_NAME,
        birth_date=birth_date,
        email=of.email,
        phone=of.phone,
        guardian=_guardian(of, of),
    )


def _guardian(one: DemoRelative, reached_at: DemoRelative) -> GuardianDetails:
    return GuardianDetails(
        name=one.name,
        birth_date=one.birth_date,
        relation=one.relation,
        email=reached_at.email,
        phone=reached_at.phone,
    )


def _book(who: PatientDetails, service: str, now: datetime, *, days: int) -> Visit | None:
    """The first free time from that many days after ``now``; None when there is none."""
    wish = Wish(service=service, starts_at=now)
    query = query_of(setting=get_setting(), wish=wish, actor=PUBLIC, now=now)
    day = clinic_date(now) + timedelta(days=days)
    free = find_alternatives(query=query, day=day, not_before=seconds(now), now=now, limit=1)
    if not free:
        return None
    chosen = replace(
        wish,
        starts_at=instant(free[0].start),
        practitioner=free[0].practitioner,
        location=free[0].location,
    )
    try:
        return book_appointment(wish=chosen, patient=who, actor=PUBLIC, now=now)
    except Refusal:
        return None


def _come(visit: Visit | None, *, desk: Actor, now: datetime) -> None:
    if visit is not None and visit.ends_at < now:
        take_step(public_id=visit.public_id, action=Action.FULFIL, actor=desk, now=visit.ends_at)
