"""Databases, data folders and apps that one test after another lives in, each finding them as new.

Making these anew takes longer than most tests: routes, templates and statements are compiled once
for each app, and PostgreSQL copies a database for every test. So they are tidied instead: rows,
files and what the app remembers go; a home that cannot be tidied for certain is given up.
"""

import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import copy
from typing import Any

import psycopg
from flask import Flask
from psycopg import sql

from clinic.core.db import db
from clinic.core.locks import dispose_lock_engines
from tests.support.apps import running_app
from tests.support.databases import Databases, EngineKind, path_of

# Every change of a schema writes rows of these: the newest writer or the number of rows tells.
CATALOGUE = ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc", "pg_index")
OTHERS = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"

Dress = Callable[[Flask], object]
Kind = tuple[EngineKind, frozenset[tuple[str, str]], Dress | None]


class Home:
    """A migrated database without rows, an empty data folder, and an app on both when asked."""

    def __init__(
        self,
        databases: Databases,
        kind: EngineKind,
        settings: Mapping[str, str] | None = None,
        dress: Dress | None = None,
    ) -> None:
        self.url = databases.fresh(kind)
        self.data_dir = databases.folder("data")
        self._databases = databases
        self._settings = dict(settings or {})
        self._dress = dress
        self._open = ExitStack()
        self._app: Flask | None = None
        self._as_made: tuple[Any, ...] = ()
        self._extensions: dict[str, Any] = {}
        self._rows: _Rows | None = None if kind == "sqlite" else _Rows(self.url)

    @property
    def app(self) -> Flask:
        """The app with the settings of a test and the home's own, made and dressed once."""
        if self._app is None:
            made = running_app(database_url=self.url, data_dir=self.data_dir, **self._settings)
            self._app = self._open.enter_context(made)
            if self._dress is not None:
                self._dress(self._app)
            self._extensions = dict(self._app.extensions)
            self._as_made = _traits(self._app)
        return self._app

    def tidy(self) -> bool:
        """Make everything as new; False when that is not certain, and the home must be given up."""
        if self._app is not None and not self._tidy_app(self._app):
            self._give_up_app()
        dispose_lock_engines()
        shutil.rmtree(self.data_dir)
        self.data_dir.mkdir(mode=0o700)
        if self._rows is not None:
            return self._rows.remove(held=self._connections())
        self._databases.restore(path_of(self.url))
        return True

    def close(self) -> None:
        """Give the home up."""
        self._give_up_app()
        if self._rows is not None:
            self._rows.close()
        self._databases.drop(self.url)
        shutil.rmtree(self.data_dir, ignore_errors=True)

    def _give_up_app(self) -> None:
        """Let the next test make another on the same database: a test changed this one."""
        self._open.close()
        self._app = None

    def _tidy_app(self, app: Flask) -> bool:
        with app.app_context():
            db.session.remove()
            if self._rows is None:
                db.engine.dispose()
        remembered = set(app.extensions) - set(self._extensions)
        for name in remembered:
            del app.extensions[name]
        app._got_first_request = False  # a test may add routes of its own, then it is given up
        return _traits(app) == self._as_made

    def _connections(self) -> int:
        """How many connections the app keeps open, all of them at rest."""
        if self._app is None:
            return 0
        with self._app.app_context():
            return int(db.engine.pool.checkedin())  # type: ignore[attr-defined]


class Homes:
    """Lends homes to tests; one of these per worker."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases
        self._free: defaultdict[Kind, list[Home]] = defaultdict(list)

    @contextmanager
    def lend(
        self,
        kind: EngineKind,
        *,
        settings: Mapping[str, str] | None = None,
        dress: Dress | None = None,
    ) -> Iterator[Home]:
        """A home that is as new for as long as the block lasts, its app with these settings.

        ``dress`` adds what tests need beside the product to each app that is made, as its routes.
        """
        free = self._free[kind, frozenset((settings or {}).items()), dress]
        home = free.pop() if free else Home(self._databases, kind, settings, dress)
        tidied = False
        try:
            yield home
            tidied = home.tidy()
        finally:
            free.append(home) if tidied else home.close()

    def close(self) -> None:
        """Give all homes up."""
        for home in (home for free in self._free.values() for home in free):
            home.close()


class _Rows:
    """The rows of a PostgreSQL database: finds those a test left, and removes them."""

    def __init__(self, url: str) -> None:
        self._connection = psycopg.connect(url, autocommit=True)
        self._connection.execute("SET session_replication_role = replica")  # no trigger refuses
        self._connection.execute("SET lock_timeout = '2s'")
        tables = self._ask("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        self._tables = [sql.Identifier(table) for (table,) in tables]
        self._first = self._filled()
        self._schema = self._ask_schema()

    def remove(self, *, held: int) -> bool:
        """Remove them all; False where more than ``held`` are here, or the schema differs."""
        try:
            here = self._others(held)
            if len(here) != held or {state for (state,) in here} - {"idle"}:
                return False
            if self._ask_schema() != self._schema:
                return False
            for table in self._filled():
                if table not in self._first:
                    self._connection.execute(sql.SQL("DELETE FROM {}").format(table))
            self._ask(
                "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false)"
                " FROM pg_sequences WHERE last_value IS NOT NULL"
            )
        except psycopg.Error:
            return False
        return True

    def close(self) -> None:
        self._connection.close()

    def _others(self, held: int) -> list[tuple[Any, ...]]:
        """Who else is here; connections that were closed just now may need a moment to go."""
        for _ in range(25):
            here = self._ask(f"SELECT state {OTHERS}")
            if len(here) <= held:
                break
            time.sleep(0.01)
        return here

    def _filled(self) -> list[sql.Identifier]:
        each = [sql.SQL("EXISTS (SELECT FROM {})").format(table) for table in self._tables]
        (found,) = self._ask(sql.SQL("SELECT {}").format(sql.SQL(", ").join(each)))
        return [table for table, has_rows in zip(self._tables, found, strict=True) if has_rows]

    def _ask_schema(self) -> tuple[Any, ...]:
        newest = sql.SQL("(SELECT (count(*), max(xmin::text::bigint))::text FROM {})")
        each = [newest.format(sql.Identifier(table)) for table in CATALOGUE]
        return self._ask(sql.SQL("SELECT {}").format(sql.SQL(", ").join(each)))[0]

    def _ask(self, query: str | sql.Composed) -> list[tuple[Any, ...]]:
        asked = query.encode() if isinstance(query, str) else query
        return self._connection.execute(asked).fetchall()


def _traits(app: Flask) -> tuple[Any, ...]:
    """What a test may change of an app, to be compared with what it was."""
    hooks = (app.before_request_funcs, app.after_request_funcs, app.teardown_request_funcs)
    return (
        {name: copy(value) for name, value in app.config.items()},
        {name: _contents(value) for name, value in app.extensions.items()},
        sorted(str(rule) for rule in app.url_map.iter_rules()),
        [[(scope, len(found)) for scope, found in each.items()] for each in hooks],
        len(app.jinja_env.globals),
        len(app.jinja_env.filters),
        bool(app.testing),
    )


def _contents(value: object) -> str:
    """Our own extensions by what is in them; others' by which object it is."""
    ours = type(value).__module__.startswith(("clinic.", "builtins"))
    return f"{id(value)} {value!r}" if ours else str(id(value))
