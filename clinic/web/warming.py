"""What the first requests would make, made once before the processes are parted.

A process that serves builds much that stays: compiled templates, mappers, statements, the clinic's
configuration. Made before gunicorn forks, the processes share it, and no visitor waits for it.
"""

import logging
from collections.abc import Callable, Iterable, Mapping

from flask import Flask, g
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from clinic.core.db import db
from clinic.core.engines import sqlite_file
from clinic.core.errors import Refusal
from clinic.core.locks import dispose_lock_engines
from clinic.core.migrations import is_migrated
from clinic.core.values import Actor, Role

log = logging.getLogger(__name__)

TEMPLATES = ("scheduling/choose_time.html", "scheduling/details.html")
"""Pages that only somebody who has chosen is shown."""

NOBODY = Actor(kind="system", name="rehearsal", role=Role.FRONT_DESK)
"""For whom the pages of staff are rehearsed; what they print is seen by nobody."""


def warm_up(
    app: Flask, *, pages: Iterable[str], rehearsals: Mapping[str, Callable[[], None]]
) -> None:
    """Ask the application for these pages, which must write nothing, and leave nothing open.

    ``rehearsals``: by its path, what prints a page of staff and puts no look on record.
    Connections would be torn between the processes, so all are closed. Where the database does not
    answer or is not migrated nothing is asked: the application starts all the same.
    """
    configure_mappers()
    for name in TEMPLATES:
        app.jinja_env.get_template(name)
    if not _is_ready(app):
        return
    try:
        _ask(app, pages)
        for path, rehearse in rehearsals.items():
            with app.test_request_context(path, base_url=app.config["CLINIC"].base_url):
                g.actor = NOBODY
                rehearse()
    except (SQLAlchemyError, Refusal) as error:
        log.warning("the rehearsal ended early: %s", type(error).__name__)
    _let_go(app)


def _ask(app: Flask, pages: Iterable[str]) -> None:
    client = app.test_client()
    for page in pages:
        with client.get(page, base_url=app.config["CLINIC"].base_url) as answer:
            if answer.status_code >= 500:  # it has been logged
                break


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
