"""Whether this process lives, and whether it can do its work; for whoever watches the machine."""

from datetime import datetime
from typing import Protocol

from flask import Blueprint, Flask, Response, current_app, jsonify, make_response
from sqlalchemy.exc import SQLAlchemyError

from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.heartbeat import is_alive
from clinic.core.migrations import is_migrated
from clinic.web.access import public

blueprint = Blueprint("health", __name__)
_WATCHED = "clinic.watched"


class Look(Protocol):
    """How something stands, in one word."""

    def __call__(self, *, now: datetime) -> str: ...


def watch(app: Flask, *, name: str, look: Look) -> None:
    """Let ``/readyz`` tell how something stands that slices above know of."""
    app.extensions.setdefault(_WATCHED, {})[name] = look


def _watched() -> dict[str, Look]:
    found: dict[str, Look] = current_app.extensions.get(_WATCHED, {})
    return found


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """200 as long as the process answers; asks nothing of anything else."""
    return make_response(jsonify(status="ok"))


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """200 when the database answers, its schema is ours and a worker is alive; else 503.

    Each part is named, so that one look says what is missing. What is watched besides (``watch``)
    is told too, and takes nothing from being ready: the pages work without it.
    """
    parts = {"database": False, "migrations": False, "worker": False}
    besides: dict[str, str] = {}
    try:
        parts["migrations"] = is_migrated()
        parts["database"] = True
        parts["worker"] = parts["migrations"] and is_alive(part="worker", now=now())
        if parts["migrations"]:
            besides = {name: look(now=now()) for name, look in _watched().items()}
    except SQLAlchemyError:
        db.session.rollback()
    ready = all(parts.values())
    answer = make_response(jsonify(status="ready" if ready else "not ready", **parts, **besides))
    answer.status_code = 200 if ready else 503
    return answer
