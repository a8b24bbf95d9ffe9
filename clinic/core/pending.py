"""What an open transaction still has to do: rows to write together, and calls for after its commit.

Rows that nobody reads before the end wait for it; rows that have their number beforehand wait for
whatever comes next. Each wait for an answer costs more than most statements do (PostgreSQL).
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Insert, Table, TextClause, Update, insert, text
from sqlalchemy.engine import Connection

from clinic.core import prepared
from clinic.core.engines import one_round_trip

Values = dict[str, Any]


@dataclass(slots=True)
class Pending:
    """One transaction's; ``connection`` is there once it has begun."""

    after: list[Callable[[], None]] = field(default_factory=list)
    rows: dict[Insert | Update | TextClause, list[Values]] = field(default_factory=dict)
    connection: Connection | None = None
    is_storing: bool = False
    _numbers: dict[str, int] = field(default_factory=dict)

    def send(self, *, and_commit: bool = False) -> None:
        """Write the rows that wait; with ``and_commit`` the end may go out with them."""
        rows = self._take()
        if rows and self.connection is not None:
            with one_round_trip(self.connection, and_commit=and_commit):
                for statement, values in rows.items():
                    prepared.run(self.connection, statement, values)

    def reserve(self, tables: tuple[Table, ...]) -> None:
        """Take a number for a row of each table, where the engine lets others wait for it."""
        if self.connection is not None and self.connection.dialect.name == "postgresql":
            [row] = prepared.fetch(self.connection, _next_numbers(tables), {})
            self._numbers = {table.name: one for table, one in zip(tables, row, strict=True)}

    def number(self, table: Table, values: Values) -> int | None:
        """The reserved number of a row that now waits to be written; None where there is none."""
        number = self._numbers.pop(table.name, None)
        if number is not None:
            self.rows.setdefault(_numbered(table), []).append({"id": number, **values})
            self.is_storing = True
        return number

    def fetch(self, statement: prepared.Statement, values: Values) -> list[tuple[Any, ...]]:
        """What a statement answers that goes out with the rows that wait, after them."""
        if self.connection is None:
            raise RuntimeError("the transaction has not begun")
        if self.is_storing and prepared.is_watched(self.connection):
            self.send()
        if not self.is_storing:
            return prepared.fetch(self.connection, statement, values)
        with one_round_trip(self.connection):
            for kept, several in self._take().items():
                prepared.run(self.connection, kept, several)
            answer = prepared.ask(self.connection, statement, values)
        return answer()

    def _take(self) -> dict[Insert | Update | TextClause, list[Values]]:
        rows, self.rows, self.is_storing = self.rows, {}, False
        return rows


@functools.cache
def _next_numbers(tables: tuple[Table, ...]) -> TextClause:
    names = (f"nextval(pg_get_serial_sequence('{table.name}', 'id'))" for table in tables)
    return text(f"SELECT {', '.join(names)}")


@functools.cache
def _numbered(table: Table) -> Insert:
    return insert(table).inline()
