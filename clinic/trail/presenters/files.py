"""The trail as files: a table for spreadsheets and one JSON object a line for programs.

Patients stand in them by the ids of their records, never by name.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from datetime import UTC

from clinic.core.audit import AuditEntry
from clinic.core.types import canonical_json
from clinic.web.spreadsheet import safe_cell

COLUMNS = (
    "id",
    "at",
    "actor_kind",
    "actor_id",
    "actor_name",
    "actor_role",
    "action",
    "subject",
    "session",
    "details",
)


def csv_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """RFC 4180 with a heading; cells that a spreadsheet would run get an apostrophe in front."""
    yield _row(COLUMNS)
    for entry in entries:
        values = {**_values(entry), "details": canonical_json(entry.details)}
        yield _row([safe_cell(str(values[name] or "")) for name in COLUMNS])


def json_lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """One object a line, exactly as it is kept."""
    for entry in entries:
        yield json.dumps(_values(entry), ensure_ascii=False) + "\n"


def _values(entry: AuditEntry) -> dict[str, object]:
    values: dict[str, object] = {name: getattr(entry, name) for name in COLUMNS}
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return {**values, "at": at.replace("+00:00", "Z")}


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
