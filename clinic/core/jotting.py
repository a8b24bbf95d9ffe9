"""Short notes, written one after the other by a thread that must not stop for them.

A note is one statement and a transaction of its own, past the toolkit, on a connection that is kept
for all of them: where a note belongs to each piece of quick work, what the toolkit does around a
statement and the wait for the disk would cost more than the work.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import PoolProxiedConnection

from clinic.core.db import writers_queue
from clinic.core.engines import wrapped
from clinic.core.retrying import with_retries

if TYPE_CHECKING:
    from clinic.core.postgresql import Ahead

_QUICK = {
    "sqlite": "PRAGMA synchronous=NORMAL",
    "postgresql": "SET synchronous_commit = off",
}
_FLUSHED = {
    "sqlite": "PRAGMA synchronous=FULL",
    "postgresql": "RESET synchronous_commit",
}

_VALUE = re.compile(r":(\w+)")
_AHEAD = "jotted_ahead"


class Jotter:
    """One statement with named values (``:at``), to be written again and again.

    A note does not wait for the disk unless it is told to: everybody sees it at once, and it
    outlives this process; the next commit that waits brings it to the disk with itself. To write a
    note twice must change nothing: where no answer comes it is written again.
    """

    def __init__(self, engine: Engine, statement: str) -> None:
        self._engine = engine
        compiled = text(statement).compile(dialect=engine.dialect)
        self._words = str(compiled)
        self._places: list[str] | None = getattr(compiled, "positiontup", None)
        self._held: PoolProxiedConnection | None = None
        self._is_quick = False
        self._order = tuple(dict.fromkeys(_VALUE.findall(statement)))
        self._numbered = _VALUE.sub(lambda at: f"${self._order.index(at[1]) + 1}", statement)
        self._ahead: Ahead | None = None
        self._unsure: Mapping[str, Any] | None = None

    def __enter__(self) -> Self:
        """Nothing is held before the first note."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the connection back as it was."""
        held, self._held = self._held, None
        if held is None:
            return
        try:
            if self._ahead is not None:
                self._ahead.close()
            self._say(held, _FLUSHED)
            if self._engine.dialect.name == "postgresql":
                held.driver_connection.autocommit = False  # type: ignore[union-attr]
        except self._driver_error:
            held.invalidate()
        held.close()

    def write(self, values: Mapping[str, Any], *, is_flushed: bool = False) -> None:
        """Write one note; ``is_flushed``: it and all before it are on the disk.

        Raises Busy or Unavailable, like an operation; nothing is written then.
        """
        self.end()
        with_retries(lambda: self._write(values, is_flushed=is_flushed))

    def begin(self, values: Mapping[str, Any]) -> None:
        """Write one note, on PostgreSQL without waiting for its answer: ``end`` does.

        Raises Busy or Unavailable.
        """
        self.end()
        if self._engine.dialect.name != "postgresql":
            self.write(values)
            return
        self._unsure = values
        try:
            self._sender().send([_as_text(values[name]) for name in self._order])
        except (DBAPIError, self._driver_error):
            self._drop(self._held)

    def end(self) -> None:
        """Wait until the note that was begun is written. Raises Busy or Unavailable, and then
        waits for it again when it is asked again."""
        values = self._unsure
        if values is None:
            return
        try:
            is_written = self._ahead is not None
            if self._ahead is not None:
                self._ahead.answer()
        except self._driver_error:
            self._drop(self._held)
            is_written = False
        if not is_written:
            with_retries(lambda: self._write(values, is_flushed=False))
        self._unsure = None

    def _write(self, values: Mapping[str, Any], *, is_flushed: bool) -> None:
        try:
            held = self._ready(is_flushed=is_flushed)
            given: Any = values if self._places is None else [values[name] for name in self._places]
            with writers_queue(self._engine):
                held.driver_connection.execute(self._words, given)  # type: ignore[union-attr]
        except self._driver_error as error:
            held_by = self._held.dbapi_connection if self._held is not None else None
            told = wrapped(error, self._engine.dialect, held_by)
            self._drop(self._held)
            raise told from error

    def _ready(self, *, is_flushed: bool) -> PoolProxiedConnection:
        held = self._held = self._held or self._opened()
        if self._is_quick is is_flushed:
            self._say(held, _FLUSHED if is_flushed else _QUICK)
            self._is_quick = not is_flushed
        return held

    def _sender(self) -> "Ahead":
        held = self._ready(is_flushed=False)
        if self._ahead is None:
            from clinic.core.postgresql import Ahead

            driver: Any = held.driver_connection
            self._ahead = Ahead(driver, _AHEAD, self._numbered)
        return self._ahead

    def _opened(self) -> PoolProxiedConnection:
        held = self._engine.raw_connection()
        self._is_quick = False
        if self._engine.dialect.name == "postgresql":
            held.driver_connection.autocommit = True  # type: ignore[union-attr]
        return held

    def _say(self, held: PoolProxiedConnection, words: Mapping[str, str]) -> None:
        held.driver_connection.execute(words[self._engine.dialect.name])  # type: ignore[union-attr]

    def _drop(self, held: PoolProxiedConnection | None) -> None:
        self._held = self._ahead = None
        if held is not None:
            held.invalidate()
            held.close()

    @property
    def _driver_error(self) -> Any:
        driver: Any = self._engine.dialect.loaded_dbapi
        return driver.Error


def _as_text(value: object) -> bytes:
    return (value.isoformat() if isinstance(value, datetime) else str(value)).encode()
