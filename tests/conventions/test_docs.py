"""What the documents point at is there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = re.compile(r"`([\w/]+(?:\.\w+)?)`")


def held_by() -> list[str]:
    """The last cell of every line of the table in docs/security.md."""
    lines = (ROOT / "docs/security.md").read_text().splitlines()
    cells = [line.strip("|").split("|")[-1] for line in lines if line.startswith("| ")]
    return cells[2:]


class TestSecurityPage:
    def test_names_tests_that_are_there(self) -> None:
        """A claim is worth what holds it."""
        tests = {path.name: path for path in (ROOT / "tests").rglob("test_*.py")}
        classes = set(
            re.findall(r"^class (\w+)", "".join(map(Path.read_text, tests.values())), re.MULTILINE)
        )
        cells = held_by()
        assert len(cells) > 20
        for cell in cells:
            names = NAMES.findall(cell)
            assert names, cell
            for name in names:
                is_there = (
                    name in classes
                    or name.rpartition("/")[2] in tests
                    or (ROOT / name).exists()
                    or (ROOT / "tests/integration/security" / name).exists()
                )
                assert is_there, name
