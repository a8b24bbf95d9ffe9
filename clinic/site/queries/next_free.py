"""The next free time of each practitioner, for the pages that promise one."""

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from clinic.scheduling.queries.diary import diary_of_everybody
from clinic.scheduling.rules.asking import Query, Slot
from clinic.scheduling.rules.setting import Practitioner, Service, Setting
from clinic.scheduling.rules.slots import busy_span, first_slots

REACH = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class NextFree:
    """A bookable time and the slug of the service it is for."""

    service: str
    slot: Slot


def first_service(*, setting: Setting, practitioner: Practitioner) -> Service | None:
    """What a new patient would book with this practitioner: the first such service of the clinic.

    Telehealth needs the patient's state first, a safety screen its answers, a class is no visit
    of one's own: those are not what a home page can promise a time for.
    """
    return next(
        (
            service
            for service in setting.services.values()
            if service.slug in practitioner.services
            and service.online
            and not service.is_telehealth
            and not service.safety_screen
            and service.capacity == 1
        ),
        None,
    )


def find_next_free(*, setting: Setting, now: dt.datetime) -> dict[str, NextFree]:
    """By practitioner the first bookable time within two weeks. One query for all of them."""
    today = now.astimezone(ZoneInfo(setting.zone)).date()
    until = today + REACH
    asked = _asked(setting, now)
    spans = [busy_span(query=one, from_date=today, to_date=until) for one in asked.values()]
    diary = diary_of_everybody(spans=spans, now=now)
    found = {
        slug: first_slots(query=query, from_date=today, to_date=until, diary=diary)
        for slug, query in asked.items()
    }
    return {slug: NextFree(asked[slug].service, slots[0]) for slug, slots in found.items() if slots}


def _asked(setting: Setting, now: dt.datetime) -> dict[str, Query]:
    return {
        one.slug: Query(
            setting=setting,
            service=service.slug,
            practitioner=one.slug,
            now=int(now.timestamp()),
        )
        for one in setting.practitioners.values()
        if (service := first_service(setting=setting, practitioner=one))
    }
