"""A clinic file's values as TOML, always in the same order and shape.

Our own few lines rather than a TOML writer: those put short tables on one line, and a clinic file
is meant to be read and edited by people.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date

from clinic.scheduling.rules.setting import Closure, ExceptionRule, HoursRule, Licence, Service
from clinic.setup.rules.clinic_file import ClinicFile, PractitionerEntry
from clinic.setup.rules.words import DAYS, clock_text

_SECONDS_OF_AN_HOUR = 3600

Pairs = dict[str, object]


def write_clinic_file(*, file: ClinicFile) -> str:
    """The TOML text that reads back as exactly these values."""
    return "\n".join(_lines(file)).lstrip("\n") + "\n"


def _lines(file: ClinicFile) -> Iterator[str]:
    yield from _table(
        "[clinic]",
        {
            "name": file.name,
            "time_zone": file.time_zone,
            "phone": file.phone or None,
            "currency": None if file.currency == "usd" else file.currency,
        },
    )
    yield from _table("[policy]", asdict(file.policy) | asdict(file.clinical))
    for location in file.locations:
        pairs = asdict(location)
        pairs["address"] = location.address or None
        pairs["directions"] = location.directions or None
        yield from _table("[[locations]]", pairs)
    for resource in file.resources:
        yield from _table("[[resources]]", asdict(resource))
    for service in file.services:
        yield from _table("[[services]]", _service(service))
    for practitioner in file.practitioners:
        yield from _practitioner(practitioner)
    for closure in file.closures:
        yield from _table("[[closures]]", _closure(closure))
    for product in file.products:
        yield from _table("[[products]]", asdict(product))


def _service(service: Service) -> Pairs:
    pairs: Pairs = {}
    for key, value in asdict(service).items():
        if key == "min_notice_seconds":
            pairs["min_notice_hours"] = _hours(service.min_notice_seconds)
        else:
            pairs[key] = value
    return pairs


def _hours(seconds: int) -> int | float:
    whole, rest = divmod(seconds, _SECONDS_OF_AN_HOUR)
    return seconds / _SECONDS_OF_AN_HOUR if rest else whole


def _practitioner(entry: PractitionerEntry) -> Iterator[str]:
    plain = [licence for licence in entry.licences if licence.state is None]
    yield from _table(
        "[[practitioners]]",
        {
            "slug": entry.slug,
            "name": entry.name,
            "email": entry.email,
            "services": entry.services,
            "licence": plain[0].kind if plain else None,
        },
    )
    for licence in entry.licences:
        if licence.state is not None:
            yield from _table("[[practitioners.licences]]", _licence(licence))
    for hours in entry.hours:
        yield from _table("[[practitioners.hours]]", _weekly(hours))
    for exception in entry.exceptions:
        yield from _table("[[practitioners.exceptions]]", _exception(exception))


def _licence(licence: Licence) -> Pairs:
    return asdict(licence)


def _weekly(rule: HoursRule) -> Pairs:
    return {
        "days": [DAYS[day] for day in sorted(rule.days)],
        "from": clock_text(rule.starts),
        "to": clock_text(rule.ends),
        "location": rule.location,
        "valid_from": rule.valid_from,
        "valid_to": rule.valid_to,
        "every_weeks": rule.every_weeks if rule.every_weeks > 1 else None,
    }


def _exception(rule: ExceptionRule) -> Pairs:
    return {
        "date": rule.date,
        "hours": [[clock_text(starts), clock_text(ends)] for starts, ends in rule.windows],
        "location": rule.location,
    }


def _closure(closure: Closure) -> Pairs:
    return {
        "date": closure.date,
        "reason": closure.reason,
        "location": closure.location,
        "from": None if closure.starts is None else clock_text(closure.starts),
        "to": None if closure.ends is None else clock_text(closure.ends),
    }


def _table(heading: str, pairs: Pairs) -> Iterator[str]:
    yield ""
    yield heading
    for key, value in pairs.items():
        if value is not None:
            yield f"{key} = {_toml(value)}"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)  # JSON's escapes are a part of TOML's
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence):
        return "[" + ", ".join(_toml(item) for item in value) + "]"
    return repr(value)
