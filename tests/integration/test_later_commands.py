"""Commands whose engine is loaded only when they are asked for."""

import subprocess
import sys
from pathlib import Path

from flask import Flask

from clinic.core.migrations import is_migrated
from tests.support.server import process_environment

ROOT = Path(__file__).resolve().parents[2]
ONLY_FOR_COMMANDS = {"alembic", "mako", "zxcvbn", "icalendar", "clinic.setup"}


class TestQuestionnaire:
    def test_is_offered_by_the_application(self, app: Flask) -> None:
        told = app.test_cli_runner().invoke(args=["questionnaire", "--help"]).output
        assert all(name in told for name in ("check", "enabled", "safety"))

    def test_says_plainly_that_a_file_is_missing(self, app: Flask) -> None:
        result = app.test_cli_runner().invoke(args=["questionnaire", "check", "no-such-file.json"])
        assert result.exit_code == 2
        assert "OperationOutcome" in result.output


class TestDb:
    def test_is_offered_by_the_application(self, app: Flask) -> None:
        told = app.test_cli_runner().invoke(args=["db", "--help"]).output
        assert all(name in told for name in ("upgrade", "downgrade", "current"))

    def test_finds_the_migrations(self, in_app: Flask) -> None:
        assert is_migrated()
        assert in_app.test_cli_runner().invoke(args=["db", "heads"]).exit_code == 0


class TestServer:
    def test_carries_nothing_that_only_commands_need(self, settings: dict[str, str]) -> None:
        asked = [sys.executable, "-c", "import sys, wsgi; print(*sys.modules)"]
        told = subprocess.run(
            asked, cwd=ROOT, env=process_environment(settings), capture_output=True, check=True
        )
        loaded = set(told.stdout.decode().split())
        assert "flask" in loaded
        assert loaded & ONLY_FOR_COMMANDS == set()
