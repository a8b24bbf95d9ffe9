"""Who was refused what: in the log for everybody, in the audit trail for those we know by name.

OWASP ASVS 5.0, 16.3.1 and 16.3.2. Never the address as it was asked: the route's pattern is enough.
"""

import contextlib
import logging

from flask import g, request

from clinic.core.audit import record_look
from clinic.core.clock import now
from clinic.core.errors import Busy, Unavailable
from clinic.core.values import Actor

log = logging.getLogger("clinic.refusals")


def note_refusal(why: str, *, actor: Actor | None = None) -> None:
    """Put a refusal on record. What cannot be written now must not turn a refusal into an error."""
    route = request.url_rule.rule if request.url_rule else "(no such page)"
    who = f"{actor.kind} {actor.id}" if actor else "nobody"
    log.warning("%s %s %s: %s, %s", g.get("request_id", "-"), request.method, route, why, who)
    if actor is not None:
        details = {"page": f"{request.method} {route}", "why": why}
        with contextlib.suppress(Busy, Unavailable):
            record_look(action="page.refused", actor=actor, now=now(), details=details)
