"""The product as real processes: gunicorn and the worker, for races, kills and browsers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import psutil

from clinic.core.clock import now
from serving.forks import NAME as FORKS
from tests.support.nursery import CLOCK, Nursery, Nursling
from tests.support.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START")


Process = subprocess.Popen[bytes] | Nursling


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn: its address, its master process and where it logs."""

    base_url: str
    process: Process
    log: Path

    @property
    def worker_pids(self) -> list[int]:
        """The processes that answer requests at this moment."""
        return answering(self.process.pid)

    def kill_worker(self) -> int:
        """Kill -9 one answering process; gunicorn starts another. Returns its pid."""
        pid = self.worker_pids[0]
        os.kill(pid, signal.SIGKILL)
        return pid

    def kill(self) -> None:
        """Kill -9 the master and all its processes at once."""
        workers = psutil.Process(self.process.pid).children()
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        psutil.wait_procs(workers, timeout=60)


def answering(master: int) -> list[int]:
    """The processes of a gunicorn that answer requests, the oldest first."""
    found = []
    for child in psutil.Process(master).children():
        with suppress(psutil.NoSuchProcess):
            if child.name() != FORKS:
                found.append((child.create_time(), child.pid))
    return [pid for _, pid in sorted(found)]


def process_environment(
    settings: Mapping[str, str], *, starting_at: datetime | None = None
) -> dict[str, str]:
    """What a child process sees: only what it needs of ours, the settings, and its clock.

    `starting_at` makes its clock begin there and run on (libfaketime), in its children too; the
    product has no such setting of its own.
    """
    environ = {name: os.environ[name] for name in INHERITED if name in os.environ}
    environ |= {"PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "default"} | dict(settings)
    if starting_at is not None:
        environ |= CLOCK
        environ["FAKETIME"] = f"{(starting_at - now()).total_seconds():+.3f}"
    return environ


@contextmanager
def running_server(
    settings: Mapping[str, str],
    *,
    log_dir: Path,
    workers: int = 2,
    threads: int = 4,
    starting_at: datetime | None = None,
    nursery: Nursery | None = None,
) -> Iterator[Server]:
    """`gunicorn wsgi:app` on a free port with these settings, until the block ends.

    It is forked from the nursery, if there is one. Settings come from
    `tests.support.apps.environment`; the database must be migrated already.
    RuntimeError with the log when it does not answer.
    """
    port = free_port()
    base_url = f"http://127.0.0.1:{port}"
    environ = process_environment({"BASE_URL": base_url, **settings}, starting_at=starting_at)
    command = [
        *(str(BIN / "gunicorn"), "wsgi:app", "--bind", f"127.0.0.1:{port}", "--preload"),
        *("--workers", str(workers), "--worker-class", "gthread", "--threads", str(threads)),
        *("--log-level", "warning", "--graceful-timeout", "2"),
    ]
    log = log_dir / f"gunicorn-{port}.log"
    begin = _begin if nursery is None else nursery.start
    process: Process = begin(command, environ=environ, log=log)
    with _ended_in_the_end(process):
        wait_for(f"{base_url}/healthz", process=process, log=log)
        yield Server(base_url=base_url, process=process, log=log)


@contextmanager
def running_worker(
    settings: Mapping[str, str], *, log_dir: Path, starting_at: datetime | None = None
) -> Iterator["subprocess.Popen[bytes]"]:
    """`flask --app wsgi worker` with these settings, until the block ends."""
    environ = process_environment(settings, starting_at=starting_at)
    command = [str(BIN / "flask"), "--app", "wsgi", "worker"]
    with running_process(command, environ=environ, log=log_dir / "worker.log") as process:
        yield process


def run_command(settings: Mapping[str, str], *words: str) -> "subprocess.CompletedProcess[str]":
    """`flask --app wsgi WORDS`, run to its end; output is captured, nothing is checked."""
    return subprocess.run(
        [str(BIN / "flask"), "--app", "wsgi", *words],
        cwd=ROOT,
        env=process_environment(settings),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@contextmanager
def running_process(
    command: list[str], *, environ: Mapping[str, str], log: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """A process in a group of its own; asked to stop at the end, and killed if it does not."""
    process = _begin(command, environ=environ, log=log)
    with _ended_in_the_end(process):
        yield process


@contextmanager
def _ended_in_the_end(process: Process) -> Iterator[None]:
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)  # gunicorn would wait for idle connections at SIGTERM
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _begin(
    command: list[str], *, environ: Mapping[str, str], log: Path
) -> "subprocess.Popen[bytes]":
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            cwd=ROOT,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )


def wait_for(url: str, *, process: Process, log: Path, within_seconds: float = 120) -> None:
    """Return once the address answers 200; RuntimeError with the log when it does not."""
    deadline = time.monotonic() + within_seconds
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urlopen(url, timeout=2) as answer:  # noqa: S310 - an address of our own
                if answer.status == 200:
                    return
        except HTTPError as error:
            error.close()
        except (URLError, OSError):
            pass
        time.sleep(0.05)
    raise RuntimeError(f"{url} did not answer:\n{log.read_text(errors='replace')[-4000:]}")
