"""How often somebody may do something: counters in the database, shared by all processes.

Fixed windows. A bucket holds a keyed hash of who was counted, never an address. A count is a
transaction of its own, before the work it guards.
"""

import hashlib
import hmac
import ipaddress
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import case, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from clinic.core import clock
from clinic.core.db import db, housekeeping
from clinic.core.errors import Refusal
from clinic.core.types import from_micros, to_micros
from clinic.web.access import client_address, current_actor
from clinic.web.models import RateCount
from config import Config

MINUTE = timedelta(minutes=1)


class TooMany(Refusal):
    """More calls than allowed in the present window."""

    code = "too-many-requests"
    status = 429
    message = "There were too many requests from your connection. Wait a minute and try again."

    def __init__(self, message: str | None = None, *, retry_after_seconds: int = 60) -> None:
        super().__init__(message)
        self.retry_after_seconds = retry_after_seconds


def limit(*, name: str, who: str, at_most: int, now: datetime, window: timedelta = MINUTE) -> None:
    """Count a call of ``who`` and raise TooMany when it is one too many in this window."""
    starts_at = _window_start(now, window)
    ends_at = starts_at + window
    count = _count(bucket=_bucket(name, who), starts_at=starts_at, ends_at=ends_at, step=1)
    if count > at_most:
        wait = max(1, -((now - ends_at) // timedelta(seconds=1)))
        raise TooMany(_waiting_words(wait), retry_after_seconds=wait)


def _waiting_words(seconds: int) -> str | None:
    if seconds <= MINUTE.seconds:
        return None
    minutes = -(-seconds // 60)
    sentence = _(
        "There were too many attempts. Wait %(minutes)d minutes and try again.", minutes=minutes
    )
    return str(sentence)


def give_back(*, name: str, who: str, now: datetime, window: timedelta = MINUTE) -> None:
    """Take back one count of ``limit``: the attempt succeeded and only failures are limited."""
    starts_at = _window_start(now, window)
    ends_at = starts_at + window
    _count(bucket=_bucket(name, who), starts_at=starts_at, ends_at=ends_at, step=-1)


def limit_booking() -> None:
    """Count a booking of this address against RATE_LIMIT_BOOKING; raises TooMany.

    Staff and tokens are known by name and not limited.
    """
    config: Config = current_app.config["CLINIC"]
    if config.rate_limit_booking is None or current_actor().is_staff:
        return
    limit(
        name="booking",
        who=network_of(client_address()),
        at_most=config.rate_limit_booking,
        now=clock.now(),
    )


def network_of(address: str) -> str:
    """What one caller can choose addresses from: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)


def remove_old_counts(*, now: datetime) -> None:
    """Forget the counts of windows that are over."""
    over = RateCount.expires_at <= now
    if db.session.scalar(select(RateCount.count).where(over).limit(1)) is not None:
        _remove(now=now)


@housekeeping
def _remove(*, now: datetime) -> None:
    db.session.execute(delete(RateCount).where(RateCount.expires_at <= now))


@housekeeping
def _count(*, bucket: str, starts_at: datetime, ends_at: datetime, step: int) -> int:
    """Add ``step`` in one statement, so that no two callers read the same count."""
    insert: Any = sqlite.insert if _is_sqlite() else postgresql.insert
    stepped = RateCount.count + step
    statement = (
        insert(RateCount)
        .values(bucket=bucket, window_starts_at=starts_at, count=max(step, 0), expires_at=ends_at)
        .on_conflict_do_update(
            index_elements=[RateCount.bucket, RateCount.window_starts_at],
            set_={"count": case((stepped < 0, 0), else_=stepped)},
        )
        .returning(RateCount.count)
    )
    return int(db.session.execute(statement).scalar_one())


def _is_sqlite() -> bool:
    return db.engine.dialect.name == "sqlite"


def _window_start(now: datetime, window: timedelta) -> datetime:
    length = window // timedelta(microseconds=1)
    return from_micros(to_micros(now) // length * length)


def _bucket(name: str, who: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    hashed = hmac.new(key, f"{name}|{who}".encode(errors="replace"), hashlib.sha256)
    return f"{name}:{hashed.hexdigest()}"
