"""What the first requests would make, made once before the processes are parted.

A process that serves builds much that stays: compiled templates, mappers, statements, the clinic's
configuration. Made before gunicorn forks, the processes share it, and no visitor waits for it.
"""

import logging
from collections.abc import Iterable

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from clinic.core.db import db
from clinic.core.engines import sqlite_file
from clinic.core.locks import dispose_lock_engines
from clinic.core.migrations import is_migrated

log = logging.getLogger(__name__)

TEMPLATES = ("desk/today.html", "scheduling/choose_time.html", "scheduling/details.html")
"""Pages that only somebody known, or somebody who has chosen, is shown."""


def warm_up(app: Flask, *, pages: Iterable[str]) -> None:
    """Ask the application for these pages, which must write nothing, and leave nothing open.

    Connections would be torn between the processes, so all are closed. Where the database does not
    answer or is not migrated nothing is asked: the application starts all the same.
    """
    configure_mappers()
    for name in TEMPLATES:
        app.jinja_env.get_template(name)
    if not _is_ready(app):
        return
    client = app.test_client()
    for page in pages:
        with client.get(page, base_url=app.config["CLINIC"].base_url) as answer:
            if answer.status_code >= 500:  # it has been logged
                break
    _let_go(app)


def _is_ready(app: Flask) -> bool:
    file = sqlite_file(app.config["CLINIC"].database_url)
    if file is not None and not file.exists():  # looking would make it
        return False
    try:
        with app.app_context():
            return is_migrated()
    except SQLAlchemyError:
        return False
    finally:
        _let_go(app)


def _let_go(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
    dispose_lock_engines()
