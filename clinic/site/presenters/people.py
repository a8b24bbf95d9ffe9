"""The people of the clinic, with their own words and their next free times."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.setting import Practitioner, Service, Setting
from clinic.site.queries.next_free import NextFree
from clinic.site.rules.markup import Block, read_markup
from clinic.site.rules.texts import Kind, Name, Text
from clinic.web.filters import duration, local_date, local_time, money


@dataclass(frozen=True, slots=True)
class Person:
    """A practitioner with the next free time; `href` is empty where nothing can be booked."""

    name: str
    initials: str
    page: str
    focus: str
    languages: str
    next_free: str
    href: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A service as it is offered; `href` is empty where it cannot be booked online."""

    name: str
    length: str
    price: str
    href: str


@dataclass(frozen=True, slots=True)
class Profile:
    """The page of one practitioner."""

    person: Person
    bio: tuple[Block, ...]
    credentials: tuple[Block, ...]
    offers: tuple[Offer, ...]
    description: str


def present_people(
    *, setting: Setting, next_free: Mapping[str, NextFree], texts: Mapping[Name, Text]
) -> tuple[Person, ...]:
    """Everybody in the order of the clinic; who has no free time is absent in `next_free`."""
    return tuple(
        _person(setting, one, texts.get(Name(Kind.PERSON, one.slug)), next_free.get(one.slug))
        for one in setting.practitioners.values()
    )


def present_profile(
    *, setting: Setting, one: Practitioner, text: Text, free: NextFree | None, currency: str
) -> Profile:
    """One practitioner's page."""
    person = _person(setting, one, text, free)
    done = [service for service in setting.services.values() if service.slug in one.services]
    focus = f": {person.focus}." if person.focus else "."
    return Profile(
        person=person,
        bio=read_markup(text.content["bio"]),
        credentials=read_markup(text.content["credentials"]),
        offers=tuple(
            present_offer(service=service, currency=currency, practitioner=one.slug)
            for service in done
        ),
        description=f"{person.name}, {setting.name}{focus}",
    )


def present_offer(*, service: Service, currency: str, practitioner: str = "") -> Offer:
    """A service with its length and price, to be booked with that practitioner."""
    chosen = f"?practitioner={practitioner}" if practitioner else ""
    return Offer(
        name=service.name,
        length=duration(service.minutes),
        price=money(service.price_cents, currency=currency) if service.price_cents else "",
        href=f"/book/{service.slug}{chosen}" if service.online else "",
    )


def initials(name: str) -> str:
    """`DO` of `Dana Okafor, PT, DPT`: first and last name, without what stands behind a comma."""
    words = re.findall(r"\w[\w'’-]*", name.partition(",")[0])
    return "".join(word[0].upper() for word in (*words[:1], *words[1:][-1:]))


def moment(*, setting: Setting, slot: Slot) -> str:
    """`Mon, Nov 23, 12:45 PM` at the slot's place."""
    zone = setting.locations[slot.location].zone
    at = dt.datetime.fromtimestamp(slot.start, ZoneInfo(zone))
    return f"{local_date(at, zone=zone)}, {local_time(at, zone=zone)}"


def href_of(free: NextFree) -> str:
    """Where that time is booked."""
    return f"/book/{free.service}?practitioner={free.slot.practitioner}"


def _person(
    setting: Setting, one: Practitioner, text: Text | None, free: NextFree | None
) -> Person:
    does = [service.name for service in setting.services.values() if service.slug in one.services]
    said = text.content if text else {}
    return Person(
        name=one.name,
        initials=initials(one.name),
        page=f"/people/{one.slug}",
        focus=said.get("focus") or ", ".join(does),
        languages=said.get("languages", ""),
        next_free=moment(setting=setting, slot=free.slot) if free else "",
        href=href_of(free) if free else "",
    )
