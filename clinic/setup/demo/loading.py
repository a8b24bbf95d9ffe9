"""Making the demo clinic through the product's own operations, so that every rule holds in it.

The past is lived through in its own order: each visit is booked, confirmed and fulfilled with the
`now` of that moment.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

from clinic.core import audit, hooks
from clinic.core.errors import Refusal
from clinic.core.values import PUBLIC, SYSTEM, Actor, Role
from clinic.intake.operations.questionnaires import seed_library
from clinic.messaging.operations.sending import drop_waiting
from clinic.people.operations import choose_password, create_staff, new_setup_link
from clinic.people.queries import find_account
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.diary import instant
from clinic.scheduling.queries.setting import get_setting
from clinic.scheduling.rules.status import Action
from clinic.setup.demo.asking import ask_for_visits
from clinic.setup.demo.family import settle_family
from clinic.setup.demo.holidays import holiday_closures
from clinic.setup.demo.people import PASSWORD, STAFF, DemoStaff, patients
from clinic.setup.demo.planning import PlannedVisit, plan_steps, plan_visits
from clinic.setup.demo.selling import sell_analyses
from clinic.setup.demo.telling import let_patients_tell
from clinic.setup.demo.waiting import let_some_wait
from clinic.setup.operations import load_clinic
from clinic.setup.queries import find_clinic_file
from clinic.setup.rules.clinic_file import ClinicFile, PractitionerEntry
from clinic.setup.rules.reading import read_clinic_file

DEMO_FILE = Path(__file__).parent.parent / "demo.toml"
SEED = 2026
ENDING_LICENCE = "DEMO-0006"


@dataclass(frozen=True, slots=True)
class DemoLoaded:
    """What was made: how many visits, and how many of the planned ones found no room."""

    visits: int
    left_out: int


def demo_clinic(*, now: datetime) -> ClinicFile:
    """The demo's clinic file, closed on the holidays of the past month's year and the next.

    One licence ends within the 90 days in which the desk is warned.
    """
    file = read_clinic_file(data=DEMO_FILE.read_bytes())
    known = {closure.date for closure in file.closures}
    year = (now - timedelta(days=30)).year
    computed = holiday_closures(years=(year, year + 1))
    more = tuple(closure for closure in computed if closure.date not in known)
    closures = tuple(sorted((*file.closures, *more), key=lambda c: c.date))
    ends = (now + timedelta(days=45)).date()
    people = tuple(_with_ending_licence(one, ends) for one in file.practitioners)
    return replace(file, closures=closures, practitioners=people)


def _with_ending_licence(one: PractitionerEntry, ends: date) -> PractitionerEntry:
    licences = tuple(
        replace(licence, valid_to=ends) if licence.number == ENDING_LICENCE else licence
        for licence in one.licences
    )
    return replace(one, licences=licences)


def load_demo(*, now: datetime) -> DemoLoaded | None:
    """Make the demo clinic with its staff and visits; None, and nothing done, when there is one."""
    if find_clinic_file() is not None:
        return None
    now = now.replace(microsecond=0)
    file = demo_clinic(now=now)
    actors = {one.role: _make_staff(one, file.name, now) for one in STAFF}
    hooks.demo_begun.announce(now)
    load_clinic(file=file, actor=actors[Role.ADMIN], now=now)
    seed_library(actor=actors[Role.ADMIN], now=now)
    made = _live_through(now=now, actors=actors)
    more = settle_family(now=now, desk=actors[Role.FRONT_DESK])
    made = replace(made, visits=made.visits + more)
    ask_for_visits(now=now, desk=actors[Role.FRONT_DESK])
    let_some_wait(now=now, desk=actors[Role.FRONT_DESK])
    let_patients_tell(now=now, clinician=actors[Role.CLINICIAN])
    sold = sell_analyses(now=now, actors=actors)
    made = replace(made, visits=made.visits + sold)
    hooks.demo_lived.announce(now, actors[Role.FRONT_DESK])
    drop_waiting(why="made up for the demo")
    while audit.seal_entries():  # the trail is whole before anybody looks at it
        pass
    return made


def _make_staff(one: DemoStaff, clinic_name: str, now: datetime) -> Actor:
    """The member of staff, with the known password even after a load that was cut short."""
    account = find_account(email=one.email)
    if account is None:
        token = create_staff(email=one.email, name=one.name, role=one.role, actor=SYSTEM, now=now)
    else:
        token = new_setup_link(email=one.email, actor=SYSTEM, now=now)
    choose_password(token=token, password=PASSWORD, clinic_name=clinic_name, now=now)
    account = find_account(email=one.email)
    public_id = account.public_id if account else None
    return Actor(kind="staff", id=public_id, name=one.name, role=one.role)


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    """Something to be done at its moment: book the visit of that number, or take its step."""

    at: int
    visit: int
    action: Action | None = None


def _live_through(*, now: datetime, actors: dict[Role, Actor]) -> DemoLoaded:
    random = Random(SEED)  # noqa: S311 - the same demo every time
    until = int(now.timestamp())
    visits = plan_visits(setting=get_setting(), patients=len(patients()), now=until, random=random)
    events = sorted(_events(visits, until, random), key=lambda event: (event.at, event.visit))
    booked: dict[int, str] = {}
    cancelled: set[int] = set()
    for event in events:
        if event.action is None:
            public_id = _book(visits[event.visit], event.at, actors)
            if public_id is not None:
                booked[event.visit] = public_id
        elif event.visit in booked:
            _step(booked[event.visit], event.action, event.at, actors)
            if event.action is Action.CANCEL:
                cancelled.add(event.visit)
    _squeeze_in([visits[number] for number in booked.keys() - cancelled], until, actors)
    return DemoLoaded(len(booked), len(visits) - len(booked))


def _events(visits: tuple[PlannedVisit, ...], now: int, random: Random) -> Iterator[_Event]:
    for number, visit in enumerate(visits):
        yield _Event(visit.booked_at, number)
        for step in plan_steps(visit=visit, now=now, random=random):
            yield _Event(step.at, number, step.action)


def _book(visit: PlannedVisit, at: int, actors: dict[Role, Actor]) -> str | None:
    """The booked visit's public id; None when the clinic declines, as it would to anybody."""
    wish = Wish(
        service=visit.service,
        starts_at=instant(visit.start),
        practitioner=visit.practitioner,
        location=visit.location,
        state=visit.state,
    )
    actor = actors[Role.FRONT_DESK] if visit.is_by_phone else PUBLIC
    patient = patients()[visit.patient]
    try:
        return book_appointment(wish=wish, patient=patient, actor=actor, now=instant(at)).public_id
    except Refusal:
        return None


def _step(public_id: str, action: Action, at: int, actors: dict[Role, Actor]) -> None:
    actor = actors[Role.CLINICIAN if action is Action.FULFIL else Role.FRONT_DESK]
    reason = "The patient called." if action is Action.CANCEL else None
    # A step that the visit's state no longer allows is left out, as people would.
    with suppress(Refusal):
        take_step(public_id=public_id, action=action, actor=actor, now=instant(at), reason=reason)


def _squeeze_in(visits: list[PlannedVisit], now: int, actors: dict[Role, Actor]) -> None:
    """Beside the next follow-up visit the desk books another one, with a reason."""
    coming = [one for one in visits if one.service == "follow-up" and one.start > now]
    if not coming:
        return
    beside = min(coming, key=lambda one: one.start)
    wish = Wish(
        service=beside.service,
        starts_at=instant(beside.start),
        practitioner=beside.practitioner,
        location=beside.location,
        override_reason="Acute pain since this morning; the practitioner agreed.",
    )
    patient = patients()[(beside.patient + 1) % len(patients())]
    with suppress(Refusal):
        book_appointment(
            wish=wish, patient=patient, actor=actors[Role.FRONT_DESK], now=instant(now)
        )
