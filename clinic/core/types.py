"""Column types that mean the same on both engines.

SQLite's STRICT tables know INTEGER, REAL, TEXT and BLOB only, so every generic type is compiled to
one of them. Instants are microseconds since 1970 (INTEGER) there and ``timestamptz`` on PostgreSQL;
in Python they are always aware UTC datetimes.
"""

import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Integer,
    LargeBinary,
    String,
    Table,
    event,
)
from sqlalchemy import Text as SqlText
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.types import TypeDecorator, TypeEngine

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def to_micros(instant: datetime) -> int:
    """Microseconds since 1970 of an aware instant; raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("naive datetime: instants are aware UTC")
    return (instant - EPOCH) // MICROSECOND


def from_micros(micros: int) -> datetime:
    """The aware UTC instant that many microseconds after 1970."""
    return EPOCH + timedelta(microseconds=micros)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: INTEGER microseconds on SQLite, ``timestamptz`` on PostgreSQL."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """INTEGER on SQLite."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(BigInteger())
        return dialect.type_descriptor(DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Refuse naive values; encode for the engine."""
        if value is None:
            return None
        micros = to_micros(value)
        return micros if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Decode to aware UTC."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return from_micros(value)
        found: datetime = value.astimezone(UTC)
        return found


class JsonText(TypeDecorator[Any]):
    """A small JSON value kept as text, written in one canonical way on both engines."""

    impl = SqlText
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002
        """Canonical JSON: sorted keys, no spaces."""
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """The value again."""
        return None if value is None else json.loads(value)


def canonical_json(value: Any) -> str:
    """One spelling for one value: sorted keys, no spaces, NaN refused (ValueError)."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )


def is_public_id(text: str) -> bool:
    """Whether this may be a public id at all; some text no database could even compare."""
    return _PUBLIC_ID.fullmatch(text) is not None


def new_public_id() -> str:
    """An unguessable public identifier: 128 random bits, 22 URL-safe characters."""
    return secrets.token_urlsafe(16)


@compiles(String, "sqlite")
@compiles(SqlText, "sqlite")
@compiles(Date, "sqlite")
@compiles(JSON, "sqlite")
def _text(_type: Any, _compiler: Any, **_kw: Any) -> str:
    return "TEXT"


@compiles(Integer, "sqlite")
@compiles(BigInteger, "sqlite")
@compiles(Boolean, "sqlite")
def _integer(_type: Any, _compiler: Any, **_kw: Any) -> str:
    return "INTEGER"


@compiles(LargeBinary, "sqlite")
def _blob(_type: Any, _compiler: Any, **_kw: Any) -> str:
    return "BLOB"


@event.listens_for(Table, "after_parent_attach")
def _strict(table: Table, _parent: Any) -> None:
    """Every table of ours is STRICT on SQLite: a text in a number column is refused there too."""
    table.dialect_options["sqlite"]["strict"] = True
