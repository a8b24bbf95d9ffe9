"""From the bytes of a clinic file to its values, with every fault of the file at once."""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from clinic.scheduling.rules.setting import Closure, Policy, Service
from clinic.setup.rules.clinic_file import (
    ClinicFile,
    LocationEntry,
    ProductEntry,
    ResourceEntry,
)
from clinic.setup.rules.faults import Fault, WrongClinicFile, shown
from clinic.setup.rules.needs import check_needs
from clinic.setup.rules.practitioner_tables import ANY_DAY, read_practitioner
from clinic.setup.rules.table_reader import MOST_FAULTS, TableReader, TooManyFaults
from clinic.setup.rules.words import currency_problem, phone_problem, text_problem, zones

LARGEST_FILE = 4 * 1024 * 1024
_DEAREST = 99_999_999  # the payment service's largest amount, in cents
_LONGEST_MINUTES = 1440
_MOST_NEEDS = 20
_SECONDS_OF_AN_HOUR = 3600

_LINE = re.compile(r"(.*) \(at line (\d+), column (\d+)\)", re.DOTALL)

Entry = TypeVar("Entry")


@dataclass(slots=True)
class Named:
    """The slugs that the file has named so far, for what refers to them."""

    locations: dict[str, None] = field(default_factory=dict)
    resources: dict[str, str] = field(default_factory=dict)
    services: dict[str, None] = field(default_factory=dict)


def read_clinic_file(*, data: bytes) -> ClinicFile:
    """The values of a clinic file.

    Raises WrongClinicFile with all faults: of the text itself only the first, since nothing after
    it can be understood; of what the tables say, every one.
    """
    faults: list[Fault] = []
    top = TableReader(table=_parse(data), place="", faults=faults)
    try:
        file = _read_top(top)
    except TooManyFaults as error:
        faults.append(Fault("file", f"has more than {MOST_FAULTS} faults; these come first"))
        raise WrongClinicFile(faults) from error
    if faults:
        raise WrongClinicFile(faults)
    return file


def _parse(data: bytes) -> dict[str, object]:
    if len(data) > LARGEST_FILE:
        most = LARGEST_FILE // (1024 * 1024)
        raise WrongClinicFile([Fault("file", f"must be at most {most} MB")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise WrongClinicFile([Fault(f"line {line}", "must be text in UTF-8")]) from error
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise WrongClinicFile([Fault("file", "is nested too deeply")]) from error
    except ValueError as error:  # TOMLDecodeError, and a number with thousands of digits
        raise WrongClinicFile([_syntax_fault(error)]) from error


def _syntax_fault(error: ValueError) -> Fault:
    match = _LINE.fullmatch(str(error))
    if match:
        return Fault(f"line {match[2]}, column {match[3]}", f"is not TOML: {match[1]}")
    if isinstance(error, tomllib.TOMLDecodeError):
        return Fault("the end of the file", f"is not TOML: {error}")
    return Fault("file", "holds a number that is too long to read")


def _read_top(top: TableReader) -> ClinicFile:
    named = Named()
    clinic = top.table("clinic", required=True)
    name = clinic.text("name")
    zone = _zone(clinic, required=True) or ""
    phone = clinic.text("phone", most=30, default="")
    problem = phone_problem(phone) if phone else None
    if problem:
        clinic.fault("phone", f"{problem}, not {shown(phone)}")
    clinic.finish()
    policy = _read_policy(top.table("policy"))
    locations = _read_all(top, "locations", _read_location, doubles=named.locations)
    resources = _read_all(top, "resources", lambda table: _read_resource(table, named))
    services = _read_all(
        top, "services", lambda table: _read_service(table, named), doubles=named.services
    )
    practitioners = _read_all(
        top,
        "practitioners",
        lambda table: read_practitioner(
            table=table, services=named.services, locations=named.locations
        ),
    )
    check_needs(top=top, services=services, resources=resources, practitioners=practitioners)
    closures = _read_all(top, "closures", lambda table: _read_closure(table, named), has_slug=False)
    products = _read_all(top, "products", lambda table: _read_product(table, named))
    top.finish()
    return ClinicFile(
        name=name,
        time_zone=zone,
        phone=phone,
        policy=policy,
        locations=locations,
        resources=resources,
        services=services,
        practitioners=practitioners,
        closures=closures,
        products=products,
    )


def _read_all(
    top: TableReader,
    key: str,
    read: Callable[[TableReader], Entry],
    *,
    doubles: dict[str, None] | None = None,
    has_slug: bool = True,
) -> tuple[Entry, ...]:
    """Every entry of `[[key]]`; a slug used before is a fault. `doubles` collects the slugs."""
    slugs = {} if doubles is None else doubles
    entries = []
    for table in top.tables(key):
        entries.append(read(table))
        table.finish()
        slug = table.slug if has_slug else None
        if slug in slugs:
            table.fault("slug", f'"{slug}" stands twice in [[{key}]]')
        elif slug is not None:
            slugs[slug] = None
    return tuple(entries)


def _zone(table: TableReader, *, required: bool) -> str | None:
    zone = table.text("time_zone", most=64, default=None if required else "")
    if zone and zone not in zones():
        table.fault(
            "time_zone",
            f'must be a time zone\'s IANA name, such as "America/New_York", not {shown(zone)}',
        )
    return zone or None


def _read_policy(table: TableReader) -> Policy:
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
    )
    table.finish()
    return policy


def _read_location(table: TableReader) -> LocationEntry:
    return LocationEntry(
        slug=table.own_slug(),
        name=table.text("name"),
        address=table.text("address", most=500, default="", lines=True),
        time_zone=_zone(table, required=False),
    )


def _read_resource(table: TableReader, named: Named) -> ResourceEntry:
    entry = ResourceEntry(
        slug=table.own_slug(),
        name=table.text("name"),
        kind=table.choice("kind", ("room", "equipment")),
        location=table.reference("location", named.locations) or "",
    )
    if entry.slug:
        named.resources.setdefault(entry.slug, entry.location)
    return entry


def _read_service(table: TableReader, named: Named) -> Service:
    hours = table.number("min_notice_hours", least=0, most=8760, default=0)
    return Service(
        slug=table.own_slug(),
        name=table.text("name"),
        minutes=table.whole("minutes", least=1, most=_LONGEST_MINUTES),
        buffer_before=table.whole("buffer_before", least=0, most=_LONGEST_MINUTES, default=0),
        buffer_after=table.whole("buffer_after", least=0, most=_LONGEST_MINUTES, default=0),
        grid_minutes=table.whole("grid_minutes", least=1, most=_LONGEST_MINUTES, default=15),
        min_notice_seconds=round(hours * _SECONDS_OF_AN_HOUR),
        horizon_days=table.whole("horizon_days", least=0, most=3660, default=60),
        modality=table.choice("modality", ("in_person", "telehealth"), default="in_person"),
        online=table.flag("online", default=True),
        price_cents=table.whole("price_cents", least=0, most=_DEAREST, default=0),
        capacity=table.whole("capacity", least=1, most=1000, default=1),
        safety_screen=table.flag("safety_screen", default=False),
        forms=_read_forms(table),
        needs=_read_needs(table, named),
    )


def _read_forms(table: TableReader) -> tuple[str, ...]:
    forms: dict[str, None] = {}
    for index, item in enumerate(table.list_of("forms")):
        key = f"forms[{index}]"
        problem = text_problem(item, most=200) if isinstance(item, str) else "must be a text"
        if problem or not isinstance(item, str):
            table.fault(key, str(problem))
        elif item in forms:
            table.fault(key, f"{shown(item)} stands twice")
        else:
            forms[item] = None
    return tuple(forms)


def _read_needs(table: TableReader, named: Named) -> tuple[tuple[str, ...], ...]:
    groups = []
    items = table.list_of("needs")
    if len(items) > _MOST_NEEDS:
        table.fault("needs", f"must be at most {_MOST_NEEDS} lists, not {len(items)}")
    for index, item in enumerate(items[:_MOST_NEEDS]):
        key = f"needs[{index}]"
        if not isinstance(item, list):
            table.fault(key, f'must be a list of slugs, such as ["gait-lab"], not {shown(item)}')
        elif not item:
            table.fault(key, "must name at least one room or piece of equipment")
        else:
            groups.append(_read_group(table, key, item, named))
    return tuple(groups)


def _read_group(table: TableReader, key: str, items: list[object], named: Named) -> tuple[str, ...]:
    group: dict[str, None] = {}
    for index, item in enumerate(items):
        place = f"{key}[{index}]"
        if not table.refers(place, item, named.resources):
            continue
        if item in group:
            table.fault(place, f"{shown(item)} stands twice in this list")
        else:
            group[str(item)] = None
    return tuple(group)


def _read_closure(table: TableReader, named: Named) -> Closure:
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


def _read_product(table: TableReader, named: Named) -> ProductEntry:
    entry = ProductEntry(
        slug=table.own_slug(),
        name=table.text("name"),
        service=table.reference("service", named.services) or "",
        price_cents=table.whole("price_cents", least=0, most=_DEAREST),
        currency=table.text("currency", default="usd"),
        active=table.flag("active", default=True),
    )
    problem = currency_problem(entry.currency) if entry.currency else None
    if problem:
        table.fault("currency", f"{problem}, not {shown(entry.currency)}")
    return entry
