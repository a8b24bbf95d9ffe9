"""Named locks: one holder, waiting in time, freed by death."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from flask import Flask

from clinic.core.db import db
from clinic.core.locks import LockTaken, named_lock
from tests.support.server import ROOT, process_environment

HOLDER = """
import time
from clinic import create_app
from clinic.core.db import db
from clinic.core.locks import named_lock
with create_app().app_context(), named_lock(db.engine, "door"):
    print("held", flush=True)
    time.sleep(60)
"""


class TestNamedLock:
    def test_has_one_holder(self, in_app: Flask) -> None:
        with named_lock(db.engine, "door"):
            with pytest.raises(LockTaken), named_lock(db.engine, "door"):
                pass
            with named_lock(db.engine, "window"):
                pass
        with named_lock(db.engine, "door"):
            pass

    def test_is_let_go_when_the_work_fails(self, in_app: Flask) -> None:
        with pytest.raises(ZeroDivisionError), named_lock(db.engine, "door"):
            _ = 1 / 0
        with named_lock(db.engine, "door"):
            pass

    def test_waits_for_the_holder(self, app: Flask) -> None:
        held, order = threading.Event(), []

        def hold() -> None:
            with app.app_context(), named_lock(db.engine, "door"):
                held.set()
                time.sleep(0.3)
                order.append("first")

        thread = threading.Thread(target=hold)
        thread.start()
        assert held.wait(60)
        with app.app_context(), named_lock(db.engine, "door", wait_seconds=60):
            order.append("second")
        thread.join()
        assert order == ["first", "second"]

    def test_is_freed_when_its_holder_is_killed(
        self, in_app: Flask, settings: dict[str, str]
    ) -> None:
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLDER],
            cwd=ROOT,
            env={**process_environment(settings), "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
        )
        assert holder.stdout is not None
        with holder.stdout as told:
            assert told.readline() == b"held\n"
            with pytest.raises(LockTaken), named_lock(db.engine, "door"):
                pass
            os.kill(holder.pid, signal.SIGKILL)
            holder.wait()
        with named_lock(db.engine, "door", wait_seconds=60):
            pass
