"""Which messages about visits can be told once more."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from clinic.core.db import db
from clinic.messaging.queries import Posted
from clinic.messaging.rules import State
from clinic.scheduling.models import Appointment, Occurrence, Series
from clinic.scheduling.rules.telling import KINDS, TELLABLE


def find_repeatable(*, messages: Sequence[Posted], now: datetime) -> frozenset[str]:
    """Public ids of those that can: the newest about a visit, or a series, where it was sent and
    the visit is still to come. ``messages`` come newest first; one query, none where there is
    nothing to ask."""
    newest: dict[str, Posted] = {}
    for message in messages:
        if message.kind in KINDS:
            newest.setdefault(message.about, message)
    sent = {about: one for about, one in newest.items() if one.state is State.SENT}
    coming = list_tellable(abouts=sent, now=now)
    return frozenset(one.public_id for about, one in sent.items() if about in coming)


def list_tellable(
    *, abouts: Collection[str], now: datetime
) -> Mapping[str, Sequence[tuple[str, str, int]]]:
    """``appointment:...`` or ``series:...`` -> public id, status and patient's row of its visits
    that are booked or cancelled and still to come, by their start."""
    names = {
        kind: [one.partition(":")[2] for one in abouts if one.startswith(kind)] for kind in _OF
    }
    if not any(names.values()):
        return {}
    wanted = (
        select(
            Appointment.public_id,
            Appointment.status,
            Appointment.patient_id,
            Series.public_id.label("series"),
        )
        .join(Occurrence, Occurrence.id == Appointment.occurrence_id)
        .outerjoin(Series, Series.id == Appointment.series_id)
        .where(
            or_(*(_OF[kind].in_(ids) for kind, ids in names.items())),
            Occurrence.starts_at > now,
            Appointment.status.in_(TELLABLE.values()),
        )
        .order_by(Occurrence.starts_at, Appointment.id)
    )
    found: dict[str, list[tuple[str, str, int]]] = {}
    for row in db.session.execute(wanted):
        for about in {f"appointment:{row.public_id}", f"series:{row.series}"} & set(abouts):
            found.setdefault(about, []).append((row.public_id, row.status, row.patient_id))
    return found


_OF: Mapping[str, Any] = {"appointment:": Appointment.public_id, "series:": Series.public_id}
