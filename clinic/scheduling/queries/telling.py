"""Which messages about visits can be told once more."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from clinic.core.db import db
from clinic.messaging.queries import Posted
from clinic.scheduling.models import Appointment, Occurrence, Series
from clinic.scheduling.rules.telling import KINDS, REMINDER, TELLABLE


def list_over(*, messages: Sequence[Posted], now: datetime) -> frozenset[str]:
    """Public ids of those about visits of which nothing is to come: there is nothing to tell again.
    One query, none where there is nothing to ask."""
    about_visits = [one for one in messages if one.kind in (*KINDS, REMINDER)]
    coming = list_tellable(abouts={one.about for one in about_visits}, now=now)
    booked = {
        about
        for about, visits in coming.items()
        if any(status == "booked" for _, status, _ in visits)
    }
    return frozenset(
        one.public_id
        for one in about_visits
        if one.about not in (booked if one.kind == REMINDER else coming)
    )


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
