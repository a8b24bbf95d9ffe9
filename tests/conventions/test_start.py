"""What the product loads when it starts: every process pays for it in time and memory."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.apps import environment
from tests.support.server import ROOT, process_environment, run_command

# Loaded by the function that needs them, and by no process that does not.
LOADED_WHEN_NEEDED = (
    *("stripe", "typst", "PIL", "pypdf", "filetype"),  # payments, documents
    *("icalendar", "requests", "aiosmtpd", "zxcvbn"),
    *("alembic", "flask_migrate", "mako"),  # migrations
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    """The modules of a process that has just become the application."""
    folder: Path = tmp_path_factory.mktemp("start")
    settings = environment(database_url=f"sqlite:///{folder}/none.sqlite3", data_dir=folder)
    done = subprocess.run(
        [sys.executable, "-c", "import json, sys, wsgi; print(json.dumps(sorted(sys.modules)))"],
        cwd=ROOT,
        env=process_environment(settings),
        capture_output=True,
        check=True,
        timeout=120,
    )
    return frozenset(json.loads(done.stdout))


class TestStart:
    @pytest.mark.parametrize("name", LOADED_WHEN_NEEDED)
    def test_does_not_load_what_few_requests_need(self, loaded: frozenset[str], name: str) -> None:
        found = sorted(one for one in loaded if one.partition(".")[0] == name)
        assert not found, f"imported at the start: {found[:5]}; import it where it is used"

    def test_of_a_command_names_every_wrong_setting_and_nothing_else(self, tmp_path: Path) -> None:
        settings = environment(database_url="mysql://db/clinic", data_dir=tmp_path, PORT="0")
        done = run_command(settings, "audit", "verify")
        assert (done.returncode, done.stdout) == (1, "")
        first, *faults = done.stderr.splitlines()
        assert first == "The settings cannot be used:"
        assert [fault.split()[1] for fault in faults] == ["PORT", "DATABASE_URL"]
