"""How long a time is held."""

from datetime import datetime, timedelta


def may_extend(*, created_at: datetime, expires_at: datetime, minutes: int, now: datetime) -> bool:
    """Whether a hold may be given its ``minutes`` once more: it is running, and was not before."""
    return now < expires_at <= created_at + timedelta(minutes=minutes)
