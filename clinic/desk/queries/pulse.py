"""Whether anything that a page of the desk shows has changed: one cheap question."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.scheduling.models import AppointmentChange, Block, Hold
from clinic.scheduling.operations.blocks import LONGEST
from clinic.telehealth.models import VideoVisit
from clinic.telehealth.rules.rooms import SEEN_WITHIN


def pulse_of(*, begins: datetime, ends: datetime, version: int, now: datetime) -> str:
    """A word that stays the same as long as the visits, holds and blocks of a span do, and
    who waits by video.

    ``version`` is the setting's. Every step of every visit writes a change, so the newest one tells
    for all. It changes every minute too: the line of the moment moves, and who is late. One query,
    each part answered by an index.
    """
    holds = (Hold.expires_at > now, Hold.released_at.is_(None), Hold.appointment_id.is_(None))
    blocks = (
        Block.starts_at < ends,
        Block.starts_at > begins - LONGEST,
        Block.ends_at > begins,
        Block.removed_at.is_(None),
    )
    waiting = (VideoVisit.seen_at > now - SEEN_WITHIN, VideoVisit.waiting_since.is_not(None))
    wanted = select(
        select(func.max(AppointmentChange.id)).scalar_subquery(),
        select(func.count()).select_from(Hold).where(*holds).scalar_subquery(),
        select(func.max(Hold.id)).where(*holds).scalar_subquery(),
        select(func.count()).select_from(Block).where(*blocks).scalar_subquery(),
        select(func.max(Block.id)).where(*blocks).scalar_subquery(),
        select(func.count()).select_from(VideoVisit).where(*waiting).scalar_subquery(),
    )
    found: Any = db.session.execute(wanted).one()
    minute = int(now.timestamp()) // 60
    return "-".join(str(part or 0) for part in (*found, version, minute))
