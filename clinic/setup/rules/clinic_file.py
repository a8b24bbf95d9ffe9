"""A whole clinic file as frozen values, by slug, in the file's order.

The leaves are those of the scheduling rules; only what a file names by slug, and a setting by
number, has a shape of its own here. Times of day are minutes from local midnight, notice is
seconds, prices are cents.
"""

from dataclasses import dataclass, field

from clinic.intake.rules.policy import ClinicalPolicy
from clinic.scheduling.rules.setting import (
    Closure,
    ExceptionRule,
    HoursRule,
    Licence,
    Policy,
    Service,
)


@dataclass(frozen=True, slots=True)
class LocationEntry:
    """A place; without a zone of its own it keeps the clinic's."""

    slug: str
    name: str
    address: str = ""
    time_zone: str | None = None
    directions: str = ""


@dataclass(frozen=True, slots=True)
class ResourceEntry:
    """A room or a piece of equipment; `kind` is "room" or "equipment"."""

    slug: str
    name: str
    kind: str
    location: str


@dataclass(frozen=True, slots=True)
class PractitionerEntry:
    """A practitioner. An exception with hours always names its location here."""

    slug: str
    name: str
    services: tuple[str, ...] = ()
    licences: tuple[Licence, ...] = ()
    hours: tuple[HoursRule, ...] = ()
    exceptions: tuple[ExceptionRule, ...] = ()
    email: str | None = None


@dataclass(frozen=True, slots=True)
class ProductEntry:
    """What is sold online: a price for one visit of a service."""

    slug: str
    name: str
    service: str
    price_cents: int
    currency: str = "usd"
    active: bool = True


@dataclass(frozen=True, slots=True)
class ClinicFile:
    """Everything a clinic file says, with nothing wrong in it."""

    name: str
    time_zone: str
    phone: str = ""
    currency: str = "usd"
    policy: Policy = field(default_factory=Policy)
    clinical: ClinicalPolicy = field(default_factory=ClinicalPolicy)
    locations: tuple[LocationEntry, ...] = ()
    resources: tuple[ResourceEntry, ...] = ()
    services: tuple[Service, ...] = ()
    practitioners: tuple[PractitionerEntry, ...] = ()
    closures: tuple[Closure, ...] = ()
    products: tuple[ProductEntry, ...] = ()
