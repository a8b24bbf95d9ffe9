"""Migrations, seen from processes that do not migrate.

Alembic and what it brings take eleven megabytes: only commands that migrate load it.
"""

from pathlib import Path

from flask import Flask, current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import column, inspect, select, table
from sqlalchemy.engine import Connection
from werkzeug.local import LocalProxy

from clinic.core.db import current_connection

_FOLDER = "clinic.migrations"
_VERSIONS = table("alembic_version", column("version_num"))


def init_migrations(app: Flask, database: SQLAlchemy, *, folder: Path) -> None:
    """Let Flask-Migrate find the application once somebody asks for it (``flask db``)."""

    def load() -> object:
        from flask_migrate import Migrate

        Migrate(app, database, directory=str(folder), render_as_batch=False)
        return app.extensions["migrate"]

    app.extensions[_FOLDER] = folder
    app.extensions["migrate"] = LocalProxy(load)


def is_migrated() -> bool:
    """Whether the database's schema is the one that this code was written for.

    Migrations are a sequence and files are named by their revision: the last name is the newest.
    Raises SQLAlchemyError when nobody answers.
    """
    return find_revision(current_connection()) == list_revisions()[-1]


def is_behind() -> bool:
    """Whether migrations are still to be run here: none was, or not all that this code knows.

    Raises SQLAlchemyError when nobody answers.
    """
    found, known = find_revision(current_connection()), list_revisions()
    return found is None or found in known[:-1]


def list_revisions() -> list[str]:
    """The revisions that this code knows, oldest first."""
    return sorted(path.stem for path in current_app.extensions[_FOLDER].glob("versions/0*.py"))


def find_revision(connection: Connection) -> str | None:
    """The revision of the database's schema; None where nothing was migrated."""
    if not inspect(connection).has_table(_VERSIONS.name):
        return None
    return connection.scalar(select(_VERSIONS.c.version_num))


def migrate_within(connection: Connection, revision: str) -> None:
    """Bring the schema to the revision, up or down, inside the connection's transaction."""
    from alembic import command

    found = find_revision(connection)
    if found == revision:
        return
    config = current_app.extensions["migrate"].migrate.get_config()
    config.attributes["connection"] = connection
    move = command.upgrade if found is None or found < revision else command.downgrade
    move(config, revision)
