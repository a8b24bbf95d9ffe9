"""Models and migrations describe the same database, down to triggers and constraints."""

import re
from pathlib import Path

import flask_migrate
import pytest
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, text

from clinic.core.db import db
from tests.support.apps import running_app
from tests.support.schema import Schema, schema_of

ROOT = Path(__file__).resolve().parents[2]
VERSIONS = ROOT / "migrations" / "versions"


def present_schema() -> Schema:
    with db.engine.connect() as connection:
        return schema_of(connection)


def revisions() -> list[str]:
    """All revisions from the first to the head."""
    script = ScriptDirectory(str(ROOT / "migrations"))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


def row_counts() -> dict[str, int]:
    """Table -> its rows; Alembic's own table is left out."""
    with db.engine.connect() as connection:
        tables = [t for t in inspect(connection).get_table_names() if t != "alembic_version"]
        counted = {t: connection.execute(text(f"SELECT count(*) FROM {t}")) for t in tables}  # noqa: S608
        return {table: rows.scalar_one() for table, rows in counted.items()}


@pytest.fixture
def migrated(in_app: Flask) -> Schema:
    return present_schema()


class TestSchema:
    def test_is_the_same_from_models_as_from_migrations(
        self, migrated: Schema, empty_database_url: str, tmp_path: Path
    ) -> None:
        with (
            running_app(database_url=empty_database_url, data_dir=tmp_path / "made") as other,
            other.app_context(),
        ):
            db.create_all()
            assert present_schema() == migrated

    def test_names_every_constraint(self, in_app: Flask) -> None:
        nameless = [
            f"{table.name}: {constraint}"
            for table in db.metadata.tables.values()
            for constraint in table.constraints
            if constraint.name is None
        ]
        assert nameless == []

    def test_is_strict_on_sqlite(self, migrated: Schema, engine_kind: str) -> None:
        if engine_kind == "postgresql":
            return
        loose = [
            name
            for name, clauses in migrated.items()
            if name.startswith("table ") and isinstance(clauses, tuple) and clauses[-1] != "STRICT"
        ]
        assert loose == []

    def test_has_no_time_of_its_own(self, migrated: Schema) -> None:
        clock = re.compile(r"CURRENT_|now\(|clock_timestamp", re.IGNORECASE)
        assert [name for name, sql in migrated.items() if clock.search(str(sql))] == []


class TestMigrations:
    def test_have_one_head(self) -> None:
        assert len(ScriptDirectory(str(ROOT / "migrations")).get_heads()) == 1

    def test_are_named_like_their_files_in_sequence(self) -> None:
        files = sorted(path.stem for path in VERSIONS.glob("*.py"))
        assert revisions() == files
        assert [name[:4] for name in files] == [f"{n:04d}" for n in range(1, len(files) + 1)]

    def test_go_down_and_up_again_one_by_one(self, in_app: Flask, migrated: Schema) -> None:
        for revision in reversed(["base", *revisions()[:-1]]):
            flask_migrate.downgrade(revision=revision)
        assert present_schema() == {}
        for revision in revisions():
            flask_migrate.upgrade(revision=revision)
        assert present_schema() == migrated

    def test_lose_no_row_of_what_they_leave(self, demo_app: Flask) -> None:
        with demo_app.app_context():
            downwards = [*reversed(["base", *revisions()[:-1]])]
            for step, revision in [
                *((flask_migrate.downgrade, revision) for revision in downwards),
                *((flask_migrate.upgrade, revision) for revision in revisions()),
            ]:
                before = row_counts()
                step(revision=revision)
                after = row_counts()
                stayed = before.keys() & after.keys()
                assert {t: after[t] for t in stayed} == {t: before[t] for t in stayed}, revision

    def test_leave_one_row_of_their_version(self, in_app: Flask) -> None:
        with db.engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).all()
        assert [tuple(row) for row in found] == [(revisions()[-1],)]
