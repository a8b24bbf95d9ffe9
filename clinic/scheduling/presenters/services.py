"""What can be booked, as the first page of booking shows it."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from clinic.scheduling.presenters.times import slot_words
from clinic.scheduling.rules.asking import Slot
from clinic.scheduling.rules.setting import Service, Setting
from clinic.web.filters import duration, money


@dataclass(frozen=True, slots=True)
class ServiceView:
    """One service; ``href`` is empty where only a call books it."""

    name: str
    length: str
    price: str
    note: str
    href: str


@dataclass(frozen=True, slots=True)
class ServiceGroup:
    """Services of a kind."""

    heading: str
    services: tuple[ServiceView, ...]


def present_services(
    *, setting: Setting, next_free: Mapping[str, Slot], currency: str
) -> tuple[ServiceGroup, ...]:
    """The clinic's services by how one comes to them, in the clinic file's order."""
    every = setting.services.values()
    groups = (
        (_("At the clinic"), [one for one in every if _kind(one) == "visit"]),
        (_("By video"), [one for one in every if _kind(one) == "video"]),
        (_("Classes"), [one for one in every if _kind(one) == "class"]),
        (_("Booked by phone"), [one for one in every if _kind(one) == "phone"]),
    )
    return tuple(
        ServiceGroup(heading, tuple(_view(one, setting, next_free, currency) for one in services))
        for heading, services in groups
        if services
    )


def _kind(service: Service) -> str:
    if not service.online:
        return "phone"
    if service.is_telehealth:
        return "video"
    return "class" if service.capacity > 1 else "visit"


def _view(
    service: Service, setting: Setting, next_free: Mapping[str, Slot], currency: str
) -> ServiceView:
    return ServiceView(
        name=service.name,
        length=duration(service.minutes),
        price=price_words(service.price_cents, currency),
        note=_note(service, setting, next_free.get(service.slug)),
        href=f"/book/{service.slug}" if service.online else "",
    )


def _note(service: Service, setting: Setting, slot: Slot | None) -> str:
    if not service.online:
        return str(_("Call us to book it."))
    if service.safety_screen:
        return str(_("We ask a few safety questions first."))
    if service.is_telehealth:
        return str(_("You choose the state you will be in, then a time."))
    if service.capacity > 1:
        return str(_("A class of up to %(number)d people.", number=service.capacity))
    if slot is None:
        return str(_("No free time in the next two weeks."))
    zone = setting.locations[slot.location].zone
    return str(_("Next free: %(moment)s", moment=slot_words(slot, zone)))


def price_words(cents: int, currency: str) -> str:
    """`$180`, nothing for what costs nothing."""
    return money(cents, currency=currency) if cents else ""
