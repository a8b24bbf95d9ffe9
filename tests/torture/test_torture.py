"""Eight clients at random, kill -9 every second: no double booking, nothing acknowledged lost.

The seed is printed; ``TORTURE_SEED`` repeats its choices (not its timing), ``TORTURE_SECONDS``
sets how long each engine is tortured, ``TORTURE_SLOWEST`` how long an answer may take where the
machine is shared with something else.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from tests.support.databases import ENGINE_KINDS, EngineKind
from tests.support.server import ROOT, process_environment
from tests.torture.chaos import Chaos
from tests.torture.conftest import SECONDS, SLOWEST_SECONDS, assert_whole
from tests.torture.house import House
from tests.torture.ledger import Ledger
from tests.torture.visitor import Task

CLIENTS = 8
CHECK_SECONDS = 10.0
SEALED_WITHIN_SECONDS = 20.0
LAST_SHOWN = 4


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("TORTURE_SEED") or random.randrange(10**6))


@pytest.mark.parametrize("kind", ENGINE_KINDS)
class TestTorture:
    def test_loses_and_doubles_nothing(
        self,
        fresh_house: Callable[..., House],
        kind: EngineKind,
        seed: int,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        house = fresh_house(kind)
        house.serve()
        house.start_worker()
        house.start_worker()
        chaos = Chaos(house, seed=seed)
        ledger = torture(house, chaos, seed=seed, seconds=SECONDS)
        tell(capsys, f"{kind}, seed {seed}: {ledger.summary}; {dict(chaos.done)}")
        try:
            assert_told_truly(house, ledger)
            assert len(ledger.entries) > SECONDS * 5, "too few operations to mean anything"
            assert {"merge", "part"} <= ledger.done, "no two records were ever one"
        except AssertionError:
            last = "\n".join(json.dumps(asdict(entry)) for entry in ledger.last(LAST_SHOWN))
            tell(capsys, f"seed {seed}, the last operations:\n{last}")
            raise


def tell(capsys: pytest.CaptureFixture[str], words: str) -> None:
    """Say it also when the test passes."""
    with capsys.disabled():
        sys.stdout.write(f"\n{words}\n")


def torture(house: House, chaos: Chaos, *, seed: int, seconds: float) -> Ledger:
    """Let clients ask while ``chaos`` kills; rules are looked at all the while."""
    paths = [house.folder / f"ledger-{number}.jsonl" for number in range(CLIENTS)]
    clients = [
        start_client(
            house,
            Task(house.port, house.keys.desk, seed, number, seconds, str(path), SLOWEST_SECONDS),
        )
        for number, path in enumerate(paths)
    ]
    try:
        wait_for_clients(paths)
        chaos.start()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(min(CHECK_SECONDS, max(0.1, end - time.monotonic())))
            with suppress(OperationalError):  # PostgreSQL may be down just now
                assert_whole(house)
        chaos.stop()
        for client in clients:
            assert client.wait(timeout=90) == 0, "a client broke: see client.log"
    finally:
        for client in clients:
            client.kill()
            client.wait()
    return Ledger.read(paths)


def wait_for_clients(paths: list[Path]) -> None:
    """Until all have opened their ledgers: on a busy machine that takes a while."""
    deadline = time.monotonic() + 60
    while not all(path.exists() for path in paths):
        assert time.monotonic() < deadline, "the clients do not start"
        time.sleep(0.05)


def start_client(house: House, task: Task) -> "subprocess.Popen[bytes]":
    """A client process of its own, telling its troubles in client.log."""
    with (house.folder / "client.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.torture.receptionist", json.dumps(asdict(task))],
            cwd=ROOT,
            env=process_environment(house.settings),
            stdout=log,
            stderr=log,
        )


def assert_told_truly(house: House, ledger: Ledger) -> None:
    """Everything holds now that everybody has stopped."""
    assert not ledger.faults, "\n".join(ledger.faults[:20])
    wait_until_sealed(house)
    assert_whole(house)
    with house.looking() as connection:
        wrong = ledger.disagreements(connection)
    assert not wrong, "\n".join(wrong[:20])
    assert "whole" in house.command("audit", "verify")
    assert_no_trace(house.log)


def wait_until_sealed(house: House) -> None:
    """Return when every audit entry is in the chain; AssertionError when that takes too long."""
    deadline = time.monotonic() + SEALED_WITHIN_SECONDS
    left = -1
    while time.monotonic() < deadline:
        with house.looking() as connection:
            query = "SELECT (SELECT count(*) FROM audit_entries) - count(*) FROM audit_seals"
            left = connection.execute(text(query)).scalar_one()
        if left == 0:
            return
        time.sleep(0.3)
    raise AssertionError(f"{left} audit entries were not sealed in {SEALED_WITHIN_SECONDS} s")


def assert_no_trace(log: Path) -> None:
    """The server's log tells of no error nobody foresaw."""
    told = log.read_text(errors="replace")
    place = told.find("Traceback")
    assert place < 0, told[max(0, place - 500) : place + 3000]
