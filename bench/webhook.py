"""How fast the payment service's events are stored, beside a Flask view that only reads a POST."""

import itertools
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bench.client import Client
from bench.figures import Figure
from bench.houses import FloorFiles, Houses, floor, product
from sandbox.stripe.app import KEY, SECRET
from sandbox.stripe.delivery import signed

PATH = "/payments/stripe/webhook"
HANDS = 8
TURNS = 3


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

        rates: dict[str, list[float]] = {"stored": [], "bare": []}
        _rate(server.base_url, store, 5)
        _rate(bare.base_url, read, 5)
        for _ in range(TURNS):
            rates["stored"].append(_rate(server.base_url, store, rounds))
            rates["bare"].append(_rate(bare.base_url, read, rounds))
    stored, bare_rate = max(rates["stored"]), max(rates["bare"])
    return [
        Figure("webhook.stored", stored, "per s"),
        Figure("webhook.bare_post", bare_rate, "per s"),
        Figure("webhook.rate_to_bare_post", stored / bare_rate, "x", at_least=0.5),
    ]


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
