"""How our source reads: sizes, names, and calls that have one home only."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST_FILE = 400
LONGEST_VIEW = 25

# What may be called in these places only. The clock and the commit are what makes time injectable
# and one use case one transaction; who is signed in is read at the edge and passed on as an actor.
HOMES = {
    "commit": {"clinic/core/db.py"},
    "datetime.now": {"clinic/core/clock.py"},
    "datetime.utcnow": set[str](),
    "datetime.today": set[str](),
    "date.today": set[str](),
    "time.time": set[str](),
    "time.time_ns": set[str](),
    "current_user": {"clinic/web/access.py"},
}
# Messages to staff, codes to whoever typed an address, and word to an address that it was changed.
TO_NO_PATIENT = {
    "clinic/intake/operations/alerts.py",
    "clinic/people/operations/links.py",
    "clinic/people/operations/passwords.py",
    "clinic/portal/operations/codes.py",
    "clinic/portal/operations/contact.py",
    "clinic/scheduling/operations/digests.py",
    "clinic/scheduling/operations/requests/talk.py",
    "clinic/scheduling/operations/retelling.py",
}
DATABASE_CLOCK = re.compile(
    r"CURRENT_(TIMESTAMP|DATE|TIME)\b|\b(now|clock_timestamp|statement_timestamp)\(\)"
    r"|(datetime|strftime|julianday|unixepoch)\([^)]*'now'",
    re.IGNORECASE,
)
NAMELESS = re.compile(r"(^|/)(utils?|helpers?|common|misc|shared)(\.py|/)")
THIS_MACHINE = re.compile(r"(?<![\w.])/(root|work|home/\w+)/")


@cache
def tracked(*patterns: str) -> tuple[Path, ...]:
    """Our files, as git knows them or would if they were added."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *patterns]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = (ROOT / name for name in done.stdout.splitlines())
    return tuple(sorted({path for path in found if path.is_file()}))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def product() -> list[Path]:
    return [*tracked("clinic/*.py", "config*.py"), ROOT / "wsgi.py"]


def dotted(node: ast.expr) -> str:
    """`datetime.now` of an expression; what is not a plain name is left out."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}".lstrip(".")
    return node.id if isinstance(node, ast.Name) else ""


def names_used(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Names that stand for a call to something with a home, with their lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = dotted(node.func)
            yield name, node.lineno
            if isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                yield "commit", node.lineno
        elif isinstance(node, ast.Name) and node.id == "current_user":
            yield "current_user", node.lineno


class TestFiles:
    def test_stop_at_four_hundred_lines(self) -> None:
        lengths = {
            relative(path): len(path.read_text(encoding="utf-8").splitlines())
            for path in tracked("*.py", "static/js/*.js")
        }
        assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}

    def test_are_named_for_what_they_hold(self) -> None:
        assert [name for path in tracked("*.py") if NAMELESS.search(name := relative(path))] == []

    def test_name_no_path_of_a_machine(self) -> None:
        found = [
            f"{relative(path)}: {match.group()}"
            for path in tracked("*.py", "*.md", "*.toml", "*.html", "*.txt", "Makefile", ".ci/*")
            if path != Path(__file__)
            and (match := THIS_MACHINE.search(path.read_text(encoding="utf-8")))
        ]
        assert found == []


class TestCalls:
    @pytest.mark.parametrize("call", HOMES)
    def test_stay_in_their_homes(self, call: str) -> None:
        strays = [
            f"{relative(path)}:{line}"
            for path in product()
            if relative(path) not in HOMES[call]
            for name, line in names_used(parsed(path))
            if name == call or name.endswith(f".{call}")
        ]
        assert strays == []

    def test_never_ask_the_database_for_the_time(self) -> None:
        strays = []
        for path in [*product(), *tracked("migrations/*.py")]:
            for node in ast.walk(parsed(path)):
                text = node.value if isinstance(node, ast.Constant) else None
                says = isinstance(text, str) and "\n" not in text and DATABASE_CLOCK.search(text)
                asks = isinstance(node, ast.Call) and re.search(
                    r"(^|\.)func\.(now|current_\w+|localtime\w*|clock_timestamp)$",
                    dotted(node.func),
                )
                if says or asks:
                    strays.append(f"{relative(path)}:{getattr(node, 'lineno', 0)}")
        assert strays == []


class TestMessages:
    def test_name_the_patient_whose_wishes_count(self) -> None:
        nameless = {
            relative(path)
            for path in tracked("clinic/*.py")
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Call) and dotted(node.func) == "Recipient"
            if "patient" not in {one.arg for one in node.keywords}
        }
        assert nameless == TO_NO_PATIENT


class TestViews:
    def test_fit_on_half_a_screen(self) -> None:
        long = [
            f"{relative(path)}:{node.lineno} {node.name}: {lines} lines"
            for path in tracked("clinic/*/views.py", "clinic/*/views/*.py")
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.FunctionDef) and (lines := length_of(node)) > LONGEST_VIEW
        ]
        assert long == []


def length_of(function: ast.FunctionDef) -> int:
    """Lines from `def` to the end, without the docstring."""
    docstring = function.body[0] if ast.get_docstring(function) else None
    spent = (docstring.end_lineno or 0) - docstring.lineno + 1 if docstring else 0
    return (function.end_lineno or 0) - function.lineno + 1 - spent
