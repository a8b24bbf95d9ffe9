"""Whether this process lives, and whether it can do its work; for whoever watches the machine."""

from functools import lru_cache

from flask import Blueprint, Response, current_app, jsonify, make_response
from sqlalchemy.exc import SQLAlchemyError

from clinic.core.clock import now
from clinic.core.db import current_connection, db
from clinic.core.heartbeat import is_alive
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


def is_migrated() -> bool:
    """Whether the schema is that of this code; raises SQLAlchemyError when nobody answers."""
    return _schema_heads() == _wanted_heads(_migrations_folder())


def _migrations_folder() -> str:
    return str(current_app.extensions["migrate"].directory)


def _schema_heads() -> frozenset[str]:
    from alembic.runtime.migration import MigrationContext

    return frozenset(MigrationContext.configure(current_connection()).get_current_heads())


@lru_cache(maxsize=4)
def _wanted_heads(folder: str) -> frozenset[str]:
    from alembic.script import ScriptDirectory

    return frozenset(ScriptDirectory(folder).get_heads())
