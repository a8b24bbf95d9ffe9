"""One visit as the JSON API tells it."""

from typing import Any

from clinic.core.values import Actor
from clinic.interop.rules.instants import local_text, utc_text
from clinic.scheduling.queries.links import visit_token
from clinic.scheduling.queries.visits import Visit


def appointment_shown(visit: Visit, *, actor: Actor, base_url: str) -> dict[str, Any]:
    """Everything about a visit; who the patient is, and who overrode what, for staff only."""
    token = visit_token(visit)
    shown: dict[str, Any] = {
        "id": visit.public_id,
        "status": visit.status,
        "confirmed": visit.is_confirmed,
        "review": visit.review,
        "service": visit.service,
        "practitioner": visit.practitioner,
        "location": visit.location,
        "resources": list(visit.resources),
        "starts_at": utc_text(visit.starts_at),
        "ends_at": utc_text(visit.ends_at),
        "local": local_text(visit.starts_at, zone=visit.zone),
        "series": visit.series,
        "override": None,
        "manage_url": f"{base_url}/visits/{token}",
        "version": visit.version,
    }
    if actor.is_staff:
        shown["patient"] = {"id": visit.patient}
        if visit.override_by is not None:
            shown["override"] = {"reason": visit.override_reason, "by": visit.override_by}
    return shown
