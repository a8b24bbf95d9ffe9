"""How long a booking takes, beside one inserted row and beside its own statements run by hand."""

import itertools
import json
import pickle
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from bench.availability import slots_path
from bench.client import Client, alternate
from bench.figures import Figure
from bench.houses import FloorFiles, Houses, floor, product
from bench.recording import MARK, Script, recorded
from bench.the_clinic import SERVICE
from clinic.core.clock import now
from clinic.core.db import db
from tests.support.apps import running_app

PATH = "/api/v1/appointments"
Wish = tuple[str, str]


def booking_body(*, wish: Wish, number: str) -> bytes:
    """What a program sends to book a time for a new patient."""
    practitioner, starts_at = wish
    return json.dumps(
        {
            "service": SERVICE,
            "practitioner": practitioner,
            "starts_at": starts_at,
            "patient": {
                "given_name": "Robin",
                "family_name": f"Example{number}",
                "birth_date": "1980-05-17",
                "email": f"robin{number}@example.com",
                "phone": f"+1212{int(number) % 9_000_000 + 1_000_000:07d}",
            },
        }
    ).encode()


def record(*, settings: dict[str, str], data_dir: Path, wishes: list[Wish]) -> Script:
    """The statements of the second booking of a process, which has nothing left to warm up."""
    url = settings["DATABASE_URL"]
    with running_app(database_url=url, data_dir=data_dir) as app:
        client = app.test_client()
        first = booking_body(wish=wishes[0], number="0000001")
        _book(app, client.post(PATH, data=first, content_type="application/json").status_code)
        starts_at = datetime.fromisoformat(wishes[1][1])
        script = Script(starts_at=starts_at, now=now())
        with app.app_context():
            engine = db.engine
        body = booking_body(wish=wishes[1], number=MARK)
        with recorded(engine, script):
            answer = client.post(PATH, data=body, content_type="application/json")
        _book(app, answer.status_code)
        with app.app_context(), engine.begin() as connection:
            connection.execute(text("CREATE TABLE bench_rows (name TEXT NOT NULL, at TEXT)"))
    return script


def _book(_app: Flask, status: int) -> None:
    assert status == 201, f"a booking was answered {status}"


def free_times(client: Client) -> list[Wish]:
    """Times that can all be booked, one after the other, in turns by practitioner."""
    found: list[Wish] = []
    until: dict[str, datetime] = {}
    for since in (1, 32):
        answer = client.ask("GET", slots_path(days=29, since=since))
        for slot in json.loads(answer.body)["slots"]:
            starts_at = datetime.fromisoformat(slot["starts_at"])
            who = slot["practitioner"]
            if starts_at >= until.get(who, starts_at):
                found.append((who, slot["starts_at"]))
                until[who] = starts_at + timedelta(minutes=75)
    turns: Counter[str] = Counter()
    numbered = []
    for wish in found:
        turns[wish[0]] += 1
        numbered.append((turns[wish[0]], wish))
    return [wish for _, wish in sorted(numbered)]


def measure(*, houses: Houses, subject: str, replayed: str, rounds: int) -> list[Figure]:
    """All figures of booking on one engine; the databases are alike and written to."""
    log_dir, data_dir = houses.root, houses.root / "data"
    with product(houses.settings(subject), log_dir=log_dir) as server:
        client = Client(server.base_url)
        wishes = free_times(client)
        script = record(settings=houses.settings(replayed), data_dir=data_dir, wishes=wishes)
        files = FloorFiles(log_dir / "slots.json", log_dir / "script.pickle")
        files.body.write_bytes(b"{}")
        files.script.write_bytes(pickle.dumps(script))
        with floor(houses.settings(replayed), files, log_dir=log_dir) as bare:
            took = _take_turns(client, Client(bare.base_url), wishes, rounds)
    statements = [step for step in script.steps if step.parameters is not None]
    return [
        Figure("booking.statements", len(statements), "statements"),
        Figure("booking.one_row", took["row"], "ms"),
        Figure("booking.same_statements", took["replay"], "ms"),
        Figure("booking.http", took["booking"], "ms"),
        Figure("booking.rate_to_one_row", took["row"] / took["booking"], "x", at_least=0.2),
        Figure("booking.rate_to_statements", took["replay"] / took["booking"], "x", at_least=0.5),
    ]


def _take_turns(client: Client, bare: Client, wishes: list[Wish], rounds: int) -> dict[str, float]:
    numbers, free = itertools.count(1000), iter(wishes)
    later = _free_hours()
    calls = {
        "booking": lambda: _post(
            client, PATH, booking_body(wish=next(free), number=f"{next(numbers):07d}")
        ),
        "row": lambda: _post(bare, "/row", booking_body(wish=wishes[0], number="0000001")),
        "replay": lambda: _post(bare, "/replay", _replayed(next(numbers), next(later))),
    }
    warming = 10
    alternate(calls, rounds=warming)
    return alternate(calls, rounds=min(rounds, len(wishes) - warming))


def _free_hours() -> Iterator[datetime]:
    """Starts at which nobody is busy: the statements run by hand ask for no opening hours."""
    start = now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=400)
    return (start + timedelta(hours=2 * number) for number in itertools.count())


def _replayed(number: int, starts_at: datetime) -> bytes:
    body = json.loads(booking_body(wish=("abel", starts_at.isoformat()), number=f"{number:07d}"))
    return json.dumps(body | {"number": number}).encode()


def _post(client: Client, path: str, body: bytes) -> None:
    answer = client.ask("POST", path, body)
    assert answer.status == 201, (path, answer.status, answer.body)
