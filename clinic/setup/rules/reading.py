"""From the bytes of a clinic file to its values, with every fault of the file at once."""

import re
import tomllib
from collections.abc import Callable
from typing import TypeVar

from clinic.setup.rules.clinic_file import ClinicFile
from clinic.setup.rules.clinic_tables import (
    Named,
    read_clinic,
    read_clinical_policy,
    read_closure,
    read_location,
    read_policy,
    read_product,
    read_resource,
)
from clinic.setup.rules.faults import Fault, WrongClinicFile
from clinic.setup.rules.needs import check_needs
from clinic.setup.rules.practitioner_tables import read_practitioner
from clinic.setup.rules.service_tables import read_service
from clinic.setup.rules.table_reader import MOST_FAULTS, TableReader, TooManyFaults

LARGEST_FILE = 4 * 1024 * 1024
_MOST_DOTS = 100
_TOO_DEEP = "is nested too deeply"

_LINE = re.compile(r"(.*) \(at line (\d+), column (\d+)\)", re.DOTALL)

Entry = TypeVar("Entry")


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
    _refuse_deep_keys(text)
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise WrongClinicFile([Fault("file", _TOO_DEEP)]) from error
    except ValueError as error:  # TOMLDecodeError, and a number with thousands of digits
        raise WrongClinicFile([_syntax_fault(error)]) from error


def _refuse_deep_keys(text: str) -> None:
    """Keys of many dotted parts: the parser's time grows with the square of their number.

    Measured: 100 KB of them took it a minute and a half.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        if line.count(".") <= _MOST_DOTS or line.lstrip().startswith("#"):
            continue
        if any(part.count(".") > _MOST_DOTS for part in line.split("=")):
            raise WrongClinicFile([Fault(f"line {number}", _TOO_DEEP)])


def _syntax_fault(error: ValueError) -> Fault:
    match = _LINE.fullmatch(str(error))
    if match:
        return Fault(f"line {match[2]}, column {match[3]}", f"is not TOML: {match[1]}")
    if isinstance(error, tomllib.TOMLDecodeError):
        return Fault("the end of the file", f"is not TOML: {error}")
    return Fault("file", "holds a number that is too long to read")


def _read_top(top: TableReader) -> ClinicFile:
    named = Named()
    clinic = read_clinic(top.table("clinic", required=True))
    told = top.table("policy")
    clinical = read_clinical_policy(told)
    policy = read_policy(told)
    locations = _read_all(top, "locations", read_location, doubles=named.locations)
    resources = _read_all(top, "resources", lambda table: read_resource(table, named))
    services = _read_all(
        top, "services", lambda table: read_service(table, named), doubles=named.services
    )
    practitioners = _read_all(
        top,
        "practitioners",
        lambda table: read_practitioner(
            table=table, services=named.services, locations=named.locations
        ),
    )
    check_needs(top=top, services=services, resources=resources, practitioners=practitioners)
    closures = _read_all(top, "closures", lambda table: read_closure(table, named), has_slug=False)
    products = _read_all(
        top, "products", lambda table: read_product(table, named, clinic.currency or "usd")
    )
    top.finish()
    return ClinicFile(
        name=clinic.name,
        time_zone=clinic.time_zone,
        phone=clinic.phone,
        currency=clinic.currency,
        policy=policy,
        clinical=clinical,
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
