"""Fixtures for all tests: databases on both engines, apps, pages, real servers, a browser."""

import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
import pytest
from flask import Flask

from clinic.core import clock, retrying
from clinic.core import db as core_db
from clinic.messaging import rounds
from clinic.web import idempotency
from tests.support.apps import environment, running_app
from tests.support.databases import ENGINE_KINDS, Databases, EngineKind, quick_place
from tests.support.homes import Dress, Home, Homes
from tests.support.mail_sink import Sink, running_sink
from tests.support.nursery import Nursery
from tests.support.page_client import PageClient
from tests.support.server import Server, running_server
from tests.support.text_double import TextDouble, running_text_double
from tools.chromium import find_chromium

NOTHING_MAY_BE_SKIPPED = os.environ.get("CI") == "true"
LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
# The same cases each time, however fast the machine is: a change is refused for what it breaks, not
# by chance. New cases are looked for by `make test ARGS=--hypothesis-profile=default`.
hypothesis.settings.register_profile(
    "same",
    derandomize=True,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("same")
BROWSER_FIXTURES = frozenset({"page", "browser", "context", "new_context"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser; skip it, aloud, where there is none."""
    for item in items:
        if BROWSER_FIXTURES & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)
            if find_chromium() is None:
                item.add_marker(pytest.mark.skip(reason="there is no Chromium on this machine"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """With CI=true a skipped test is a failed one."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if NOTHING_MAY_BE_SKIPPED and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Nothing may be skipped here, and this was: {report.longrepr}"
    return report  # type: ignore[return-value]


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Connections leave this machine in no test."""
    connect = socket.socket.connect

    def connect_nearby(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in LOCAL:
            raise RuntimeError(f"a test reached for the network: {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_nearby)


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Stops the clock of this process at an instant: `set_clock(datetime(..., tzinfo=UTC))`.

    For what reads the clock at the edge (views, commands); everything below takes `now`. Real
    processes get their clock by `start_server(starting_at=...)`.
    """
    real = clock.now

    def stop_at(instant: datetime) -> None:
        def stopped() -> datetime:
            return instant

        readers = [m for name, m in sys.modules.items() if name.split(".")[0] == "clinic"]
        for module in readers:
            if getattr(module, "now", None) in {real, *stops}:
                monkeypatch.setattr(module, "now", stopped)
        stops.append(stopped)

    stops: list[Callable[[], datetime]] = []
    return stop_at


@pytest.fixture(scope="session")
def databases() -> Iterator[Databases]:
    """Where databases come from, in memory; one server per worker, started when asked for."""
    place = quick_place()
    with TemporaryDirectory(prefix="clinic-", dir=place) as root:
        made = Databases(Path(root), servers=place)
        yield made
        made.close()


@pytest.fixture(params=ENGINE_KINDS)
def engine_kind(request: pytest.FixtureRequest) -> EngineKind:
    """Runs the test once on each engine."""
    kind: EngineKind = request.param
    return kind


@pytest.fixture(scope="session")
def homes(databases: Databases) -> Iterator[Homes]:
    """Where databases with apps on them come from, of this worker."""
    made = Homes(databases)
    yield made
    made.close()


@pytest.fixture
def home_settings() -> Mapping[str, str]:
    """What the app's settings are beside those of every test: for all tests of a folder or file."""
    return {}


@pytest.fixture
def dress() -> Dress | None:
    """What adds routes of the tests' own to each app that is made for them."""
    return None


@pytest.fixture
def home(
    homes: Homes,
    engine_kind: EngineKind,
    tmp_path: Path,
    home_settings: Mapping[str, str],
    dress: Dress | None,
) -> Iterator[Home]:
    """A database without rows and a data folder for this test alone; `tmp_path / "data"` is it."""
    with homes.lend(engine_kind, settings=home_settings, dress=dress) as lent:
        (tmp_path / "data").symlink_to(lent.data_dir, target_is_directory=True)
        yield lent


@pytest.fixture
def database_url(home: Home) -> str:
    """A migrated database of this test's own, without rows; commits are real."""
    return home.url


@pytest.fixture
def empty_database_url(databases: Databases, engine_kind: EngineKind) -> Iterator[str]:
    """A database of this test's own without any table."""
    url = databases.empty(engine_kind)
    yield url
    databases.drop(url)


@pytest.fixture
def demo_database_url(databases: Databases, engine_kind: EngineKind) -> Iterator[str]:
    """A database of this test's own that holds the demo clinic."""
    url = databases.lived_in(engine_kind)
    yield url
    databases.drop(url)


@pytest.fixture
def demo_app(demo_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """An app on the demo clinic, once on each engine."""
    with running_app(database_url=demo_database_url, data_dir=tmp_path / "demo") as app:
        yield app


AppMaker = Callable[..., Flask]


@pytest.fixture
def make_app(home: Home) -> Iterator[AppMaker]:
    """Makes apps on this test's database: `make_app(RATE_LIMIT_BOOKING="5")`."""
    with ExitStack() as apps:

        def make(**settings: str) -> Flask:
            return apps.enter_context(
                running_app(database_url=home.url, data_dir=home.data_dir, **settings)
            )

        yield make


@pytest.fixture
def app(home: Home) -> Flask:
    """An app on a fresh database, once on each engine. No context is pushed: see `in_app`."""
    return home.app


@pytest.fixture
def in_app(app: Flask) -> Iterator[Flask]:
    """The same with an application context, for tests that call operations and queries.

    Not for tests that use a client: contexts there belong to requests.
    """
    with app.app_context():
        yield app


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever queues behind others here waits as long as it takes: for races, not for speed."""
    monkeypatch.setattr(core_db, "QUEUE_SECONDS", 60.0)
    monkeypatch.setattr(retrying, "PATIENCE_SECONDS", 60.0)
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 60.0)


@pytest.fixture
def sink() -> Iterator[Sink]:
    """A real mail server in this process."""
    with running_sink() as running:
        yield running


@pytest.fixture
def texts() -> Iterator[TextDouble]:
    """A text message service in this process."""
    with running_text_double() as running:
        yield running


@pytest.fixture
def mailing_app(
    make_app: AppMaker, sink: Sink, texts: TextDouble, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Flask]:
    """An app with its context that sends to `sink` and `texts`; see `clinic.messaging.delivery`.

    Nothing is given back for having been written too long ago: that would be the machine's doing.
    """
    monkeypatch.setattr(rounds, "STALE_SECONDS", 60.0)
    app = make_app(
        SMTP_URL=sink.url,
        SMS_URL=texts.url,
        MAIL_FROM="Riverside Rehab <hello@riverside.example>",
        BASE_URL="https://riverside.example",
    )
    with app.app_context():
        yield app


@pytest.fixture
def pages(app: Flask) -> PageClient:
    """A visitor who checks every page on the way."""
    return PageClient(app)


@pytest.fixture
def settings(home: Home) -> dict[str, str]:
    """The settings of real processes on this test's database."""
    return environment(database_url=home.url, data_dir=home.data_dir)


@pytest.fixture
def nursery() -> Nursery | None:
    """Where servers are forked from; None where tests are about how they start."""
    return None


@pytest.fixture
def start_server(
    settings: dict[str, str], tmp_path: Path, nursery: Nursery | None
) -> Iterator[Callable[..., Server]]:
    """Starts real gunicorn processes: `start_server(workers=4, starting_at=..., PORT="...")`."""
    with ExitStack() as servers:

        def start(
            *,
            workers: int = 2,
            threads: int = 4,
            starting_at: datetime | None = None,
            **more: str,
        ) -> Server:
            return servers.enter_context(
                running_server(
                    {**settings, **more},
                    log_dir=tmp_path,
                    workers=workers,
                    threads=threads,
                    starting_at=starting_at,
                    nursery=nursery,
                )
            )

        yield start


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    """Two gunicorn processes of four threads on a fresh database, once on each engine."""
    return start_server()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's Chromium, which may only reach this machine."""
    return {
        **browser_type_launch_args,
        "executable_path": find_chromium(),
        "args": [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--no-first-run",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
        ],
    }
