"""The audit trail: written with the deed, refused changes, broken chains found."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.exc import DBAPIError

from clinic.core import audit
from clinic.core.audit import AuditEntry, AuditSeal, AuditSight, seal_entries, verify
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound, Unavailable
from clinic.core.values import SYSTEM, Actor, Role
from tests.support.databases import EngineKind
from tests.support.server import ROOT, process_environment

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
AMARA = Actor(kind="staff", name="Amara Osei", id="abc", role=Role.CLINICIAN)
SIGNED_IN = replace(AMARA, session="one-browser")


@transaction
def deed(number: int, *, fails: bool = False) -> None:
    audit.record(
        action="visit.booked",
        actor=AMARA,
        now=NOW,
        subject=f"appointment:{number}",
        details={"n": number, "word": "naïve \U0001f600"},
    )
    if fails:
        raise NotFound


def deeds(count: int) -> None:
    for number in range(count):
        deed(number)


def insist(work: Callable[[], None]) -> None:
    """Do what a visitor and the worker do who are told that it is very busy: try again."""
    while True:
        with suppress(Unavailable):
            return work()


def look_at(*subjects: str) -> None:
    audit.record_look(
        action="desk.looked", actor=SIGNED_IN, now=NOW, subject="day:1", seen=subjects
    )


def seal_all() -> None:
    while seal_entries(limit=100):
        pass


def tamper(kind: EngineKind, *statements: str) -> None:
    """Change rows as somebody who owns the database could: without its triggers."""
    db.session.rollback()
    owner = create_engine(db.engine.url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for table in ("audit_entries", "audit_sights", "audit_seals"):
            if kind == "postgresql":
                connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            else:
                connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
                for verb in ("update", "delete"):
                    connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{verb}")
        for statement in statements:
            connection.exec_driver_sql(statement)
    owner.dispose()


def fault(head: str | None = None, *, later: timedelta = timedelta()) -> str:
    return verify(now=NOW + later, expected_head=head).fault or ""


@pytest.mark.usefixtures("in_app")
class TestRecord:
    def test_needs_the_transaction_of_the_deed(self) -> None:
        with pytest.raises(RuntimeError):
            audit.record(action="a", actor=SYSTEM, now=NOW)

    def test_is_undone_with_the_deed(self) -> None:
        with pytest.raises(NotFound):
            deed(1, fails=True)
        assert db.session.scalar(select(func.count()).select_from(AuditEntry)) == 0

    def test_keeps_the_session_it_came_through(self) -> None:
        audit.record_look(action="desk.looked", actor=SIGNED_IN, now=NOW, subject="day:1")
        assert db.session.scalar(select(AuditEntry.session)) == "one-browser"

    def test_finds_a_look_at_a_list_by_everybody_on_it(self) -> None:
        look_at("patient:a", "patient:b", "patient:a")
        look_at("patient:b")
        seen = select(AuditSight.subject, AuditSight.entry_id).order_by(AuditSight.entry_id)
        assert sorted(tuple(row) for row in db.session.execute(seen)) == [
            ("patient:a", 1),
            ("patient:b", 1),
            ("patient:b", 2),
        ]


@pytest.mark.usefixtures("in_app")
class TestDatabase:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit_entries SET action = 'x'",
            "DELETE FROM audit_entries",
            "UPDATE audit_seals SET seq = seq + 10",
            "DELETE FROM audit_seals",
            "UPDATE audit_sights SET subject = 'patient:z'",
            "DELETE FROM audit_sights",
        ],
    )
    def test_refuses_to_change_the_trail(self, statement: str) -> None:
        deeds(2)
        look_at("patient:a")
        seal_all()

        @transaction
        def change() -> None:
            db.session.execute(text(statement))

        with pytest.raises(DBAPIError, match="append-only"):
            change()
        assert verify(now=NOW).fault is None

    @pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
    @pytest.mark.parametrize("table", ["audit_entries", "audit_seals", "audit_sights"])
    def test_refuses_to_truncate_it(self, table: str) -> None:
        @transaction
        def change() -> None:
            db.session.execute(text(f"TRUNCATE {table} CASCADE"))

        with pytest.raises(DBAPIError, match="append-only"):
            change()


@pytest.mark.usefixtures("in_app")
class TestVerify:
    @pytest.fixture(autouse=True)
    def trail(self, in_app: Flask) -> None:
        deeds(5)
        seal_all()

    def test_finds_nothing_wrong_with_a_whole_chain(self) -> None:
        verdict = verify(now=NOW)
        assert (verdict.entries, verdict.fault) == (5, None)
        assert verdict.head.startswith("5:")

    def test_goes_on_from_where_it_was_sealed(self) -> None:
        head = verify(now=NOW).head
        deeds(3)
        seal_all()
        assert verify(now=NOW, expected_head=head).entries == 8
        assert fault(head) == ""

    @pytest.mark.parametrize(
        "change",
        [
            "action = 'visit.cancelled'",
            "actor_name = 'Nobody'",
            "actor_role = NULL",
            "subject = 'appointment:9'",
            "details = '{\"n\":7}'",
            "session = 'another'",
        ],
    )
    def test_finds_a_changed_entry(self, engine_kind: EngineKind, change: str) -> None:
        tamper(engine_kind, f"UPDATE audit_entries SET {change} WHERE id = 3")  # noqa: S608
        assert fault() == "entry 3 (seal 3) was changed"

    def test_finds_a_changed_time(self, engine_kind: EngineKind) -> None:
        later = "at + 1" if engine_kind == "sqlite" else "at + interval '1 microsecond'"
        tamper(engine_kind, f"UPDATE audit_entries SET at = {later} WHERE id = 2")  # noqa: S608
        assert fault() == "entry 2 (seal 2) was changed"

    def test_finds_a_deleted_entry(self, engine_kind: EngineKind) -> None:
        tamper(engine_kind, "DELETE FROM audit_entries WHERE id = 3")
        assert fault() == "entry 3 (seal 3) was deleted"

    def test_finds_an_entry_deleted_with_its_seal(self, engine_kind: EngineKind) -> None:
        tamper(
            engine_kind,
            "DELETE FROM audit_seals WHERE seq = 3",
            "DELETE FROM audit_entries WHERE id = 3",
        )
        assert fault() == "seal 3 is missing"

    def test_finds_seals_closed_up_after_a_deletion(self, engine_kind: EngineKind) -> None:
        tamper(
            engine_kind,
            "DELETE FROM audit_seals WHERE seq = 3",
            "DELETE FROM audit_entries WHERE id = 3",
            "UPDATE audit_seals SET seq = 3 WHERE seq = 4",
            "UPDATE audit_seals SET seq = 4 WHERE seq = 5",
        )
        assert fault() == "entry 4 (seal 3) was changed"

    def test_finds_two_entries_in_exchanged_order(self, engine_kind: EngineKind) -> None:
        tamper(
            engine_kind,
            "UPDATE audit_seals SET entry_id = 99 WHERE seq = 2",
            "UPDATE audit_seals SET entry_id = 2 WHERE seq = 3",
            "UPDATE audit_seals SET entry_id = 3 WHERE seq = 2",
        )
        assert fault() == "entry 3 (seal 2) was changed"

    def test_finds_an_entry_put_in_without_a_seal(self, engine_kind: EngineKind) -> None:
        tamper(
            engine_kind,
            "INSERT INTO audit_entries (id, at, actor_kind, actor_name, action, details)"
            " SELECT 77, at, actor_kind, actor_name, action, details FROM audit_entries"
            " WHERE id = 1",
        )
        assert fault(later=timedelta(minutes=2)) == "entry 77 is unsealed for over a minute"

    def test_finds_an_entry_put_in_with_a_made_up_seal(self, engine_kind: EngineKind) -> None:
        tamper(
            engine_kind,
            "INSERT INTO audit_entries (id, at, actor_kind, actor_name, action, details)"
            " SELECT 77, at, actor_kind, actor_name, action, details FROM audit_entries"
            " WHERE id = 1",
            "INSERT INTO audit_seals (seq, entry_id, key_name, hash)"
            " SELECT 6, 77, key_name, hash FROM audit_seals WHERE seq = 1",
        )
        assert fault() == "entry 77 (seal 6) was changed"

    def test_finds_a_cut_off_end_against_a_head_kept_elsewhere(
        self, engine_kind: EngineKind
    ) -> None:
        head = verify(now=NOW).head
        tamper(
            engine_kind,
            "DELETE FROM audit_seals WHERE seq > 3",
            "DELETE FROM audit_entries WHERE id > 3",
        )
        assert fault() == ""
        assert fault(head) == f"the head {head} is not in the chain"

    @pytest.mark.parametrize(
        ("change", "says"),
        [
            ("DELETE FROM audit_sights WHERE subject = 'patient:a'", "changed"),
            ("DELETE FROM audit_sights", "missing"),
            (
                "UPDATE audit_sights SET subject = 'patient:z' WHERE subject = 'patient:a'",
                "changed",
            ),
            ("INSERT INTO audit_sights (subject, entry_id) VALUES ('patient:z', 6)", "changed"),
            ("INSERT INTO audit_sights (subject, entry_id) VALUES ('patient:z', 2)", "changed"),
        ],
    )
    def test_finds_a_changed_sight(self, engine_kind: EngineKind, change: str, says: str) -> None:
        look_at("patient:a", "patient:b")
        seal_all()
        assert fault() == ""
        tamper(engine_kind, change)
        assert says in fault()

    def test_finds_a_changed_session(self, engine_kind: EngineKind) -> None:
        look_at()
        seal_all()
        tamper(engine_kind, "UPDATE audit_entries SET session = 'another' WHERE id = 6")
        assert fault() == "entry 6 (seal 6) was changed"

    def test_grants_a_minute_for_sealing(self) -> None:
        deed(9)
        assert fault(later=timedelta(seconds=60)) == ""
        assert fault(later=timedelta(seconds=61)) == "entry 6 is unsealed for over a minute"

    def test_needs_the_key_that_sealed(self, engine_kind: EngineKind) -> None:
        tamper(engine_kind, "UPDATE audit_seals SET key_name = 'gone' WHERE seq = 4")
        assert fault() == "seal 4: the key 'gone' is not in CLINIC_KEYS"


CROWD = """
import os, time, traceback
from clinic import create_app
from tests.integration.core.test_audit import deed, insist, seal_all

heard, held = os.pipe()
os.set_blocking(heard, False)

def born(work):
    if pid := os.fork():
        return pid
    status = 1
    try:
        with create_app().app_context():
            work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(status)

def write():
    for number in range(200):
        insist(lambda: deed(number))

def somebody_writes():
    try:
        return os.read(heard, 1) != b""
    except BlockingIOError:
        return True

def seal():
    os.close(held)
    while somebody_writes():
        insist(seal_all)
        time.sleep(0.02)

crowd = [born(work) for work in [write] * 8 + [seal] * 2]
os.close(held)
ends = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in crowd]
raise SystemExit(ends != [0] * 10)
"""


class TestSealing:
    def test_seals_nothing_twice(self, in_app: Flask) -> None:
        deeds(3)
        assert seal_entries() == 3
        assert seal_entries() == 0
        assert db.session.scalar(select(func.count()).select_from(AuditSeal)) == 3

    def test_makes_one_chain_of_what_eight_processes_write(
        self, app: Flask, settings: dict[str, str]
    ) -> None:
        environ = {**process_environment(settings), "PYTHONPATH": str(ROOT)}
        subprocess.run(
            [sys.executable, "-c", CROWD], cwd=ROOT, env=environ, check=True, timeout=300
        )
        with app.app_context():
            seal_all()
            verdict = verify(now=NOW + timedelta(days=1))
        assert (verdict.fault, verdict.entries) == (None, 1600)

    def test_is_read_by_every_process_with_the_key(
        self, in_app: Flask, make_app: Callable[..., Flask]
    ) -> None:
        deeds(2)
        seal_all()
        with make_app().app_context():
            assert verify(now=NOW).entries == 2
