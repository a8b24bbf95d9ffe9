"""Blocked time of a span."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from clinic.core.db import db
from clinic.core.errors import NotFound
from clinic.scheduling.models import Block


@dataclass(frozen=True, slots=True)
class BlockRow:
    """Time that staff keep free; ``resource`` is the number of the claims."""

    public_id: str
    resource: int
    starts_at: datetime
    ends_at: datetime
    kind: str
    made_by: str
    is_removed: bool = False


def list_blocks(*, starts_at: datetime, ends_at: datetime) -> tuple[BlockRow, ...]:
    """What touches the span and was not given back, by start."""
    wanted = (
        select(*_COLUMNS)
        .where(Block.starts_at < ends_at, Block.ends_at > starts_at, Block.removed_at.is_(None))
        .order_by(Block.starts_at, Block.id)
    )
    return tuple(BlockRow(*row) for row in db.session.execute(wanted))


def get_block(*, public_id: str) -> BlockRow:
    """The block of that id, given back or not; NotFound."""
    found = db.session.execute(select(*_COLUMNS).where(Block.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound
    return BlockRow(*found)


_COLUMNS = (
    Block.public_id,
    Block.resource_id,
    Block.starts_at,
    Block.ends_at,
    Block.kind,
    Block.made_by,
    Block.removed_at.is_not(None),
)
