"""What somebody wants to book, and how it is weighed before anything is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.core.errors import Forbidden, Invalid
from clinic.core.values import Actor, Role
from clinic.scheduling.operations.refusals import EARLY, SlotTaken
from clinic.scheduling.queries.diary import diary_of_start, query_now, seconds
from clinic.scheduling.queries.loads import load_of
from clinic.scheduling.queries.slots import find_alternatives
from clinic.scheduling.rules.asking import Candidate, Diary, Query, RefusalCode
from clinic.scheduling.rules.booking import check_start
from clinic.scheduling.rules.choice import in_order_of_choice
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.wall_time import local_date
from clinic.scheduling.rules.zones import NO_ZONE, is_zone

ATTEMPTS = 5
"""How often a lost race is tried anew, each time in a new transaction with a new look."""
ONE_DAY = timedelta(days=1)
BOOKING_ROLES = frozenset({Role.ADMIN, Role.FRONT_DESK, Role.CLINICIAN, Role.GAIT_LAB})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A time somebody wants: slugs, and ``starts_at`` as an aware UTC instant.

    ``rooms`` are named by staff only. ``override_reason`` lets staff go against hours, closures,
    claims and the patient's other visits. ``screened_as`` is the browser that
    answered the safety questions. ``patient_zone`` is the patient's own clock, where it is known.
    ``follows`` is the public id of the patient's visit after which this one comes. ``sold``: an
    order buys it, so it need not be a service that patients book by themselves.
    """

    service: str
    starts_at: datetime
    practitioner: str | None = None
    location: str | None = None
    state: str | None = None
    rooms: tuple[str, ...] | None = None
    override_reason: str | None = None
    screened_as: str | None = None
    patient_zone: str | None = None
    follows: str | None = None
    sold: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """The candidate that was chosen and whether it goes against something."""

    candidate: Candidate
    is_override: bool


def query_of(*, setting: Setting, wish: Wish, actor: Actor, now: datetime) -> Query:
    """The wish as the availability rules ask it.

    Raises Invalid for codes that are not live, a missing or wrong state, a time zone that is none
    and a start with a fraction of a second; Forbidden for an override by somebody who may not.
    """
    is_staff = may_book_as_staff(actor)
    if wish.override_reason is not None and not is_staff:
        raise Forbidden
    check_codes(setting=setting, wish=wish)
    return Query(
        setting=setting,
        service=wish.service,
        practitioner=wish.practitioner,
        location=wish.location,
        state=wish.state,
        now=query_now(now),
        staff=is_staff,
        sold=wish.sold,
    )


def may_book_as_staff(actor: Actor) -> bool:
    """Whether the looser rules for staff hold for this actor."""
    return actor.is_staff and actor.role in BOOKING_ROLES


def check_codes(*, setting: Setting, wish: Wish) -> None:
    """Raise Invalid, naming each field, for what is not in the setting."""
    errors: dict[str, list[str]] = {}
    known = {
        "service": (wish.service, setting.services),
        "practitioner": (wish.practitioner, setting.practitioners),
        "location": (wish.location, setting.locations),
    }
    for field, (slug, live) in known.items():
        if slug is not None and slug not in live:
            errors[field] = [f"There is no such {field}."]
    if unknown := [slug for slug in wish.rooms or () if slug not in setting.rooms]:
        errors["resources"] = [f"There is no room or equipment {slug!r}." for slug in unknown]
    service = setting.services.get(wish.service)
    if service is not None and service.is_telehealth and wish.state is None:
        errors["state"] = ["Say in which state you will be during the video visit."]
    if wish.patient_zone is not None and not is_zone(wish.patient_zone):
        errors["time_zone"] = [NO_ZONE]
    if wish.starts_at.microsecond:
        errors["starts_at"] = ["A visit starts at a whole second."]
    if errors:
        raise Invalid(errors)


def weigh(
    *, query: Query, wish: Wish, now: datetime, without: tuple[int, ...] = ()
) -> tuple[Choice | None, Diary]:
    """Who takes the wished start; None when the time is taken for this actor.

    Raises the refusals that come before those about the patient: TooSoon, TooFar, NotLicensed,
    NotOffered.
    """
    start = seconds(wish.starts_at)
    diary = diary_of_start(query=query, start=start, now=now, without=without)
    return judge(query=query, wish=wish, diary=diary), diary


def judge(*, query: Query, wish: Wish, diary: Diary) -> Choice | None:
    """The same with a diary at hand."""
    start = seconds(wish.starts_at)
    check = check_start(query=query, start=start, diary=diary, rooms=wish.rooms)
    if check.refusal is None:
        return Choice(_first(check.free, query, start), is_override=False)
    if check.overridable and wish.override_reason is not None:
        fewest = len(check.overridable[0].problems)
        best = tuple(one for one in check.overridable if len(one.problems) == fewest)
        return Choice(_first(best, query, start), is_override=True)
    if check.refusal is not RefusalCode.SLOT_TAKEN:
        raise EARLY[check.refusal]
    return None


def _first(candidates: tuple[Candidate, ...], query: Query, start: int) -> Candidate:
    if len(candidates) == 1:
        return candidates[0]
    slugs = tuple({one.practitioner for one in candidates})
    loads = load_of(setting=query.setting, practitioners=slugs, start=start)
    return in_order_of_choice(candidates=candidates, loads=loads)[0]


def slot_taken(*, query: Query, wish: Wish, now: datetime) -> SlotTaken:
    """The refusal with up to five free times at or after the wished one."""
    start = seconds(wish.starts_at)
    day = local_date(instant=start, zone=query.setting.zone)
    return SlotTaken(find_alternatives(query=query, day=day - ONE_DAY, not_before=start, now=now))
