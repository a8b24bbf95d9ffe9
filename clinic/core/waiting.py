"""How long one waits for the database in all, where the database itself does not bound it."""

from contextvars import ContextVar
from dataclasses import dataclass

LEAST_SECONDS = 0.2
"""What each answer may take even when all else is spent: the apology, too, asks a little."""


@dataclass(slots=True)
class _Patience:
    left: float


_patience: ContextVar[_Patience | None] = ContextVar("patience", default=None)


def wait_at_most(seconds: float | None) -> None:
    """From here on, in this thread, answers may take so long together; None: as long as they do."""
    _patience.set(None if seconds is None else _Patience(seconds))


def longest_wait() -> float | None:
    """The seconds that the next answer may take; None where nobody waits for us."""
    patience = _patience.get()
    return None if patience is None else max(patience.left, LEAST_SECONDS)


def note_wait(seconds: float) -> None:
    """Somebody waited so long for an answer: what comes after has less."""
    patience = _patience.get()
    if patience is not None:
        patience.left -= seconds
