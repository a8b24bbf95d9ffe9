"""What cannot be waited for, and when a wait is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.core.errors import Invalid
from clinic.scheduling.operations.refusals import NotLicensed, NotOffered, TooFar, TooSoon
from clinic.scheduling.operations.wishes import Wish, check_codes
from clinic.scheduling.queries.diary import instant, query_now
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.offers import has_licence, horizon_date, offers, query_zone
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.waitlist import MOST_WAITING_DAYS, WaitWish, window_faults
from clinic.scheduling.rules.wall_time import local_date, start_of_day


@dataclass(frozen=True, slots=True)
class _Asked:
    wish: WaitWish
    query: Query


def check_wait_wish(*, wish: WaitWish, setting: Setting, is_staff: bool, now: datetime) -> None:
    """Raise what stands against waiting for this, before anything about the patient is asked.

    Raises Invalid, TooSoon where the dates are over; for the public TooFar where they begin beyond
    the horizon; NotLicensed where nobody may treat in the state on any of the days; NotOffered.
    """
    if errors := faults_of_wish(wish=wish, setting=setting, now=now):
        raise Invalid(errors)
    asked = _Asked(wish, _query(wish, setting, now, is_staff=is_staff))
    zone = query_zone(query=asked.query)
    if wish.to_date < local_date(instant=asked.query.now, zone=zone):
        raise TooSoon
    if not is_staff and wish.from_date > horizon_date(query=asked.query):
        raise TooFar
    who = offers(query=asked.query)
    if who and asked.query.wanted.is_telehealth and not _is_licensed(asked):
        raise NotLicensed
    if not who or not (is_staff or asked.query.wanted.online):
        raise NotOffered


def faults_of_wish(*, wish: WaitWish, setting: Setting, now: datetime) -> dict[str, list[str]]:
    """All that is wrong with a wish by itself, by the fields' names in the interface."""
    errors: dict[str, list[str]] = {}
    try:
        check_codes(
            setting=setting,
            wish=Wish(
                service=wish.service,
                starts_at=now.replace(microsecond=0),
                practitioner=wish.practitioner,
                location=wish.location,
                state=wish.state,
                patient_zone=wish.patient_zone,
            ),
        )
    except Invalid as unknown:
        errors |= unknown.errors
    if wish.state is not None and wish.state not in STATES:
        errors["state"] = ["There is no such state."]
    if wish.to_date < wish.from_date:
        errors["to"] = ["This is before the first date."]
    elif (wish.to_date - wish.from_date).days >= MOST_WAITING_DAYS:
        errors["to"] = [f"Wait for at most {MOST_WAITING_DAYS} days."]
    if not wish.days <= frozenset(range(7)):
        errors["days"] = ["There is no such day of the week."]
    service = setting.services.get(wish.service)
    fault = window_faults(windows=wish.windows, minutes=service.minutes if service else 1)
    if fault is not None:
        errors["times"] = [fault]
    return errors


def ends_at_of(*, wish: WaitWish, setting: Setting, now: datetime) -> datetime:
    """When the last of the dates is over where the visit would be."""
    zone = query_zone(query=_query(wish, setting, now, is_staff=True))
    return instant(start_of_day(day=wish.to_date + timedelta(days=1), zone=zone))


def _query(wish: WaitWish, setting: Setting, now: datetime, *, is_staff: bool) -> Query:
    return Query(
        setting=setting,
        service=wish.service,
        practitioner=wish.practitioner,
        location=wish.location,
        # A state is the patient's, for video visits; others are booked without one.
        state=wish.state,
        now=query_now(now),
        staff=is_staff,
    )


def _is_licensed(asked: _Asked) -> bool:
    wish = asked.wish
    days = [wish.from_date + timedelta(days=n) for n in range((wish.to_date - wish.from_date).days)]
    return any(
        has_licence(practitioner=offer.practitioner, state=wish.state, day=day)
        for offer in offers(query=asked.query)
        for day in (*days, wish.to_date)
    )
