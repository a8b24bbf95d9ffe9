"""Errors of the JSON API as problem details (RFC 9457)."""

import json
from typing import Any

from flask import Response

MIMETYPE = "application/problem+json"


def problem(*, code: str, status: int, title: str, detail: str = "", **extra: Any) -> Response:
    """An `application/problem+json` answer.

    `type` is "/problems/" and the stable code, a reference that does not depend on where the
    clinic is served. `extra` holds what this code's problems add (`errors`, `alternatives`).
    """
    body: dict[str, Any] = {"type": f"/problems/{code}", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    body |= extra
    return Response(json.dumps(body), status=status, mimetype=MIMETYPE)
