"""The background worker: small duties, each done again and again.

A duty looks for its work in the database, so that nothing depends on being told: a worker that was
killed is simply started again, and several at once are harmless. Each duty keeps its pieces of
work short (a batch, a transaction) and is never trusted: its errors stop neither the others nor
itself, and are logged without their text, which may quote a patient. A duty that waits for the
world outside stands apart, in a thread of its own, so that nothing here waits with it.
"""

import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import FrameType
from typing import Protocol

from flask import Flask
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from clinic.core import audit, clock
from clinic.core.errors import Unavailable
from clinic.core.heartbeat import beat

log = logging.getLogger(__name__)

PART = "worker"
BEAT_SECONDS = 5.0
SEAL_SECONDS = 0.5
LONGEST_BACKOFF_SECONDS = 5.0
ENDS_WITHIN_SECONDS = 1.8
ENDING = (signal.SIGTERM, signal.SIGINT)
LOOK_SECONDS = 1.0
TURN_SECONDS = 0.0001
"""How long one thread of the worker computes while another wants to: what waits for a mail server
goes on at its answer, instead of after five milliseconds."""
_DUTIES = "clinic.duties"
_SEAL_BATCH = 500
_MOST_SEAL_BATCHES = 20


class Work(Protocol):
    """What a duty does; it is given the present instant."""

    def __call__(self, *, now: datetime) -> object: ...


@dataclass(frozen=True, slots=True)
class Duty:
    """Work to be done every so many seconds; ``is_apart`` from the others."""

    name: str
    every_seconds: float
    work: Work
    is_apart: bool = False


def add_duty(
    app: Flask, *, name: str, every_seconds: float, work: Work, is_apart: bool = False
) -> None:
    """Let the worker do ``work(now=...)`` in an application context; a name is given once.

    What may wait for somebody outside is done apart.
    """
    duties = app.extensions.setdefault(_DUTIES, [])
    if any(duty.name == name for duty in duties):
        raise ValueError(f"there is already a duty called {name!r}")
    duties.append(Duty(name, every_seconds, work, is_apart))


def init_worker(app: Flask) -> None:
    """Give the worker the duties of the core: the sign of life, and sealing the audit trail."""
    add_duty(app, name="heartbeat", every_seconds=BEAT_SECONDS, work=_beat)
    add_duty(app, name="sealing", every_seconds=SEAL_SECONDS, work=_seal)


def _beat(*, now: datetime) -> None:
    beat(part=PART, now=now)


def _seal(*, now: datetime) -> None:  # noqa: ARG001 - sealing asks for no time
    for _ in range(_MOST_SEAL_BATCHES):
        if audit.seal_entries(limit=_SEAL_BATCH) < _SEAL_BATCH:
            return


def work(app: Flask, *, is_called_away: Callable[[], bool] | None = None) -> bool:
    """Be the worker of this process until SIGTERM or SIGINT; False then.

    Or until it is called away, in order and with nothing half done: True then.
    """
    sys.setswitchinterval(TURN_SECONDS)
    stop, away = threading.Event(), threading.Event()
    asked = stop_at_signals(stop)

    def look(*, now: datetime) -> None:  # noqa: ARG001 - a duty is told the time
        if is_called_away is not None and is_called_away():
            away.set()
            stop.set()

    if is_called_away is not None:
        add_duty(app, name="being called away", every_seconds=LOOK_SECONDS, work=look)
    run_worker(app, stop=stop)
    for number in ENDING:  # from here on nobody would look whether one had come
        signal.signal(number, signal.SIG_DFL)
    return away.is_set() and not asked.is_set()


def run_worker(app: Flask, *, stop: threading.Event) -> None:
    """Do every duty when it is due, until ``stop`` is set."""
    duties: Sequence[Duty] = app.extensions.get(_DUTIES, [])
    apart = [
        threading.Thread(target=_take_turns, args=(app, [_Turn(duty)], stop), daemon=True)
        for duty in duties
        if duty.is_apart
    ]
    log.info("worker %d started with %d duties", os.getpid(), len(duties))
    for thread in apart:
        thread.start()
    _take_turns(app, [_Turn(duty) for duty in duties if not duty.is_apart], stop)
    for thread in apart:
        thread.join()
    log.info("worker %d ended", os.getpid())


def _take_turns(app: Flask, queue: list["_Turn"], stop: threading.Event) -> None:
    while not stop.is_set():
        for turn in queue:
            if turn.due_at <= time.monotonic() and not stop.is_set():
                turn.take(app)
        soonest = min((turn.due_at for turn in queue), default=time.monotonic() + 1)
        stop.wait(max(0.0, soonest - time.monotonic()))


class _Turn:
    """A duty, when it is due next, and how often in a row it has failed."""

    def __init__(self, duty: Duty) -> None:
        self.duty = duty
        self.due_at = 0.0
        self.failures = 0

    def take(self, app: Flask) -> None:
        try:
            with app.app_context():
                self.duty.work(now=clock.now())
        except (Unavailable, DBAPIError, PoolTimeout) as error:
            self._failed(f"the database does not answer ({type(error).__name__})")
        except Exception as error:  # noqa: BLE001 - one duty's fault must not end the others
            where = "".join(traceback.format_tb(error.__traceback__)[-3:])
            self._failed(f"{type(error).__name__}\n{where}")
        else:
            if self.failures:
                log.info("duty %s works again", self.duty.name)
            self.failures = 0
        pause = self.duty.every_seconds
        if self.failures:
            backoff = min(2.0 ** (self.failures - 1) * 0.5, LONGEST_BACKOFF_SECONDS)
            pause = max(pause, backoff)
        self.due_at = time.monotonic() + pause

    def _failed(self, what: str) -> None:
        self.failures += 1
        if self.failures & (self.failures - 1) == 0:  # 1st, 2nd, 4th, 8th ... of a row
            log.warning("duty %s failed, %d in a row: %s", self.duty.name, self.failures, what)


def stop_at_signals(
    stop: threading.Event, *, leave: Callable[[], None] | None = None
) -> threading.Event:
    """Set ``stop`` at SIGTERM and SIGINT, and leave within two seconds in any case.

    Returns what tells that one of them came.

    Work that hangs on a lost database is left behind: its transaction is undone by the database,
    just as if the worker had been killed.
    """
    leave = leave or _leave
    asked = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        stop.set()
        timer = threading.Timer(ENDS_WITHIN_SECONDS, leave)
        timer.daemon = True
        timer.start()

    for number in ENDING:
        signal.signal(number, on_signal)
    return asked


def _leave() -> None:
    os._exit(0)
