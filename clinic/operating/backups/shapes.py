"""What a table looks like in a backup, and how its values are spelled on each engine.

A row is a JSON list of numbers, texts and nulls: an instant is microseconds since 1970, a boolean 0
or 1, a date ``2026-03-01``, bytes hexadecimal digits. Sealed texts stay sealed. So a file says the
same whichever engine it came from, and goes into either.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, MetaData, String, Table

from clinic.core.types import Instant, JsonText, from_micros

LEFT_OUT = frozenset(
    {
        "contact_changes",
        "form_sessions",
        "heartbeats",
        "kept_pages",
        "patient_sessions",
        "pending_sign_ins",
        "rate_counts",
        "reset_requests",
        "setup_links",
        "sign_in_codes",
        "staff_sessions",
    }
)
"""What lasts minutes or hours, and what would let somebody in again whom the clinic has put out."""

ORDERS: Mapping[str, tuple[str, ...]] = {"receipts": ("number",)}
"""Where rows go in by another order than that of their keys: receipts, one number after another."""

KEY_NAME = "key_name"
"""The column in which rows say with which key of the ring something was made."""

Spelling = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns as (name, kind), and the columns that give its rows their order."""

    table: str
    columns: tuple[tuple[str, str], ...]
    order: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its columns."""
        return tuple(name for name, _ in self.columns)

    @property
    def keyed(self) -> tuple[int, ...]:
        """The places of columns whose values name a key of the ring."""
        return tuple(
            place
            for place, name in enumerate(self.names)
            if name.endswith("_sealed") or name == KEY_NAME
        )

    def query(self, engine: str) -> str:
        """What asks an engine for all rows, spelled as they stand in the file."""
        spelled = ", ".join(_read(engine, name, kind) for name, kind in self.columns)
        order = ", ".join(f'"{name}"' for name in self.order)
        return f'SELECT {spelled} FROM "{self.table}" ORDER BY {order}'  # noqa: S608 - our models

    def spellings(self, engine: str) -> list[tuple[int, Spelling]]:
        """What an engine wants to be told in other words, by the place in the row."""
        words = _WRITTEN[engine]
        return [
            (place, words[kind]) for place, (_, kind) in enumerate(self.columns) if kind in words
        ]


def list_shapes(metadata: MetaData) -> list[Shape]:
    """Every table that a backup keeps; what others refer to comes before them."""
    return [shape_of(table) for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def shape_of(table: Table) -> Shape:
    """The shape of a table of ours; TypeError for a type that has no spelling yet."""
    columns = tuple((column.name, _kind(column)) for column in table.columns)
    key = tuple(column.name for column in table.primary_key)
    return Shape(table.name, columns, ORDERS.get(table.name, key))


def key_of(value: str) -> str:
    """The name of the key in a sealed text, or the name itself."""
    return value.split(".", 2)[1] if value.startswith("v1.") else value


_KINDS: tuple[tuple[type[Any], str], ...] = (
    (Instant, "instant"),
    (JsonText, "text"),
    (Boolean, "boolean"),
    (Date, "date"),
    (Integer, "integer"),
    (String, "text"),
    (LargeBinary, "bytes"),
)


def _kind(column: Column[Any]) -> str:
    for of_type, kind in _KINDS:
        if isinstance(column.type, of_type):
            return kind
    raise TypeError(f"{column} has a type that backups cannot spell: {column.type!r}")


def _read(engine: str, name: str, kind: str) -> str:
    spelled = _READ[engine].get(kind, '"{0}"')
    return spelled.format(name)


_READ = {
    "sqlite": {"bytes": 'CASE WHEN "{0}" IS NOT NULL THEN hex("{0}") END'},
    "postgresql": {
        "bytes": "upper(encode(\"{0}\", 'hex'))",
        "instant": '(extract(epoch FROM "{0}") * 1000000)::bigint',
        "boolean": '"{0}"::int',
        "date": "to_char(\"{0}\", 'YYYY-MM-DD')",
    },
}
_WRITTEN: dict[str, dict[str, Spelling]] = {
    "sqlite": {"bytes": bytes.fromhex},
    "postgresql": {
        "bytes": lambda value: f"\\x{value}",
        "instant": lambda value: from_micros(value).isoformat(),
        "boolean": lambda value: "t" if value else "f",
    },
}
