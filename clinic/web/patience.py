"""Somebody waits for every page: the database may not keep them long."""

from flask import Flask

from clinic.core.waiting import wait_at_most

LONGEST_SECONDS = 1.8
"""What all answers for one page may take together. More than a wait for a lock (1.2 s) and than
PostgreSQL needs to notice a deadlock (1 s), and half a second try; with what else a page does the
apology still comes within three seconds."""


def init_patience(app: Flask) -> None:
    """Bound what requests wait for. Commands and the worker wait as long as the database does.

    Called before anything that asks the database before a request.
    """
    app.before_request(_begin)
    app.teardown_request(_end)


def _begin() -> None:
    wait_at_most(LONGEST_SECONDS)


def _end(_error: BaseException | None) -> None:
    wait_at_most(None)
