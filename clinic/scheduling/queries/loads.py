"""How busy practitioners are in the week of a visit, for the choice when nobody was named."""

from collections import defaultdict
from datetime import timedelta

from sqlalchemy import func, select

from clinic.core.db import db
from clinic.scheduling.models import Location, Occurrence, Practitioner
from clinic.scheduling.queries.diary import epoch_seconds, instant
from clinic.scheduling.rules.choice import Load
from clinic.scheduling.rules.setting import Setting
from clinic.scheduling.rules.wall_time import local_date, start_of_day


def load_of(*, setting: Setting, practitioners: tuple[str, ...], start: int) -> dict[str, Load]:
    """Booked minutes in the Monday-to-Sunday week of ``start`` in the clinic's zone, and idleness.

    Two queries for any number of practitioners; a class counts once, holds do not count.
    """
    booked = _booked_minutes(setting, practitioners, start)
    idle = _idle_since(practitioners, start)
    return {slug: Load(booked.get(slug, 0), idle.get(slug)) for slug in practitioners}


def _booked_minutes(setting: Setting, practitioners: tuple[str, ...], start: int) -> dict[str, int]:
    """Each visit counts in the week of its own location's zone."""
    found: dict[str, int] = defaultdict(int)
    weeks = {zone: _week(start, zone) for zone in {one.zone for one in setting.locations.values()}}
    zones = {slug: one.zone for slug, one in setting.locations.items()}
    first, last = min(week[0] for week in weeks.values()), max(week[1] for week in weeks.values())
    rows = (
        select(
            Practitioner.slug,
            Location.slug,
            epoch_seconds(Occurrence.starts_at),
            epoch_seconds(Occurrence.ends_at),
        )
        .join(Practitioner, Practitioner.id == Occurrence.practitioner_id)
        .join(Location, Location.id == Occurrence.location_id)
        .where(
            Practitioner.slug.in_(practitioners),
            Occurrence.state == "booked",
            Occurrence.ends_at > instant(first),
            Occurrence.starts_at < instant(last),
        )
    )
    for practitioner, location, begins, ends in db.session.execute(rows):
        week = weeks[zones.get(location, setting.zone)] if location in zones else (first, last)
        if week[0] <= begins < week[1]:
            found[practitioner] += (ends - begins) // 60
    return found


def _week(start: int, zone: str) -> tuple[int, int]:
    day = local_date(instant=start, zone=zone)
    monday = day - timedelta(days=day.weekday())
    return (
        start_of_day(day=monday, zone=zone),
        start_of_day(day=monday + timedelta(days=7), zone=zone),
    )


def _idle_since(practitioners: tuple[str, ...], start: int) -> dict[str, int]:
    # One look into the index for each practitioner, however long the history.
    last_end = (
        select(func.max(Occurrence.ends_at))
        .where(
            Occurrence.practitioner_id == Practitioner.id,
            Occurrence.state == "booked",
            Occurrence.ends_at <= instant(start),
        )
        .scalar_subquery()
    )
    rows = select(Practitioner.slug, epoch_seconds(last_end)).where(
        Practitioner.slug.in_(practitioners)
    )
    found: list[tuple[str, int | None]] = [
        (slug, ended) for slug, ended in db.session.execute(rows)
    ]
    return {slug: ended for slug, ended in found if ended is not None}
