"""`clinic load` and `clinic dump` as an operator types them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from clinic.scheduling.queries.setting import NoClinic
from clinic.setup.commands import clinic
from clinic.setup.queries import dump_clinic
from tests.integration.setup.sample import TEXT, book


class TestCommands:
    @pytest.fixture
    def file(self, tmp_path: Path) -> Path:
        path = tmp_path / "clinic.toml"
        path.write_text(TEXT, encoding="utf-8")
        return path

    def test_load_then_dump_then_load_changes_nothing(self, app: Flask, file: Path) -> None:
        runner = app.test_cli_runner()
        first = runner.invoke(clinic, ["load", str(file)])
        assert (first.exit_code, first.output.splitlines()[-1]) == (
            0,
            "Riverside Rehab: loaded, version 1",
        )
        dumped = runner.invoke(clinic, ["dump"])
        file.write_bytes(dumped.stdout_bytes)
        again = runner.invoke(clinic, ["load", str(file)])
        assert again.stdout == "Riverside Rehab: unchanged, version 1\n"
        assert 'asks for the form "intake", which is not in use' in again.stderr
        assert runner.invoke(clinic, ["dump"]).stdout_bytes == dumped.stdout_bytes

    def test_load_names_each_fault_on_a_line_of_its_own_and_changes_nothing(
        self, app: Flask, file: Path
    ) -> None:
        file.write_text(TEXT.replace("minutes = 60", "minutes = 0").replace("usd", "us"))
        file.write_text(file.read_text().replace('licence = "PT"', "licence = 7"))
        result = app.test_cli_runner().invoke(clinic, ["load", str(file)])
        assert result.exit_code == 1
        assert result.stdout == ""
        assert result.stderr.splitlines()[2:] == [
            'services[0].minutes ("gait"): must be from 1 to 1440, not 0',
            'practitioners[1].licence ("abe"): must be a text in quotes, not 7',
        ]
        with app.app_context(), pytest.raises(NoClinic):
            dump_clinic()

    @pytest.mark.parametrize("name", ["absent.toml", "."])
    def test_load_says_when_a_file_cannot_be_read(
        self, app: Flask, tmp_path: Path, name: str
    ) -> None:
        result = app.test_cli_runner().invoke(clinic, ["load", str(tmp_path / name)])
        assert result.exit_code == 2
        assert "cannot be read" in result.stderr

    def test_load_lists_stranded_visits_without_a_patient(self, app: Flask, file: Path) -> None:
        runner = app.test_cli_runner()
        runner.invoke(clinic, ["load", str(file)])
        with app.app_context():
            later = datetime(2999, 11, 4, 15, 0, tzinfo=UTC)
            visit = book(service="gait", practitioner="osei", at=later)
        file.write_text(TEXT.replace('"mon", "tue", "wed", "thu", "fri"', '"sun"'))
        refused = runner.invoke(clinic, ["load", str(file)])
        assert refused.exit_code == 1
        assert visit in refused.stderr
        assert "Beltran" not in refused.stderr
        assert runner.invoke(clinic, ["load", str(file), "--allow-stranded"]).exit_code == 0

    def test_dump_says_when_there_is_no_clinic(self, app: Flask) -> None:
        result = app.test_cli_runner().invoke(clinic, ["dump"])
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr == "This clinic is not set up yet.\n"
