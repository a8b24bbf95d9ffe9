"""One line for each request, with an id that the answer carries too.

Never the address as it was asked: it may hold a token, a name or a birth date. The route's pattern
says which page it was, and that is enough.
"""

import logging
import secrets
import time

from flask import Flask, Response, g, request

log = logging.getLogger("clinic.requests")


FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
DAY_AND_TIME = "%Y-%m-%dT%H:%M:%S"


def write_logs(level: str) -> None:
    """Write to standard error what the product says at this level or above, in UTC.

    Libraries only warn, whatever the level: some would write down values of statements. A process
    that has been given a place for its logs already keeps it.
    """
    lines = logging.Formatter(FORMAT, DAY_AND_TIME)
    lines.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(lines)
    own = logging.getLevelNamesMapping()[level]
    logging.basicConfig(handlers=[handler], level=max(own, logging.WARNING))
    logging.getLogger("clinic").setLevel(own)


def init_logs(app: Flask) -> None:
    """Number every request, put the number on its answer and in the log."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.request_id = secrets.token_hex(8)
    g.request_began = time.perf_counter()


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers["X-Request-Id"] = g.request_id
    if request.endpoint != "static":
        took_ms = (time.perf_counter() - g.request_began) * 1000
        route = request.url_rule.rule if request.url_rule else "(no such page)"
        log.info(
            "%s %s %s %d %.0f ms",
            g.request_id,
            request.method,
            route,
            response.status_code,
            took_ms,
        )
    return response
