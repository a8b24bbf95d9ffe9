"""Two records become one, and two again: on both engines, for every table that knows patients."""

import random
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import String, select, update
from sqlalchemy.exc import DBAPIError

from clinic.core.audit import AuditEntry, AuditSeal, AuditSight
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound, Refusal
from clinic.core.schema import Base
from clinic.desk.operations.merging import (
    AlreadyMerged,
    MergedFurther,
    MergeStands,
    SameRecord,
    VisitsClash,
    merge_patients,
    stand_as,
    undo_merge,
)
from clinic.desk.operations.merging.rows import MOVED_COLUMNS
from clinic.desk.queries.merging import list_doubles
from clinic.desk.rules.merging import FATES, NAME_OTHER_THINGS, NAMED, Fate
from clinic.intake.operations.completing import complete_response
from clinic.intake.operations.signing import SignatureGiven
from clinic.intake.queries.signatures import list_consents, verify_signatures
from clinic.people.models import Patient, PatientMerge, PatientNote, PatientSuggestion
from clinic.people.operations.contact import choose_contact
from clinic.people.operations.doubles import tell_apart
from clinic.people.operations.notes import add_note
from clinic.people.operations.records import RecordChanged
from clinic.people.queries import find_same_patient, get_patient
from clinic.people.queries.searching import search_patients
from clinic.people.rules.searching import read_asked
from clinic.portal.queries.households import find_household
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import get_visit, list_coming_visits
from clinic.scheduling.rules.status import Action
from clinic.trail.queries.entries import list_entries
from clinic.trail.rules import Asked
from tests.integration.intake import ground as forms
from tests.integration.intake.signing import Signer
from tests.support.page_clinic import KIM, NOW, book, load, person

LATER = NOW + timedelta(hours=1)
PASSING = {"appointments": {"version", "reminders_planned"}, "patient_search_keys": set()}


@pytest.fixture
def clinic(in_app: Flask) -> Flask:
    load()
    return in_app


def record(public_id: str) -> Patient:
    db.session.rollback()
    wanted = select(Patient).where(Patient.public_id == public_id)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def merge(kept: str, gone: str, *, fields: tuple[str, ...] = (), now: datetime = NOW) -> str:
    looked_at = stand_as(record(kept), record(gone))
    return merge_patients(
        kept=kept, gone=gone, from_gone=fields, looked_at=looked_at, actor=KIM, now=now
    )


def undo(name: str, *, now: datetime = LATER) -> str:
    return undo_merge(merge=name, actor=KIM, now=now)


def stored() -> dict[str, list[str]]:
    """All rows that a merge may touch, without what only counts changes."""
    left_out = {model.__tablename__ for model in (AuditEntry, AuditSight, AuditSeal, PatientMerge)}
    return {
        table.name: sorted(
            str(tuple(row))
            for row in db.session.execute(
                select(
                    *(
                        column
                        for column in table.columns
                        if column.name not in PASSING.get(table.name, set())
                    )
                )
            )
        )
        for table in Base.metadata.sorted_tables
        if table.name not in left_out
    }


def left_at(patient_id: int) -> dict[str, int]:
    """Column -> how many rows still name the record."""
    counts = {}
    for name in MOVED_COLUMNS:
        table, _, column = name.partition(".")
        rows = Base.metadata.tables[table]
        found = db.session.execute(select(rows).where(rows.c[column] == patient_id)).all()
        counts[name] = len(found)
    return {name: count for name, count in counts.items() if count}


class TestFates:
    def test_say_of_every_column_that_names_a_patient_what_becomes_of_it(self) -> None:
        keys = {
            f"{table.name}.{column.name}"
            for table in Base.metadata.tables.values()
            for column in table.columns
            if any(key.column.table.name == "patients" for key in column.foreign_keys)
        }
        assert keys == set(FATES)
        moved = {name for name, fate in FATES.items() if fate is Fate.MOVED}
        assert moved == MOVED_COLUMNS
        texts = {
            f"{table.name}.{column.name}"
            for table in Base.metadata.tables.values()
            for column in table.columns
            if column.name in {"patient", "about", "subject"} and isinstance(column.type, String)
        }
        assert texts == set(NAMED) | NAME_OTHER_THINGS


class TestMergePatients:
    def test_gives_one_record_all_that_both_had(self, clinic: Flask) -> None:
        mine, theirs = book("2026-03-03 10:00"), book("2026-03-04 10:00", who=2)
        add_note(
            patient=theirs.patient,
            kind="alert",
            words="Comes in a wheelchair",
            about=None,
            actor=KIM,
            now=NOW,
        )
        kept, gone = mine.patient, theirs.patient
        merge(kept, gone, fields=("email", "birth_date"))
        coming = [one.public_id for one in list_coming_visits(patient=kept, now=NOW, limit=9)]
        assert coming == [mine.public_id, theirs.public_id]
        assert get_visit(theirs.public_id).patient == kept
        one = record(kept)
        assert (one.given_name, one.email, one.birth_date) == (
            "Pat1",
            "pat2@example.com",
            person(2).birth_date,
        )
        assert left_at(record(gone).id) == {}
        assert get_patient(public_id=gone).public_id == kept
        found = search_patients(asked=read_asked("Pat2 Example"))
        assert gone not in {hit.public_id for hit in found}
        again = book("2026-03-05 10:00", who=2)
        assert again.patient == kept
        assert list_doubles() == ()
        household = find_household(
            session="s",
            email_key="pat2@example.com",
            birth_date=person(2).birth_date,
            today=NOW.date(),
        )
        assert household is not None
        assert [kin.patient for kin in household.kin] == [kept]

    def test_is_on_record_for_both(self, clinic: Flask) -> None:
        kept, gone = book("2026-03-03 10:00").patient, book("2026-03-04 10:00", who=2).patient
        merge(kept, gone)
        wanted = select(AuditEntry.subject).where(AuditEntry.action == "patient.merged")
        assert set(db.session.scalars(wanted)) == {f"patient:{kept}", f"patient:{gone}"}
        about = list_entries(asked=Asked(patient=kept), zone="America/New_York", limit=50).entries
        assert f"patient:{gone}" in {entry.subject for entry in about}

    def test_lets_nothing_come_to_a_record_that_is_gone(self, clinic: Flask) -> None:
        kept, gone = book("2026-03-03 10:00").patient, book("2026-03-04 10:00", who=2).patient
        merge(kept, gone)
        add_note(patient=gone, kind="note", words="Late", about=None, actor=KIM, now=NOW)
        assert db.session.scalars(select(PatientNote.patient_id)).all() == [record(kept).id]
        for statement in (
            update(PatientNote).values(patient_id=record(gone).id),
            PatientNote.__table__.insert().values(  # type: ignore[attr-defined]
                public_id="n" * 22,
                patient_id=record(gone).id,
                kind="note",
                words_sealed="x",
                added_at=NOW,
                added_by="x",
            ),
        ):
            with pytest.raises((DBAPIError, Refusal)):
                run(statement)
        with pytest.raises(AlreadyMerged):
            merge(book("2026-03-05 10:00", who=3).patient, gone)
        with pytest.raises(SameRecord):
            merge(kept, kept)
        with pytest.raises(NotFound):
            merge_patients(kept=kept, gone="x" * 22, from_gone=(), looked_at="", actor=KIM, now=NOW)

    def test_refuses_visits_at_one_time_and_changes_nothing(self, clinic: Flask) -> None:
        mine = book("2026-03-05 13:00")
        theirs = book("2026-03-05 13:30", practitioner="santos", who=2)
        before = stored()
        with pytest.raises(VisitsClash):
            merge(mine.patient, theirs.patient)
        assert stored() == before
        take_step(
            public_id=theirs.public_id, action=Action.CANCEL, actor=KIM, now=NOW, reason="double"
        )
        merge(mine.patient, theirs.patient)
        assert get_visit(theirs.public_id).patient == mine.patient

    def test_keeps_the_kept_record_busy_when_the_other_was(self, clinic: Flask) -> None:
        mine, theirs = book("2026-03-05 10:00"), book("2026-03-05 13:00", who=2)
        merge(mine.patient, theirs.patient)
        with pytest.raises(Refusal, match="another visit"):
            book("2026-03-05 13:30", practitioner="santos", who=1)

    def test_refuses_what_was_looked_at_before_a_change(self, clinic: Flask) -> None:
        kept, gone = book("2026-03-03 10:00").patient, book("2026-03-04 10:00", who=2).patient
        with pytest.raises(RecordChanged):
            merge_patients(kept=kept, gone=gone, from_gone=(), looked_at="old", actor=KIM, now=NOW)

    def test_joins_what_both_have(self, clinic: Flask) -> None:
        """Choices of contact, open forms, signatures, suggestions."""
        signer = Signer(given="Signe", slug="signed")
        signer.sign(SignatureGiven("Signe Ruiz", "I sign.", "en"))
        gone, kept = signer.patient, book("2026-03-03 10:00").patient
        consents = list_consents(patient=gone)
        form = forms.publish(forms.small_form())
        waiting, begun = forms.ask(kept), forms.ask(gone)
        saved = forms.save(begun, {"hurts": [forms.coding("no")]}, form=form)
        for who, wanted, at in ((kept, True, NOW), (gone, False, LATER)):
            choose_contact(patient=who, channel="email", is_wanted=wanted, actor=KIM, now=at)
        third = book("2026-03-04 13:00", who=3).patient
        suggest(gone, third)
        name = merge(kept, gone)
        assert verify_signatures().fault is None
        assert list_consents(patient=kept) == consents
        complete_response(
            response=saved.response, version=saved.version, author=forms.ANA, now=LATER
        )
        pairs = [{one.first.public_id, one.second.public_id} for one in list_doubles()]
        assert pairs == [{kept, third}]
        undo(name)
        assert verify_signatures().fault is None
        assert list_consents(patient=gone) == consents
        assert [{one.first.public_id, one.second.public_id} for one in list_doubles()] == [
            {gone, third}
        ]
        tell_apart(first=third, second=gone, actor=KIM, now=NOW)
        assert list_doubles() == ()
        assert waiting


@transaction
def run(statement: object) -> None:
    db.session.execute(statement)  # type: ignore[call-overload]


@transaction
def suggest(first: str, second: str) -> None:
    older, newer = sorted((record(first).id, record(second).id))
    db.session.add(
        PatientSuggestion(patient_id=older, other_id=newer, reason="contact", created_at=NOW)
    )


class TestUndoMerge:
    def test_leaves_what_came_since_with_the_kept_record(self, clinic: Flask) -> None:
        mine, theirs = book("2026-03-03 10:00"), book("2026-03-04 10:00", who=2)
        kept, gone = mine.patient, theirs.patient
        name = merge(kept, gone, fields=("email",))
        since = book("2026-03-05 10:00", who=2)  # found as before, and that leads to the kept one
        assert (since.patient, record(kept).email) == (kept, "pat2@example.com")
        undo(name)
        assert undo(name) == kept
        assert get_visit(theirs.public_id).patient == gone
        assert get_visit(mine.public_id).patient == kept
        assert get_visit(since.public_id).patient == kept
        assert record(kept).email == "pat1@example.com"
        assert record(gone).email == "pat2@example.com"
        assert find_same_patient(details=person(2)).public_id == gone  # type: ignore[union-attr]
        book("2026-03-04 13:00", practitioner="okafor", who=2)
        with pytest.raises(Refusal, match="another visit"):
            book("2026-03-04 10:30", practitioner="okafor", who=2, reason=None)

    def test_ends_after_a_day_and_behind_a_later_merge(self, clinic: Flask) -> None:
        first, second, third = (book(f"2026-03-0{day} 10:00", who=day).patient for day in (3, 4, 5))
        inner = merge(second, third)
        outer = merge(first, second)
        assert get_patient(public_id=third).public_id == first
        with pytest.raises(MergedFurther):
            undo(inner)
        with pytest.raises(MergeStands):
            undo(outer, now=NOW + timedelta(days=1, seconds=1))
        undo(outer)
        assert get_patient(public_id=third).public_id == second
        undo(inner)
        assert get_patient(public_id=third).public_id == third
        with pytest.raises(NotFound):
            undo("x" * 22)

    def test_restores_every_table(self, demo_app: Flask) -> None:
        """Pairs of the demo's records, drawn anew but the same each time."""
        chance, merged = random.Random(5), 0
        with demo_app.app_context():
            at = db.session.scalar(select(AuditEntry.at).order_by(AuditEntry.at.desc())) or NOW
            names = list(db.session.scalars(select(Patient.public_id).order_by(Patient.id)))
            before = stored()
            for _ in range(12):
                kept, gone = chance.sample(names, 2)
                try:
                    name = merge(kept, gone, fields=("phone", "given_name"), now=at)
                except VisitsClash:
                    continue
                merged += 1
                undo(name, now=at + timedelta(hours=1))
                assert stored() == before, (kept, gone)
            assert merged > 5
