"""Rows whose numbers are known beforehand are there for whoever asks, on both engines."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.engine import Connection

from clinic.core.db import ask, current_connection, db, insert_now, transaction
from clinic.core.rows import reserve_numbers, store
from clinic.people.models import Patient, PatientSearchKey
from clinic.scheduling.models import Appointment, Occurrence, Resource

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
COUNT = select(func.count()).select_from(Patient.__table__)


def add(family_name: str = "Example") -> Patient:
    patient = Patient(
        given_name="Robin",
        family_name=family_name,
        birth_date=date(1980, 5, 17),
        given_key="robin",
        family_key="example",
        created_at=NOW,
    )
    store(patient)
    return patient


def by_the_session(patient: Patient) -> int:
    return len(db.session.scalars(select(Patient).where(Patient.id == patient.id)).all())


def by_its_number(patient: Patient) -> int:
    return len([db.session.get_one(Patient, patient.id)])


def past_the_session(_patient: Patient) -> int:
    return int(ask((COUNT, {}))[0][0][0])


def by_a_connection(_patient: Patient) -> int:
    return current_connection().scalar(COUNT) or 0


def by_a_row_that_refers_to_it(patient: Patient) -> int:
    db.session.add(PatientSearchKey(key="exa", patient_id=patient.id))
    db.session.flush()
    return past_the_session(patient)


def after_what_was_to_be_written_later(patient: Patient) -> int:
    insert_now()
    return past_the_session(patient)


@pytest.mark.usefixtures("in_app")
class TestRowsAhead:
    @pytest.mark.parametrize(
        "look",
        [
            by_the_session,
            by_its_number,
            past_the_session,
            by_a_connection,
            by_a_row_that_refers_to_it,
            after_what_was_to_be_written_later,
        ],
    )
    def test_are_there_when_anybody_looks(self, look: Callable[[Patient], int]) -> None:
        @transaction
        def book() -> int:
            reserve_numbers(Patient)
            ask((COUNT, {}))
            return look(add())

        assert book() == 1

    def test_are_there_at_the_end_where_nobody_looked(self) -> None:
        @transaction
        def book() -> list[int]:
            reserve_numbers(Patient, Patient)
            ask((COUNT, {}))
            return [add(name).id for name in ("First", "Second", "Third")]

        made = book()
        found: Any = db.session.execute(select(Patient.family_name, Patient.id)).all()
        assert dict(found) == dict(zip(("First", "Second", "Third"), made, strict=True))

    def test_go_with_what_is_undone(self) -> None:
        @transaction
        def book() -> None:
            reserve_numbers(Patient)
            ask((COUNT, {}))
            add()
            raise LookupError

        for _ in range(2):
            with pytest.raises(LookupError):
                book()
        assert db.session.scalar(COUNT) == 0

    def test_have_numbers_of_their_own_tables(self) -> None:
        @transaction
        def book() -> int:
            reserve_numbers(Patient, Resource, Occurrence, Appointment)
            return past_the_session(add())

        assert book() == 1

    def test_are_asked_for_inside_an_operation_only(self) -> None:
        with pytest.raises(RuntimeError, match="transaction"):
            reserve_numbers(Patient)

    def test_go_out_in_their_turn_where_somebody_listens(self) -> None:
        heard: list[str] = []

        def hear(_one: Connection, _cursor: object, statement: str, *_more: object) -> None:
            heard.append(statement.split(" (", maxsplit=1)[0])

        @transaction
        def book() -> list[str]:
            reserve_numbers(Patient)
            ask((COUNT, {}))
            patient = add()
            before = list(heard)
            by_its_number(patient)
            return before

        event.listen(db.engine, "before_cursor_execute", hear)
        try:
            before = book()
        finally:
            event.remove(db.engine, "before_cursor_execute", hear)
        added = "INSERT INTO patients"
        assert added in heard
        assert (added in before) == (db.engine.dialect.name == "sqlite")
