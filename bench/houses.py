"""What is measured: databases on both engines, and real gunicorn processes in front of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from bench.the_clinic import Filling, fill
from tests.support.apps import environment
from tests.support.databases import Databases, EngineKind
from tests.support.ports import free_port
from tests.support.server import (
    BIN,
    Server,
    process_environment,
    running_process,
    wait_for,
)

WORKERS, THREADS = 2, 8


class Houses:
    """The databases of one run; PostgreSQL keeps what it has acknowledged, as in production."""

    def __init__(self, root: Path, *, small: Filling, large: Filling) -> None:
        self.root = root
        self._databases = Databases(root)
        self._fillings = {"small": small, "large": large}

    def database(self, kind: EngineKind, name: str) -> str:
        """A database of its own with that filling (``small``, ``large``), or a demo clinic."""
        if kind == "postgresql":
            _ = self._durable
        if name == "demo":
            return self._databases.lived_in(kind)
        url = self._databases.fresh(kind)
        fill(database_url=url, data_dir=self.root / "data", filling=self._fillings[name])
        return url

    @property
    def large_visits(self) -> int:
        """How many visits the large database holds."""
        return self._fillings["large"].past + self._fillings["large"].coming

    def settings(self, url: str) -> dict[str, str]:
        """The environment of processes on that database; limits are off in ``test``."""
        return environment(database_url=url, data_dir=self.root / "data")

    def close(self) -> None:
        """Stop what was started."""
        self._databases.close()

    @cached_property
    def _durable(self) -> bool:
        for setting in ("fsync", "full_page_writes"):
            self._databases.postgres.run(f"ALTER SYSTEM SET {setting} = on")
        self._databases.postgres.run("SELECT pg_reload_conf()")
        return True


@dataclass(frozen=True, slots=True)
class FloorFiles:
    """What the floors answer and run."""

    body: Path
    script: Path


@contextmanager
def product(settings: dict[str, str], *, log_dir: Path) -> Iterator[Server]:
    """The product as ``make run`` starts it."""
    with _serving("wsgi:app", settings, log_dir=log_dir) as server:
        yield server


@contextmanager
def floor(settings: dict[str, str], files: FloorFiles, *, log_dir: Path) -> Iterator[Server]:
    """The floors, served in the same way."""
    more = {"FLOOR_BODY": str(files.body), "FLOOR_SCRIPT": str(files.script)}
    with _serving("bench.floor:app", settings | more, log_dir=log_dir) as server:
        yield server


@contextmanager
def _serving(app: str, settings: dict[str, str], *, log_dir: Path) -> Iterator[Server]:
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    command = [
        *(str(BIN / "gunicorn"), app, "--bind", f"127.0.0.1:{port}", "--preload"),
        *("--workers", str(WORKERS), "--worker-class", "gthread", "--threads", str(THREADS)),
        *("--log-level", "warning", "--graceful-timeout", "2"),
    ]
    log = log_dir / f"gunicorn-{port}.log"
    environ = process_environment({"BASE_URL": base_url, **settings})
    with running_process(command, environ=environ, log=log) as process:
        wait_for(f"{base_url}/healthz", process=process, log=log)
        yield Server(base_url=base_url, process=process, log=log)
