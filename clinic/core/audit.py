"""The audit trail: who did or saw what, written with the deed, sealed in a chain, never changed.

Entries are written in the business transaction. A single sealer (the worker) chains committed
entries by its own sequence: ``hash = HMAC-SHA-256(key, previous hash || canonical JSON of the
entry)``. Chaining inside the business transaction would make every writer wait for every other
one. UPDATE, DELETE and TRUNCATE are refused by the database itself (``append_only_ddl``).
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, String, func, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import CannotOpen, keyring
from clinic.core.db import (
    current_connection,
    db,
    housekeeping,
    in_transaction,
    insert_later,
    one_snapshot,
)
from clinic.core.locks import LockTaken, named_lock
from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant, JsonText, canonical_json, to_micros
from clinic.core.values import Actor

GENESIS = bytes(32)
PURPOSE = "audit-chain"
UNSEALED_GRACE = timedelta(minutes=1)
LATE_COMMITS = 20_000
"""How many ids behind the newest sealed one the sealer still looks for late commits."""


class AuditEntry(Base):
    """One deed or one look. ``subject`` is ``kind:public id``; ``details`` hold no health data.

    ``session`` is the signed-in browser it came through. Entries older than sessions have none.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_actor_id_at", "actor_id", "at"),
        Index("ix_audit_entries_action_at", "action", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant, index=True)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[str | None] = mapped_column(String(64))
    actor_name: Mapped[str] = mapped_column(String(200))
    actor_role: Mapped[str | None] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str | None] = mapped_column(String(80), index=True)
    details: Mapped[Any] = mapped_column(JsonText)
    session: Mapped[str | None] = mapped_column(String(22), index=True)


class AuditSight(Base):
    """That an entry's look at a list showed this subject: an index over ``details["seen"]``.

    The chain covers the details, and ``verify`` holds these rows against them.
    """

    __tablename__ = "audit_sights"

    subject: Mapped[str] = mapped_column(String(80), primary_key=True)
    entry_id: Mapped[int] = mapped_column(
        ForeignKey("audit_entries.id"), primary_key=True, index=True
    )


class AuditSeal(Base):
    """The link of one entry in the chain."""

    __tablename__ = "audit_seals"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"), unique=True)
    key_name: Mapped[str] = mapped_column(String(64))
    hash: Mapped[bytes] = mapped_column(LargeBinary)


append_only(AuditEntry.__table__)
append_only(AuditSight.__table__)
append_only(AuditSeal.__table__)
_ADD_ENTRY = insert(AuditEntry.__table__).inline()  # type: ignore[arg-type]
_ADD_ENTRY_AND_TELL = insert(AuditEntry.__table__)  # type: ignore[arg-type]
_ADD_SIGHT = insert(AuditSight.__table__).inline()  # type: ignore[arg-type]


def record(
    *,
    action: str,
    actor: Actor,
    now: datetime,
    subject: str | None = None,
    details: Mapping[str, Any] | None = None,
    seen: Iterable[str] = (),
) -> None:
    """Write one entry inside the current transaction; RuntimeError outside one.

    ``seen`` are the subjects that a list showed (``patient:...``): the entry is found by each.
    """
    if not in_transaction():
        raise RuntimeError("an audit entry is written in the transaction of what it tells of")
    entry = {
        "at": now,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "actor_name": actor.name,
        "actor_role": actor.role,
        "action": action,
        "subject": subject,
        "details": dict(details or {}),
        "session": actor.session,
    }
    shown = sorted(set(seen))
    if shown:
        _record_sights(entry, shown)
    else:
        insert_later(_ADD_ENTRY, entry)


def _record_sights(entry: dict[str, Any], shown: list[str]) -> None:
    entry["details"]["seen"] = shown
    made: Any = current_connection().execute(_ADD_ENTRY_AND_TELL, entry).inserted_primary_key
    insert_later(_ADD_SIGHT, *({"subject": subject, "entry_id": made[0]} for subject in shown))


@housekeeping
def record_look(
    *,
    action: str,
    actor: Actor,
    now: datetime,
    subject: str | None = None,
    details: Mapping[str, Any] | None = None,
    seen: Iterable[str] = (),
) -> None:
    """Put on record that ``actor`` looked at ``subject``, in a transaction of its own.

    A look at a list names with ``seen`` whom it showed; ``details`` say which list.
    """
    record(action=action, actor=actor, now=now, subject=subject, details=details, seen=seen)


def seal_entries(*, limit: int = 500) -> int:
    """Chain what has been committed and is not yet sealed; answers how many entries.

    One sealer at a time: when another holds the lock, nothing is done.
    """
    if next(iter(_unsealed(limit=1)), None) is None:
        return 0
    try:
        with named_lock(db.engine, "audit-sealer"):
            return _seal(limit=limit)
    except LockTaken:
        return 0


@housekeeping
def _seal(*, limit: int) -> int:
    last = db.session.scalars(select(AuditSeal).order_by(AuditSeal.seq.desc()).limit(1)).first()
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    ring = keyring()
    key = ring.derived(PURPOSE)
    entries = _unsealed(limit=limit)
    for entry in entries:
        seq += 1
        previous = _link(key, previous, entry)
        seal = AuditSeal(seq=seq, entry_id=entry.id, key_name=ring.active, hash=previous)
        db.session.add(seal)
    return len(entries)


def _unsealed(*, limit: int) -> list[AuditEntry]:
    newest = db.session.scalar(select(AuditSeal.entry_id).order_by(AuditSeal.seq.desc()).limit(1))
    sealed = select(AuditSeal.seq).where(AuditSeal.entry_id == AuditEntry.id).exists()
    wanted = (
        select(AuditEntry)
        .where(AuditEntry.id > (newest or 0) - LATE_COMMITS, ~sealed)
        .order_by(AuditEntry.id)
        .limit(limit)
    )
    return list(db.session.scalars(wanted))


def _link(key: bytes, previous: bytes, entry: AuditEntry) -> bytes:
    content = {
        "id": entry.id,
        "at": to_micros(entry.at),
        "actor": [entry.actor_kind, entry.actor_id, entry.actor_name, entry.actor_role],
        "action": entry.action,
        "subject": entry.subject,
        "details": entry.details,
    }
    if entry.session is not None:  # entries from before sessions had ids keep their links
        content["session"] = entry.session
    return hmac.new(key, previous + canonical_json(content).encode(), hashlib.sha256).digest()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What ``verify`` found: the first fault in words, or None and the head of the chain."""

    entries: int
    fault: str | None
    head: str


def verify(*, now: datetime, expected_head: str | None = None) -> Verdict:
    """Recompute the whole chain and name the first broken row.

    Found: changed, deleted, inserted and reordered rows, and entries unsealed for over a minute.
    A tail cut off with its seals shows only against ``expected_head`` (``SEQ:HASH``), a head that
    was kept elsewhere: it must still be in the chain.
    """
    count, previous, seen_expected = 0, GENESIS, expected_head is None
    rows = (
        select(AuditSeal, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.seq)
        .execution_options(yield_per=1000)
    )
    keys: dict[str, bytes] = {}
    shown: dict[int, bytes] = {}
    one_snapshot()
    with db.session.execute(rows) as found:  # a server's cursor: closed at the first fault too
        for seal, entry in found:
            fault = _fault(seal, entry, count + 1, previous, keys)
            if fault:
                return Verdict(count, fault, _head(count, previous))
            count, previous = seal.seq, seal.hash
            if "seen" in entry.details:
                shown[entry.id] = _digest(entry.details["seen"])
            seen_expected = seen_expected or _head(count, previous) == expected_head
    head = _head(count, previous)
    if not seen_expected:
        return Verdict(count, f"the head {expected_head} is not in the chain", head)
    return Verdict(count, _overdue(now) or _wrong_sight(shown), head)


def _fault(
    seal: AuditSeal, entry: AuditEntry | None, seq: int, previous: bytes, keys: dict[str, bytes]
) -> str | None:
    if seal.seq != seq:
        return f"seal {seq} is missing"
    if entry is None:
        return f"entry {seal.entry_id} (seal {seq}) was deleted"
    try:
        key = keys.setdefault(seal.key_name, keyring().derived(PURPOSE, key_name=seal.key_name))
    except CannotOpen as error:
        return f"seal {seq}: {error}"
    if not hmac.compare_digest(_link(key, previous, entry), seal.hash):
        return f"entry {entry.id} (seal {seq}) was changed"
    return None


def _overdue(now: datetime) -> str | None:
    sealed = select(AuditSeal.seq).where(AuditSeal.entry_id == AuditEntry.id).exists()
    overdue = select(func.min(AuditEntry.id)).where(~sealed, AuditEntry.at < now - UNSEALED_GRACE)
    first = db.session.scalar(overdue)
    return None if first is None else f"entry {first} is unsealed for over a minute"


def _wrong_sight(shown: dict[int, bytes]) -> str | None:
    """The first sealed entry whose rows of sights are not those that its details name."""
    rows = (
        select(AuditSight.entry_id, AuditSight.subject)
        .join(AuditSeal, AuditSeal.entry_id == AuditSight.entry_id)
        .order_by(AuditSight.entry_id)
        .execution_options(yield_per=1000)
    )
    left = dict(shown)
    with db.session.execute(rows) as found:
        for entry_id, group in groupby(found, key=lambda row: row.entry_id):
            if left.pop(entry_id, None) != _digest(sorted(row.subject for row in group)):
                return f"what entry {entry_id} says was seen was changed"
    return next((f"what entry {entry_id} says was seen is missing" for entry_id in left), None)


def _digest(subjects: list[str]) -> bytes:
    return hashlib.sha256("\n".join(subjects).encode()).digest()[:8]


def _head(seq: int, digest: bytes) -> str:
    return f"{seq}:{digest.hex()}"
