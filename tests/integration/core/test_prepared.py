"""Prepared statements do what the toolkit does with the same ones, on both engines."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import bindparam, event, insert, select, text, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from clinic.core.db import current_connection, db, transaction
from clinic.core.heartbeat import Heartbeat
from clinic.core.lists import among
from clinic.core.prepared import fetch, run
from clinic.core.schema import violates
from clinic.people.models import Patient

NOW = datetime(2026, 11, 22, 15, 0, 0, 123456, tzinfo=UTC)
BEATS = Heartbeat.__table__
ADD = insert(BEATS).inline()  # type: ignore[arg-type]
ADD_AND_TELL = insert(BEATS).returning(BEATS.c.part, BEATS.c.beat_at)  # type: ignore[arg-type]
LATER = update(BEATS).where(BEATS.c.part == bindparam("of"))  # type: ignore[arg-type]
ALL = select(BEATS.c.part, BEATS.c.beat_at).order_by(BEATS.c.part)
NAMED = select(BEATS.c.part).where(BEATS.c.part.in_(["b", "c"]), BEATS.c.part != bindparam("but"))
PATIENTS = Patient.__table__
BORN = select(PATIENTS.c.birth_date, PATIENTS.c.merged_at.is_not(None)).where(
    among(PATIENTS.c.id, "ids")
)


@transaction
def add(*parts: str) -> None:
    run(current_connection(), {ADD: [{"part": part, "beat_at": NOW} for part in parts]})


@transaction
def change(part: str, at: datetime) -> None:
    run(current_connection(), {LATER: [{"of": part, "beat_at": at}]})


@transaction
def add_and_tell(part: str) -> list[tuple[object, ...]]:
    return fetch(current_connection(), ADD_AND_TELL, {"part": part, "beat_at": NOW})


@transaction
def add_patients() -> None:
    db.session.add_all(
        Patient(
            given_name="Robin",
            family_name=f"Example{number}",
            birth_date=date(1980, 5, number),
            given_key="robin",
            family_key=f"example{number}",
            created_at=NOW,
        )
        for number in (1, 2, 3)
    )


def everything() -> list[tuple[object, ...]]:
    db.session.rollback()
    return fetch(current_connection(), ALL, {})


@pytest.mark.usefixtures("in_app")
class TestPreparedStatements:
    def test_write_and_answer_values_of_python(self) -> None:
        add("a")
        add("b", "c")
        assert add_and_tell("d") == [("d", NOW)]
        change("a", NOW.replace(year=2027))
        assert everything() == [
            ("a", NOW.replace(year=2027)),
            *((part, NOW) for part in ("b", "c", "d")),
        ]

    def test_are_run_by_the_toolkit_where_somebody_listens(self) -> None:
        heard: list[str] = []

        def hear(_one: Connection, _cursor: object, statement: str, *_more: object) -> None:
            heard.append(statement)

        event.listen(db.engine, "before_cursor_execute", hear)
        try:
            add("a", "b")
            assert add_and_tell("c") == [("c", NOW)]
            assert [part for part, _ in everything()] == ["a", "b", "c"]
        finally:
            event.remove(db.engine, "before_cursor_execute", hear)
        assert len([one for one in heard if "heartbeats" in one]) == 3

    def test_fail_as_the_toolkit_would_and_tell_no_values(self) -> None:
        add("a")
        for again in (lambda: add("a"), lambda: add("b", "a"), lambda: add_and_tell("a")):
            with pytest.raises(IntegrityError) as caught:
                again()
            assert violates(caught.value, "pk_heartbeats")
            assert "2026" not in str(caught.value)
        assert [part for part, _ in everything()] == ["a"]

    def test_refuse_what_they_are_not_given(self) -> None:
        with pytest.raises(KeyError, match="of"):
            fetch(db.session.connection(), _ASKED, {})

    def test_refuse_lists_that_expand(self) -> None:
        with pytest.raises(TypeError, match="expand"):
            fetch(db.session.connection(), NAMED, {"but": "b"})

    def test_ask_for_few_of_many_by_one_text(self) -> None:
        add_patients()
        with_all = select(PATIENTS.c.id).order_by(PATIENTS.c.id)
        first, _, third = (row[0] for row in fetch(db.session.connection(), with_all, {}))
        found = fetch(db.session.connection(), BORN, {"ids": [first, third]})
        assert sorted(found) == [(date(1980, 5, 1), False), (date(1980, 5, 3), False)]
        assert fetch(db.session.connection(), BORN, {"ids": ()}) == []


_ASKED = text("SELECT part FROM heartbeats WHERE part = :of").bindparams(bindparam("of"))
