"""What people and programs see when a request cannot be answered as it was meant.

Paths under /api/ get problem details; everything else gets a page in plain words that stands even
when the database does not: its layout asks nothing.
"""

import logging
import traceback
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException
from werkzeug.http import HTTP_STATUS_CODES

from clinic.core.db import db
from clinic.core.errors import (
    Busy,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    Unauthorized,
    Unavailable,
)
from clinic.web.addresses import local_path
from clinic.web.pages import nearest_page
from clinic.web.problems import problem

API = "/api/"
WAIT_SECONDS = {429: 60, 503: 5}
CODES = {
    400: "bad-request",
    401: "unauthorized",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    409: "refused",
    413: "too-large",
    415: "unsupported-media-type",
    422: "invalid",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}
GENERIC = frozenset({NotFound, Forbidden, Unauthorized, Unavailable, Busy})

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Words:
    title: str
    lines: tuple[str, ...]
    way: str = ""


def init_errors(app: Flask) -> None:
    """Tie every error that reaches the top to its page or problem."""
    app.register_error_handler(CSRFError, _on_csrf)
    app.register_error_handler(HTTPException, _on_http)
    app.register_error_handler(Refusal, _on_refusal)
    for lost in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(lost, _on_lost_database)
    app.register_error_handler(Exception, _on_unforeseen)


def wants_problem() -> bool:
    """Whether the caller is a program that reads problem details."""
    return request.path.startswith(API)


def _on_csrf(_error: CSRFError) -> Response:
    if wants_problem():
        return _problem(400, _("The request did not come from our own page."))
    words = _Words(
        _("Please send the form again"),
        (
            _("We could not make sure that it came from you. Nothing was changed."),
            _("This happens when a page was open for long, or when cookies are blocked."),
            _("Go back, load the page again and send it once more."),
        ),
    )
    return _page(400, words)


def _on_http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None:
        return make_response(error.response)
    if status < 400:  # a redirect that was raised is an answer, not an error
        return make_response(error.get_response())
    if wants_problem():
        answer = _problem(status, error.description or "")
    else:
        answer = _page(status, _words(status))
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After", "WWW-Authenticate"}:
            answer.headers[name] = value
    return answer


def _on_refusal(refusal: Refusal) -> Response:
    if wants_problem():
        title = HTTP_STATUS_CODES.get(refusal.status, "Error")
        answer = problem(
            code=refusal.code,
            status=refusal.status,
            title=title,
            detail=_(refusal.message),
            **refusal.details,
        )
    else:
        answer = _page(refusal.status, _words_of_refusal(refusal))
    if refusal.retry_after_seconds is not None:
        answer.headers["Retry-After"] = str(refusal.retry_after_seconds)
    if refusal.status == 401:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _on_lost_database(error: Exception) -> Response:
    _forget_session()
    log.warning("database not reachable: %s", type(error).__name__)
    if wants_problem():
        return _problem(503, _("We cannot reach our records right now."))
    return _page(503, _words(503))


def _on_unforeseen(error: Exception) -> Response:
    _forget_session()
    _log_unforeseen(error)
    if wants_problem():
        return _problem(500, _("Something went wrong on our side."))
    return _page(500, _words(500))


def _log_unforeseen(error: Exception) -> None:
    """Where it happened, always; what it said only while building: it may quote a patient."""
    if current_app.debug or current_app.testing:
        log.error("unforeseen", exc_info=error)
        return
    places = "".join(traceback.format_tb(error.__traceback__))
    log.error("unforeseen %s in %s\n%s", type(error).__name__, g.get("request_id", "-"), places)


def _forget_session() -> None:
    """Let go of a connection that failed, so that nothing after this trips over it."""
    try:
        db.session.rollback()
    except Exception as error:  # noqa: BLE001 - the answer must go out whatever the session does
        log.warning("session could not be rolled back: %s", type(error).__name__)


def _problem(status: int, detail: str) -> Response:
    title = HTTP_STATUS_CODES.get(status, "Error")
    answer = problem(code=CODES.get(status, "error"), status=status, title=title, detail=detail)
    return _with_wait(answer, status)


def _page(status: int, words: _Words) -> Response:
    reference = str(g.get("request_id", "")) if status == 500 else ""
    body = render_template(
        "errors/error.html",
        title=words.title,
        lines=words.lines,
        reference=reference,
        again=_again(status),
        page=nearest_page() if status == 405 else "",
        way=words.way,
    )
    return _with_wait(Response(body, status=status, mimetype="text/html"), status)


def _again(status: int) -> str:
    """The page that was asked for, where asking again may help; "" for what was sent."""
    may_help = status in WAIT_SECONDS or status == 500
    if not may_help or request.method != "GET":
        return ""
    return local_path(request.full_path.rstrip("?"), otherwise="")


def _with_wait(answer: Response, status: int) -> Response:
    if status in WAIT_SECONDS:
        answer.headers["Retry-After"] = str(WAIT_SECONDS[status])
    return answer


def _words_of_refusal(refusal: Refusal) -> _Words:
    says_nothing_new = type(refusal) in GENERIC and refusal.message == type(refusal).message
    if says_nothing_new:
        return _words(refusal.status)
    lines = [_(refusal.message)]
    if isinstance(refusal, Invalid):
        lines += [_(sentence) for found in refusal.errors.values() for sentence in found]
    return _Words(_(refusal.title), tuple(lines), refusal.leads_to)


def _words(status: int) -> _Words:
    title, *lines = _texts().get(status, _texts()[400 if status < 500 else 500])
    return _Words(title, tuple(lines))


def _texts() -> dict[int, tuple[str, ...]]:
    return {
        400: (
            _("We could not read that"),
            _("Something in the request was not as expected. Nothing was changed."),
            _("Go back and try again."),
        ),
        401: (_("Please sign in"), _("This page is only for people who have signed in.")),
        403: (
            _("This is not yours to open"),
            _("Your account may not see or do this. If it should, ask whoever runs the clinic."),
        ),
        404: (
            _("We could not find that page"),
            _("The address may be mistyped, or the page is no longer there."),
        ),
        405: (
            _("That does not work here"),
            _("This address takes what a form sends, and cannot be opened by itself."),
            _("Nothing was changed. Go to the page it belongs to."),
        ),
        413: (
            _("That was too much to send"),
            _("Go back and shorten what you typed, or choose a smaller file."),
        ),
        429: (
            _("One moment, please"),
            _("There were too many requests from your connection. Nothing was changed."),
            _("Wait a minute and try again, or call us."),
        ),
        500: (
            _("Something went wrong on our side"),
            _("It is not your fault. Go back and try again; if it happens once more, call us."),
        ),
        503: (
            _("We cannot reach our records right now"),
            _("Nothing you typed is lost: wait a few seconds, go back and send it again."),
        ),
    }
