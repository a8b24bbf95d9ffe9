"""A clinic for tests of pages: two places, a class, video, a service that only a call books."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import event, select

from clinic.core.audit import AuditEntry, AuditSeal, AuditSight
from clinic.core.db import db
from clinic.core.schema import Base
from clinic.core.values import SYSTEM, Actor, Role
from clinic.people.models import StaffSession
from clinic.people.operations import choose_password, create_staff
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.links import visit_token
from clinic.scheduling.queries.visits import Visit
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file
from clinic.web.models import RateCount
from tests.support.pages import Page

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # Monday, 10:00 in New York
KIM = Actor(kind="staff", name="Kim Torres", id="kim", role=Role.FRONT_DESK)
PASSWORD = "gentle orange stairs"

CLINIC = """
[clinic]
name = "Test Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0100"

[policy]
cancellation_notice_hours = 24
hold_minutes = 10

[[locations]]
slug = "main"
name = "Main office"
address = "1 Example Street"
directions = "Beside the pharmacy.\\nTake the elevator."

[[locations]]
slug = "uptown"
name = "Uptown studio"
address = "9 Sample Avenue"

[[services]]
slug = "eval"
name = "Evaluation"
minutes = 60
grid_minutes = 30
min_notice_hours = 2
horizon_days = 30
price_cents = 20000

[[services]]
slug = "night"
name = "Sleep study"
minutes = 30
grid_minutes = 30
horizon_days = 300

[[services]]
slug = "video"
name = "Video visit"
minutes = 30
modality = "telehealth"

[[services]]
slug = "screened"
name = "Spine visit"
minutes = 30
safety_screen = true

[[services]]
slug = "surgery"
name = "Surgery talk"
minutes = 30
online = false

[[practitioners]]
slug = "okafor"
name = "Dana Okafor, PT, DPT"
services = ["eval", "video", "screened", "surgery"]
[[practitioners.licences]]
state = "NY"
kind = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu"]
from = "09:00"
to = "17:00"
location = "main"
[[practitioners.exceptions]]
date = 2026-03-12
hours = []

[[practitioners]]
slug = "santos"
name = "Miguel Santos, PT"
services = ["eval"]
licence = "PT"
[[practitioners.hours]]
days = ["mon", "thu", "fri"]
from = "12:00"
to = "18:00"
location = "main"
[[practitioners.hours]]
days = ["sat"]
from = "09:00"
to = "12:00"
location = "uptown"

[[practitioners]]
slug = "owl"
name = "Iris Owl, MD"
services = ["night"]
licence = "MD"
[[practitioners.hours]]
days = ["sat", "sun"]
from = "00:00"
to = "24:00"
location = "main"

[[closures]]
date = 2026-03-10
reason = "Staff training"
"""


def load(text: str = CLINIC, *, now: datetime = NOW, allow_stranded: bool = False) -> None:
    """Set the clinic up from a file's text, inside an application context."""
    file = read_clinic_file(data=text.encode())
    load_clinic(file=file, actor=SYSTEM, now=now, allow_stranded=allow_stranded)


def local(text: str) -> datetime:
    """An instant from New York's wall clock: `2026-03-03 10:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


def slot_value(text: str, practitioner: str = "", location: str = "") -> str:
    """What the button of a New York wall time sends."""
    return f"{int(local(text).timestamp())}|{practitioner}|{location}"


def person(number: int = 1) -> PatientDetails:
    """Somebody plainly made up; each number is another person."""
    return PatientDetails(
        given_name=f"Pat{number}",
        family_name="Example",
        birth_date=date(1980, 1, 1 + number % 28),
        email=f"pat{number}@example.com",
    )


def book(
    start: str,
    *,
    service: str = "eval",
    practitioner: str = "okafor",
    who: int = 1,
    now: datetime = NOW,
    reason: str | None = None,
    state: str | None = None,
) -> Visit:
    """Book at a New York wall time, as the front desk does."""
    wish = Wish(
        service=service,
        starts_at=local(start),
        practitioner=practitioner,
        override_reason=reason,
        state=state,
    )
    return book_appointment(wish=wish, patient=person(who), actor=KIM, now=now)


def link_of(visit: Visit) -> str:
    """The address of a visit's own page."""
    token = visit_token(visit)
    return f"/visits/{token}"


def hire(role: Role = Role.FRONT_DESK, *, now: datetime = NOW) -> str:
    """A member of staff with PASSWORD; answers the e-mail address."""
    email = f"{role.value}@example.com"
    token = create_staff(email=email, name="Kim Torres", role=role, actor=SYSTEM, now=now)
    choose_password(token=token, password=PASSWORD, clinic_name="Test Rehab", now=now)
    return email


def slots_on(page: Page) -> list[str]:
    """The values of the buttons that choose a time."""
    return re.findall(r'class="slot" name="slot" value="([^"]+)"', page.html)


def day_text(page: Page, day: str) -> str:
    """The words of one day of a week, spaces collapsed."""
    found = [e for e in page.tree.iter("li") if e.attrib.get("id") == f"day-{day}"]
    assert len(found) == 1, f"no day {day} on {page.path}"
    return " ".join(" ".join(found[0].itertext()).split())


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """The statements that the database is asked while the block runs."""
    with app.app_context():
        engine = db.engine
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def everything_stored(app: Flask) -> dict[str, list[str]]:
    """All rows of all tables but those that a look may change."""
    may_change = {
        model.__table__.name  # type: ignore[attr-defined]
        for model in (AuditEntry, AuditSight, AuditSeal, StaffSession, RateCount)
    }
    with app.app_context():
        return {
            table.name: sorted(str(tuple(row)) for row in db.session.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in may_change
        }
