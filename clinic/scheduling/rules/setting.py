"""The clinic's configuration as frozen values: what every scheduling rule reads.

Only what is live is in a setting; retired things are absent. Mappings keep the order of the
clinic file. Times of day are whole minutes from local midnight, 0 to 1440 (1440 is the midnight
at the end). `resource` numbers are those of the claims: whatever can be busy has one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from clinic.scheduling.rules.memo import Memo

MINUTES_OF_A_DAY = 1440


@dataclass(frozen=True, slots=True)
class HoursRule:
    """Weekly hours of one practitioner at one location; `days` counts Monday as 0.

    Both ends of the validity count in. With `every_weeks` above 1 the rule holds in the first of
    every so many 7-day blocks counted from `valid_from`, which it then needs.
    """

    location: str
    days: frozenset[int]
    starts: int
    ends: int
    valid_from: date | None = None
    valid_to: date | None = None
    every_weeks: int = 1


@dataclass(frozen=True, slots=True)
class ExceptionRule:
    """Hours of one date in place of the usual ones; no windows means a day off.

    Without a location a day off holds everywhere; windows belong to the only location where the
    practitioner works.
    """

    date: date
    location: str | None
    windows: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Licence:
    """A licence to practise; without a state it covers no state for telehealth."""

    state: str | None
    kind: str
    number: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Practitioner:
    """Someone who sees patients, with the services they do and the hours they keep."""

    slug: str
    name: str
    resource: int
    services: frozenset[str]
    licences: tuple[Licence, ...] = ()
    hours: tuple[HoursRule, ...] = ()
    exceptions: tuple[ExceptionRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Location:
    """A place of the clinic; `zone` is an IANA name and always set. `directions` may be ""."""

    slug: str
    name: str
    address: str
    zone: str
    directions: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """A room or a piece of equipment at one location; `kind` is "room" or "equipment"."""

    slug: str
    name: str
    kind: str
    location: str
    resource: int


@dataclass(frozen=True, slots=True)
class Service:
    """What can be booked. Lengths in minutes, notice in seconds, price in cents.

    `needs` holds one tuple of room slugs for each thing a visit needs besides the practitioner:
    one of each, all distinct, at the visit's location. `capacity` above 1 makes it a class.
    """

    slug: str
    name: str
    minutes: int
    buffer_before: int = 0
    buffer_after: int = 0
    grid_minutes: int = 15
    min_notice_seconds: int = 0
    horizon_days: int = 60
    modality: str = "in_person"
    online: bool = True
    price_cents: int = 0
    capacity: int = 1
    safety_screen: bool = False
    forms: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], ...] = ()

    @property
    def is_telehealth(self) -> bool:
        """Whether a licence in the patient's state is needed."""
        return self.modality == "telehealth"


@dataclass(frozen=True, slots=True)
class Closure:
    """A date, or the minutes `starts` to `ends` of it, on which a location or all are closed."""

    date: date
    reason: str
    location: str | None = None
    starts: int | None = None
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The clinic's rules around a visit, and around what is told of it.

    ``reminder_hours`` before a visit its patient is reminded. After ``message_days`` it is
    forgotten to whom a message went. A visit request has its first answer within
    so much open time, by urgency; with 0 ``request_answer_hours`` by the end of the clinic's day.
    Times are offered for ``request_offer_hours``. The page of a video visit opens
    ``join_opens_minutes`` before it; ``meeting_address`` is where it takes place,
    with ``{visit}`` for what is this visit's alone, "" when staff name each place themselves.
    A freed time is held ``waitlist_offer_minutes`` for whoever it is offered to.
    ``direct_access`` is the state whose rule counts visits without a referral; "" counts none.
    """

    cancellation_notice_hours: int = 24
    hold_minutes: int = 10
    payment_hold_minutes: int = 35
    undo_seconds: int = 20
    online_limit_per_service_and_day: int = 1
    reminder_hours: tuple[int, ...] = (72, 24, 2)
    message_days: int = 90
    practitioner_digest: str = "daily"
    direct_access: str = ""
    request_urgent_minutes: int = 60
    request_soon_minutes: int = 240
    request_answer_hours: int = 0
    request_offer_hours: int = 48
    join_opens_minutes: int = 10
    meeting_address: str = ""
    waitlist_offer_minutes: int = 120


@dataclass(frozen=True, slots=True)
class Setting:
    """One version of the clinic's whole configuration.

    `memo` keeps what the rules worked out from this very setting; keep the setting itself for as
    long as its `version` is the clinic's, and availability stays fast.
    """

    version: int
    name: str
    zone: str
    phone: str
    policy: Policy
    locations: Mapping[str, Location]
    rooms: Mapping[str, Room]
    services: Mapping[str, Service]
    practitioners: Mapping[str, Practitioner]
    closures: tuple[Closure, ...] = ()
    memo: Memo = field(default_factory=Memo, init=False, repr=False, compare=False)


def with_length(setting: Setting, service: str, minutes: int) -> Setting:
    """The same setting, but for one service whose visits last so many minutes."""
    one = replace(setting.services[service], minutes=minutes)
    return replace(setting, services={**setting.services, service: one})
