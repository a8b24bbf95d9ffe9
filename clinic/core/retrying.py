"""What a lost race costs: another try, or a refusal that says that it passes."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from clinic.core.errors import Busy, Unavailable

R = TypeVar("R")

RETRIES = 3
RETRY_SQLSTATES = frozenset({"40P01", "40001", "55P03"})
PATIENCE_SECONDS = 1.6
"""No retry begins later than this: with one more wait for a lock (1.2 s) an answer comes within
three seconds, and a deadlock, which PostgreSQL notices after one second, is still tried anew."""


def with_retries(once: Callable[[], R]) -> R:
    """What ``once`` returns, tried again where it lost a race; Busy or Unavailable at the end."""
    started = time.monotonic()
    for attempt in range(RETRIES + 1):
        try:
            return once()
        except DBAPIError as error:
            last = attempt == RETRIES or time.monotonic() - started > PATIENCE_SECONDS
            if sqlstate(error) not in RETRY_SQLSTATES:
                raise _as_refusal(error) from error
            if last:
                raise Busy from error
            time.sleep(random.uniform(0.005, 0.04) * (attempt + 1))  # noqa: S311 - jitter
    raise AssertionError("unreachable")


def sqlstate(error: DBAPIError) -> str | None:
    """PostgreSQL's five-letter code of what went wrong; None on SQLite."""
    found = getattr(error.orig, "sqlstate", None)
    return str(found) if found is not None else None


def _as_refusal(error: DBAPIError) -> Exception:
    """Busy or Unavailable for what passes by itself, else the error as it is."""
    if isinstance(error, IntegrityError):
        return error
    if error.connection_invalidated or sqlstate(error) in {"57P01", "57P02", "57P03", "53300"}:
        return Unavailable()
    if sqlstate(error) == "57014" or "database is locked" in str(error.orig):
        return Busy()
    return Unavailable() if isinstance(error, OperationalError) else error
