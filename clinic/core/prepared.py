"""Statements of hot paths, compiled once for each engine and run past the toolkit's machinery.

What the toolkit does for each statement (looking up what it compiled, a context, a result) costs
more than most statements do. Here only the driver works: same text, same types, same errors. Where
somebody listens to the connection (to count or to record statements) the toolkit runs it after all.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, Insert, Select, TextClause, Update
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.exc import DBAPIError

from clinic.core.engines import begun_together

Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete | TextClause
Values = dict[str, Any]
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as one driver takes it."""

    text: str
    given: tuple[tuple[str, str, Convert | None], ...]
    fixed: tuple[tuple[str, Any], ...]
    order: tuple[str, ...] | None
    found: tuple[tuple[int, Convert], ...]

    def parameters(self, values: Values) -> Any:
        """What the driver is given for these values. Raises KeyError for one that is missing."""
        bound = dict(self.fixed)
        for name, key, convert in self.given:
            value = values[key]
            bound[name] = value if convert is None else convert(value)
        return bound if self.order is None else [bound[name] for name in self.order]

    def read(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """A row of the driver's, as Python values."""
        if not self.found:
            return tuple(row)
        read = list(row)
        for place, convert in self.found:
            read[place] = convert(read[place])
        return tuple(read)


def fetch(connection: Connection, statement: Statement, values: Values) -> list[tuple[Any, ...]]:
    """All rows that the statement answers, as plain tuples.

    ``statement`` is a constant of a module or cached: it is kept for good with what it compiles to.
    It names its values by ``bindparam`` (an INSERT by its columns, all of them); no lists that
    expand, no defaults. Begins nothing: the caller has a transaction, or reads outside of one.
    Raises what the toolkit would (DBAPIError and its kinds, without the values).
    """
    if _is_watched(connection):
        return [tuple(row) for row in connection.execute(statement, values)]
    prepared = _prepare(statement, connection.dialect, frozenset(values))
    try:
        with begun_together(connection):
            cursor = _cursor(connection)
            cursor.execute(prepared.text, prepared.parameters(values))
        rows = cursor.fetchall()
        cursor.close()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, error) from error
    return [prepared.read(row) for row in rows] if prepared.found else rows


def run(connection: Connection, statement: Statement, rows: Sequence[Values]) -> None:
    """Run a statement that answers nothing, once for each row; otherwise as ``fetch``."""
    if _is_watched(connection):
        connection.execute(statement, rows)
        return
    prepared = _prepare(statement, connection.dialect, frozenset(rows[0]))
    try:
        cursor = _cursor(connection)
        if len(rows) == 1:
            cursor.execute(prepared.text, prepared.parameters(rows[0]))
        else:
            cursor.executemany(prepared.text, [prepared.parameters(row) for row in rows])
        cursor.close()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, error) from error


def _cursor(connection: Connection) -> Any:
    driver: Any = connection.connection.driver_connection
    return driver.cursor()


def _is_watched(connection: Connection) -> bool:
    heard = connection.dispatch
    return bool(heard.before_cursor_execute or heard.after_cursor_execute)


def _told(connection: Connection, error: Exception) -> BaseException:
    """The error as the toolkit wraps it; a connection that is gone is not used again."""
    driver = connection.connection
    is_gone = connection.dialect.is_disconnect(error, driver.dbapi_connection, None)  # type: ignore[arg-type]
    if is_gone:
        connection.invalidate(error)
    return DBAPIError.instance(
        None,
        None,
        error,
        connection.dialect.loaded_dbapi.Error,
        connection_invalidated=is_gone,
        dialect=connection.dialect,
    )


@functools.lru_cache(maxsize=512)
def _prepare(statement: Statement, dialect: Dialect, keys: frozenset[str]) -> _Prepared:
    compiled: Any = statement.compile(dialect=dialect, column_keys=sorted(keys))
    if getattr(compiled, "insert_prefetch", ()) or getattr(compiled, "update_prefetch", ()):
        raise TypeError("a prepared statement is given every value: defaults are the toolkit's")
    if compiled.post_compile_params:
        raise TypeError("a prepared statement has no lists that expand")
    given, fixed = list[tuple[str, str, Convert | None]](), list[tuple[str, Any]]()
    for bound, name in compiled.bind_names.items():
        convert = bound.type.dialect_impl(dialect).bind_processor(dialect)
        if bound.key in keys:
            given.append((name, bound.key, convert))
        elif bound.required:
            raise KeyError(bound.key)
        else:
            value = bound.effective_value
            fixed.append((name, value if convert is None else convert(value)))
    return _Prepared(
        text=str(compiled),
        given=tuple(given),
        fixed=tuple(fixed),
        order=tuple(compiled.positiontup) if compiled.positional else None,
        found=tuple(_conversions(statement, dialect)),
    )


def _conversions(statement: Statement, dialect: Dialect) -> Iterator[tuple[int, Convert]]:
    """What makes Python values of what the driver answers, by the column's place."""
    if isinstance(statement, TextClause):
        return
    for place, column in enumerate(statement.exported_columns):
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            yield place, convert
