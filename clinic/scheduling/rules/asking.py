"""The values that availability is asked with and answers with.

Instants are whole seconds since 1970-01-01T00:00Z. Who asks with an instant that is not a whole
second must not cut it: such a start is on no grid.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from clinic.scheduling.rules.intervals import Interval
from clinic.scheduling.rules.setting import Service, Setting


class Slot(NamedTuple):
    """A time that can be booked, without buffers; slots sort by start, then practitioner."""

    start: int
    end: int
    practitioner: str
    location: str


class OpenClass(NamedTuple):
    """An occurrence of a class that stands already; `free_seats` may be 0."""

    id: int | str
    service: str
    practitioner: str
    location: str
    start: int
    free_seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Who asks for which times of a service; `practitioner` and `location` None mean any.

    `state` is the patient's, for telehealth. `staff` lifts `online` (and more when booking), and
    so does `sold`: who buys a service may have a time of it, also where nobody else books it.
    Slugs must be live ones of the setting, whoever asks checks that before.
    """

    setting: Setting
    service: str
    now: int
    practitioner: str | None = None
    location: str | None = None
    state: str | None = None
    staff: bool = False
    sold: bool = False

    @property
    def wanted(self) -> Service:
        """The service asked for."""
        return self.setting.services[self.service]

    @property
    def is_open(self) -> bool:
        """Whether whoever asks may have times of the service at all."""
        return self.staff or self.sold or self.wanted.online


@dataclass(frozen=True, slots=True, kw_only=True)
class Diary:
    """What is taken: by resource number, the (start, end) of live claims sorted by start.

    Claims are as they are stored, buffers included, overbooked ones too, expired ones not. All
    that touch `slots.busy_span` of the dates asked for must be there; more does no harm.
    """

    busy: Mapping[int, Sequence[Interval]] = field(default_factory=dict)
    classes: Sequence[OpenClass] = ()
    content: Hashable = None
    """All of it as one value to compare by, where whoever loaded it has one; else None."""


class Reason(StrEnum):
    """Why a list of slots is empty."""

    NOT_OFFERED = "not-offered"
    TOO_FAR = "too-far"
    TOO_SOON = "too-soon"
    CLOSED = "closed"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Listing:
    """The slots of a range of dates; `reason` is None unless there are none."""

    slots: tuple[Slot, ...]
    reason: Reason | None


class RefusalCode(StrEnum):
    """Why a start cannot be booked; declared in the order in which refusals are told."""

    TOO_SOON = "too-soon"
    TOO_FAR = "too-far"
    NOT_LICENSED = "not-licensed"
    NOT_OFFERED = "not-offered"
    SLOT_TAKEN = "slot-taken"


class Problem(StrEnum):
    """What stands against a candidate and what staff can override."""

    HOURS = "hours"
    CLOSURE = "closure"
    BUSY = "busy"
    ROOM = "room"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Someone who could take a visit, where, and with which rooms and equipment.

    `joins` is the id of the open class that the patient would join; it owns its rooms, so none
    are chosen then.
    """

    practitioner: str
    location: str
    start: int
    end: int
    resources: tuple[str, ...] = ()
    joins: int | str | None = None
    problems: frozenset[Problem] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCheck:
    """Who can take a start.

    `free`: without any problem, in the clinic file's order. `overridable`: staff only, those with
    problems, fewest first. `refusal` is None exactly when somebody is free.
    """

    free: tuple[Candidate, ...]
    overridable: tuple[Candidate, ...]
    refusal: RefusalCode | None
