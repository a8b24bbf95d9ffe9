"""A practitioner's tables: licences, weekly hours, exceptions."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import date
from itertools import pairwise

from clinic.scheduling.rules.setting import ExceptionRule, HoursRule, Licence
from clinic.setup.rules.clinic_file import PractitionerEntry
from clinic.setup.rules.faults import meant, shown
from clinic.setup.rules.table_reader import TableReader
from clinic.setup.rules.words import DAYS, clock_text, state_problem

ADDRESS = re.compile(r"[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+")
ANY_DAY = date(2000, 1, 1)  # stands for a faulty date in a file that is refused anyway


def read_practitioner(
    *, table: TableReader, services: Collection[str], locations: Collection[str]
) -> PractitionerEntry:
    """One `[[practitioners]]`; `services` and `locations` are the slugs it may refer to."""
    slug = table.own_slug()
    name = table.text("name")
    email = _read_email(table)
    does = _read_services(table, services)
    licences = _read_licences(table)
    hours = []
    for child in table.tables("hours"):
        hours.append(_read_hours(child, locations))
        child.finish()
    exceptions = _read_exceptions(table, locations, hours)
    return PractitionerEntry(
        slug=slug,
        name=name,
        services=does,
        licences=licences,
        hours=tuple(hours),
        exceptions=exceptions,
        email=email,
    )


def _read_email(table: TableReader) -> str | None:
    """Where changes of their calendar are told; nobody has to have one."""
    email = table.text("email", most=254, default="", blank=True)
    if email and not ADDRESS.fullmatch(email):
        table.fault("email", f'must be an address, such as "amara@example.com", not {shown(email)}')
    return email or None


def _read_services(table: TableReader, services: Collection[str]) -> tuple[str, ...]:
    does: dict[str, None] = {}
    for index, item in enumerate(table.list_of("services", required=True)):
        key = f"services[{index}]"
        if not table.refers(key, item, services):
            continue
        if item in does:
            table.fault(key, f"{shown(item)} stands twice")
        else:
            does[str(item)] = None
    return tuple(does)


def _read_licences(table: TableReader) -> tuple[Licence, ...]:
    licences = []
    plain = table.text("licence", most=40, default="")
    if plain:
        licences.append(Licence(state=None, kind=plain))
    for child in table.tables("licences"):
        licences.append(_read_licence(child))
        child.finish()
    return tuple(licences)


def _read_licence(table: TableReader) -> Licence:
    state = table.text("state", most=40)
    problem = state_problem(state) if state else None
    if problem:
        table.fault("state", f"{problem}, not {shown(state)}")
    kind = table.text("kind", most=40)
    number = table.text("number", most=40, default="", blank=True) or None
    valid_from, valid_to = _read_validity(table)
    return Licence(state=state, kind=kind, number=number, valid_from=valid_from, valid_to=valid_to)


def _read_validity(table: TableReader) -> tuple[date | None, date | None]:
    valid_from = table.day("valid_from")
    valid_to = table.day("valid_to")
    if valid_from is not None and valid_to is not None and valid_from > valid_to:
        table.fault("valid_from", f"must not be after valid_to ({valid_to}), but is {valid_from}")
    return valid_from, valid_to


def _read_hours(table: TableReader, locations: Collection[str]) -> HoursRule:
    days = _read_days(table)
    starts = table.clock("from", last=False)
    ends = table.clock("to", last=True)
    if starts is not None and ends is not None and starts >= ends:
        table.fault("from", f'must be before "to" ({clock_text(ends)}), not {clock_text(starts)}')
    location = table.reference("location", locations)
    valid_from, valid_to = _read_validity(table)
    every = table.whole("every_weeks", least=1, most=104, default=1)
    if every > 1 and not table.has("valid_from"):
        table.fault("every_weeks", "needs valid_from, from which the weeks are counted")
    return HoursRule(
        location=location or "",
        days=days,
        starts=starts or 0,
        ends=ends or 0,
        valid_from=valid_from,
        valid_to=valid_to,
        every_weeks=every,
    )


def _read_days(table: TableReader) -> frozenset[int]:
    days: set[int] = set()
    items = table.list_of("days", required=True)
    if table.value("days", required=False) == []:
        table.fault("days", "must name at least one day")
    for index, item in enumerate(items):
        key = f"days[{index}]"
        if not isinstance(item, str) or item not in DAYS:
            hint = meant(item, DAYS) if isinstance(item, str) else ""
            table.fault(key, f'must be one of "{", ".join(DAYS)}", not {shown(item)}{hint}')
        elif DAYS.index(item) in days:
            table.fault(key, f"{shown(item)} stands twice")
        else:
            days.add(DAYS.index(item))
    return frozenset(days)


def _read_exceptions(
    table: TableReader, locations: Collection[str], hours: list[HoursRule]
) -> tuple[ExceptionRule, ...]:
    usual = {rule.location for rule in hours}
    only = next(iter(usual)) if len(usual) == 1 else None
    exceptions: list[ExceptionRule] = []
    places: dict[date, set[str | None]] = {}
    for child in table.tables("exceptions"):
        rule = _read_exception(child, locations)
        if rule.windows and not child.has("location"):
            if only is None and "" not in usual:  # faulty hours would make a second fault here
                child.fault(
                    "location", "is missing; it is needed unless all hours are at one place"
                )
            rule = replace(rule, location=only)
        others = places.setdefault(rule.date, set())
        if child.has("date") and _stands_twice(rule.location, others):
            child.fault("date", f"{rule.date} has an exception for the same place before")
        others.add(rule.location)
        exceptions.append(rule)
        child.finish()
    return tuple(exceptions)


def _stands_twice(location: str | None, others: set[str | None]) -> bool:
    """Whether exceptions of one date speak of the same place; None speaks of every place."""
    return bool(others) and (location is None or None in others or location in others)


def _read_exception(table: TableReader, locations: Collection[str]) -> ExceptionRule:
    day = table.day("date", required=True)
    windows = []
    for index, item in enumerate(table.list_of("hours", required=True)):
        window = _read_window(table, f"hours[{index}]", item)
        if window is not None:
            windows.append(window)
    if any(before[1] > after[0] for before, after in pairwise(sorted(windows))):
        table.fault("hours", "must not overlap each other")
    return ExceptionRule(
        date=day or ANY_DAY,
        location=table.reference("location", locations, required=False),
        windows=tuple(windows),
    )


def _read_window(table: TableReader, key: str, item: object) -> tuple[int, int] | None:
    if not isinstance(item, list) or len(item) != 2:
        table.fault(key, f'must be a pair of times, such as ["20:00", "22:00"], not {shown(item)}')
        return None
    starts = table.as_clock(f"{key}[0]", item[0], last=False)
    ends = table.as_clock(f"{key}[1]", item[1], last=True)
    if starts is None or ends is None:
        return None
    if starts >= ends:
        table.fault(key, f"must start before it ends, not {item[0]} to {item[1]}")
        return None
    return starts, ends
