"""A file that a spreadsheet opens without running anything."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA_SIGNS = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""What makes a spreadsheet take a cell for a formula (OWASP, "CSV Injection"); wide forms too."""


def safe_cell(text: str) -> str:
    """The text as a cell that no spreadsheet takes for a formula: an apostrophe goes before it."""
    return f"'{text}" if text[:1] in FORMULA_SIGNS and text else text


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Rows as RFC 4180 text. Amounts may begin with a minus: they must be numbers to be left."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    for row in rows:
        writer.writerow([cell if _is_amount(cell) else safe_cell(cell) for cell in row])
    return out.getvalue()


def _is_amount(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdecimal() and cell.isascii()
