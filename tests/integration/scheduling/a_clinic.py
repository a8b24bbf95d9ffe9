"""The clinic of these tests: small, and with one of everything that scheduling knows."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from clinic.core.values import Actor, Role
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.visits import Visit
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)  # Monday, 10:00 in New York
FRONT_DESK = Actor(kind="staff", name="Kim Torres", id="kim", role=Role.FRONT_DESK)

CLINIC = """
[clinic]
name = "Test Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0100"

[policy]
cancellation_notice_hours = 24
hold_minutes = 10
payment_hold_minutes = 35
undo_seconds = 20
online_limit_per_service_and_day = 1

[[locations]]
slug = "main"
name = "Main office"
address = "1 Example Street"

[[resources]]
slug = "lab"
name = "Gait lab"
kind = "room"
location = "main"

[[resources]]
slug = "treadmill-1"
name = "Treadmill 1"
kind = "equipment"
location = "main"

[[resources]]
slug = "treadmill-2"
name = "Treadmill 2"
kind = "equipment"
location = "main"

[[services]]
slug = "eval"
name = "Evaluation"
minutes = 60
price_cents = 20000

[[services]]
slug = "fu"
name = "Follow-up"
minutes = 45
price_cents = 12000

[[services]]
slug = "gait"
name = "Gait analysis"
minutes = 60
buffer_after = 15
price_cents = 35000
needs = [["lab"], ["treadmill-1", "treadmill-2"]]

[[services]]
slug = "run"
name = "Treadmill run"
minutes = 30
price_cents = 5000
needs = [["treadmill-1", "treadmill-2"]]

[[services]]
slug = "class"
name = "Back class"
minutes = 60
price_cents = 3000
capacity = 2

[[services]]
slug = "video"
name = "Video visit"
minutes = 30
price_cents = 9000
modality = "telehealth"

[[practitioners]]
slug = "p"
name = "P Example"
services = ["eval", "fu", "gait", "run", "class", "video"]
[[practitioners.licences]]
state = "NY"
kind = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"

[[practitioners]]
slug = "q"
name = "Q Example"
services = ["eval", "fu", "gait", "run"]
licence = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"
"""


def load(text: str = CLINIC, *, now: datetime = NOW) -> None:
    """Set the clinic up from a file's text."""
    actor = Actor(kind="system", name="test")
    load_clinic(file=read_clinic_file(data=text.encode()), actor=actor, now=now)


def local(text: str) -> datetime:
    """An instant from New York's wall clock: ``2026-03-03 10:00`` (first pass of a doubled one)."""
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK).astimezone(UTC)


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
    practitioner: str | None = "p",
    who: int = 1,
    actor: Actor = FRONT_DESK,
    now: datetime = NOW,
    reason: str | None = None,
    state: str | None = None,
) -> Visit:
    """Book at a New York wall time; staff unless another actor is given."""
    wish = Wish(
        service=service,
        starts_at=local(start),
        practitioner=practitioner,
        state=state,
        override_reason=reason,
    )
    return book_appointment(wish=wish, patient=person(who), actor=actor, now=now)
