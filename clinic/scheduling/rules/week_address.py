"""Which times somebody wants to see: read from the address, whatever it holds.

An address is shared, cut and edited by hand, so what is not known there counts as not said.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from clinic.core.errors import NotFound
from clinic.scheduling.rules.opening import works_at
from clinic.scheduling.rules.setting import Service, Setting
from clinic.scheduling.rules.states import STATES
from clinic.scheduling.rules.week_view import Part

_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SLOT = re.compile(r"([0-9]{1,11})\|([a-z0-9-]{0,60})\|([a-z0-9-]{0,60})", re.ASCII)
_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A service and what of it is asked for; None means any, a missing week the nearest."""

    service: str
    practitioner: str | None = None
    location: str | None = None
    state: str | None = None
    part: Part | None = None
    week: date | None = None
    whole_day: date | None = None

    def address(self, path: str, **changes: object) -> str:
        """The same question at ``path``, with some of it changed."""
        asked = replace(self, **changes)  # type: ignore[arg-type]
        said = {
            "practitioner": asked.practitioner,
            "location": asked.location,
            "state": asked.state,
            "part": asked.part,
            "week": asked.week,
            "day": asked.whole_day,
        }
        query = urlencode({name: str(value) for name, value in said.items() if value is not None})
        return f"{path}?{query}" if query else path


@dataclass(frozen=True, slots=True)
class ChosenSlot:
    """The time behind a pressed button: seconds since 1970, and slugs or None."""

    start: int
    practitioner: str | None
    location: str | None


def read_ask(
    *, args: Mapping[str, str], service: Service, setting: Setting, places: tuple[str, ...]
) -> Ask:
    """The question in an address. Of several places one is always chosen, telehealth has none."""
    practitioner = args.get("practitioner", "")
    known = setting.practitioners.get(practitioner)
    who = practitioner if known is not None and service.slug in known.services else None
    state = args.get("state", "").upper()
    part = args.get("part", "")
    return Ask(
        service=service.slug,
        practitioner=who,
        location=_location(args.get("location", ""), who, service, setting, places),
        state=state if service.is_telehealth and state in STATES else None,
        part=Part(part) if part in list(Part) else None,
        week=read_date(args.get("week", "")),
        whole_day=read_date(args.get("day", "")),
    )


def read_date(text: str) -> date | None:
    """A date as addresses have it, None for anything else."""
    if not _ISO_DATE.fullmatch(text):
        return None
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # Weeks and zones reach some days to both sides: the calendar's edges are left alone.
    return found if date(1900, 1, 1) <= found <= date(9990, 1, 1) else None


def read_slot(text: str) -> ChosenSlot | None:
    """The time behind a pressed button, None when it is none of ours."""
    found = _SLOT.fullmatch(text)
    if found is None:
        return None
    return ChosenSlot(int(found[1]), found[2] or None, found[3] or None)


def read_public_id(text: str) -> str:
    """A public id from an address; NotFound for what can be none."""
    if not _PUBLIC_ID.fullmatch(text):
        raise NotFound
    return text


def _location(
    asked: str, who: str | None, service: Service, setting: Setting, places: tuple[str, ...]
) -> str | None:
    if service.is_telehealth or len(places) <= 1:
        return None
    if asked in places:
        return asked
    if who is not None:
        kept = works_at(setting=setting, practitioner=setting.practitioners[who])
        return next((slug for slug in places if slug in kept), places[0])
    return places[0]
