"""Keeping time free of visits, and giving it back."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from clinic.core import audit
from clinic.core.db import db, transaction
from clinic.core.errors import Forbidden, Invalid
from clinic.core.rows import lock_row
from clinic.core.values import Actor
from clinic.scheduling.models import Block, Claim
from clinic.scheduling.operations.expiry import remove_expired_holds
from clinic.scheduling.operations.placing import LostRace, Wanted, insert_claims
from clinic.scheduling.operations.refusals import VisitsInTheWay
from clinic.scheduling.operations.wishes import ATTEMPTS, may_book_as_staff
from clinic.scheduling.queries.setting import get_setting

KINDS = ("lunch", "meeting", "paperwork", "training", "away", "repair", "other")
LONGEST = timedelta(days=31)


def block_time(
    *,
    resource: str,
    starts_at: datetime,
    ends_at: datetime,
    kind: str,
    actor: Actor,
    now: datetime,
    beside_visits: bool = False,
) -> str:
    """Keep a practitioner or room (a slug) free for a half-open span; answers the public id.

    Raises Invalid for what is no span of at most a month, not live, or no such kind; VisitsInTheWay
    when something stands in it. With ``beside_visits`` (who is ill today) what stands there stays
    until it is moved or cancelled, and nothing new comes, then or before.
    """
    if not may_book_as_staff(actor):
        raise Forbidden
    remove_expired_holds(now=now)
    # What stands there is looked at before it is claimed around: somebody may book in between.
    for _ in range(ATTEMPTS if beside_visits else 1):
        try:
            return _block(
                resource=resource,
                span=(starts_at, ends_at),
                kind=kind,
                actor=actor,
                now=now,
                beside_visits=beside_visits,
            )
        except LostRace:
            continue
    raise VisitsInTheWay


@transaction
def _block(
    *,
    resource: str,
    span: tuple[datetime, datetime],
    kind: str,
    actor: Actor,
    now: datetime,
    beside_visits: bool,
) -> str:
    number = _resource(resource, span, kind)
    block = Block(
        resource_id=number,
        starts_at=span[0],
        ends_at=span[1],
        kind=kind,
        made_by=actor.name,
        created_at=now,
    )
    db.session.add(block)
    db.session.flush()
    if beside_visits:
        taken = _taken(number, span)
        gaps = _gaps(taken, span)
        insert_claims([_claim(number, gap, block.id) for gap in gaps])
        if taken:
            # Over all of it, beside the visits: what they leave is not offered again.
            insert_claims([_claim(number, span, block.id, may_overbook=True)])
    else:
        insert_claims([_claim(number, span, block.id)])
    audit.record(action="block.made", actor=actor, now=now, subject=f"block:{block.public_id}")
    return block.public_id


@transaction
def unblock_time(*, public_id: str, actor: Actor, now: datetime) -> None:
    """Give blocked time back; doing it twice changes nothing. Raises NotFound."""
    if not may_book_as_staff(actor):
        raise Forbidden
    block = lock_row(Block, public_id)
    if block.removed_at is not None:
        return
    block.removed_at = now
    db.session.execute(delete(Claim).where(Claim.block_id == block.id))
    audit.record(action="block.removed", actor=actor, now=now, subject=f"block:{public_id}")


def _resource(slug: str, span: tuple[datetime, datetime], kind: str) -> int:
    setting = get_setting()
    errors: dict[str, list[str]] = {}
    if kind not in KINDS:
        errors["kind"] = ["Choose what the time is for."]
    if not span[0] < span[1] <= span[0] + LONGEST:
        errors["ends_at"] = ["The time must end after it begins, within a month."]
    person, room = setting.practitioners.get(slug), setting.rooms.get(slug)
    if person is None and room is None:
        errors["resource"] = ["There is no such practitioner or room."]
    if errors:
        raise Invalid(errors)
    return person.resource if person else room.resource if room else 0


def _claim(
    resource: int, span: tuple[datetime, datetime], block: int, *, may_overbook: bool = False
) -> Wanted:
    return Wanted(
        resource=resource,
        starts_at=span[0],
        ends_at=span[1],
        block_id=block,
        may_overbook=may_overbook,
    )


def _taken(resource: int, span: tuple[datetime, datetime]) -> list[tuple[datetime, datetime]]:
    wanted = (
        select(Claim.starts_at, Claim.ends_at)
        .where(Claim.resource_id == resource, Claim.starts_at < span[1], Claim.ends_at > span[0])
        .order_by(Claim.starts_at)
    )
    return [(begins, ends) for begins, ends in db.session.execute(wanted)]


def _gaps(
    taken: list[tuple[datetime, datetime]], span: tuple[datetime, datetime]
) -> list[tuple[datetime, datetime]]:
    """The parts of a span that nothing takes."""
    gaps, since = [], span[0]
    for begins, ends in taken:
        if begins > since:
            gaps.append((since, begins))
        since = max(since, ends)
    if since < span[1]:
        gaps.append((since, span[1]))
    return gaps
