"""Whether this process lives, and whether it can do its work; for whoever watches the machine."""

from flask import Blueprint, Response, jsonify, make_response
from sqlalchemy.exc import SQLAlchemyError

from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.heartbeat import is_alive
from clinic.core.migrations import is_migrated
from clinic.web.access import public

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@public
def healthz() -> Response:
    """200 as long as the process answers; asks nothing of anything else."""
    return make_response(jsonify(status="ok"))


@blueprint.get("/readyz")
@public
def readyz() -> Response:
    """200 when the database answers, its schema is ours and a worker is alive; else 503.

    Each part is named, so that one look says what is missing.
    """
    parts = {"database": False, "migrations": False, "worker": False}
    try:
        parts["migrations"] = is_migrated()
        parts["database"] = True
        parts["worker"] = parts["migrations"] and is_alive(part="worker", now=now())
    except SQLAlchemyError:
        db.session.rollback()
    ready = all(parts.values())
    answer = make_response(jsonify(status="ready" if ready else "not ready", **parts))
    answer.status_code = 200 if ready else 503
    return answer
