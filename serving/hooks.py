"""What gunicorn calls of ours (`gunicorn.conf.py`). Imported before the product's code is."""

import logging
import os
import sys
from typing import Any

from serving.forks import keep_forks
from serving.likeness import address, likeness

log = logging.getLogger("clinic.serving")


def _own_likeness() -> str | None:
    """What a worker must be like, or None where that cannot be told (no Linux, no /proc)."""
    try:
        return likeness(os.environ) if sys.platform.startswith("linux") else None
    except OSError:
        return None


_LIKENESS = _own_likeness()
"""Taken now: the code on the disk may be another by the time that this one is loaded."""


def when_ready(server: Any) -> None:
    """Let the worker beside this server live from its memory, where the server has loaded it."""
    if _LIKENESS is None or not server.cfg.preload_app or "wsgi" not in sys.modules:
        return
    from clinic.core.worker import work
    from wsgi import app

    try:
        keep_forks(
            server.LISTENERS,
            address=address(os.environ),
            likeness=_LIKENESS,
            work=lambda: work(app),
        )
    except OSError as error:  # the server serves all the same
        log.warning("the worker will load its own memory: %s", error)
