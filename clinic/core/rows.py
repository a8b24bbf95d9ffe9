"""What rows have in common."""

import functools
from collections.abc import Sequence
from typing import Any, TypeVar

from sqlalchemy import Insert, String, Table, TextClause, insert, inspect, select, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.orm.attributes import instance_dict, instance_state

from clinic.core.db import (
    ahead_of_questions,
    ask,
    db,
    in_transaction,
    is_postgresql,
    reserved_numbers,
)
from clinic.core.errors import NotFound
from clinic.core.schema import Base
from clinic.core.types import is_public_id, new_public_id


class PublicId:
    """A row that is named outside by an unguessable id, made when the object is made.

    It exists before the row is stored, because encrypted fields are bound to it.
    """

    public_id: Mapped[str] = mapped_column(String(22), unique=True)

    def __init__(self, **values: Any) -> None:
        values.setdefault("public_id", new_public_id())
        # Encrypted fields bind to the public id: it is set before anything else.
        self.public_id = values.pop("public_id")
        for name, value in values.items():
            if not hasattr(type(self), name):
                raise TypeError(f"{type(self).__name__} has no attribute {name!r}")
            setattr(self, name, value)


Named = TypeVar("Named", bound=PublicId)


def lock_row(model: type[Named], public_id: str) -> Named:
    """The row of that public id, locked until the end of the transaction and read afresh.

    Raises NotFound when there is none, or the text can be no id.
    """
    if not is_public_id(public_id):
        raise NotFound
    wanted = (
        select(model)
        .where(model.public_id == public_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    found = db.session.scalars(wanted).one_or_none()
    if found is None:
        raise NotFound
    return found


def store(row: Any) -> None:
    """Insert a new row with a generated ``id``, past the session; when, see ``add_row``.

    Defaults and the id are set on the object, which stays outside the session: what is changed on
    it afterwards is not noticed. Cheaper than a flush; for rows that are written and told of, not
    worked on. Raises RuntimeError outside an operation.
    """
    if not in_transaction():
        raise RuntimeError("rows are written inside an operation (@transaction) only")
    values: dict[str, Any] = {}
    for name, default in _columns(row.__table__):
        value = getattr(row, name)
        if value is None and default is not None:
            value = default
            setattr(row, name, value)
        values[name] = value
    row.id = add_row(row.__table__, values)


def add_row(table: Table, values: dict[str, Any]) -> int:
    """Insert these values past the session; the new row's ``id``.

    Written at once, or ahead of the next question where its number is known (``reserve_numbers``).
    Raises RuntimeError outside an operation.
    """
    db.session.flush()
    add, add_numbered = _statements(table)
    if not (numbers := reserved_numbers().get(table.name)):
        [[(made,)]] = ask((add, values))
        return int(made)
    number = numbers.pop()
    ahead_of_questions((add_numbered, {**values, "id": number}), _nothing)
    return number


def reserve_numbers(*models: type[Base]) -> None:
    """Have a number at hand for the next row of each model, so that none waits to be told its own.

    Those rows are then written ahead of the next question instead of one by one, each in its turn.
    A number that is not used is not used again. Only PostgreSQL is asked, and not by itself: with
    the next question. Raises RuntimeError outside an operation.
    """
    numbers = reserved_numbers()
    tables = tuple(model.__tablename__ for model in models)

    def keep(found: list[tuple[Any, ...]]) -> None:
        for table, number in zip(tables, found[0], strict=True):
            numbers.setdefault(table, []).append(number)

    if is_postgresql():
        ahead_of_questions((_next_numbers(tables), {}), keep)


@functools.cache
def _next_numbers(tables: tuple[str, ...]) -> TextClause:
    return text("SELECT " + ", ".join(f"nextval('{table}_id_seq')" for table in tables))


def _nothing(_rows: list[tuple[Any, ...]]) -> None:
    """What a row that was written ahead answers."""


def columns_of(*models: type[Base]) -> list[Any]:
    """What is to be selected for ``rows_of``: the models' columns, apart from deferred ones."""
    return [column for model in models for column in _plan(model)[1].values()]


def rows_of(found: Sequence[Any], *models: type[Base]) -> tuple[Any, ...]:
    """The rows of these models in one of ``columns_of`` them, in the same order, past the session.

    For statements of hot paths, whose rows are read and told of, not worked on: what is changed on
    them is not noticed, and nothing makes them stale. What was not selected cannot be read
    (DetachedInstanceError).
    """
    made, place = [], 0
    for model in models:
        manager, columns = _plan(model)
        row = manager.new_instance()
        state, values = instance_state(row), instance_dict(row)
        values.update(zip(columns, found[place : place + len(columns)], strict=True))
        state.key = (model, (values["id"],), None)
        made.append(row)
        place += len(columns)
    return tuple(made)


@functools.cache
def _plan(model: type[Base]) -> tuple[Any, dict[str, Any]]:
    """How instances are made, and the columns by the names of their attributes."""
    mapper: Any = inspect(model)
    columns = {one.key: one.columns[0] for one in mapper.column_attrs if not one.deferred}
    return mapper.class_manager, columns


@functools.cache
def _statements(table: Table) -> tuple[Insert, Insert]:
    """How a row is inserted that is told its ``id``, and one that has it."""
    return insert(table).returning(table.c.id), insert(table).inline()


@functools.cache
def _columns(table: Table) -> tuple[tuple[str, Any], ...]:
    columns = (column for column in table.columns if not column.primary_key)
    return tuple((column.key, getattr(column.default, "arg", None)) for column in columns)
