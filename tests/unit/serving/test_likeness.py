"""What tells a worker apart from a server, and what does not."""

import os
from pathlib import Path

import pytest

from serving import likeness as module
from serving.likeness import ALONE_UNTIL, OF_THE_START, address, likeness
from serving.stand_in import ALONE_UNTIL as ALONE_UNTIL_OF_STAND_IN

ENVIRON = {"DATA_DIR": "/srv/clinic", "SECRET_KEY": "s" * 32, "PATH": "/bin"}


class TestLikeness:
    def test_is_the_same_for_the_same(self) -> None:
        assert likeness(ENVIRON) == likeness(dict(reversed(ENVIRON.items())))

    @pytest.mark.parametrize("name", sorted(OF_THE_START))
    def test_does_not_mind_how_a_program_was_started(self, name: str) -> None:
        assert likeness(ENVIRON | {name: "other"}) == likeness(ENVIRON)

    @pytest.mark.parametrize(
        "differing",
        [{"SECRET_KEY": "t" * 32}, {"DATABASE_URL": "postgresql://db/clinic"}, {"LD_PRELOAD": ""}],
    )
    def test_minds_every_other_variable(self, differing: dict[str, str]) -> None:
        assert likeness(ENVIRON | differing) != likeness(ENVIRON)

    def test_minds_a_variable_that_only_one_has(self) -> None:
        assert likeness({"DATA_DIR": "/srv/clinic"}) != likeness(ENVIRON)

    def test_minds_changed_code(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        source = tmp_path / "clinic" / "core" / "db.py"
        source.parent.mkdir(parents=True)
        source.write_text("one = 1\n")
        monkeypatch.setattr(module, "ROOT", tmp_path)
        before = likeness(ENVIRON)
        os.utime(source, ns=(0, 0))
        touched = likeness(ENVIRON)
        source.with_name("added.py").touch()
        assert len({before, touched, likeness(ENVIRON)}) == 3

    def test_minds_new_libraries(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "LIBRARIES", str(tmp_path))
        before = likeness(ENVIRON)
        (tmp_path / "__pycache__").mkdir()
        assert likeness(ENVIRON) == before
        (tmp_path / "flask-9.9.dist-info").mkdir()
        assert likeness(ENVIRON) != before

    def test_minds_the_folder_and_the_rights_of_new_files(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = likeness(ENVIRON)
        umask = os.umask(0o077)
        try:
            os.umask(0o027)
            stricter = likeness(ENVIRON)
        finally:
            os.umask(umask)
        monkeypatch.chdir(tmp_path)
        assert len({before, stricter, likeness(ENVIRON)}) == 3


class TestAddress:
    def test_is_one_for_each_clinic_and_made_of_no_secret(self) -> None:
        assert address(ENVIRON) == address(ENVIRON | {"SECRET_KEY": "t" * 32})
        assert address(ENVIRON) != address(ENVIRON | {"DATA_DIR": "/srv/other"})

    def test_fits_a_socket_and_needs_no_file(self) -> None:
        assert address(ENVIRON).startswith(b"\0")
        assert len(address(ENVIRON)) < 108


class TestStandIn:
    def test_names_the_same_variable_without_loading_what_names_it(self) -> None:
        assert ALONE_UNTIL_OF_STAND_IN == ALONE_UNTIL
