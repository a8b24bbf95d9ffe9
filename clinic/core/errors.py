"""What the clinic declines to do, as typed facts with a sentence for people.

A refusal is anticipated: it says why, changes nothing and never becomes a 500. ``code`` is the
stable name that the API answers with, ``message`` a sentence a patient can read.
"""

from collections.abc import Mapping
from typing import Any


class Refusal(Exception):
    """A request that was understood and is declined; nothing was changed.

    ``title`` heads the page that says so; ``leads_to`` is the page that helps, "" for none.
    """

    code = "refused"
    status = 409
    message = "This cannot be done."
    title = "This could not be done"
    leads_to = ""
    retry_after_seconds: int | None = None

    def __init__(self, message: str | None = None, **details: Any) -> None:
        self.message = message or type(self).message
        self.details: dict[str, Any] = details
        super().__init__(self.message)


class NotFound(Refusal):
    """There is no such thing, or not for this actor: both look the same from outside."""

    code = "not-found"
    status = 404
    message = "We could not find that."


class Forbidden(Refusal):
    """The actor is known and may not do this."""

    code = "forbidden"
    status = 403
    message = "You are not allowed to do this."


class Unauthorized(Refusal):
    """Nobody we know: a sign-in or a valid token is needed."""

    code = "unauthorized"
    status = 401
    message = "Sign in to do this."


class Invalid(Refusal):
    """Input of the wrong shape; ``errors`` maps the path of each field to its sentences."""

    code = "invalid"
    status = 422
    message = "Some of what you sent needs to be corrected."

    def __init__(self, errors: Mapping[str, list[str]], message: str | None = None) -> None:
        super().__init__(message, errors=dict(errors))

    @property
    def errors(self) -> dict[str, list[str]]:
        """Path of the field -> sentences."""
        found: dict[str, list[str]] = self.details["errors"]
        return found


class Unavailable(Refusal):
    """The database or another part we need does not answer now; trying again helps."""

    code = "unavailable"
    status = 503
    message = "We cannot reach our records right now. Please try again in a moment."
    retry_after_seconds = 2


class Busy(Unavailable):
    """Too many wanted the same thing at once; nothing was changed, trying again helps."""

    code = "busy"
    message = "It is very busy right now. Please try again in a moment."
