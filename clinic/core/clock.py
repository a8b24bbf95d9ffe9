"""The only place that reads the system clock.

Everything below the edge (views, commands, the worker) takes ``now`` as an argument.
"""

from datetime import UTC, datetime


def now() -> datetime:
    """The current instant as an aware UTC datetime."""
    return datetime.now(UTC)
