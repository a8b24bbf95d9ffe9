"""Servers for journeys, forked from a process that has loaded what they import.

Loading takes longer than most journeys do. What is forked is `gunicorn wsgi:app` all the same, with
a clock, an environment and a log of its own: the app is made anew, as `wsgi.py` makes it.
Run as a program, this is that process: it reads one order a line and answers with a pid.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import libfaketime

ROOT = Path(__file__).resolve().parents[2]
CLOCK = {
    "LD_PRELOAD": str(
        Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"
    ),
    "DONT_FAKE_MONOTONIC": "1",
    "NO_FAKE_STAT": "1",  # gunicorn tells by a file's time whether its processes live
}
"""What gives a process a clock that is `FAKETIME` seconds off."""
# Asks for the shift of its clock whenever it is asked for the time: every fork has its own.
AS_IT_IS = {**CLOCK, "FAKETIME": "+0", "FAKETIME_NO_CACHE": "1"}


@dataclass(frozen=True, slots=True)
class Nursling:
    """A forked process, used like a `subprocess.Popen`; its exit status comes by a file."""

    pid: int
    ended: Path

    def poll(self) -> int | None:
        """Its exit status, negative for a signal, or None while it runs."""
        return int(self.ended.read_text()) if self.ended.exists() else None

    def wait(self, timeout: float | None = None) -> int:
        """Its exit status once it has ended; subprocess.TimeoutExpired when it goes on."""
        deadline = time.monotonic() + (60 if timeout is None else timeout)
        while (status := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("gunicorn", timeout or 60)
            time.sleep(0.01)
        return status

    def send_signal(self, number: int) -> None:
        """Nothing happens to a process that has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)


class Nursery:
    """The process that forks servers; one of these per worker of the test run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._born = 0
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.nursery"],
            cwd=ROOT,
            env={**kept, **AS_IT_IS, "PYTHONWARNINGS": "default", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, command: list[str], *, environ: Mapping[str, str], log: Path) -> Nursling:
        """Fork a server that runs `command`, which is gunicorn's, in a group of its own."""
        self._born += 1
        ended = self._folder / f"ended-{self._born}"
        order = {"words": command, "environ": {**AS_IT_IS, **environ}}
        order |= {"log": str(log), "ended": str(ended)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(order)}\n")
        self._process.stdin.flush()
        return Nursling(int(self._process.stdout.readline()), ended)

    def close(self) -> None:
        """End the process; what it forked must have ended before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        self._process.stdout.close()


def _bear(order: dict[str, Any]) -> int:
    """Fork one that waits for the server, which is forked by it; the server's pid."""
    reading, writing = os.pipe()
    if os.fork():  # it is nobody's to wait for: SIGCHLD is ignored here
        os.close(writing)
        with os.fdopen(reading) as told:
            return int(told.read())
    os.close(reading)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        os.close(writing)
        _serve(order)
    os.write(writing, str(pid).encode())
    os.close(writing)
    _, status = os.waitpid(pid, 0)
    half_written = Path(f"{order['ended']}.part")
    half_written.write_text(str(os.waitstatus_to_exitcode(status)))
    half_written.rename(order["ended"])
    os._exit(0)


def _serve(order: dict[str, Any]) -> None:
    from gunicorn.app.wsgiapp import run  # type: ignore[import-untyped]

    os.setsid()
    output = os.open(order["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(order["environ"])
    sys.argv = order["words"]
    status = 1
    try:
        run()
        status = 0
    except SystemExit as left:
        status = left.code if isinstance(left.code, int) else 1
    finally:
        os._exit(status)


def _learn() -> None:
    """Make an app and compile its templates: what is known here, no fork has to find out again."""
    from flask import Flask
    from gunicorn.workers import gthread  # type: ignore[import-untyped]  # noqa: F401

    from tests.support.apps import compiled_templates, running_app

    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": compiled_templates}
    with TemporaryDirectory() as folder:
        address = f"sqlite:///{folder}/none.sqlite3"
        with running_app(database_url=address, data_dir=Path(folder)) as app:
            for name in app.jinja_env.list_templates(extensions=("html",)):
                app.jinja_env.get_template(name)


def main() -> None:
    """Learn what the app is made of, then fork a server for each line."""
    _learn()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        sys.stdout.write(f"{_bear(json.loads(line))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
