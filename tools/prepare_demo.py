"""Bring the demo's database up to date and load the demo clinic once, in one process.

Stands for `flask --app wsgi db upgrade` and `flask --app wsgi demo load`, without starting the
product twice. What `demo load` says (the sign-ins) is all there is on stdout.
"""

import contextlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Exit status of the first command that fails, else 0."""
    sys.path.insert(0, str(ROOT))
    from config import ConfigError

    try:
        from wsgi import app
    except ConfigError as error:
        print(error, file=sys.stderr)
        return 1
    with contextlib.redirect_stdout(sys.stderr):
        upgraded = app.test_cli_runner().invoke(args=["db", "upgrade"])
    if upgraded.exception:
        print(upgraded.output, repr(upgraded.exception), file=sys.stderr)
        return 1
    loaded = app.test_cli_runner().invoke(args=["demo", "load"])
    if loaded.exception:
        print(loaded.output, repr(loaded.exception), file=sys.stderr)
        return 1
    print(loaded.stdout.strip())
    return 0


if __name__ == "__main__":
    sys.exit(main())
