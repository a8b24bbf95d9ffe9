"""The desk's queue of visit requests: which part of it is looked at, and its cursors. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from clinic.scheduling.rules.requests import RequestStatus

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
CLOSED = (RequestStatus.SCHEDULED, RequestStatus.DECLINED, RequestStatus.WITHDRAWN)
_CURSOR = re.compile(r"([0-9]{1,18})-([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a request stands in the queue: by urgency, then since when."""

    urgency: int
    at: datetime
    ident: int


class Show(StrEnum):
    """A part of the queue: what waits for the clinic, for the patient, for nobody."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


STATUSES = {
    Show.OPEN: (RequestStatus.REQUESTED,),
    Show.ANSWERED: (RequestStatus.ANSWERED, RequestStatus.OFFERED),
    Show.CLOSED: CLOSED,
}


def read_show(text: str) -> Show:
    """The part in an address; what is not known there is what waits for the clinic."""
    return Show(text) if text in list(Show) else Show.OPEN


def place_text(place: tuple[datetime, int]) -> str:
    """A place in a list by age as an address has it."""
    at, ident = place
    return f"{(at - EPOCH) // MICROSECOND}-{ident}"


def read_place(text: str) -> tuple[datetime, int] | None:
    """The place in an address; None for what is none, which is the beginning."""
    found = _CURSOR.fullmatch(text)
    if found is None:
        return None
    try:
        return EPOCH + timedelta(microseconds=int(found[1])), int(found[2])
    except OverflowError:
        return None


def queue_place_text(place: Place) -> str:
    """A place in the queue as an address has it."""
    return f"{place.urgency}-{place_text((place.at, place.ident))}"


def read_queue_place(text: str) -> Place | None:
    """The place in an address; None for what is none, which is the beginning."""
    urgency, _dash, rest = text.partition("-")
    place = read_place(rest) if urgency in {"1", "2", "3"} else None
    return Place(int(urgency), *place) if place else None
