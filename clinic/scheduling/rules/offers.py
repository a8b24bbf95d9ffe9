"""Who offers a service where, and from when to when it may be asked for."""

from dataclasses import dataclass
from datetime import date, timedelta

from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.opening import works_at
from clinic.scheduling.rules.rooms import Groups, groups_at
from clinic.scheduling.rules.setting import Location, Practitioner
from clinic.scheduling.rules.wall_time import local_date

# The dates of two zones at one instant differ by at most two days (Niue and Kiribati).
DATE_REACH = 2


@dataclass(frozen=True, slots=True)
class Offer:
    """A practitioner who does the service at a location, with the groups of rooms it needs."""

    practitioner: Practitioner
    location: Location
    groups: Groups


def has_licence(*, practitioner: Practitioner, state: str | None, day: date) -> bool:
    """Whether a licence of the patient's state is valid on a local date, both ends included."""
    return state is not None and any(
        licence.state == state
        and (licence.valid_from is None or licence.valid_from <= day)
        and (licence.valid_to is None or day <= licence.valid_to)
        for licence in practitioner.licences
    )


def doers(*, query: Query) -> tuple[Practitioner, ...]:
    """The practitioners asked for who do the service, in the clinic file's order."""
    everyone = query.setting.practitioners
    if query.practitioner is not None:
        asked = everyone.get(query.practitioner)
        return (asked,) if asked and query.service in asked.services else ()
    return tuple(one for one in everyone.values() if query.service in one.services)


def offers(*, query: Query) -> tuple[Offer, ...]:
    """Who does the service where, licences and `online` apart, in the clinic file's order."""
    return query.setting.memo.recall(
        ("offers", query.service, query.practitioner, query.location), lambda: _offers(query)
    )


def _offers(query: Query) -> tuple[Offer, ...]:
    found: list[Offer] = []
    for practitioner in doers(query=query):
        for slug in works_at(setting=query.setting, practitioner=practitioner):
            offer = offer_at(query=query, practitioner=practitioner, location=slug)
            if offer is not None and query.location in {None, slug}:
                found.append(offer)
    return tuple(found)


def offer_at(*, query: Query, practitioner: Practitioner, location: str) -> Offer | None:
    """The offer of one practitioner at one location; None where the rooms cannot be had."""
    setting = query.setting
    groups = setting.memo.recall(
        ("groups", query.service, location),
        lambda: groups_at(setting=setting, service=query.wanted, location=location),
    )
    if groups is None:
        return None
    return Offer(practitioner, setting.locations[location], groups)


def query_zone(*, query: Query) -> str:
    """The zone in which the dates of a query are meant.

    The location's; the clinic's where several locations offer the service.
    """
    if query.location is not None:
        return query.setting.locations[query.location].zone
    locations = {offer.location.slug: offer.location.zone for offer in offers(query=query)}
    return next(iter(locations.values())) if len(locations) == 1 else query.setting.zone


def earliest_start(*, query: Query) -> int:
    """The first instant that the notice allows, itself allowed."""
    return query.now + query.wanted.min_notice_seconds


def last_date(*, query: Query, zone: str) -> date:
    """The last local date that the horizon allows, itself allowed."""
    return shift(local_date(instant=query.now, zone=zone), query.wanted.horizon_days)


def horizon_date(*, query: Query) -> date:
    """The last date of `query_zone` on which there can be a slot."""
    zone = query_zone(query=query)
    last = last_date(query=query, zone=zone)
    elsewhere = any(offer.location.zone != zone for offer in offers(query=query))
    return shift(last, DATE_REACH) if elsewhere else last


def shift(day: date, days: int) -> date:
    """A date so many days on, kept within what the calendar can say with some days to spare."""
    ordinal = min(max(day.toordinal() + days, 10), date.max.toordinal() - 10)
    return date.min + timedelta(days=ordinal - 1)
