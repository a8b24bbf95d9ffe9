"""What pages weigh over the wire and ask of the database, and how much memory all of it takes."""

import gzip
import re
from contextlib import ExitStack
from pathlib import Path

import psutil

from bench.availability import counted
from bench.client import Answer, Client
from bench.figures import Figure
from bench.houses import Houses, product
from clinic.core.clock import now
from clinic.core.db import db
from clinic.people.operations import sign_in
from clinic.setup.demo.people import PASSWORD, STAFF
from tests.support.apps import running_app
from tests.support.server import running_worker

PAGES = {"home": "/", "book": "/book", "book_service": "/book/evaluation", "today": "/desk"}
_LINKED = re.compile(r'(?:src|href)="(/static/[^"]+\.(?:css|js|svg|png|webp)[^"]*)"')
_CALLS = 150


def measure(*, houses: Houses, demo: str, rounds: int) -> list[Figure]:
    """The figures of pages and of memory on one engine, with the demo clinic."""
    settings, log_dir = houses.settings(demo), houses.root
    session, queries = _signed_in(demo, houses.root / "data")
    figures = [Figure(f"pages.{name}.queries", count, "queries") for name, count in queries.items()]
    with ExitStack() as running:
        server = running.enter_context(product(settings, log_dir=log_dir))
        same = settings | {"BASE_URL": server.base_url}  # as in one clinic: it shares the memory
        worker = running.enter_context(running_worker(same, log_dir=log_dir))
        headers = {"Cookie": f"staff={session}", "Accept-Encoding": "gzip"}
        client = Client(server.base_url, headers=headers)
        for name, path in PAGES.items():
            weight = _weight(client, path) / 1024
            figures.append(Figure(f"pages.{name}.wire", weight, "KB", at_most=40))
        _live(server.base_url, headers, rounds)
        pids = [server.process.pid, *server.worker_pids, worker.pid]
        figures.append(Figure("memory.pss", _pss_mb(pids), "MB", at_most=220))
    return figures


def _signed_in(url: str, data_dir: Path) -> tuple[str, dict[str, int]]:
    """A staff session, and the queries of each page once the configuration is known."""
    found: dict[str, int] = {}
    with running_app(database_url=url, data_dir=data_dir) as app:
        with app.app_context():
            engine = db.engine
            admitted = sign_in(email=STAFF[0].email, password=PASSWORD, now=now())
        client = app.test_client()
        client.set_cookie("staff", admitted.token)
        for name, path in PAGES.items():
            assert client.get(path).status_code == 200, path
            with counted(engine) as sent:
                client.get(path)
            found[name] = len(sent)
    return admitted.token, found


def _weight(client: Client, path: str) -> int:
    """Bytes of a page and of what it links, headers too, fonts apart."""
    page = client.ask("GET", path)
    assert page.status == 200, path
    linked = sorted(set(_LINKED.findall(_unpacked(page))))
    return page.wire_bytes + sum(
        client.ask("GET", one.replace("&amp;", "&")).wire_bytes for one in linked
    )


def _unpacked(page: Answer) -> str:
    is_packed = page.headers.get("content-encoding") == "gzip"
    return (gzip.decompress(page.body) if is_packed else page.body).decode()


def _live(base_url: str, headers: dict[str, str], rounds: int) -> None:
    """Use the product for a while, in all its processes: on many connections."""
    paths = [*PAGES.values(), "/api/v1/services", _slots()]
    for number in range(max(_CALLS, rounds)):
        client = Client(base_url, headers=headers)
        client.ask("GET", paths[number % len(paths)])
        client.close()


def _slots() -> str:
    day = now().date()
    return f"/api/v1/slots?service=evaluation&from={day}&to={day.replace(day=28)}"


def _pss_mb(pids: list[int]) -> float:
    everyone = set(pids)
    for pid in pids:
        everyone |= {child.pid for child in psutil.Process(pid).children(recursive=True)}
    total_kb = 0
    for pid in everyone:
        rolled_up = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        total_kb += int(re.search(r"^Pss:\s+(\d+) kB", rolled_up, re.MULTILINE)[1])  # type: ignore[index]
    return total_kb / 1024
