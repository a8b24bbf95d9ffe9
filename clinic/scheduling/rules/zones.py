"""The clocks that people at home choose from: those of the states first. Pure."""

from collections.abc import Iterator
from functools import cache
from zoneinfo import available_timezones

US_ZONES = (
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Phoenix",
    "America/Los_Angeles",
    "America/Anchorage",
    "America/Adak",
    "Pacific/Honolulu",
    "America/Puerto_Rico",
    "Pacific/Guam",
    "Pacific/Pago_Pago",
)
ELSEWHERE = (
    "America/Toronto",
    "America/Vancouver",
    "America/Mexico_City",
    "America/Bogota",
    "America/Sao_Paulo",
    "Europe/London",
    "Europe/Paris",
    "Europe/Athens",
    "Africa/Lagos",
    "Asia/Jerusalem",
    "Asia/Dubai",
    "Asia/Kolkata",
    "Asia/Manila",
    "Asia/Shanghai",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
)

NO_ZONE = "There is no such time zone. Send its name, like America/Denver."


def is_zone(name: str) -> bool:
    """Whether there is such a zone."""
    return name in _zones()


@cache
def _zones() -> frozenset[str]:
    """All names there are; to collect them anew reads the whole directory of them."""
    return frozenset(available_timezones())


def offered_zones(*, chosen: str | None) -> Iterator[str]:
    """The zones of the list; whatever was chosen besides is in it too."""
    yield from US_ZONES
    yield from ELSEWHERE
    if chosen and chosen not in (*US_ZONES, *ELSEWHERE) and is_zone(chosen):
        yield chosen
