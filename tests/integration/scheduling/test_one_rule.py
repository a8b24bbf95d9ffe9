"""The one rule, kept by the database itself: no two live claims of one resource overlap."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from clinic.core.db import db
from clinic.core.types import to_micros
from tests.integration.scheduling.a_clinic import book, load, local


@pytest.fixture(autouse=True)
def a_clinic(in_app: Flask) -> None:
    load()
    book("2026-03-03 10:00")
    db.session.rollback()


def at(start: str) -> Any:
    instant = local(start)
    return to_micros(instant) if db.engine.dialect.name == "sqlite" else instant


def insert(begins: str, ends: str, *, overbooked: bool = False) -> int:
    """Claim the same resource by plain SQL; answers how many claims it has afterwards."""
    with db.engine.connect() as connection:
        try:
            connection.execute(
                text(
                    "INSERT INTO claims"
                    " (resource_id, starts_at, ends_at, occurrence_id, overbooked)"
                    " SELECT resource_id, :begins, :ends, occurrence_id, :overbooked FROM claims"
                    " WHERE occurrence_id IS NOT NULL"
                ),
                {"begins": at(begins), "ends": at(ends), "overbooked": overbooked},
            )
            connection.commit()
        except IntegrityError:
            connection.rollback()
        found = connection.scalar(
            text("SELECT count(*) FROM claims WHERE occurrence_id IS NOT NULL")
        )
    return int(found or 0)


class TestOneRule:
    @pytest.mark.parametrize(
        ("begins", "ends"),
        [
            ("2026-03-03 10:00", "2026-03-03 11:00"),
            ("2026-03-03 10:30", "2026-03-03 11:30"),
            ("2026-03-03 09:30", "2026-03-03 10:01"),
            ("2026-03-03 10:15", "2026-03-03 10:30"),
            ("2026-03-03 09:00", "2026-03-03 12:00"),
        ],
    )
    def test_refuses_an_overlap_by_plain_sql(self, begins: str, ends: str) -> None:
        assert insert(begins, ends) == 1

    @pytest.mark.parametrize(
        ("begins", "ends"),
        [
            ("2026-03-03 09:00", "2026-03-03 10:00"),
            ("2026-03-03 11:00", "2026-03-03 12:00"),
        ],
    )
    def test_lets_neighbours_touch(self, begins: str, ends: str) -> None:
        assert insert(begins, ends) == 2

    def test_lets_a_marked_overbooking_stand(self) -> None:
        assert insert("2026-03-03 10:30", "2026-03-03 11:30", overbooked=True) == 2

    def test_refuses_to_move_a_claim_onto_another(self) -> None:
        assert insert("2026-03-03 12:00", "2026-03-03 13:00") == 2
        with db.engine.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(
                text("UPDATE claims SET starts_at = :begins WHERE starts_at = :old"),
                {"begins": at("2026-03-03 10:30"), "old": at("2026-03-03 12:00")},
            )

    @pytest.mark.parametrize("verb", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
    @pytest.mark.parametrize("table", ["audit_entries", "appointment_changes"])
    def test_keeps_the_story_append_only(self, table: str, verb: str) -> None:
        refused = (IntegrityError, OperationalError, ProgrammingError)
        with db.engine.connect() as connection, pytest.raises(refused, match="is append-only"):
            connection.execute(text(verb.format(table)))
