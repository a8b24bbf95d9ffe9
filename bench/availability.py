"""How long the free times of a month take: queries, computation, and through HTTP."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Engine, event

from bench.client import Client, alternate
from bench.figures import Figure
from bench.houses import FloorFiles, Houses, floor, product
from bench.the_clinic import SERVICE
from clinic.core.clock import now
from clinic.core.db import db
from clinic.scheduling.queries.diary import load_diary, query_now
from clinic.scheduling.queries.setting import forget_setting, get_setting
from clinic.scheduling.rules.asking import Query
from clinic.scheduling.rules.slots import list_slots
from tests.support.apps import running_app

DAYS = 31
SPANS = (1, DAYS, 62)


def slots_path(*, days: int = DAYS, since: int = 1) -> str:
    """The address of the free times of some days, from tomorrow on."""
    first = now().date() + timedelta(days=since)
    last = first + timedelta(days=days - 1)
    return f"/api/v1/slots?service={SERVICE}&from={first}&to={last}"


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements sent during the block, the ends of transactions apart."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def most_queries(*, settings: dict[str, str], data_dir: Path) -> int:
    """The most queries that one call needs, whatever the span and with a process just started."""
    most = 0
    url = settings["DATABASE_URL"]
    with running_app(database_url=url, data_dir=data_dir) as app:
        client = app.test_client()
        client.get(slots_path())  # the configuration is read once for each version of it
        for days in SPANS:
            for practitioner in ("", "&practitioner=abel"):
                with app.app_context():
                    engine = db.engine
                with counted(engine) as sent:
                    answer = client.get(slots_path(days=days) + practitioner)
                assert answer.status_code == 200, answer.text
                most = max(most, len(sent))
    return most


def computation(*, settings: dict[str, str], data_dir: Path, rounds: int) -> tuple[float, float]:
    """Milliseconds of the pure rules: with the memory of a running process, and without any."""
    url = settings["DATABASE_URL"]
    with running_app(database_url=url, data_dir=data_dir) as app, app.app_context():
        warm: list[float] = []
        cold: list[float] = []
        first, last = _dates()
        for _ in range(rounds):
            forget_setting()
            query = Query(setting=get_setting(), service=SERVICE, now=query_now(now()))
            diary = load_diary(query=query, from_date=first, to_date=last, now=now())
            for took in (cold, warm):
                began = time.perf_counter()
                list_slots(query=query, from_date=first, to_date=last, diary=diary)
                took.append((time.perf_counter() - began) * 1000)
    return median(warm), median(cold)


def _dates() -> tuple[date, date]:
    first = now().date() + timedelta(days=1)
    return first, first + timedelta(days=DAYS - 1)


def measure(*, houses: Houses, small: str, large: str, rounds: int) -> list[Figure]:
    """All figures of availability on one engine; ``small`` and ``large`` are databases."""
    settings, data_dir = houses.settings(small), houses.root / "data"
    queries = max(
        most_queries(settings=houses.settings(url), data_dir=data_dir) for url in (small, large)
    )
    warm, cold = computation(settings=settings, data_dir=data_dir, rounds=max(5, rounds // 10))
    figures = [
        Figure("availability.queries", queries, "queries", at_most=5),
        Figure("availability.computation", warm, "ms", at_most=10),
        Figure("availability.computation_first_time", cold, "ms", at_most=10),
    ]
    return figures + _through_http(houses, small, large, rounds)


def _through_http(houses: Houses, small: str, large: str, rounds: int) -> list[Figure]:
    log_dir = houses.root
    with (
        product(houses.settings(small), log_dir=log_dir) as few,
        product(houses.settings(large), log_dir=log_dir) as many,
    ):
        path = slots_path()
        few_client, many_client = Client(few.base_url), Client(many.base_url)
        body = few_client.ask("GET", path).body
        slots = len(json.loads(body)["slots"])
        files = FloorFiles(log_dir / "slots.json", log_dir / "no-script")
        files.body.write_bytes(body)
        with floor(houses.settings(small), files, log_dir=log_dir) as bare:
            bare_client = Client(bare.base_url)
            calls = {
                "bare": lambda: _get(bare_client, "/bytes", len(body)),
                "few": lambda: _get(few_client, path, 1),
                "many": lambda: _get(many_client, path, 1),
            }
            alternate(calls, rounds=10)
            took = alternate(calls, rounds=rounds)
    return [
        Figure("availability.slots", slots, "slots"),
        Figure("availability.answer", len(body) / 1024, "KB"),
        Figure("availability.bare_flask", took["bare"], "ms"),
        Figure("availability.http", took["few"], "ms"),
        Figure("availability.http_large", took["many"], "ms"),
        Figure("availability.rate_to_bare_flask", took["bare"] / took["few"], "x", at_least=0.25),
        Figure("availability.large_to_small", took["many"] / took["few"], "x", at_most=1.5),
    ]


def _get(client: Client, path: str, least: int) -> None:
    answer = client.ask("GET", path)
    assert answer.status == 200, answer.body
    assert len(answer.body) >= least, "the floor answers the same bytes"
