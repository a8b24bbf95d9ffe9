"""Flask without the work that every request pays and nothing here needs."""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface


class LeanSessions(SecureCookieSessionInterface):
    """The browser's signed cookie; nothing to check a signature with is made where none came."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of this browser, an empty one for a browser without."""
        if app.secret_key and not request.cookies.get(self.get_cookie_name(app)):
            return self.session_class()
        return super().open_session(app, request)


class LeanFlask(Flask):
    """Views and hooks are plain functions (a test says so): none is looked at for being async."""

    session_interface = LeanSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func
