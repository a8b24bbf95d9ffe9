"""Who imports whom, as far as the contracts in pyproject.toml cannot say it."""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[2]
FACES = frozenset({"views", "forms", "presenters"})
NO_SLICES = frozenset({"core", "web", "tables", "cli", "doors", "guards", "outbox"})


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("clinic", cache_dir=None)


def slices() -> set[str]:
    return {module.split(".")[1] for module in graph().find_children("clinic")} - NO_SLICES


def imports() -> Iterator[tuple[list[str], list[str]]]:
    """Importer and imported, as lists of their names' parts."""
    for importer in graph().modules:
        for imported in graph().find_modules_directly_imported_by(importer):
            yield importer.split("."), imported.split(".")


def contracts() -> dict[str, dict[str, list[str]]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return {contract["id"]: contract for contract in settings["tool"]["importlinter"]["contracts"]}


class TestSlices:
    def test_never_reach_for_the_face_of_another(self) -> None:
        strays = [
            f"{'.'.join(importer)} imports {'.'.join(imported)}"
            for importer, imported in imports()
            if importer not in (["clinic"], ["clinic", "doors"])
            and len(imported) > 2
            and imported[1] in slices()
            and imported[2] in FACES
            and importer[1] != imported[1]
        ]
        assert strays == []

    def test_are_layered_inside_every_one(self) -> None:
        assert set(contracts()["inside"]["containers"]) == {f"clinic.{name}" for name in slices()}

    def test_stand_in_the_order_of_rooms(self) -> None:
        named = {
            word.strip("()") for layer in contracts()["rooms"]["layers"] for word in layer.split()
        }
        assert slices() <= named


class TestRules:
    def test_import_no_other_slice(self) -> None:
        strays = [
            f"{'.'.join(importer)} imports {'.'.join(imported)}"
            for importer, imported in imports()
            if importer[2:3] == ["rules"]
            and imported[0] == "clinic"
            and imported[1] in slices() - {importer[1]}
            and imported[2:3] != ["rules"]
        ]
        assert strays == []
