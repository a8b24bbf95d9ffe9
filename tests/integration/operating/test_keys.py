"""`keys rotate`: after it no row needs the old key, whatever interrupts it."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core import rotation
from clinic.core.crypto import EncryptedText, keyring
from clinic.core.db import db, transaction
from clinic.core.schema import Base
from clinic.scheduling.models import Appointment, AppointmentChange
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.rules.status import Action
from clinic.web.models import IdempotentAnswer
from tests.integration.security.planted import plant
from tests.support.apps import TEST_KEYS
from tests.support.page_clinic import KIM, NOW, book, load

NEW_KEY = "new:" + "IB8eHRwbGhkYFxYVFBMSERAPDg0MCwoJCAcGBQQDAgE"
BOTH = f"{NEW_KEY},{TEST_KEYS}"


@transaction
def keep_answers(count: int) -> None:
    for number in range(count):
        row = IdempotentAnswer(
            slot=str(number), request_hash="x", status=201, body=f"answer {number}", expires_at=NOW
        )
        db.session.add(row)


@pytest.fixture
def lived_in(app: Flask) -> Flask:
    """Some rows of several tables, sealed with the old key."""
    with app.app_context():
        load()
        visit = book("2026-03-03 20:00", reason="a good reason")  # after hours
        take_step(
            public_id=visit.public_id,
            action=Action.CANCEL,
            actor=KIM,
            now=NOW,
            reason="called, has a cold",
        )
        keep_answers(250)
    return app


@pytest.fixture
def rotating(lived_in: Flask, make_app: Callable[..., Flask]) -> Flask:
    """The clinic restarted with a new key in front of the old one."""
    return make_app(CLINIC_KEYS=BOTH)


def bodies() -> list[str | None]:
    found = db.session.scalars(select(IdempotentAnswer).order_by(IdempotentAnswer.id))
    return [row.body for row in found]


def list_opened(column: rotation.SealedColumn) -> list[str]:
    """The texts of a column, opened with the keys that this app has; CannotOpen."""
    name, table = column.name, column.table
    rows = db.session.execute(
        select(table.c.public_id, table.c[name])
        .where(table.c[name].is_not(None))
        .order_by(table.c.public_id)
    )
    return [
        keyring().open(sealed, bound_to=f"{table.name}|{name}|{public_id}")
        for public_id, sealed in rows
    ]


class TestRotate:
    def test_leaves_no_row_on_the_old_key(
        self, rotating: Flask, make_app: Callable[..., Flask]
    ) -> None:
        done = rotating.test_cli_runner().invoke(args=["keys", "rotate"])
        assert done.exit_code == 0, done.output
        assert "idempotent_answers.body_sealed: 200 rows sealed anew" in done.output
        assert "rows on old key = 0" in done.output
        with make_app(CLINIC_KEYS=NEW_KEY).app_context():
            assert bodies() == [f"answer {number}" for number in range(250)]
            assert db.session.scalars(select(Appointment)).one().override_reason == "a good reason"

    def test_reaches_every_protected_field(
        self, lived_in: Flask, set_clock: Callable[[datetime], None], make_app: Callable[..., Flask]
    ) -> None:
        set_clock(NOW)
        plant(lived_in)
        make_app(CLINIC_KEYS=BOTH).test_cli_runner().invoke(args=["keys", "rotate"])
        with make_app(CLINIC_KEYS=NEW_KEY).app_context():
            for column in rotation.list_sealed_columns():
                texts = list_opened(column) if not column.is_fixed else ["left as it was"]
                assert texts, column.label
                assert all(texts), column.label

    def test_says_what_stays_as_it_was_written(self, rotating: Flask) -> None:
        said = rotating.test_cli_runner().invoke(args=["keys", "rotate"]).output
        assert "appointment_changes.reason_sealed: 1 rows of an append-only table" in said
        with rotating.app_context():
            changes = db.session.scalars(select(AppointmentChange))
            assert [one.reason for one in changes if one.reason] == ["called, has a cold"]

    def test_goes_on_where_it_was_stopped(self, rotating: Flask) -> None:
        with rotating.app_context():
            (answers,) = (
                one for one in rotation.list_sealed_columns() if "idempotent" in one.label
            )
            next(rotation.rotate(answers))  # a batch, and then the machine goes down
            assert rotation.count_old(answers) == 50
            assert [step.done for step in rotation.rotate(answers)] == [50]
            assert rotation.count_old(answers) == 0

    def test_changes_nothing_the_second_time(self, rotating: Flask) -> None:
        runner = rotating.test_cli_runner()
        runner.invoke(args=["keys", "rotate"])
        with rotating.app_context():
            before = list(db.session.scalars(select(IdempotentAnswer.body_sealed)))
        assert "sealed anew" not in runner.invoke(args=["keys", "rotate"]).output
        with rotating.app_context():
            assert list(db.session.scalars(select(IdempotentAnswer.body_sealed))) == before

    def test_leaves_what_no_key_opens_and_says_so(
        self, lived_in: Flask, make_app: Callable[..., Flask]
    ) -> None:
        done = make_app(CLINIC_KEYS=NEW_KEY).test_cli_runner().invoke(args=["keys", "rotate"])
        assert done.exit_code == 1
        assert "open with no key of CLINIC_KEYS" in done.output
        with lived_in.app_context():
            assert bodies()[0] == "answer 0"

    def test_does_not_undo_what_is_written_meanwhile(self, rotating: Flask) -> None:
        with rotating.app_context():
            (answers,) = (
                one for one in rotation.list_sealed_columns() if "idempotent" in one.label
            )
            stale = [(row.public_id, row.sealed) for row in rotation._old_rows(answers, None)]
            write_anew("written meanwhile")
            rotation._reseal(column=answers, rows=stale)
            assert "written meanwhile" in bodies()


@transaction
def write_anew(text: str) -> None:
    row = db.session.scalars(select(IdempotentAnswer).order_by(IdempotentAnswer.public_id)).first()
    assert row is not None
    row.body = text


class TestSealedColumns:
    def test_are_found_in_every_table(self, app: Flask) -> None:
        named = {
            (mapper.local_table.name, field.column)  # type: ignore[attr-defined]
            for mapper in Base.registry.mappers
            for field in vars(mapper.class_).values()
            if isinstance(field, EncryptedText)
        }
        found = rotation.list_sealed_columns()
        assert {(one.table.name, one.name) for one in found} == named
        assert {one.table.name for one in found if one.is_fixed} >= {"appointment_changes"}

    def test_have_the_ending_that_dumps_are_searched_by(self, app: Flask) -> None:
        assert all(one.name.endswith("_sealed") for one in rotation.list_sealed_columns())
