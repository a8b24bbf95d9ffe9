"""Whoever kills: server processes, whole servers, workers and the database, by a seeded plan."""

import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from subprocess import TimeoutExpired

import psutil

from clinic.core.clock import now
from tests.support.server import BIN, process_environment, running_process
from tests.torture.house import House
from tests.torture.the_clinic import clinic_text


class Chaos(threading.Thread):
    """Kills more than once a second until ``stop``; ``spares`` server processes are left alone.

    What it did is counted in ``done``; an error of its own is kept in ``error``.
    """

    def __init__(self, house: House, *, seed: int, pause: float = 0.7, spares: int = 0) -> None:
        super().__init__(name="chaos", daemon=True)
        self.house = house
        self.random = random.Random(f"{seed}/chaos")
        self.pause = pause
        self.spares = spares
        self.done: Counter[str] = Counter()
        self.error: Exception | None = None
        self._ended = threading.Event()
        self._deeds: list[tuple[int, Callable[[], None]]] = [
            (70, self.kill_server_process),
            (8, self.kill_worker),
            (8, self.change_clinic),
        ]
        if not spares:
            self._deeds.append((6, self.kill_server))
        if house.kind == "postgresql":
            self._deeds.append((6, self.crash_database))

    def run(self) -> None:
        """Kill, wait, kill."""
        try:
            while not self._ended.wait(self.random.uniform(0.4, 1.6) * self.pause):
                weights = [weight for weight, _ in self._deeds]
                (_, deed) = self.random.choices(self._deeds, weights)[0]
                self.done[deed.__name__] += 1
                deed()
        except Exception as error:  # noqa: BLE001 - told by the test that waits for this thread
            self.error = error

    def stop(self) -> None:
        """Stop, with everything running again."""
        self._ended.set()
        self.join(timeout=60)
        assert not self.is_alive(), "the killer does not end"
        if self.error is not None:
            raise self.error

    def kill_server_process(self) -> None:
        """Kill -9 a process that answers requests, the one with the most of them at hand."""
        mortal = self.house.serving_pids[self.spares :]
        if mortal:
            with suppress(ProcessLookupError):
                os.kill(max(mortal, key=_requests_at_hand), signal.SIGKILL)

    def kill_server(self) -> None:
        """Kill -9 gunicorn as a whole; start it again."""
        self.house.kill_server()
        self.house.serve()

    def kill_worker(self) -> None:
        """Kill -9 a background worker; start another."""
        self.house.replace_worker()

    def crash_database(self) -> None:
        """Stop PostgreSQL at once, and start it again after a while."""
        self.house.stop_database()
        time.sleep(self.random.uniform(0.2, 3.0))
        self.house.start_database()

    def change_clinic(self) -> None:
        """Load a changed clinic file; now and then kill the load halfway."""
        lunch = (now() + timedelta(days=self.random.randint(0, 2))).date()
        file = self.house.folder / "clinic.toml"
        file.write_text(clinic_text(lunch=lunch, after=self.random.choice((0, 5, 10))))
        command = [str(BIN / "flask"), "--app", "wsgi", "clinic", "load", "--allow-stranded"]
        environ = process_environment(self.house.settings)
        log = self.house.folder / "load.log"
        with (
            running_process([*command, str(file)], environ=environ, log=log) as load,
            suppress(TimeoutExpired),
        ):
            load.wait(timeout=self.random.choice((1.2, 20)))


def _requests_at_hand(pid: int) -> int:
    with suppress(psutil.Error):
        connections = psutil.Process(pid).net_connections("tcp")
        return sum(one.status == psutil.CONN_ESTABLISHED for one in connections)
    return 0
