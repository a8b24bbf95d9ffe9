"""The statements of one real booking, written down so that they can be run again by hand.

A script is a list of steps: a statement with its parameters, or the end of a transaction. What
differs from booking to booking is found again by its value: row numbers (each table counts from a
place of its own), public ids, the moment, the visit's times, the patient's number.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, event

MARK = "000000000"
"""Stands in the recorded patient's name and address where later ones have their own number."""
LOWEST_OWN = 10_000_000
_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{22}")
_NEAR_START = timedelta(days=10)
_NEAR_NOW = timedelta(minutes=1)


@dataclass(slots=True)
class Step:
    """A statement and the numbers of rows that it made or reserved, or ``commit``/``rollback``."""

    statement: str
    parameters: Any = None
    made: tuple[int, ...] = ()
    is_many: bool = False


@dataclass(slots=True)
class Script:
    """All steps of one booking, made at ``now`` for a visit at ``starts_at``."""

    starts_at: datetime
    now: datetime
    steps: list[Step] = field(default_factory=list)

    @property
    def statements(self) -> int:
        """How many statements the database was sent, the ends of transactions too."""
        return len(self.steps)


@contextmanager
def recorded(engine: Engine, script: Script) -> Iterator[None]:
    """Write down what this engine is told during the block."""

    def after(_connection: Any, cursor: Any, statement: str, given: Any, *_rest: Any) -> None:
        script.steps.append(
            Step(statement, given, _made(cursor, statement), isinstance(given, list))
        )

    def ended(word: str) -> Any:
        def end(_connection: Any) -> None:
            script.steps.append(Step(word))

        return end

    listeners = {
        "after_cursor_execute": after,
        "commit": ended("commit"),
        "rollback": ended("rollback"),
    }
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners.items():
            event.remove(engine, name, listener)


def _made(cursor: Any, statement: str) -> tuple[int, ...]:
    """The numbers of new rows, for tables that count from a place of their own."""
    if not statement.startswith(("INSERT", "SELECT nextval")):
        return ()
    numbers: tuple[Any, ...] = (getattr(cursor, "lastrowid", None),)
    if hasattr(cursor, "scroll") and cursor.description is not None:
        rows = cursor.fetchall()  # psycopg has all rows at hand: look, and go back
        cursor.scroll(0, mode="absolute")
        numbers = rows[0] if rows else ()
    return tuple(one for one in numbers if isinstance(one, int) and one >= LOWEST_OWN)


class Replay:
    """A script run again through the driver alone, with the values of another booking."""

    def __init__(self, script: Script, connection: Any, *, is_sqlite: bool) -> None:
        self.script = script
        self.connection = connection
        self.is_sqlite = is_sqlite

    def run(self, *, number: int, starts_at: datetime, now: datetime) -> None:
        """Book for the patient of that number, as the script did."""
        values = _Values(self.script, number, starts_at - self.script.starts_at, now)
        for step in self.script.steps:
            if step.parameters is None and step.statement in {"commit", "rollback"}:
                getattr(self.connection, step.statement)()
                continue
            cursor = self.connection.cursor()
            if step.is_many:
                cursor.executemany(step.statement, [values.of(one) for one in step.parameters])
            else:
                cursor.execute(step.statement, values.of(step.parameters))
            rows = cursor.fetchall() if cursor.description else []
            if step.made:
                anew = (cursor.lastrowid,) if self.is_sqlite else rows[0]
                values.known.update(zip(step.made, anew, strict=False))
            cursor.close()


class _Values:
    """What stands in for the recorded values in one run."""

    def __init__(self, script: Script, number: int, moved: timedelta, now: datetime) -> None:
        self.script = script
        self.moved = moved
        self.now = now
        self.number = f"{number:0{len(MARK)}d}"
        self.known: dict[Any, Any] = {}

    def of(self, parameters: Any) -> Any:
        if isinstance(parameters, dict):
            return {name: self._one(value) for name, value in parameters.items()}
        return tuple(map(self._one, parameters or ()))

    def _one(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, datetime):
            return self._moment(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return value
        if value > 10**14:  # microseconds since 1970
            epoch = datetime.fromtimestamp(0, self.script.now.tzinfo)
            moment = self._moment(epoch + timedelta(microseconds=value))
            return (moment - epoch) // timedelta(microseconds=1)
        return self.known.get(value, value)

    def _moment(self, value: datetime) -> datetime:
        if abs(value - self.script.now) < _NEAR_NOW:
            return self.now
        if abs(value - self.script.starts_at) < _NEAR_START:
            return value + self.moved
        return value

    def _text(self, value: str) -> str:
        if MARK in value:
            return value.replace(MARK, self.number)
        if len(value) < 22:
            return value
        return _PUBLIC_ID.sub(self._public_id, value)

    def _public_id(self, found: re.Match[str]) -> str:
        if found[0] not in self.known:
            self.known[found[0]] = secrets.token_urlsafe(16)
        known: str = self.known[found[0]]
        return known
