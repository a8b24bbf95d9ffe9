"""A visit request as the JSON API tells it."""

from typing import Any

from clinic.core.values import Actor
from clinic.interop.rules.instants import utc_text
from clinic.scheduling.queries.links import request_token
from clinic.scheduling.queries.requests import RequestedVisit


def visit_request_shown(found: RequestedVisit, *, actor: Actor, base_url: str) -> dict[str, Any]:
    """A request: to the public that it stands and where it is followed; to staff all of it."""
    token = request_token(found)
    shown: dict[str, Any] = {
        "id": found.public_id,
        "status": found.status.value,
        "status_url": f"{base_url}/requests/{token}",
    }
    if not actor.is_staff:
        return shown
    return shown | {
        "modality": found.modality.value,
        "reason": found.reason,
        "preferred": [
            {"from": utc_text(time.starts_at), "to": utc_text(time.ends_at)} for time in found.times
        ],
        "time_zone": found.zone,
        "state": found.state,
        "practitioner": found.practitioner,
        "language": found.language,
        "interpreter": found.needs_interpreter,
        "emergency_address": found.emergency_address,
        "emergency_phone": found.emergency_phone,
        "device": {
            "camera": found.device.camera,
            "microphone": found.device.microphone,
            "connection": found.device.connection,
        },
        "urgency": found.urgency.name.lower(),
        "offers": [
            {
                "id": one.public_id,
                "service": one.service,
                "practitioner": one.practitioner,
                "location": one.location,
                "starts_at": utc_text(one.starts_at),
                "expires_at": utc_text(one.expires_at),
            }
            for one in found.offers
        ],
        "answer": found.answer,
        "decline_reason": found.decline_reason,
        "appointment": found.visit,
        "created_at": utc_text(found.created_at),
        "due_at": utc_text(found.due_at),
        "patient": {"id": found.patient},
        "version": found.version,
    }
