"""A list of whole numbers as one value: a statement has one text, however long the list is."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, bindparam
from sqlalchemy import Text as SqlText
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import Boolean, TypeDecorator, TypeEngine


class Numbers(TypeDecorator[Collection[int]]):
    """Whole numbers: an array on PostgreSQL, JSON text on SQLite. Only for what is asked."""

    impl = SqlText
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """An array where there are arrays."""
        own: TypeEngine[Any] = SqlText() if dialect.name == "sqlite" else ARRAY(BigInteger)
        return dialect.type_descriptor(own)

    def process_bind_param(self, value: Collection[int] | None, dialect: Dialect) -> Any:
        """As the engine takes it."""
        numbers = list(value or ())
        return json.dumps(numbers) if dialect.name == "sqlite" else numbers


class _among(FunctionElement[bool]):  # noqa: N801 - an SQL function
    type = Boolean()
    inherit_cache = True


def among(column: ColumnElement[int] | Any, name: str) -> ColumnElement[bool]:
    """Whether a column is one of the numbers given under that name; of none, never."""
    return _among(column, bindparam(name, type_=Numbers()))


@compiles(_among, "sqlite")
def _sqlite(element: Any, compiler: Any, **kw: Any) -> str:
    column, numbers = (compiler.process(one, **kw) for one in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({numbers}))"  # noqa: S608 - compiled SQL


@compiles(_among, "postgresql")
def _postgresql(element: Any, compiler: Any, **kw: Any) -> str:
    column, numbers = (compiler.process(one, **kw) for one in element.clauses)
    return f"{column} = ANY ({numbers})"
