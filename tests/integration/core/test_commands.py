"""What commands say where the database is not ready, and who may read it."""

from pathlib import Path

import pytest

from clinic.core.db import db
from tests.support.apps import running_app

NEEDING_THE_DATABASE = (
    ("clinic", "dump"),
    ("demo", "load"),
    ("staff", "create", "--email", "a@example.com", "--name", "A", "--role", "admin"),
    ("staff", "link", "--email", "a@example.com"),
    ("token", "create", "--name", "a", "--role", "admin"),
    ("token", "revoke", "a"),
    ("audit", "verify"),
    ("signatures", "verify"),
    ("keys", "status"),
    ("keys", "rotate"),
    ("reconcile",),
    ("clinic", "load", __file__),
    ("questionnaire", "import", __file__),
)


class TestCommandsWithoutASchema:
    def test_say_what_to_run_and_fail(self, empty_database_url: str, tmp_path: Path) -> None:
        with running_app(database_url=empty_database_url, data_dir=tmp_path) as app:
            runner = app.test_cli_runner()
            for words in NEEDING_THE_DATABASE:
                result = runner.invoke(args=words)
                assert result.exit_code == 2, words
                assert "flask --app wsgi db upgrade" in result.stderr, words
                assert len(result.output.splitlines()) == 1, words


class TestTheSqliteFile:
    @pytest.mark.parametrize(("before", "after"), [(None, 0o600), (0o644, 0o640)])
    def test_is_read_by_nobody_else(self, tmp_path: Path, before: int | None, after: int) -> None:
        file = tmp_path / "clinic.sqlite3"
        if before is not None:
            file.touch()
            file.chmod(before)
        with (
            running_app(database_url=f"sqlite:///{file}", data_dir=tmp_path) as app,
            app.app_context(),
            db.engine.begin() as connection,
        ):
            connection.exec_driver_sql("CREATE TABLE a (b INTEGER) STRICT")
            found = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("*e3*")}
        assert {"clinic.sqlite3", "clinic.sqlite3-wal", "clinic.sqlite3-shm"} <= set(found)
        assert {found["clinic.sqlite3"], found["clinic.sqlite3-wal"]} == {after}
