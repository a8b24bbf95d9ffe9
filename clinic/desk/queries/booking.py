"""What a booking at the desk needs to see: the patient, free times, and why a time is refused."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from clinic.people.models import Patient
from clinic.people.queries import get_patient
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.queries.diary import diary_of_start, query_now
from clinic.scheduling.queries.obstacles import Obstacle, list_obstacles
from clinic.scheduling.queries.slots import find_alternatives
from clinic.scheduling.queries.visits import Visit, list_coming_visits, list_past_visits
from clinic.scheduling.rules.asking import Problem, Query, RefusalCode, Slot
from clinic.scheduling.rules.booking import check_start
from clinic.scheduling.rules.opening import closures_within, open_intervals, works_at
from clinic.scheduling.rules.setting import Closure, Setting
from clinic.scheduling.rules.wall_time import at_wall_time, local_date, minute_of_day

FREE_SHOWN = 12
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a booking is for, with the visits that say what is usual for them."""

    patient: Patient
    coming: tuple[Visit, ...]
    last: Visit | None

    def details(self) -> PatientDetails:
        """The record itself, whatever else it says by now."""
        one = self.patient
        return PatientDetails(
            given_name=one.given_name,
            family_name=one.family_name,
            birth_date=one.birth_date,
            email=one.email,
            phone=one.phone,
            record=one.public_id,
        )


@dataclass(frozen=True, slots=True)
class Refused:
    """Why one time cannot be had: what stands against it, by name; ``windows`` are open spans."""

    code: RefusalCode | None
    problems: frozenset[Problem]
    closures: tuple[Closure, ...]
    windows: tuple[tuple[int, int], ...]
    obstacles: tuple[Obstacle, ...]
    is_overridable: bool


def get_caller(*, public_id: str, now: datetime) -> Caller:
    """The patient of that id with what comes and what was last; NotFound."""
    coming = list_coming_visits(patient=public_id, now=now, limit=5)
    past = list_past_visits(patient=public_id, now=now, limit=1)
    return Caller(get_patient(public_id=public_id), coming, (past or coming[:1] or (None,))[0])


def desk_setting(setting: Setting) -> Setting:
    """The setting as the desk books by it: without notice, all services; kept as long as it is."""
    return setting.memo.recall(("desk",), lambda: _without_notice(setting))


def _without_notice(setting: Setting) -> Setting:
    services = {
        slug: replace(one, min_notice_seconds=0, online=True)
        for slug, one in setting.services.items()
    }
    return replace(setting, services=services)


def desk_query(
    *,
    setting: Setting,
    service: str,
    practitioner: str | None,
    state: str | None,
    now: datetime,
    location: str | None = None,
) -> Query:
    """The question of somebody at the desk."""
    return Query(
        setting=desk_setting(setting),
        service=service,
        practitioner=practitioner,
        location=location,
        state=state,
        now=query_now(now),
        staff=True,
    )


def list_free(*, query: Query, since: date, not_before: int, now: datetime) -> tuple[Slot, ...]:
    """The next free times from a day on, none before an instant."""
    return find_alternatives(
        query=query, day=since, not_before=max(not_before, query.now), now=now, limit=FREE_SHOWN
    )


def same_time_next_week(*, query: Query, visit: Visit, now: datetime) -> Slot | None:
    """The visit's weekday and wall time a week on, with the same practitioner, if free."""
    day = local_date(instant=int(visit.starts_at.timestamp()), zone=visit.zone) + WEEK
    minute = minute_of_day(instant=int(visit.starts_at.timestamp()), zone=visit.zone)
    start = at_wall_time(day=day, minute=minute, zone=visit.zone)
    if start is None or start < query.now:
        return None
    asked = replace(query, practitioner=visit.practitioner, location=visit.location)
    found = find_alternatives(query=asked, day=day, not_before=start, now=now, limit=1)
    return found[0] if found and found[0].start == start else None


def explain(
    *,
    query: Query,
    start: int,
    now: datetime,
    patient_id: int | None = None,
    without: tuple[int, ...] = (),
) -> Refused:
    """Everything that stands against a start, for a sentence each: two queries."""
    diary = diary_of_start(query=query, start=start, now=now, without=without)
    check = check_start(query=query, start=start, diary=diary)
    best = check.overridable[0] if check.overridable and check.refusal else None
    who = query.practitioner or (best.practitioner if best else None)
    where = query.location or (best.location if best else None)
    named = replace(query, practitioner=who)
    return Refused(
        code=check.refusal,
        problems=best.problems if best else frozenset(),
        closures=_closures(query, start, where),
        windows=_windows(query, start, who, where),
        obstacles=list_obstacles(
            query=named, start=start, now=now, patient_id=patient_id, without=without
        ),
        is_overridable=check.refusal is None or best is not None,
    )


def _closures(query: Query, start: int, where: str | None) -> tuple[Closure, ...]:
    if where is None:
        return ()
    location = query.setting.locations[where]
    end = start + query.wanted.minutes * 60
    return closures_within(
        setting=query.setting,
        location=location,
        interval=(start, end),
        first=local_date(instant=start, zone=location.zone),
        last=local_date(instant=end - 1, zone=location.zone),
    )


def _windows(
    query: Query, start: int, who: str | None, where: str | None
) -> tuple[tuple[int, int], ...]:
    """When the practitioner works at the place on that day."""
    person = query.setting.practitioners.get(who or "")
    if person is None:
        return ()
    places = works_at(setting=query.setting, practitioner=person)
    slug = where if where in places else next(iter(places), None)
    if slug is None:
        return ()
    location = query.setting.locations[slug]
    day = local_date(instant=start, zone=location.zone)
    found = open_intervals(
        setting=query.setting,
        practitioner=person,
        location=location,
        first=day,
        last=day,
        with_closures=False,
    )
    return tuple(found)
