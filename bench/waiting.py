"""What 200 patients who wait in front of their video visits cost everybody else.

Their pages look every five seconds whether there is something new and say every thirty that they
still wait; a visitor reads other pages meanwhile. Quiet and busy spells take turns.
`python -m bench.waiting` measures SQLite alone; the target is that of the issue "Telehealth
requests": other pages at most 1.5 times as slow, on two workers.
"""

import re
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from flask import Flask

from bench.alone import run_alone
from bench.client import Client
from bench.figures import Figure
from bench.houses import Houses, product
from clinic.core.clock import now
from clinic.core.values import Actor, Role
from clinic.people.rules.patients import PatientDetails
from clinic.scheduling.operations.booking import book_appointment
from clinic.scheduling.operations.wishes import Wish
from clinic.scheduling.queries.links import visit_token
from clinic.scheduling.queries.setting import get_setting
from tests.support.apps import running_app

WAITING = 200
LOOK_SECONDS, SPEAK_SECONDS = 5.0, 30.0
HANDS = 8
SPELLS = 6
PAGES = ("/", "/book", "/book/evaluation")
BORN = {"birth_date-day": "1", "birth_date-month": "2", "birth_date-year": "1980"}


@dataclass(frozen=True, slots=True)
class Waiter:
    """What a waiting page sends: its address, its cookie, its proof against forged posts."""

    path: str
    cookie: str
    proof: str


def measure(*, houses: Houses, demo: str, rounds: int) -> list[Figure]:
    """The figures of one engine, with the demo clinic."""
    with running_app(database_url=demo, data_dir=houses.root / "data") as app:
        waiter = _arrive(app)
    took: dict[str, list[float]] = {"quiet": [], "busy": []}
    looks: list[int] = []
    with product(houses.settings(demo), log_dir=houses.root) as server:
        visitor = Client(server.base_url)
        _read(visitor, 2)
        for _ in range(SPELLS):
            took["quiet"] += _read(visitor, rounds // SPELLS + 1)
            with _waiting(server.base_url, waiter, looks):
                took["busy"] += _read(visitor, rounds // SPELLS + 1)
    quiet, busy = median(took["quiet"]), median(took["busy"])
    return [
        Figure("waiting.looks", sum(looks) / (sum(took["busy"]) / 1000), "per s"),
        Figure("waiting.pages.quiet", quiet, "ms"),
        Figure("waiting.pages.busy", busy, "ms"),
        Figure("waiting.pages.busy_to_quiet", busy / quiet, "x", at_most=1.5),
    ]


def _arrive(app: Flask) -> Waiter:
    """Somebody whose visit by video begins now, and who has told their birth date."""
    with app.app_context():
        setting = get_setting()
        service = next(one.slug for one in setting.services.values() if one.is_telehealth)
        doer = next(one.slug for one in setting.practitioners.values() if service in one.services)
        visit = book_appointment(
            wish=Wish(
                service=service,
                starts_at=now().replace(second=0, microsecond=0) + timedelta(minutes=2),
                practitioner=doer,
                state="NY",
                override_reason="measured",
            ),
            patient=PatientDetails(
                given_name="Ida",
                family_name="Waiting",
                birth_date=date(1980, 2, 1),
                email="ida@example.com",
            ),
            actor=Actor(kind="staff", name="Bench", role=Role.ADMIN),
            now=now(),
        )
        path = f"/visits/{visit_token(visit)}/video"
    client = app.test_client()
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    proof = found[1] if found else ""
    answer = client.post(f"{path}/prove", data={**BORN, "csrf_token": proof})
    cookie = client.get_cookie("session")
    if answer.status_code != 303 or cookie is None:
        raise RuntimeError(f"the birth date was answered {answer.status_code}")
    return Waiter(path, f"session={cookie.value}", proof)


def _read(visitor: Client, rounds: int) -> list[float]:
    """The milliseconds of each page, read one after the other."""
    took = []
    for number in range(rounds):
        path = PAGES[number % len(PAGES)]
        began = time.perf_counter()
        answer = visitor.ask("GET", path)
        took.append((time.perf_counter() - began) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{path} was answered {answer.status}")
    return took


@contextmanager
def _waiting(base_url: str, waiter: Waiter, looks: list[int]) -> Iterator[None]:
    """Two hundred pages that look and speak, evenly over time, until the block ends."""
    ended = threading.Event()

    def hand(number: int) -> int:
        client = Client(base_url, headers={"Cookie": waiter.cookie})
        pause = HANDS * LOOK_SECONDS / WAITING
        due = time.monotonic() + pause * number / HANDS
        done, etag = 0, ""
        while not ended.wait(max(0.0, due - time.monotonic())):
            headers = {"If-None-Match": etag} if etag else {}
            answer = client.ask("GET", f"{waiter.path}/state", headers=headers)
            if answer.status not in {200, 304}:
                raise RuntimeError(f"a look was answered {answer.status}")
            etag = answer.headers.get("etag", etag)
            done += 1
            if done % round(SPEAK_SECONDS / LOOK_SECONDS) == 0:
                _speak(client, waiter)
            due += pause
        return done

    with ThreadPoolExecutor(HANDS) as hands:
        futures = [hands.submit(hand, number) for number in range(HANDS)]
        try:
            yield
        finally:
            ended.set()
            looks.append(sum(future.result() for future in futures))


def _speak(client: Client, waiter: Waiter) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = client.ask(
        "POST", f"{waiter.path}/here", f"csrf_token={waiter.proof}".encode(), headers=form
    )
    if answer.status != 303:
        raise RuntimeError(f"a page that waits was answered {answer.status}")


def main() -> int:
    """Measure; exit status 1 when the target is missed."""
    return run_alone(
        lambda houses: measure(houses=houses, demo=houses.database("sqlite", "demo"), rounds=300)
    )


if __name__ == "__main__":
    sys.exit(main())
