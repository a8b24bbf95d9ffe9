"""How long one waits for an answer of the database, where the database itself does not bound it."""

from contextvars import ContextVar

_longest: ContextVar[float | None] = ContextVar("longest_wait", default=None)


def wait_at_most(seconds: float | None) -> None:
    """From here on, in this thread, a single answer may take so long; None: as long as it takes."""
    _longest.set(seconds)


def longest_wait() -> float | None:
    """The seconds that a single answer may take; None where nobody waits for us."""
    return _longest.get()
