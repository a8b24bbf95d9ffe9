"""The tables of a clinic file that stand alone: the clinic, policy, places, closures, products."""

import re
from dataclasses import dataclass, field

from clinic.intake.rules.policy import ClinicalPolicy
from clinic.scheduling.rules.direct_access import LIMITS
from clinic.scheduling.rules.setting import Closure, Policy
from clinic.setup.rules.clinic_file import LocationEntry, ProductEntry, ResourceEntry
from clinic.setup.rules.faults import shown
from clinic.setup.rules.practitioner_tables import ANY_DAY
from clinic.setup.rules.table_reader import TableReader
from clinic.setup.rules.words import currency_problem, phone_problem, zones

DEAREST = 99_999_999  # the payment service's largest amount, in cents

EARLIEST_REMINDER_HOURS = 720
DIGESTS = ("off", "daily", "hourly")
ADDRESS_TEMPLATE = re.compile(r"https://[^\s{}/?#@]+/[^\s{}]*\{visit\}[^\s{}]*")
"""A place of the web for each visit: one host, and `{visit}` once after it."""


@dataclass(slots=True)
class Named:
    """The slugs that the file has named so far, for what refers to them."""

    locations: dict[str, None] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    services: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clinic:
    """The `[clinic]` table."""

    name: str
    time_zone: str
    phone: str
    currency: str


def read_clinic(table: TableReader) -> Clinic:
    """Name, zone, phone and currency of the clinic."""
    name = table.text("name")
    zone = _zone(table, required=True) or ""
    phone = table.text("phone", most=30, default="", blank=True)
    problem = phone_problem(phone) if phone else None
    if problem:
        table.fault("phone", f"{problem}, not {shown(phone)}")
    currency = _currency(table, "usd")
    table.finish()
    return Clinic(name=name, time_zone=zone, phone=phone, currency=currency)


def _currency(table: TableReader, default: str) -> str:
    currency = table.text("currency", default=default)
    problem = currency_problem(currency) if currency else None
    if problem:
        table.fault("currency", f"{problem}, not {shown(currency)}")
    return currency


def _zone(table: TableReader, *, required: bool) -> str | None:
    zone = table.text("time_zone", most=64, default=None if required else "")
    if zone and zone not in zones():
        table.fault(
            "time_zone",
            f'must be a time zone\'s IANA name, such as "America/New_York", not {shown(zone)}',
        )
    return zone or None


def read_clinical_policy(table: TableReader) -> ClinicalPolicy:
    """The part of the `[policy]` table that is about danger and patterns; read it first."""
    usual = ClinicalPolicy()
    return ClinicalPolicy(
        escalation_minutes=table.whole(
            "escalation_minutes", least=1, most=1440, default=usual.escalation_minutes
        ),
        patterns_to_consider=table.flag("patterns_to_consider", default=usual.patterns_to_consider),
    )


def read_policy(table: TableReader) -> Policy:
    """The `[policy]` table."""
    usual = Policy()
    policy = Policy(
        cancellation_notice_hours=table.whole(
            "cancellation_notice_hours",
            least=0,
            most=8760,
            default=usual.cancellation_notice_hours,
        ),
        hold_minutes=table.whole("hold_minutes", least=1, most=1440, default=usual.hold_minutes),
        # The payment service's shortest session is 30 minutes: a shorter hold would let somebody
        # pay for a time that is no longer theirs.
        payment_hold_minutes=table.whole(
            "payment_hold_minutes", least=30, most=1440, default=usual.payment_hold_minutes
        ),
        undo_seconds=table.whole("undo_seconds", least=0, most=3600, default=usual.undo_seconds),
        online_limit_per_service_and_day=table.whole(
            "online_limit_per_service_and_day",
            least=1,
            most=100,
            default=usual.online_limit_per_service_and_day,
        ),
        reminder_hours=_reminder_hours(table, usual.reminder_hours),
        message_days=table.whole("message_days", least=1, most=3650, default=usual.message_days),
        practitioner_digest=table.choice(
            "practitioner_digest", DIGESTS, default=usual.practitioner_digest
        ),
        direct_access=table.choice("direct_access", ("", *LIMITS), default=usual.direct_access),
        request_urgent_minutes=table.whole(
            "request_urgent_minutes", least=5, most=1440, default=usual.request_urgent_minutes
        ),
        request_soon_minutes=table.whole(
            "request_soon_minutes", least=5, most=10_080, default=usual.request_soon_minutes
        ),
        request_answer_hours=table.whole(
            "request_answer_hours", least=0, most=200, default=usual.request_answer_hours
        ),
        request_offer_hours=table.whole(
            "request_offer_hours", least=1, most=336, default=usual.request_offer_hours
        ),
        join_opens_minutes=table.whole(
            "join_opens_minutes", least=1, most=120, default=usual.join_opens_minutes
        ),
        meeting_address=_meeting_address(table),
        waitlist_offer_minutes=table.whole(
            "waitlist_offer_minutes", least=15, most=2880, default=usual.waitlist_offer_minutes
        ),
    )
    table.finish()
    return policy


def _meeting_address(table: TableReader) -> str:
    """Where video visits take place; without a part of its own everybody would meet in one room."""
    address = table.text("meeting_address", most=300, default="", blank=True)
    if address and not ADDRESS_TEMPLATE.fullmatch(address):
        table.fault(
            "meeting_address",
            'must be an address with {visit} in it, such as "https://video.example.com/{visit}", '
            f"not {shown(address)}",
        )
    return address


def _reminder_hours(table: TableReader, usual: tuple[int, ...]) -> tuple[int, ...]:
    """Hours before a visit, the earliest reminder first; an empty list is none at all."""
    if not table.has("reminder_hours"):
        return usual
    hours: set[int] = set()
    for index, item in enumerate(table.list_of("reminder_hours")):
        place = f"reminder_hours[{index}]"
        if isinstance(item, bool) or not isinstance(item, int):
            table.fault(place, f"must be a whole number of hours, not {shown(item)}")
        elif not 1 <= item <= EARLIEST_REMINDER_HOURS:
            table.fault(place, f"must be from 1 to {EARLIEST_REMINDER_HOURS}, not {item}")
        elif item in hours:
            table.fault(place, f"{item} stands twice")
        else:
            hours.add(item)
    return tuple(sorted(hours, reverse=True))


def read_location(table: TableReader) -> LocationEntry:
    """One `[[locations]]`."""
    return LocationEntry(
        slug=table.own_slug(),
        name=table.text("name"),
        address=table.text("address", most=500, default="", lines=True, blank=True),
        time_zone=_zone(table, required=False),
        directions=table.text("directions", most=500, default="", lines=True, blank=True),
    )


def read_resource(table: TableReader, named: Named) -> ResourceEntry:
    """One `[[resources]]`; `named` remembers where it is."""
    entry = ResourceEntry(
        slug=table.own_slug(),
        name=table.text("name"),
        kind=table.choice("kind", ("room", "equipment")),
        location=table.reference("location", named.locations) or "",
    )
    if entry.slug:
        named.resources.setdefault(entry.slug, entry.location)
    return entry


def read_closure(table: TableReader, named: Named) -> Closure:
    """One `[[closures]]`."""
    day = table.day("date", required=True)
    starts = table.clock("from", last=False, required=False)
    ends = table.clock("to", last=True, required=False)
    for given, absent in (("from", "to"), ("to", "from")):
        if table.has(given) and not table.has(absent):
            table.fault(absent, f'is missing; it is needed with "{given}"')
    if starts is not None and ends is not None and starts >= ends:
        table.fault("from", 'must be before "to"')
    return Closure(
        date=day or ANY_DAY,
        reason=table.text("reason"),
        location=table.reference("location", named.locations, required=False),
        starts=starts,
        ends=ends,
    )


def read_product(table: TableReader, named: Named, currency: str) -> ProductEntry:
    """One `[[products]]`; without a currency it is sold in the clinic's."""
    return ProductEntry(
        slug=table.own_slug(),
        name=table.text("name"),
        service=table.reference("service", named.services) or "",
        price_cents=table.whole("price_cents", least=0, most=DEAREST),
        currency=_currency(table, currency),
        active=table.flag("active", default=True),
    )
