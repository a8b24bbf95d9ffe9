"""What breaks beside us: locks that are held, a database that is away, a disk that is full."""

import fcntl
import os
import random
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import DBAPIError

from tests.support.apps import environment
from tests.support.databases import ENGINE_KINDS, Databases, EngineKind
from tests.support.schema import schema_of
from tests.support.server import BIN, process_environment, run_command, running_process
from tests.torture.asking import Answer, Ask, Lost, ask, at_once
from tests.torture.conftest import SLOWEST_SECONDS, assert_whole
from tests.torture.house import House
from tests.torture.test_torture import wait_until_sealed
from tests.torture.the_clinic import booking

LOCKED_SECONDS = 30.0
RECOVERED_WITHIN_SECONDS = 10.0
KILLED_MIGRATIONS = 5
HOUR = timedelta(hours=1)
Someone = Callable[[], int]


def book(day: datetime, hour: int, who: int, key: str | None = None) -> Ask:
    body = booking("evaluation", day + hour * HOUR, who=who)
    return Ask(path="/appointments", body=body, key=key)


def slots(day: datetime) -> Ask:
    return Ask(path=f"/slots?service=evaluation&from={day.date()}&to={day.date()}", method="GET")


def page(path: str) -> Ask:
    return Ask(path=path, method="GET", page=True)


def assert_come_again(answer: Answer) -> None:
    """503 in good time, with the time to come again and words that fit."""
    assert answer.status == 503, answer
    assert answer.seconds <= SLOWEST_SECONDS, answer
    assert int(answer.headers["retry-after"]) >= 1
    wanted = "application/problem+json" if isinstance(answer.body, dict) else "text/html"
    assert answer.headers["content-type"].startswith(wanted)
    assert "Traceback" not in str(answer.body)


def answers_again(house: House, wanted: Ask, *, status: int) -> float:
    """Seconds until the answer is as usual; AssertionError when that takes too long."""
    started = time.monotonic()
    last: Answer | Lost | None = None
    while time.monotonic() - started < RECOVERED_WITHIN_SECONDS:
        try:
            last = ask(house.port, wanted)
        except Lost as lost:
            last = lost
        else:
            if last.status == status:
                return time.monotonic() - started
        time.sleep(0.1)
    raise AssertionError(f"after {RECOVERED_WITHIN_SECONDS} s still {last}")


@contextmanager
def table_lock(house: House) -> Iterator[None]:
    """Another session of PostgreSQL keeps everybody from writing claims."""
    engine = create_engine(house.database_url)
    with engine.connect() as connection:
        connection.execute(text("LOCK TABLE claims IN SHARE ROW EXCLUSIVE MODE"))
        yield
    engine.dispose()


@contextmanager
def write_lock(house: House) -> Iterator[None]:
    """Another program holds SQLite's one write lock."""
    connection = sqlite3.connect(sqlite_path(house), isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()


@contextmanager
def queue_lock(house: House) -> Iterator[None]:
    """Somebody stands at the head of our own queue of writers and does not go on."""
    handle = os.open(f"{sqlite_path(house)}.queue", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sqlite_path(house: House) -> str:
    return house.database_url.removeprefix("sqlite:///")


class TestHeldLock:
    @pytest.mark.parametrize(
        ("kind", "lock"),
        [("postgresql", table_lock), ("sqlite", write_lock), ("sqlite", queue_lock)],
    )
    def test_turns_writers_away_in_time_and_lets_readers_read(
        self,
        fresh_house: Callable[..., House],
        kind: EngineKind,
        lock: Callable[[House], "ExitStack[None]"],
        day: datetime,
        someone: Someone,
    ) -> None:
        house = fresh_house(kind)
        house.serve()
        first = [book(day, hour, someone()) for hour in (3, 5, 7)]
        assert {answer.status for answer in at_once(house.port, first)} == {201}
        waiting = [book(day, hour, someone(), f"k{hour}") for hour in range(4)]
        with lock(house):
            end = time.monotonic() + LOCKED_SECONDS
            while time.monotonic() < end:
                together = at_once(house.port, [*waiting, slots(day), slots(day), page("/")])
                for answer in together[: len(waiting)]:
                    assert_come_again(answer)
                for answer in together[len(waiting) :]:
                    assert answer.status == 200
                    assert answer.seconds <= SLOWEST_SECONDS
        done = at_once(house.port, waiting)
        assert {answer.status for answer in done} == {201}
        assert_whole(house)


class TestLostDatabase:
    def test_is_answered_in_time_and_found_again(
        self, fresh_house: Callable[..., House], day: datetime, someone: Someone
    ) -> None:
        house = fresh_house("postgresql")
        house.stop_database()
        try:
            house.serve()  # it starts without
            asks = [book(day, 3, someone(), "k"), slots(day), page("/"), page("/readyz")]
            for answer in at_once(house.port, [*asks, *asks]):
                if answer.status != 200 or "not ready" in str(answer.body):
                    assert_come_again_or_not_ready(answer)
            assert ask(house.port, page("/healthz")).status == 200
        finally:
            house.start_database()
        answers_again(house, slots(day), status=200)
        for round_number in range(2):
            self._lost_while_running(house, day, someone(), f"round-{round_number}")
        assert_whole(house)
        assert "Traceback" not in house.log.read_text(errors="replace")

    def _lost_while_running(self, house: House, day: datetime, who: int, key: str) -> None:
        wanted = book(day, 6 + who % 12, who, key)
        house.stop_database()
        try:
            for _ in range(3):
                for answer in at_once(house.port, [wanted, slots(day), wanted, slots(day)]):
                    assert_come_again(answer)
        finally:
            house.start_database()
        answers_again(house, wanted, status=201)
        many = at_once(house.port, [wanted] * 8)
        assert {answer.status for answer in many} == {201}
        assert len({answer.body["id"] for answer in many}) == 1

    def test_does_not_end_the_worker(
        self, fresh_house: Callable[..., House], day: datetime, someone: Someone
    ) -> None:
        house = fresh_house("postgresql")
        house.serve()
        house.start_worker()
        assert ask(house.port, book(day, 3, someone())).status == 201
        wait_until_sealed(house)
        house.stop_database()
        time.sleep(3)
        house.start_database()
        answers_again(house, book(day, 6, someone()), status=201)
        wait_until_sealed(house)
        assert house.workers[0].poll() is None


def assert_come_again_or_not_ready(answer: Answer) -> None:
    if isinstance(answer.body, dict) and answer.body.get("status") == "not ready":
        assert answer.status == 503
        assert answer.seconds <= SLOWEST_SECONDS
    else:
        assert_come_again(answer)


class TestFullDisk:
    def test_refuses_cleanly_and_keeps_what_was_there(
        self, fresh_house: Callable[..., House], day: datetime, someone: Someone
    ) -> None:
        house = fresh_house("sqlite")
        house.serve()
        before = [ask(house.port, book(day, hour, someone())) for hour in (2, 4, 6)]
        assert {answer.status for answer in before} == {201}
        with full_disk(house):
            tried = [
                ask(house.port, book(day + timedelta(days=1), n, someone())) for n in range(24)
            ]
            refused = [answer for answer in tried if answer.status != 201]
            assert len(refused) >= 10
            for answer in refused:
                assert answer.status in {503, 507}, answer
                assert answer.seconds <= SLOWEST_SECONDS
            assert ask(house.port, slots(day)).status == 200
        answers_again(house, book(day, 8, someone()), status=201)
        with house.looking() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
            kept = connection.execute(text("SELECT count(*) FROM appointments")).scalar_one()
        assert kept == 3 + len(tried) - len(refused) + 1
        assert_whole(house)


@contextmanager
def full_disk(house: House) -> Iterator[None]:
    """No file of the server processes may grow: what a full disk does to them, for anybody."""
    size = max(
        path.stat().st_size
        for path in Path(sqlite_path(house)).parent.glob("*.sqlite3*")
        if path.is_file()
    )
    pids = [house.master.pid, *house.serving_pids] if house.master else []
    for pid in pids:
        limit_files(pid, size + 64 * 1024)
    try:
        yield
    finally:
        for pid in pids:
            limit_files(pid, resource.RLIM_INFINITY)


def limit_files(pid: int, size: int) -> None:
    psutil.Process(pid).rlimit(psutil.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.parametrize("kind", ENGINE_KINDS)
class TestKilledMigration:
    def test_is_completed_by_running_it_again(
        self, databases: Databases, kind: EngineKind, tmp_path: Path
    ) -> None:
        whole = schema(databases.fresh(kind))
        halfway = 0
        for number in range(KILLED_MIGRATIONS):
            url = databases.empty(kind)
            settings = environment(database_url=url, data_dir=tmp_path / "data")
            kill_halfway(settings, tmp_path, after=number)
            halfway += 0 < len(schema(url)) < len(whole)
            done = run_command(settings, "db", "upgrade")
            assert done.returncode == 0, done.stderr
            assert schema(url) == whole
            databases.drop(url)
        assert halfway >= KILLED_MIGRATIONS // 2, "too few were killed halfway to mean anything"


def kill_halfway(settings: dict[str, str], folder: Path, *, after: int) -> None:
    """Kill ``flask db upgrade`` in the migration that follows the first few."""
    command = [str(BIN / "flask"), "--app", "wsgi", "db", "upgrade"]
    environ = process_environment(settings)
    with running_process(command, environ=environ, log=folder / "upgrade.log") as upgrade:
        while upgrade.poll() is None and revision(settings["DATABASE_URL"]) < after:
            time.sleep(0.001)
        time.sleep(random.uniform(0, 0.02))
        upgrade.send_signal(signal.SIGKILL)
        upgrade.wait()


def revision(url: str) -> int:
    """How many migrations are done; -1 before the first."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            query = text("SELECT version_num FROM alembic_version")
            return int(str(connection.execute(query).scalar() or "0").partition("_")[0])
    except DBAPIError:
        return -1
    finally:
        engine.dispose()


def schema(url: str) -> dict[str, object]:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return dict(schema_of(connection))
    finally:
        engine.dispose()


@pytest.mark.parametrize("kind", ENGINE_KINDS)
class TestKilledWorker:
    def test_leaves_one_unbroken_chain(
        self, fresh_house: Callable[..., House], kind: EngineKind, day: datetime, someone: Someone
    ) -> None:
        house = fresh_house(kind)
        house.serve()
        for _ in range(3):
            house.start_worker()
        for hour in range(0, 24, 2):
            asks = [book(day + timedelta(days=n), hour, someone()) for n in range(4)]
            assert {answer.status for answer in at_once(house.port, asks)} == {201}
            house.workers[0].kill()
            house.replace_worker()
        wait_until_sealed(house)
        assert "whole" in house.command("audit", "verify")
        assert_whole(house)
