"""Statements of hot paths, compiled once for each engine and run past the toolkit's machinery.

What the toolkit does for each statement (looking up what it compiled, a context, a result) costs
more than most statements do. Here only the driver works: same text, same types, same errors. Where
somebody listens to the connection (to count or to record statements) the toolkit runs it after all.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Delete, Insert, Select, TextClause, Update
from sqlalchemy.engine import Connection, Dialect

from clinic.core.engines import wrapped

Statement = Select[*tuple[Any, ...]] | Insert | Update | Delete | TextClause
Values = dict[str, Any]
Question = tuple[Statement, Values]
Convert = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement as one driver takes it: its values by their places."""

    text: Any
    given: tuple[tuple[str, str, Convert | None], ...]
    fixed: tuple[tuple[str, Any], ...]
    order: tuple[str, ...]
    found: tuple[tuple[int, Convert], ...]

    def parameters(self, values: Values) -> list[Any]:
        """What the driver is given for these values. Raises KeyError for one that is missing."""
        bound = dict(self.fixed)
        for name, key, convert in self.given:
            value = values[key]
            bound[name] = value if convert is None else convert(value)
        return [bound[name] for name in self.order]

    def read(self, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
        """Rows of the driver's, as Python values."""
        return [self._read(row) for row in rows] if self.found else rows

    def _read(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
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
    return fetch_together(connection, (statement, values))[0]


def fetch_together(connection: Connection, *questions: Question) -> list[list[tuple[Any, ...]]]:
    """What ``fetch`` answers to each question in turn; on PostgreSQL for one wait.

    Each sees what those before it did, and what others committed until it is its turn. Raises for
    the first that fails; those after it are not asked.
    """
    if _is_watched(connection):
        answers = (connection.execute(statement, values) for statement, values in questions)
        return [[tuple(row) for row in one] if one.returns_rows else [] for one in answers]
    asked = list[tuple[_Prepared, list[list[Any]]]]()
    for statement, values in questions:
        one = _prepare(statement, connection.dialect, frozenset(values))
        asked.append((one, [one.parameters(values)]))
    found = _ask(connection, asked)
    return [one.read(rows) for (one, _), rows in zip(asked, found, strict=True)]


def run(
    connection: Connection, rows: Mapping[Any, Sequence[Values]], *, and_commit: bool = False
) -> None:
    """Run statements that answer nothing, once for each of their rows; otherwise as ``fetch``.

    On PostgreSQL for one wait; with ``and_commit`` the end of the transaction may go out with them
    there, and is said as usual besides.
    """
    if _is_watched(connection):
        for statement, values in rows.items():
            connection.execute(statement, values)
        return
    asked = list[tuple[_Prepared, list[list[Any]]]]()
    for statement, values in rows.items():
        one = _prepare(statement, connection.dialect, frozenset(values[0]))
        asked.append((one, [one.parameters(row) for row in values]))
    _ask(connection, asked, and_commit=and_commit)


def _ask(
    connection: Connection,
    asked: Sequence[tuple[_Prepared, list[list[Any]]]],
    *,
    and_commit: bool = False,
) -> list[list[Any]]:
    driver: Any = connection.connection.driver_connection
    try:
        if connection.dialect.name == "sqlite":
            return [_ask_sqlite(driver, one.text, rows) for one, rows in asked]
        questions = [(one.text, values) for one, rows in asked for values in rows]
        found: list[list[Any]] = driver.asker.ask(questions, and_commit=and_commit)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _told(connection, error) from error
    return found


def _ask_sqlite(driver: Any, words: str, rows: list[list[Any]]) -> list[Any]:
    if len(rows) > 1:
        driver.executemany(words, rows)
        return []
    found: list[Any] = driver.execute(words, rows[0]).fetchall()
    return found


def _is_watched(connection: Connection) -> bool:
    heard = connection.dispatch
    return bool(heard.before_cursor_execute or heard.after_cursor_execute)


def _told(connection: Connection, error: Exception) -> BaseException:
    """The error as the toolkit wraps it; a connection that is gone is not used again."""
    told = wrapped(error, connection.dialect, connection.connection.dbapi_connection)
    if told.connection_invalidated:
        connection.invalidate(error)
    return told


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
    places = compiled.positiontup is None
    words, order = _numbered(str(compiled)) if places else (str(compiled), compiled.positiontup)
    return _Prepared(
        text=words,
        given=tuple(given),
        fixed=tuple(fixed),
        order=tuple(order),
        found=tuple(_conversions(statement, dialect)),
    )


def _numbered(words: str) -> tuple[bytes, list[str]]:
    """The text as the server takes it: ``%(name)s`` becomes ``$1``; and the names by number."""
    order: list[str] = []

    def number(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return "%"
        if name not in order:
            order.append(name)
        return f"${order.index(name) + 1}"

    return _PLACE.sub(number, words).encode(), order


_PLACE = re.compile(r"%(?:\((.+?)\)s|%)")


def _conversions(statement: Statement, dialect: Dialect) -> Iterator[tuple[int, Convert]]:
    """What makes Python values of what the driver answers, by the column's place."""
    if isinstance(statement, TextClause):
        return
    for place, column in enumerate(statement.exported_columns):
        convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        if convert is not None:
            yield place, convert
