"""When practitioners are told of changes in their calendar. Pure."""

from datetime import timedelta

from clinic.scheduling.rules.wall_time import edge, local_date, minute_of_day

EVENING_MINUTE = 18 * 60


def last_digest(*, now: int, zone: str, every: str) -> int | None:
    """The latest moment up to which changes are told; None where nothing is told.

    `daily` is six in the evening on the clinic's clock, `hourly` each full hour of it.
    """
    if every == "hourly":
        return now - minute_of_day(instant=now, zone=zone) % 60 * 60 - now % 60
    if every != "daily":
        return None
    today = local_date(instant=now, zone=zone)
    at = edge(day=today, minute=EVENING_MINUTE, zone=zone, last=False)
    if at > now:
        at = edge(day=today - timedelta(days=1), minute=EVENING_MINUTE, zone=zone, last=False)
    return at
