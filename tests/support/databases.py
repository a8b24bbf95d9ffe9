"""Fresh databases on both engines: migrated once per worker, then copied for each test."""

import itertools
import os
import shutil
import tempfile
from functools import cached_property
from pathlib import Path
from typing import Literal

import flask_migrate

from clinic.core.clock import now
from clinic.setup.demo.loading import load_demo
from tests.support.apps import running_app
from tests.support.postgres import PostgresServer

EngineKind = Literal["sqlite", "postgresql"]
MEMORY = Path("/dev/shm")  # noqa: S108 - only a place for folders with names of their own
ENOUGH_BYTES = 2 * 1024**3
ENGINE_KINDS: tuple[EngineKind, ...] = ("sqlite", "postgresql")
TEMPLATE = "template_migrated"


def migrate(*, database_url: str, data_dir: Path, revision: str = "head") -> None:
    """Bring the database to the revision, as `flask db upgrade` does."""
    with running_app(database_url=database_url, data_dir=data_dir) as app, app.app_context():
        flask_migrate.upgrade(revision=revision)


def quick_place() -> Path | None:
    """A file system in memory where there is one with room, for what need not outlive a test."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES
    return MEMORY if has_room and os.access(MEMORY, os.W_OK) else None


def path_of(url: str) -> Path:
    """Where the SQLite database of that address lies."""
    return Path(url.removeprefix("sqlite:///"))


def _name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def _remove(path: Path) -> None:
    for left in path.parent.glob(f"{path.name}*"):
        shutil.rmtree(left) if left.is_dir() else left.unlink()


class Databases:
    """Makes databases under one directory and drops them; one of these per worker."""

    def __init__(self, root: Path, *, servers: Path | None = None) -> None:
        self.root = root
        self._servers = servers
        self._kept: set[str] = set()
        self._numbers = itertools.count(1)

    @cached_property
    def postgres(self) -> PostgresServer:
        """The server, started when the first test asks for it."""
        return PostgresServer(self._servers)

    def empty(self, kind: EngineKind) -> str:
        """The address of a database without any table."""
        name = f"empty_{next(self._numbers)}"
        if kind == "sqlite":
            return f"sqlite:///{self.root / name}.sqlite3"
        self.postgres.run(f"CREATE DATABASE {name}")
        return self.postgres.url(name)

    def fresh(self, kind: EngineKind) -> str:
        """The address of a database with all tables and no rows."""
        name = f"fresh_{next(self._numbers)}"
        if kind == "sqlite":
            path = self.root / f"{name}.sqlite3"
            shutil.copyfile(self._migrated_file, path)
            return f"sqlite:///{path}"
        self.postgres.run(f"CREATE DATABASE {name} TEMPLATE {self._migrated_database}")
        return self.postgres.url(name)

    def lived_in(self, kind: EngineKind) -> str:
        """The address of a copy of the demo clinic: staff, patients, three weeks of visits."""
        name = f"lived_in_{next(self._numbers)}"
        if kind == "sqlite":
            path = self.root / f"{name}.sqlite3"
            shutil.copyfile(self._lived_in_file, path)
            return f"sqlite:///{path}"
        self.postgres.run(f"CREATE DATABASE {name} TEMPLATE {self._lived_in_database}")
        return self.postgres.url(name)

    def restore(self, path: Path) -> None:
        """Let the SQLite database, which nobody has open, be as fresh again."""
        _remove(path)
        shutil.copyfile(self._migrated_file, path)

    def folder(self, name: str) -> Path:
        """An empty folder of that name and a number."""
        made = self.root / f"{name}_{next(self._numbers)}"
        made.mkdir(mode=0o700)
        return made

    def drop(self, url: str) -> None:
        """Remove the database, whoever is still connected."""
        if url.startswith("sqlite"):
            _remove(path_of(url))
        elif url not in self._kept:
            self.postgres.run(f"DROP DATABASE {_name_of(url)} WITH (FORCE)")

    def keep(self, url: str) -> str:
        """Let this database outlive the tests; says where it lies."""
        if url.startswith("sqlite"):
            folder = Path(tempfile.mkdtemp(prefix="clinic-kept-"))
            for part in path_of(url).parent.glob(f"{path_of(url).name}*"):
                if part.is_file():
                    shutil.copy2(part, folder)
            return str(folder / path_of(url).name)
        self._kept.add(url)
        self.postgres.is_kept = True
        return f"{_name_of(url)} of the PostgreSQL server in {self.postgres.home / 'data'}"

    def close(self) -> None:
        """Stop the server, if there is one."""
        if "postgres" in self.__dict__:
            self.postgres.close()

    @cached_property
    def _migrated_file(self) -> Path:
        path = self.root / f"{TEMPLATE}.sqlite3"
        migrate(database_url=f"sqlite:///{path}", data_dir=self.root / "migrating")
        if Path(f"{path}-wal").exists():
            raise RuntimeError("a connection stayed open while migrating: rows would be lost")
        return path

    @cached_property
    def _lived_in_file(self) -> Path:
        path = self.root / "template_lived_in.sqlite3"
        shutil.copyfile(self._migrated_file, path)
        self._live_in(f"sqlite:///{path}")
        return path

    @cached_property
    def _lived_in_database(self) -> str:
        self.postgres.run(f"CREATE DATABASE template_lived_in TEMPLATE {self._migrated_database}")
        self._live_in(self.postgres.url("template_lived_in"))
        return "template_lived_in"

    def _live_in(self, url: str) -> None:
        data_dir = self.root / "living"
        with running_app(database_url=url, data_dir=data_dir) as app, app.app_context():
            load_demo(now=now())

    @cached_property
    def _migrated_database(self) -> str:
        self.postgres.run(f"CREATE DATABASE {TEMPLATE}")
        migrate(database_url=self.postgres.url(TEMPLATE), data_dir=self.root / "migrating")
        return TEMPLATE
