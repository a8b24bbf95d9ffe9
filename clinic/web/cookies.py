"""The two cookies that prove a session: staff's and patients', apart from each other.

Scripts cannot read them, browsers forget them when they are closed, and where the site is served by
HTTPS their names begin with ``__Host-``, so that no other host can set them.
"""

from flask import Response, current_app, request

STAFF = "staff"
PATIENT = "patient"


def session_token() -> str | None:
    """The staff session's token that this browser sent."""
    return _sent(STAFF)


def give_session(response: Response, token: str) -> None:
    """Let the browser keep the staff session's token until it is closed."""
    _give(response, STAFF, token)


def take_session(response: Response) -> None:
    """Let the browser forget the staff session's token."""
    _take(response, STAFF)


def patient_token() -> str | None:
    """The patient session's token that this browser sent."""
    return _sent(PATIENT)


def give_patient_session(response: Response, token: str) -> None:
    """Let the browser keep the patient session's token until it is closed."""
    _give(response, PATIENT, token)


def take_patient_session(response: Response) -> None:
    """Let the browser forget the patient session's token."""
    _take(response, PATIENT)


def _name(whose: str) -> str:
    return f"__Host-{whose}" if current_app.config["SESSION_COOKIE_SECURE"] else whose


def _sent(whose: str) -> str | None:
    return request.cookies.get(_name(whose)) or None


def _give(response: Response, whose: str, token: str) -> None:
    response.set_cookie(
        _name(whose),
        token,
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )


def _take(response: Response, whose: str) -> None:
    response.delete_cookie(
        _name(whose),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
