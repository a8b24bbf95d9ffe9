"""Everything `make check` looks at. All of it runs, then one line says what failed."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent

STATIC_CONVENTIONS = ("test_source.py", "test_imports.py", "test_templates.py")


def checks() -> dict[str, list[str]]:
    """Name -> command, in the order of how soon each answers."""
    found = {
        "lint": [f"{BIN}/ruff", "check", "."],
        "format": [f"{BIN}/ruff", "format", "--check", "."],
        "import rules": [f"{BIN}/lint-imports", "--no-logo"],
        "templates": [f"{BIN}/djlint", "--lint", "--quiet", "templates"],
        "built assets": [sys.executable, "tools/build_css.py", "--check"],
        "types": [f"{BIN}/mypy"],
        "conventions": [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *(f"tests/conventions/{name}" for name in STATIC_CONVENTIONS),
        ],
    }
    if not any((ROOT / "templates").rglob("*.html")):
        del found["templates"]
    if not (ROOT / "tools" / "build_css.py").exists():
        del found["built assets"]
    return found


def main() -> int:
    """Exit status 1 when any check failed."""
    failed = []
    for name, command in checks().items():
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        word = "ok" if done.returncode == 0 else "FAILED"
        print(f"{name:14} {word:6} {time.monotonic() - began:5.1f} s", flush=True)
        if done.returncode:
            failed.append(name)
            print(done.stdout + done.stderr, flush=True)
    if failed:
        print(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
