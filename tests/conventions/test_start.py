"""What the product loads when it starts: every process pays for it in time and memory."""

import json
import re
import runpy
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.apps import environment
from tests.support.server import ROOT, process_environment, run_command

# Loaded by the function that needs them, and by no process that does not.
LOADED_WHEN_NEEDED = (
    *("stripe", "typst", "PIL", "pypdf", "filetype"),  # payments, documents
    *("icalendar", "requests", "aiosmtpd", "zxcvbn"),
    *("alembic", "flask_migrate", "mako"),  # migrations
    "re2",  # patterns of forms
)
# Carried by what answers; the worker answers nobody.
FOR_ANSWERING = re.compile(
    r"wtforms|flask_wtf|clinic\.(doors|guards|interop)|clinic\.\w+\.(views|forms)"
)
LOADING = """
import json, sys
sys.argv = ["flask", "worker"]
import wsgi
of_worker = sorted(sys.modules)
import clinic.doors
print(json.dumps([of_worker, sorted(sys.modules)]))
"""


class Loaded(NamedTuple):
    """Modules by name."""

    of_worker: frozenset[str]
    of_server: frozenset[str]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    """The modules of a process that has just become the worker, and then what serves."""
    folder: Path = tmp_path_factory.mktemp("start")
    settings = environment(database_url=f"sqlite:///{folder}/none.sqlite3", data_dir=folder)
    done = subprocess.run(
        [sys.executable, "-c", LOADING],
        cwd=ROOT,
        env=process_environment(settings | {"FLASK_RUN_FROM_CLI": "true"}),
        capture_output=True,
        check=True,
        timeout=120,
    )
    of_worker, of_server = json.loads(done.stdout)
    return Loaded(frozenset(of_worker), frozenset(of_server))


class TestStart:
    @pytest.mark.parametrize("name", LOADED_WHEN_NEEDED)
    def test_does_not_load_what_few_requests_need(self, loaded: Loaded, name: str) -> None:
        found = sorted(one for one in loaded.of_server if one.partition(".")[0] == name)
        assert not found, f"imported at the start: {found[:5]}; import it where it is used"

    def test_of_the_worker_does_not_load_what_answers(self, loaded: Loaded) -> None:
        assert any(FOR_ANSWERING.match(one) for one in loaded.of_server)
        found = sorted(one for one in loaded.of_worker if FOR_ANSWERING.match(one))
        assert not found, f"the worker carries {found[:5]}: what needs them belongs to the doors"

    def test_of_a_server_opens_no_socket_for_commands(self) -> None:
        settings = runpy.run_path(str(ROOT / "gunicorn.conf.py"))
        known = import_module("gunicorn.config").Config().settings  # it passes over others
        assert {name for name in settings if not name.startswith("__")} <= set(known)
        assert settings["control_socket_disable"]

    def test_of_a_command_names_every_wrong_setting_and_nothing_else(self, tmp_path: Path) -> None:
        settings = environment(database_url="mysql://db/clinic", data_dir=tmp_path, PORT="0")
        done = run_command(settings, "audit", "verify")
        assert (done.returncode, done.stdout) == (1, "")
        first, *faults = done.stderr.splitlines()
        assert first == "The settings cannot be used:"
        assert [fault.split()[1] for fault in faults] == ["PORT", "DATABASE_URL"]
