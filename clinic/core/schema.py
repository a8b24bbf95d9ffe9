"""What all tables have in common: how constraints are named, and which one was violated."""

import functools
from collections.abc import Iterator

from sqlalchemy import MetaData, Table, UniqueConstraint
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Every table; constraints get predictable names where none is given."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def violates(error: IntegrityError, constraint: str) -> bool:
    """Whether ``error`` is the violation of the constraint of that name.

    PostgreSQL names it; SQLite names it for CHECK and the columns for UNIQUE, which are looked up.
    """
    diagnosis = getattr(error.orig, "diag", None)
    if diagnosis is not None:
        return bool(diagnosis.constraint_name == constraint)
    text = str(error.orig)
    return text in {
        f"CHECK constraint failed: {constraint}",
        f"UNIQUE constraint failed: {_unique_columns(constraint)}",
    }


@functools.cache
def _unique_columns(constraint: str) -> str:
    for table in Base.metadata.tables.values():
        for name, columns in _uniques(table):
            if name == constraint:
                return ", ".join(f"{table.name}.{column}" for column in columns)
    return constraint


def _uniques(table: Table) -> Iterator[tuple[str, list[str]]]:
    yield str(table.primary_key.name), [column.name for column in table.primary_key.columns]
    for constraint in table.constraints:
        if isinstance(constraint, UniqueConstraint):
            yield str(constraint.name), [column.name for column in constraint.columns]
    for index in table.indexes:
        if index.unique:
            yield str(index.name), [column.name for column in index.columns]
