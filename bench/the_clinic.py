"""The clinic that is measured: six practitioners in six rooms, and as many visits as asked for.

What is to come is full of claims. What is past is written by SQL as living through it would leave
it: occurrences, appointments and their stories, but no claims, because those end with the visit.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.values import Actor
from clinic.people.rules.names import name_key
from clinic.people.rules.searching import search_keys
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file
from tests.support.apps import running_app

OPERATOR = Actor(kind="system", name="bench")
SERVICE = "evaluation"
SLUGS = ("abel", "bell", "cole", "dean", "east", "ford")
PAST_A_DAY, COMING_A_DAY = 12, 2
VISITS_OF_A_PATIENT = 20
# The rows of each table are numbered from a place of their own, so that a number that was seen in
# a statement tells which row it means.
FIRST = {
    "patients": 10_000_000,
    "resources": 20_000_000,
    "occurrences": 30_000_000,
    "appointments": 40_000_000,
    "appointment_changes": 50_000_000,
    "claims": 60_000_000,
    "audit_entries": 70_000_000,
}

HEAD = """
[clinic]
name = "Example Rehab"
time_zone = "America/New_York"
phone = "+1 212 555 0100"
[[locations]]
slug = "main"
name = "Main office"
address = "1 Example Street"
[[services]]
slug = "evaluation"
name = "First evaluation"
minutes = 60
buffer_after = 10
min_notice_hours = 2
horizon_days = 60
price_cents = 20000
needs = [["room-1", "room-2", "room-3", "room-4", "room-5", "room-6"]]
"""
ROOM = """
[[resources]]
slug = "room-{number}"
name = "Room {number}"
kind = "room"
location = "main"
"""
PRACTITIONER = """
[[practitioners]]
slug = "{slug}"
name = "{slug} Example"
services = ["evaluation"]
licence = "PT"
[[practitioners.hours]]
days = ["mon", "tue", "wed", "thu", "fri"]
from = "09:00"
to = "17:00"
location = "main"
"""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Filling:
    """How many visits a database holds, before now and after it."""

    past: int
    coming: int

    @property
    def patients(self) -> int:
        """Each comes many times."""
        return max(100, (self.past + self.coming) // VISITS_OF_A_PATIENT)


@dataclass(frozen=True, slots=True)
class _Numbers:
    """The row numbers of the clinic's own things."""

    service: int
    location: int
    practitioners: tuple[int, ...]
    people: tuple[int, ...]
    rooms: tuple[int, ...]


def clinic_text() -> str:
    """The clinic file."""
    rooms = "".join(ROOM.format(number=number) for number in range(1, 7))
    return HEAD + rooms + "".join(PRACTITIONER.format(slug=slug) for slug in SLUGS)


def fill(*, database_url: str, data_dir: Path, filling: Filling) -> None:
    """Load the clinic into a migrated database and write its visits."""
    with running_app(database_url=database_url, data_dir=data_dir) as app, app.app_context():
        load_clinic(file=read_clinic_file(data=clinic_text().encode()), actor=OPERATOR, now=now())
        numbers = _numbers()
        db.session.remove()
        held = db.engine.raw_connection()
        try:
            _write(held.driver_connection, db.engine.dialect.name == "sqlite", filling, numbers)
        finally:
            held.invalidate()  # its settings are for loading only


def _numbers() -> _Numbers:
    def ids(words: str) -> tuple[int, ...]:
        return tuple(db.session.execute(text(words)).scalars())

    return _Numbers(
        service=ids("SELECT id FROM services")[0],
        location=ids("SELECT id FROM locations")[0],
        practitioners=ids("SELECT id FROM practitioners ORDER BY position"),
        people=ids("SELECT resource_id FROM practitioners ORDER BY position"),
        rooms=ids("SELECT id FROM resources WHERE kind = 'room' ORDER BY position"),
    )


def _write(driver: Any, is_sqlite: bool, filling: Filling, numbers: _Numbers) -> None:
    if not is_sqlite:
        driver.autocommit = True
    # Loading checks no references row by row; every number written below is one that exists.
    unchecked = "PRAGMA foreign_keys=OFF" if is_sqlite else "SET session_replication_role = replica"
    driver.execute(unchecked)
    if not is_sqlite:
        driver.execute("SET statement_timeout = 0")  # loading takes as long as it takes
    writer = _Writer(driver, is_sqlite)
    moment = now().replace(microsecond=0)
    _write_people(writer, filling.patients, moment)
    total = filling.past + filling.coming
    visits = [_Visits(0, filling.past, PAST_A_DAY, -1, moment, filling.patients, numbers)]
    visits.append(_Visits(filling.past, total, COMING_A_DAY, 1, moment, filling.patients, numbers))
    for some in visits:
        some.write(writer)
    visits[1].claim(writer)
    for words in _closing_words(is_sqlite):
        driver.execute(words)


def _closing_words(is_sqlite: bool) -> Iterator[str]:
    if is_sqlite:
        yield "PRAGMA foreign_keys=ON"
        yield "PRAGMA wal_checkpoint(TRUNCATE)"
        return
    # What PostgreSQL does by itself in time: numbers go on after the rows, statistics are new.
    for table, first in FIRST.items():
        newest = f"greatest({first}, (SELECT coalesce(max(id), 0) FROM {table}))"  # noqa: S608
        yield f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), {newest})"
    yield "SET session_replication_role = origin"
    yield "VACUUM ANALYZE"
    yield "CHECKPOINT"


class _Writer:
    """Writes rows in bulk past the session: COPY on PostgreSQL, one statement on SQLite."""

    def __init__(self, driver: Any, is_sqlite: bool) -> None:
        self.driver = driver
        self.is_sqlite = is_sqlite

    def write(self, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
        """Add the rows; instants are given as datetimes, other values as they are stored."""
        if not self.is_sqlite:
            names = ", ".join(columns)
            words = f"COPY {table} ({names}) FROM STDIN"
            with self.driver.cursor().copy(words) as copy:
                for row in rows:
                    copy.write_row(row)
            return
        places = ", ".join("?" for _ in columns)
        words = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
        self.driver.execute("BEGIN IMMEDIATE")
        self.driver.executemany(words, (tuple(map(_sqlite_value, row)) for row in rows))
        self.driver.execute("COMMIT")


def _sqlite_value(value: Any) -> Any:
    if isinstance(value, datetime):
        return int(value.timestamp()) * 1_000_000
    return value


SYLLABLES = "ba co du fe gi ha jo ka le mo na pi ro su ta ve wi xa yo zu"


def name_of_patient(number: int) -> tuple[str, str]:
    """A given and a family name, spread as names are: some share a part, few share all."""
    parts = SYLLABLES.split()
    mixed = number * 7919 % 8000
    family = "".join(parts[mixed // 20**place % 20] for place in range(3))
    other = number * 104729 % 400
    return f"{parts[other // 20]}{parts[other % 20]}n".capitalize(), f"{family}r".capitalize()


def _write_people(writer: _Writer, count: int, moment: datetime) -> None:
    def person(number: int) -> Row:
        mail = f"past{number}@example.com"
        given, name = name_of_patient(number)
        born = (datetime(1950, 1, 1) + timedelta(days=number % 18_000)).date().isoformat()  # noqa: DTZ001
        ident = FIRST["patients"] + number
        keys = (name_key(given), name_key(name), mail, moment)
        return (ident, f"P{number:021d}", given, name, born, mail, *keys)

    columns = (
        *("id", "public_id", "given_name", "family_name", "birth_date", "email"),
        *("given_key", "family_key", "email_key", "created_at"),
    )
    writer.write("patients", columns, map(person, range(count)))
    found_by = (
        (key, FIRST["patients"] + number)
        for number in range(count)
        for given, name in [name_of_patient(number)]
        for key in sorted(search_keys(given_name=given, family_name=name, phone=None))
    )
    writer.write("patient_search_keys", ("key", "patient_id"), found_by)
    rows = (
        (FIRST["resources"] + number, "patient", FIRST["patients"] + number, 0)
        for number in range(count)
    )
    writer.write("resources", ("id", "kind", "patient_id", "position"), rows)


@dataclass(frozen=True, slots=True)
class _Visits:
    """The visits numbered ``first`` to ``last``, ``a_day`` of each practitioner, from now away."""

    first: int
    last: int
    a_day: int
    way: int
    moment: datetime
    patients: int
    numbers: _Numbers

    def times(self, number: int) -> tuple[datetime, datetime]:
        """Start and end of a visit: days on end, spread over the day."""
        place = (number - self.first) // len(SLUGS)
        day = self.moment.replace(hour=14, minute=15, second=0) + timedelta(
            days=self.way * (place // self.a_day + (1 if self.way > 0 else 2))
        )
        step = 8 * 60 // self.a_day
        starts_at = day + timedelta(minutes=place % self.a_day * step)
        return starts_at, starts_at + timedelta(minutes=min(step - 10, 60))

    def write(self, writer: _Writer) -> None:
        """Occurrences, their rooms, appointments and two steps of each story."""
        columns: tuple[str, ...] = (
            *("id", "service_id", "practitioner_id", "location_id", "starts_at", "ends_at"),
            *("busy_from", "busy_until", "capacity", "state"),
        )
        writer.write("occurrences", columns, self._each(self._occurrence))
        columns = ("occurrence_id", "resource_id", "position")
        writer.write("occurrence_resources", columns, self._each(self._room))
        columns = (
            *("id", "public_id", "occurrence_id", "patient_id", "status", "confirmed", "review"),
            *("version", "late_cancelled", "link_version", "created_at"),
        )
        writer.write("appointments", columns, self._each(self._appointment))
        columns = (
            *("id", "public_id", "appointment_id", "at", "actor_kind", "actor_name", "step"),
            *("from_status", "to_status", "details"),
        )
        writer.write("appointment_changes", columns, self._each(self._booked))
        if self.way < 0:
            writer.write("appointment_changes", columns, self._each(self._ended))

    def claim(self, writer: _Writer) -> None:
        """Seats and claims, which only visits to come have."""
        columns: tuple[str, ...] = ("occurrence_id", "number", "capacity", "appointment_id")
        writer.write("seats", columns, self._each(self._seat))
        columns = (
            *("id", "resource_id", "starts_at", "ends_at", "occurrence_id", "appointment_id"),
            "overbooked",
        )
        for owner in ("practitioner", "room", "patient"):
            writer.write("claims", columns, self._each(self._claim_of(owner)))

    def _each(self, make: Callable[[int], Row]) -> Iterable[Row]:
        return map(make, range(self.first, self.last))

    def _occurrence(self, number: int) -> Row:
        starts_at, ends_at = self.times(number)
        numbers, who = self.numbers, self.numbers.practitioners[number % len(SLUGS)]
        state = "released" if self._status(number) in {"cancelled", "noshow"} else "booked"
        return (
            *(FIRST["occurrences"] + number, numbers.service, who, numbers.location),
            *(starts_at, ends_at, starts_at, ends_at + timedelta(minutes=10), 1, state),
        )

    def _room(self, number: int) -> Row:
        return FIRST["occurrences"] + number, self.numbers.rooms[number % len(SLUGS)], 0

    def _status(self, number: int) -> str:
        if self.way > 0:
            return "booked"
        return {0: "cancelled", 1: "noshow"}.get(number % 20, "fulfilled")

    def _appointment(self, number: int) -> Row:
        version = 2 if self.way < 0 else 1
        return (
            *(FIRST["appointments"] + number, f"A{number:021d}", FIRST["occurrences"] + number),
            *(self._patient(number), self._status(number), 0, "none", version, 0, 1, self.moment),
        )

    def _patient(self, number: int) -> int:
        return FIRST["patients"] + number % self.patients

    def _booked(self, number: int) -> Row:
        return self._change(number, 2 * number, "booked", None, "booked")

    def _ended(self, number: int) -> Row:
        status = self._status(number)
        return self._change(number, 2 * number + 1, status, "booked", status)

    def _change(self, number: int, ident: int, step: str, before: str | None, after: str) -> Row:
        return (
            *(FIRST["appointment_changes"] + ident, f"C{ident:021d}"),
            *(FIRST["appointments"] + number, self.moment, "public", "The public", step),
            *(before, after, '{"was_confirmed":false}'),
        )

    def _seat(self, number: int) -> Row:
        return FIRST["occurrences"] + number, 1, 1, FIRST["appointments"] + number

    def _claim_of(self, owner: str) -> Callable[[int], Row]:
        resources = {"practitioner": self.numbers.people, "room": self.numbers.rooms}.get(owner)
        place = ("practitioner", "room", "patient").index(owner)

        def claim(number: int) -> Row:
            starts_at, ends_at = self.times(number)
            ident = FIRST["claims"] + number * 3 + place
            if resources is None:
                resource = FIRST["resources"] + number % self.patients
                return (ident, resource, starts_at, ends_at, None, self._own(number), 0)
            until = ends_at + timedelta(minutes=10)
            resource = resources[number % len(SLUGS)]
            return (ident, resource, starts_at, until, FIRST["occurrences"] + number, None, 0)

        return claim

    def _own(self, number: int) -> int:
        return FIRST["appointments"] + number
