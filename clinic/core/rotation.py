"""Changing the encryption key: every sealed text of every table is sealed anew with the active key.

Batches are small transactions, so the clinic goes on working. What is done shows in the rows
themselves: killed in the middle, the next run takes up where it ended, and a run with nothing to do
changes nothing. A text that somebody writes meanwhile is written with the active key already.

Append-only tables are left as they are: their rows may not change for any reason, so their texts
open with the key that sealed them, as do the seals of the audit trail.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, select, update
from sqlalchemy.orm import Mapper

from clinic.core.audit import AuditSeal
from clinic.core.crypto import EncryptedText, keyring
from clinic.core.db import db, housekeeping
from clinic.core.schema import Base
from clinic.core.triggers import is_append_only

BATCH = 200


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed texts; ``is_fixed`` where rows are only ever added."""

    table: Table
    name: str
    is_fixed: bool

    @property
    def label(self) -> str:
        """`appointments.override_reason_sealed`."""
        return f"{self.table.name}.{self.name}"


@dataclass(frozen=True, slots=True)
class Progress:
    """What a batch came to: rows of ``label`` sealed anew, and those that no key opens."""

    label: str
    done: int
    unreadable: int


def list_sealed_columns() -> list[SealedColumn]:
    """Every encrypted field of every table, as the models name them."""
    found = {
        (mapper.local_table.name, field.column): SealedColumn(
            mapper.local_table, field.column, is_append_only(mapper.local_table)
        )
        for mapper in Base.registry.mappers
        for field in _encrypted_fields(mapper)
        if isinstance(mapper.local_table, Table)
    }
    return [found[key] for key in sorted(found)]


def _encrypted_fields(mapper: Mapper[Any]) -> Iterator[EncryptedText]:
    for owner in mapper.class_.__mro__:
        yield from (one for one in vars(owner).values() if isinstance(one, EncryptedText))


def count_old(column: SealedColumn) -> int:
    """How many rows are not sealed with the active key."""
    return db.session.scalar(select(func.count()).where(_is_old(column))) or 0


def count_old_seals() -> int:
    """How many links of the audit chain were made with other keys than the active one."""
    old = select(func.count()).where(AuditSeal.key_name != keyring().active)
    return db.session.scalar(old) or 0


def rotate(column: SealedColumn) -> Iterator[Progress]:
    """Seal the column's old rows anew, telling after each batch; fixed columns are left alone."""
    after = None
    while not column.is_fixed:
        rows = _old_rows(column, after)
        if not rows:
            return
        after = rows[-1].public_id
        done = _reseal(column=column, rows=[(row.public_id, row.sealed) for row in rows])
        yield Progress(column.label, done, len(rows) - done)


def _is_old(column: SealedColumn) -> Any:
    sealed = column.table.c[column.name]
    prefix = f"v1.{keyring().active}."
    return sealed.is_not(None) & ~sealed.startswith(prefix, autoescape=True)


def _old_rows(column: SealedColumn, after: str | None) -> Any:
    """The next rows in the order of their public ids, which has an index in every table."""
    public_id = column.table.c.public_id
    wanted = select(public_id, column.table.c[column.name].label("sealed")).where(_is_old(column))
    if after is not None:
        wanted = wanted.where(public_id > after)
    return db.session.execute(wanted.order_by(public_id).limit(BATCH)).all()


@housekeeping
def _reseal(*, column: SealedColumn, rows: list[tuple[str, str]]) -> int:
    """Answers how many are readable. A row that changed since it was read has the new key."""
    sealed = column.table.c[column.name]
    readable = 0
    for public_id, old in rows:
        anew = keyring().sealed_anew(old, bound_to=f"{column.table.name}|{column.name}|{public_id}")
        if anew is None:
            continue
        readable += 1
        same = (column.table.c.public_id == public_id) & (sealed == old)
        db.session.execute(update(column.table).where(same).values({column.name: anew}))
    return readable
