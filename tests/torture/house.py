"""A clinic at work: server processes, workers and a database, all of which can be killed."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

import psutil
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection

from clinic.core.clock import now
from clinic.core.values import Actor, Role
from clinic.people.operations import create_token
from clinic.setup.operations import load_clinic
from clinic.setup.rules.reading import read_clinic_file
from tests.support.apps import environment, running_app
from tests.support.databases import Databases, EngineKind
from tests.support.ports import free_port
from tests.support.postgres import PostgresServer
from tests.support.server import (
    BIN,
    answering,
    process_environment,
    run_command,
    running_process,
    wait_for,
)
from tests.torture.the_clinic import clinic_text

APP = "tests.torture.serving:app"
OPERATOR = Actor(kind="system", name="torture")


@dataclass(frozen=True, slots=True)
class Keys:
    """Bearer tokens of two programs of the staff."""

    desk: str
    clinician: str


def open_clinic(*, database_url: str, data_dir: Path, limit: int = 2) -> Keys:
    """Load the clinic into a migrated database and make the tokens."""
    with running_app(database_url=database_url, data_dir=data_dir) as app, app.app_context():
        file = read_clinic_file(data=clinic_text(limit=limit).encode())
        load_clinic(file=file, actor=OPERATOR, now=now())
        made = [
            create_token(name=role.value, role=role, actor=OPERATOR, now=now())
            for role in (Role.FRONT_DESK, Role.CLINICIAN)
        ]
    return Keys(*made)


@dataclass(slots=True)
class House:
    """Everything that runs for one database. ``processes`` and ``threads`` are gunicorn's,
    ``more`` further settings."""

    kind: EngineKind
    database_url: str
    folder: Path
    keys: Keys
    databases: Databases
    postgres: PostgresServer | None = None
    processes: int = 4
    threads: int = 4
    more: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    master: "Popen[bytes] | None" = None
    workers: "list[Popen[bytes]]" = field(default_factory=list)
    _served: ExitStack = field(default_factory=ExitStack)
    _worked: ExitStack = field(default_factory=ExitStack)

    @property
    def settings(self) -> dict[str, str]:
        """The environment of its processes."""
        return environment(
            database_url=self.database_url,
            data_dir=self.folder / "data",
            BASE_URL=f"http://127.0.0.1:{self.port}",
            **self.more,
        )

    @property
    def log(self) -> Path:
        """Where gunicorn and the app write."""
        return self.folder / "gunicorn.log"

    def keep(self) -> str:
        """Let the database outlive the test, so that a failure can be studied; says where it is."""
        return self.databases.keep(self.database_url)

    def serve(self, *, wait: bool = True) -> None:
        """Start gunicorn on the house's port."""
        command = [
            *(str(BIN / "gunicorn"), APP, "--bind", f"127.0.0.1:{self.port}", "--preload"),
            *("--workers", str(self.processes), "--worker-class", "gthread"),
            *("--threads", str(self.threads), "--log-level", "warning"),
            *("--graceful-timeout", "2", "--backlog", "512"),
        ]
        environ = process_environment(self.settings)
        process = running_process(command, environ=environ, log=self.log)
        self.master = self._served.enter_context(process)
        if wait:
            wait_for(f"{self.url}/healthz", process=self.master, log=self.log)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def serving_pids(self) -> list[int]:
        """The processes that answer requests at this moment, the oldest first."""
        if self.master is None:
            return []
        with suppress(psutil.NoSuchProcess):
            return answering(self.master.pid)
        return []

    def kill_server(self) -> None:
        """Kill -9 gunicorn with all its processes, as a power cut of the container does."""
        if self.master is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.master.pid, signal.SIGKILL)
            self.master.wait()
            self.master = None
        self._served.close()

    def start_worker(self) -> None:
        """Start one more background worker."""
        command = [str(BIN / "flask"), "--app", "wsgi", "worker"]
        environ = process_environment(self.settings)
        log = self.folder / "worker.log"
        process = running_process(command, environ=environ, log=log)
        self.workers.append(self._worked.enter_context(process))

    def replace_worker(self, number: int = 0) -> None:
        """Kill -9 a background worker and start another in its place."""
        lost = self.workers.pop(number)
        lost.kill()
        lost.wait()
        self.start_worker()

    def command(self, *words: str) -> str:
        """What ``flask --app wsgi WORDS`` prints; AssertionError when it fails."""
        done = run_command(self.settings, *words)
        told = f"{done.stdout}\n{done.stderr}"
        assert done.returncode == 0, f"flask {' '.join(words)}: {told}"
        return told

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A plain connection with one unchanging view of the database: no code of ours in it."""
        engine = create_engine(self.database_url)
        try:
            with engine.connect() as connection:
                if self.kind == "postgresql":
                    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                else:
                    connection.exec_driver_sql("PRAGMA busy_timeout = 10000")
                    connection.exec_driver_sql("BEGIN")
                yield connection
        finally:
            engine.dispose()

    def stop_database(self) -> None:
        """``pg_ctl stop -m immediate``: every backend dies at once, nothing is written down."""
        assert self.postgres is not None
        pid = self.postgres.pid
        os.kill(pid, signal.SIGQUIT)
        deadline = time.monotonic() + 10
        while psutil.pid_exists(pid) and time.monotonic() < deadline:
            with suppress(psutil.NoSuchProcess):
                if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                    return
            time.sleep(0.02)

    def start_database(self) -> None:
        """Start it again; it recovers from its log."""
        assert self.postgres is not None
        self.postgres.restart()

    def close(self) -> None:
        """Stop everything but the database."""
        self.kill_server()
        for one in self.workers:
            one.kill()
        self._worked.close()


@contextmanager
def open_house(
    *, databases: Databases, kind: EngineKind, folder: Path, limit: int = 2
) -> Iterator[House]:
    """A house with a loaded clinic, on a database of its own; nothing is served yet."""
    url = databases.fresh(kind)
    folder.mkdir(parents=True, exist_ok=True)
    house = House(
        kind=kind,
        database_url=url,
        folder=folder,
        keys=open_clinic(database_url=url, data_dir=folder / "data", limit=limit),
        postgres=databases.postgres if kind == "postgresql" else None,
        databases=databases,
    )
    try:
        yield house
    finally:
        house.close()
        databases.drop(url)
