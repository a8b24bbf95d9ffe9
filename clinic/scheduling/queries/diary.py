"""What is taken in a span of time, in the plain numbers that the availability rules read."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, not_, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import BigInteger

from clinic.core.db import current_connection, db
from clinic.core.lists import among
from clinic.core.prepared import fetch
from clinic.core.types import from_micros
from clinic.scheduling.models import Claim, Location, Occurrence, Practitioner, Seat, Service
from clinic.scheduling.rules.asking import Diary, OpenClass, Query
from clinic.scheduling.rules.slots import busy_span

SECOND = 1_000_000


class epoch_seconds(FunctionElement[int]):  # noqa: N801 - an SQL function
    """An instant column as whole seconds since 1970."""

    type = BigInteger()
    inherit_cache = True


@compiles(epoch_seconds, "sqlite")
def _sqlite_seconds(element: Any, compiler: Any, **kw: Any) -> str:
    return f"{compiler.process(element.clauses, **kw)} / {SECOND}"


@compiles(epoch_seconds, "postgresql")
def _postgresql_seconds(element: Any, compiler: Any, **kw: Any) -> str:
    # As a floating number it costs a quarter of what ``extract`` does, and whole seconds are exact.
    return f"date_part('epoch', {compiler.process(element.clauses, **kw)})::bigint"


def instant(seconds: int) -> datetime:
    """The aware UTC instant of that many seconds since 1970."""
    return from_micros(seconds * SECOND)


def seconds(at: datetime) -> int:
    """Whole seconds since 1970 of an aware instant that has no fraction; ValueError for others."""
    if at.microsecond:
        raise ValueError("a start of a visit is a whole second")
    return int(at.timestamp())


def query_now(now: datetime) -> int:
    """The instant from which notice counts, in whole seconds: never before ``now``."""
    return -int(-now.timestamp() // 1)


def diary_of_start(
    *, query: Query, start: int, now: datetime, without: tuple[int, ...] = ()
) -> Diary:
    """What decides on one start: the claims that a visit of the service would touch."""
    service = query.wanted
    span = (
        start - service.buffer_before * 60,
        start + (service.minutes + service.buffer_after) * 60,
    )
    return diary_of_span(query=query, span=span, now=now, without=without)


def load_diary(
    *,
    query: Query,
    from_date: date,
    to_date: date,
    now: datetime,
    without: tuple[int, ...] = (),
) -> Diary:
    """What decides on the slots of the dates: one query, two for a class.

    ``without`` leaves out those occurrences (a visit that is being moved).
    """
    span = busy_span(query=query, from_date=from_date, to_date=to_date)
    if span[0] >= span[1]:
        return Diary()
    return diary_of_span(query=query, span=span, now=now, without=without)


def diary_of_span(
    *, query: Query, span: tuple[int, int], now: datetime, without: tuple[int, ...] = ()
) -> Diary:
    """The same for a span of seconds."""
    starts_at, ends_at = instant(span[0]), instant(span[1])
    busy: dict[int, list[tuple[int, int]]] = {}
    asked = {
        "resources": _resources(query),
        "from": starts_at,
        "until": ends_at,
        "now": now,
        "without": without,
    }
    last, spans = None, list[tuple[int, int]]()
    rows = fetch(current_connection(), _CLAIMS_BUT if without else _CLAIMS, asked)
    for resource, begins, ends in rows:
        if resource != last:
            last, spans = resource, busy.setdefault(resource, [])
        spans.append((begins, ends))
    classes = tuple(
        one for one in _open_classes(query, starts_at, ends_at, now) if one.id not in without
    )
    return Diary(busy=busy, classes=classes, content=(tuple(rows), classes))


def diary_of_everybody(*, spans: Iterable[tuple[int, int]], now: datetime) -> Diary:
    """What is taken, of everybody and every room, from the first to the last of the spans.

    For many questions at once; classes are left out. One query, none when all spans are empty.
    """
    wanted = [span for span in spans if span[0] < span[1]]
    if not wanted:
        return Diary()
    asked = {
        "from": instant(min(begins for begins, _ in wanted)),
        "until": instant(max(ends for _, ends in wanted)),
        "now": now,
    }
    busy: dict[int, list[tuple[int, int]]] = {}
    for resource, begins, ends in current_connection().execute(_ALL_CLAIMS, asked):
        busy.setdefault(resource, []).append((begins, ends))
    return Diary(busy=busy)


def is_live(expires_at: Any, now: Any) -> ColumnElement[bool]:
    """Whether a claim or seat stands at ``now``: not a hold's, or a hold's that has not expired."""
    return or_(expires_at.is_(None), expires_at > now)


# The statement is built once, and past the session: a month of a clinic has a thousand rows.
_CLAIM = Claim.__table__.c
_ALL_CLAIMS = (
    select(_CLAIM.resource_id, epoch_seconds(_CLAIM.starts_at), epoch_seconds(_CLAIM.ends_at))
    .where(
        _CLAIM.starts_at < bindparam("until"),
        _CLAIM.ends_at > bindparam("from"),
        is_live(_CLAIM.expires_at, bindparam("now")),
    )
    .order_by(_CLAIM.resource_id, _CLAIM.starts_at)
)
_CLAIMS = _ALL_CLAIMS.where(among(_CLAIM.resource_id, "resources"))
# A block belongs to no visit: NULL is not among those left out, but SQL would not say so.
_CLAIMS_BUT = _CLAIMS.where(
    or_(_CLAIM.occurrence_id.is_(None), not_(among(_CLAIM.occurrence_id, "without")))
)


def _resources(query: Query) -> list[int]:
    setting = query.setting
    people: Iterable[int] = (
        one.resource
        for one in setting.practitioners.values()
        if query.service in one.services and query.practitioner in {None, one.slug}
    )
    rooms = {slug for group in query.wanted.needs for slug in group}
    return [*people, *(setting.rooms[slug].resource for slug in rooms if slug in setting.rooms)]


def _open_classes(
    query: Query, starts_at: datetime, ends_at: datetime, now: datetime
) -> Iterable[OpenClass]:
    if query.wanted.capacity <= 1:
        return
    for row in db.session.execute(_classes(query.service, starts_at, ends_at, now)):
        ident, practitioner, location, start, capacity, taken = row
        yield OpenClass(ident, query.service, practitioner, location, start, capacity - taken)


def _classes(
    service: str, starts_at: datetime, ends_at: datetime, now: datetime
) -> Select[int, str, str, int, int, int]:
    taken = func.count(Seat.number)
    return (
        select(
            Occurrence.id,
            Practitioner.slug,
            Location.slug,
            epoch_seconds(Occurrence.starts_at),
            Occurrence.capacity,
            taken,
        )
        .join(Service, Service.id == Occurrence.service_id)
        .join(Practitioner, Practitioner.id == Occurrence.practitioner_id)
        .join(Location, Location.id == Occurrence.location_id)
        .join(Seat, (Seat.occurrence_id == Occurrence.id) & is_live(Seat.expires_at, now))
        .where(
            Service.slug == service,
            Occurrence.state != "released",
            Occurrence.starts_at < ends_at,
            Occurrence.starts_at >= starts_at,
        )
        .group_by(Occurrence.id, Practitioner.slug, Location.slug)
    )
