"""Operations as transactions, on both engines."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from clinic.core.db import (
    after_commit,
    db,
    housekeeping,
    in_transaction,
    insert_later,
    insert_now,
    recording,
    transaction,
    update_later,
)
from clinic.core.errors import Busy, NotFound, Unavailable
from clinic.core.heartbeat import Heartbeat, beat
from clinic.core.locks import file_lock
from clinic.core.schema import violates
from clinic.people.models import Patient, PatientSuggestion, Staff
from tests.support.databases import EngineKind
from tests.support.timing import assert_takes, taken

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ADD = insert(Heartbeat.__table__).inline()  # type: ignore[arg-type]


@transaction
def add(part: str, *, then: Callable[[], object] = lambda: None) -> str:
    db.session.add(Heartbeat(part=part, beat_at=NOW))
    db.session.flush()
    then()
    return part


def parts() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Heartbeat.part).order_by(Heartbeat.part)))


def refuse() -> None:
    raise NotFound


@pytest.mark.usefixtures("in_app")
class TestTransaction:
    def test_commits_when_it_returns(self) -> None:
        assert add("a") == "a"
        assert parts() == ["a"]

    def test_undoes_everything_when_it_refuses(self) -> None:
        with pytest.raises(NotFound):
            add("a", then=refuse)
        assert parts() == []
        assert not in_transaction()

    def test_refuses_to_be_nested(self) -> None:
        with pytest.raises(RuntimeError, match="inside another"):
            add("a", then=lambda: add("b"))
        assert parts() == []

    def test_lets_rows_be_written_nowhere_else(self) -> None:
        db.session.add(Heartbeat(part="a", beat_at=NOW))
        with pytest.raises(RuntimeError, match="inside an operation"):
            db.session.flush()
        db.session.rollback()

    def test_does_not_remember_what_was_read_before(self) -> None:
        add("a")
        db.session.scalars(select(Heartbeat)).all()
        add("b")  # on SQLite this would fail "locked" from within the reader's transaction
        assert parts() == ["a", "b"]

    def test_sees_what_others_wrote_since_the_one_before(self) -> None:
        kept, moments = [], []

        @transaction
        def look() -> None:
            kept.append(db.session.scalars(select(Heartbeat)).one())
            moments.append(kept[-1].beat_at)

        add("a")
        look()
        elsewhere = create_engine(db.engine.url)
        with elsewhere.begin() as connection:
            connection.execute(update(Heartbeat).values(beat_at=NOW + HOUR))
        elsewhere.dispose()
        look()
        assert moments == [NOW, NOW + HOUR]


@pytest.mark.usefixtures("in_app")
class TestInsertLater:
    def test_writes_before_the_end_of_the_transaction(self) -> None:
        @transaction
        def write() -> list[str]:
            insert_later(ADD, {"part": "later", "beat_at": NOW})
            return list(db.session.scalars(select(Heartbeat.part)))

        assert write() == []
        assert parts() == ["later"]

    def test_undoes_it_when_the_operation_refuses(self) -> None:
        def write_and_refuse() -> None:
            insert_later(ADD, {"part": "later", "beat_at": NOW})
            refuse()

        with pytest.raises(NotFound):
            add("a", then=write_and_refuse)
        assert parts() == []

    def test_writes_at_once_for_who_reads_it(self) -> None:
        @transaction
        def write() -> list[str]:
            insert_later(ADD, {"part": "later", "beat_at": NOW})
            insert_now()
            return list(db.session.scalars(select(Heartbeat.part)))

        assert write() == ["later"]
        assert parts() == ["later"]

    def test_needs_a_transaction(self) -> None:
        with pytest.raises(RuntimeError):
            insert_later(ADD, {"part": "later", "beat_at": NOW})
        with pytest.raises(RuntimeError):
            insert_now()


@pytest.mark.usefixtures("in_app")
class TestUpdateLater:
    def test_changes_the_row_with_what_is_inserted_at_the_end(self) -> None:
        change = update(Heartbeat.__table__).where(Heartbeat.part == "a")  # type: ignore[arg-type]

        @transaction
        def write() -> datetime | None:
            update_later(change, {"beat_at": NOW + HOUR})
            return db.session.scalar(select(Heartbeat.beat_at))

        with pytest.raises(RuntimeError):
            update_later(change, {"beat_at": NOW})
        add("a")
        assert write() == NOW
        db.session.rollback()
        assert db.session.scalar(select(Heartbeat.beat_at)) == NOW + HOUR


@pytest.mark.usefixtures("in_app")
class TestAfterCommit:
    def test_runs_once_the_rows_are_there(self) -> None:
        seen: list[list[str]] = []
        add("a", then=lambda: after_commit(lambda: seen.append(parts())))
        assert seen == [["a"]]

    def test_never_runs_when_all_is_undone(self) -> None:
        seen: list[int] = []

        def fail() -> None:
            after_commit(lambda: seen.append(1))
            refuse()

        with pytest.raises(NotFound):
            add("a", then=fail)
        assert seen == []

    def test_needs_a_transaction(self) -> None:
        with pytest.raises(RuntimeError):
            after_commit(lambda: None)


@pytest.mark.usefixtures("in_app")
class TestRecording:
    def test_writes_in_the_same_transaction(self) -> None:
        def record(result: str) -> None:
            db.session.add(Heartbeat(part=f"record of {result}", beat_at=NOW))

        with recording(record):
            add("a")
        assert parts() == ["a", "record of a"]

    def test_undoes_the_use_case_when_it_fails(self) -> None:
        with pytest.raises(NotFound), recording(lambda _result: refuse()):
            add("a")
        assert parts() == []

    def test_is_not_told_of_housekeeping(self) -> None:
        seen: list[object] = []
        with recording(seen.append):
            beat(part="x", now=NOW)
        assert seen == []

    def test_ends_with_its_block(self) -> None:
        seen: list[object] = []
        with recording(seen.append):
            add("a")
        add("b")
        assert seen == ["a"]


@transaction
def touch(first: str, second: str, meet: Callable[[], object]) -> None:
    for part in (first, second):
        db.session.execute(update(Heartbeat).where(Heartbeat.part == part).values(beat_at=NOW))
        meet()


class TestRetries:
    @pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
    def test_gets_both_through_a_deadlock(self, app: Flask) -> None:
        """Two operations that take two rows in opposite orders: the server kills one of them."""
        start, barrier = threading.Barrier(2), threading.Barrier(2)
        tries: list[str] = []

        def run(first: str, second: str) -> None:
            def meet() -> None:
                tries.append(first)
                if tries.count(first) == 1:  # each holds its first row: now they take the other's
                    barrier.wait(timeout=60)

            with app.app_context():
                db.session.connection()  # what counts is how long they wait for each other
                start.wait(timeout=60)
                touch(first, second, meet)

        with app.app_context():
            add("a")
            add("b")
        threads = [threading.Thread(target=run, args=pair) for pair in (("a", "b"), ("b", "a"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert not any(thread.is_alive() for thread in threads)
        assert len(tries) > 4, "there was no deadlock to come through"

    @pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
    def test_ends_as_busy_when_a_row_is_held(self, in_app: Flask) -> None:
        def refused() -> None:
            with pytest.raises(Busy):
                touch("a", "a", lambda: None)

        add("a")
        other = create_engine(in_app.config["SQLALCHEMY_DATABASE_URI"])
        with other.begin() as holding:
            holding.execute(text("UPDATE heartbeats SET part = part"))
            assert_takes(lambda: taken(refused), less_than=4)
        other.dispose()

    @pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
    def test_ends_as_busy_when_the_queue_does_not_move(self, in_app: Flask) -> None:
        queue = Path(f"{db.engine.url.database}.queue")

        def refused() -> None:
            with file_lock(queue, wait_seconds=0), pytest.raises(Busy):
                add("a")

        assert_takes(lambda: taken(refused), less_than=3)
        assert parts() == []

    @pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
    def test_ends_as_busy_when_a_foreign_program_holds_the_file(self, in_app: Flask) -> None:
        other = create_engine(in_app.config["SQLALCHEMY_DATABASE_URI"])
        with other.connect() as holding:
            holding.connection.driver_connection.execute("BEGIN IMMEDIATE")  # type: ignore[union-attr]
            with pytest.raises(Busy):
                add("a")
        other.dispose()

    @pytest.mark.parametrize("engine_kind", ["postgresql"], indirect=True)
    def test_ends_as_unavailable_when_the_connection_is_lost(self, in_app: Flask) -> None:
        def lose() -> None:
            db.session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        with pytest.raises(Unavailable):
            add("a", then=lose)
        add("b")
        assert parts() == ["b"]

    @pytest.mark.usefixtures("unhurried")
    def test_loses_no_writer_in_a_crowd(self, app: Flask) -> None:
        faults: list[Exception] = []

        def write(number: int) -> None:
            try:
                with app.app_context():
                    for turn in range(5):
                        add(f"{number}.{turn}")
            except Exception as error:  # noqa: BLE001 - told at the end
                faults.append(error)

        threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        with app.app_context():
            assert db.session.scalar(select(func.count()).select_from(Heartbeat)) == 60


@pytest.mark.usefixtures("in_app")
class TestViolates:
    def staff(self, **values: str) -> Staff:
        named = {"email": "a@example.com", "name": "A", "role": "admin", **values}
        return Staff(created_at=NOW, **named)

    def violation(self, *rows: object) -> IntegrityError:
        @housekeeping
        def write() -> None:
            for row in rows:
                db.session.add(row)
                db.session.flush()

        with pytest.raises(IntegrityError) as caught:
            write()
        return caught.value

    def test_names_a_unique_constraint(self) -> None:
        error = self.violation(self.staff(), self.staff())
        assert violates(error, "uq_staff_email")
        assert not violates(error, "uq_staff_public_id")
        assert not violates(error, "ck_staff_role")

    def test_names_a_check(self) -> None:
        error = self.violation(self.staff(role="king"))
        assert violates(error, "ck_staff_role")
        assert not violates(error, "uq_staff_email")

    def test_names_a_check_over_two_columns(self) -> None:
        person = Patient(
            given_name="A",
            family_name="B",
            given_key="a",
            family_key="b",
            birth_date=NOW.date(),
            created_at=NOW,
        )

        @housekeeping
        def add_person() -> int:
            db.session.add(person)
            db.session.flush()
            return person.id

        number = add_person()
        row = PatientSuggestion(
            patient_id=number, other_id=number, reason="contact", created_at=NOW
        )
        assert violates(self.violation(row), "ck_patient_suggestions_older_first")


class TestEngineKinds:
    def test_are_both_there(self, engine_kind: EngineKind, in_app: Flask) -> None:
        assert db.engine.dialect.name == engine_kind
