"""Which part of the waitlist the desk looks at, as its address says it. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from clinic.scheduling.rules.waitlist import EntryStatus

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLACE = re.compile(r"([0-9]{1,17})\.([0-9]{1,18})", re.ASCII)


class Show(StrEnum):
    """A part of the list."""

    WAITING = "waiting"
    OFFERED = "offered"
    CLOSED = "closed"


STATUSES: Mapping[Show, tuple[EntryStatus, ...]] = {
    Show.WAITING: (EntryStatus.WAITING,),
    Show.OFFERED: (EntryStatus.OFFERED,),
    Show.CLOSED: (EntryStatus.BOOKED, EntryStatus.EXPIRED, EntryStatus.WITHDRAWN),
}


def read_show(text: str) -> Show:
    """The part that an address names; those who wait for any other word."""
    return Show(text) if text in list(Show) else Show.WAITING


def queue_query(show: Show, service: str | None, *, after: str = "") -> str:
    """What the address of a part ends with, "" for the first page of who waits."""
    said = {
        "show": "" if show is Show.WAITING else show.value,
        "service": service or "",
        "after": after,
    }
    query = urlencode({name: value for name, value in said.items() if value})
    return f"?{query}" if query else ""


def place_text(place: tuple[datetime, int]) -> str:
    """Where a page goes on, as an address carries it."""
    at, ident = place
    return f"{(at - _EPOCH) // _MICROSECOND}.{ident}"


def read_place(text: str) -> tuple[datetime, int] | None:
    """The place that an address names; None from the beginning."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    return _EPOCH + int(found[1]) * _MICROSECOND, int(found[2])
