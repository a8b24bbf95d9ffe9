"""How fast the payment service's events are stored, beside bare Flask views that read a POST.

One of them stores a row as durably as we do, the other keeps nothing. Stored is what is asked for,
so the target stands beside the first; the second is told too.
"""

import itertools
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from sqlalchemy import text

from bench.client import Client
from bench.figures import Figure
from bench.houses import FloorFiles, Houses, floor, product
from clinic.core.db import db
from sandbox.stripe.app import KEY, SECRET
from sandbox.stripe.delivery import signed
from tests.support.apps import running_app

PATH = "/payments/stripe/webhook"
HANDS = 8
TURNS = 15
"""Short ones: what else the machine does then falls on all of them alike."""


def event_body(number: int) -> bytes:
    """An event of the usual size."""
    about = {"id": f"cs_test_{number}", "object": "checkout.session", "metadata": {}}
    about |= {f"member_{place}": None for place in range(60)}
    return json.dumps(
        {
            "id": f"evt_bench_{number}",
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": 1_800_000_000,
            "livemode": False,
            "type": "checkout.session.completed",
            "data": {"object": about},
        }
    ).encode()


def measure(*, houses: Houses, url: str, rounds: int) -> list[Figure]:
    """Events per second that eight hands get stored, and bare POSTs by the same hands."""
    settings = {
        **houses.settings(url),
        "STRIPE_API_KEY": KEY,
        "STRIPE_WEBHOOK_SECRET": SECRET,
        "STRIPE_API_BASE": "http://127.0.0.1:9",
    }
    log_dir = houses.root
    files = FloorFiles(log_dir / "none.json", log_dir / "none.pickle")
    files.body.write_bytes(b"{}")
    files.script.write_bytes(b"")
    _make_rows(settings, houses)
    numbers = itertools.count()
    with (
        product(settings, log_dir=log_dir) as server,
        floor(settings, files, log_dir=log_dir) as bare,
    ):

        def store(client: Client) -> None:
            body = event_body(next(numbers))
            header = signed(body, secret=SECRET, at=time.time())
            answer = client.ask("POST", PATH, body, headers={"Stripe-Signature": header})
            assert answer.status == 200, answer.body

        def read(client: Client) -> None:
            answer = client.ask("POST", "/bare", event_body(next(numbers)))
            assert answer.status == 200, answer.body

        def row(client: Client) -> None:
            answer = client.ask("POST", "/row", b'{"patient": {"family_name": "Example"}}')
            assert answer.status == 201, answer.body

        rates: dict[str, list[float]] = {"stored": [], "row": [], "bare": []}
        _rate(server.base_url, store, 5)
        _rate(bare.base_url, row, 5)
        for _ in range(TURNS):
            rates["stored"].append(_rate(server.base_url, store, rounds // TURNS + 1))
            rates["row"].append(_rate(bare.base_url, row, rounds // TURNS + 1))
            rates["bare"].append(_rate(bare.base_url, read, rounds // TURNS + 1))
    stored, bare_row, nothing = (median(rates[name]) for name in ("stored", "row", "bare"))
    return [
        Figure("webhook.stored", stored, "per s"),
        Figure("webhook.one_row", bare_row, "per s"),
        Figure("webhook.nothing_kept", nothing, "per s"),
        Figure("webhook.rate_to_one_row", stored / bare_row, "x", at_least=0.5),
        Figure("webhook.rate_to_nothing_kept", stored / nothing, "x"),
    ]


def _make_rows(settings: dict[str, str], houses: Houses) -> None:
    """The floor's own table."""
    url, folder = settings["DATABASE_URL"], houses.root / "data"
    table = text("CREATE TABLE bench_rows (name TEXT NOT NULL, at TEXT)")
    with (
        running_app(database_url=url, data_dir=folder) as app,
        app.app_context(),
        db.engine.begin() as connection,
    ):
        connection.execute(table)


def _rate(address: str, call: Callable[[Client], None], rounds: int) -> float:
    """Calls per second by eight hands, each with a connection of its own."""

    def hand(_number: int) -> None:
        client = Client(address)
        for _ in range(rounds):
            call(client)

    began = time.monotonic()
    with ThreadPoolExecutor(HANDS) as hands:
        list(hands.map(hand, range(HANDS)))
    return HANDS * rounds / (time.monotonic() - began)
