"""A waitlist entry as the JSON API tells it."""

from typing import Any

from clinic.core.values import Actor
from clinic.interop.rules.bounds import DAYS
from clinic.interop.rules.instants import local_text, utc_text
from clinic.scheduling.queries.links import waitlist_token
from clinic.scheduling.queries.waitlist import OfferedSlot, WaitingEntry


def entry_shown(found: WaitingEntry, *, actor: Actor, base_url: str) -> dict[str, Any]:
    """An entry: to the public that it stands and where it is followed; to staff all of it."""
    shown: dict[str, Any] = {
        "id": found.public_id,
        "status": found.status.value,
        "status_url": f"{base_url}/waitlist/{waitlist_token(found)}",
    }
    if not actor.is_staff:
        return shown
    return shown | {
        "service": found.service,
        "practitioner": found.practitioner,
        "location": found.location,
        "state": found.state,
        "from": found.from_date.isoformat(),
        "to": found.to_date.isoformat(),
        "days": [DAYS[day] for day in sorted(found.days)],
        "times": [[_clock(one.starts), _clock(one.ends)] for one in found.windows],
        "time_zone": found.zone,
        "language": found.language,
        "offer": _offer(found.offer),
        "appointment": found.visit,
        "joined_at": utc_text(found.joined_at),
        "closed_at": utc_text(found.closed_at) if found.closed_at else None,
        "patient": {"id": found.patient},
        "version": found.version,
    }


def _offer(offer: OfferedSlot | None) -> dict[str, Any] | None:
    if offer is None:
        return None
    return {
        "id": offer.public_id,
        "practitioner": offer.practitioner,
        "location": offer.location,
        "starts_at": utc_text(offer.starts_at),
        "local": local_text(offer.starts_at, zone=offer.zone),
        "expires_at": utc_text(offer.expires_at),
    }


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
