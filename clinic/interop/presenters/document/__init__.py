"""The API's description of itself: OpenAPI 3.1, put together from small pieces."""

from functools import cache
from typing import Any

from clinic.interop.presenters.document.paths import paths
from clinic.interop.presenters.document.schemas import SCHEMAS

__all__ = ["document"]

DESCRIPTION = (
    "Appointments of the clinic: what is offered, when it can be had, booking and changing it. "
    "Instants are RFC 3339 in UTC; `local` is the location's wall time with its offset. Refusals "
    "are problem details (RFC 9457) whose `type` ends in a stable code. POST calls take an "
    "`Idempotency-Key`, kept for 24 hours. Codes are slugs. Unknown members and parameters are "
    "refused; answers may gain members."
)


@cache
def document() -> dict[str, Any]:
    """The API as an OpenAPI 3.1 document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Clinic API", "version": "1.0.0", "description": DESCRIPTION},
        "servers": [{"url": "/api/v1"}],
        "paths": paths(),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
