"""Services, practitioners and locations: what the public may book, all of it for staff."""

from datetime import date
from typing import Any

from clinic.scheduling.rules.opening import works_at
from clinic.scheduling.rules.setting import Licence, Practitioner, Service, Setting

Shown = dict[str, Any]


def services(setting: Setting, *, is_staff: bool, currency: str) -> list[Shown]:
    """Every service that may be asked for, in the clinic's order; prices in cents."""
    return [
        {
            "slug": one.slug,
            "name": one.name,
            "minutes": one.minutes,
            "modality": one.modality,
            "price_cents": one.price_cents,
            "currency": currency,
            "capacity": one.capacity,
            "online": one.online,
        }
        for one in _services(setting, is_staff)
    ]


def practitioners(setting: Setting, *, is_staff: bool, today: date) -> list[Shown]:
    """Who does any of these services, with what they do and what they are licensed for."""
    offered = [one.slug for one in _services(setting, is_staff)]
    return [
        {
            "slug": one.slug,
            "name": one.name,
            "licences": _licences(one, is_staff=is_staff, today=today),
            "services": [slug for slug in offered if slug in one.services],
        }
        for one in _practitioners(setting, is_staff)
    ]


def locations(setting: Setting, *, is_staff: bool) -> list[Shown]:
    """Where any of these practitioners sees patients."""
    used = {
        slug
        for one in _practitioners(setting, is_staff)
        for slug in works_at(setting=setting, practitioner=one)
    }
    return [
        {"slug": one.slug, "name": one.name, "time_zone": one.zone, "address": one.address}
        for one in setting.locations.values()
        if is_staff or one.slug in used
    ]


def _services(setting: Setting, is_staff: bool) -> list[Service]:
    done = {slug for one in setting.practitioners.values() for slug in one.services}
    return [
        one for one in setting.services.values() if is_staff or (one.online and one.slug in done)
    ]


def _practitioners(setting: Setting, is_staff: bool) -> list[Practitioner]:
    offered = {one.slug for one in _services(setting, is_staff)}
    return [one for one in setting.practitioners.values() if is_staff or one.services & offered]


def _licences(one: Practitioner, *, is_staff: bool, today: date) -> list[Shown]:
    """All of them with numbers for staff; for the public those in force, without."""
    if is_staff:
        return [_whole_licence(licence) for licence in one.licences]
    return [
        {"state": licence.state, "kind": licence.kind}
        for licence in one.licences
        if (licence.valid_from or today) <= today <= (licence.valid_to or today)
    ]


def _whole_licence(licence: Licence) -> Shown:
    return {
        "state": licence.state,
        "kind": licence.kind,
        "number": licence.number,
        "valid_from": licence.valid_from.isoformat() if licence.valid_from else None,
        "valid_to": licence.valid_to.isoformat() if licence.valid_to else None,
    }
