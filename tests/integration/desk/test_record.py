"""A patient's record at the desk: what each role sees, corrections, notes, history."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.errors import Invalid, NotFound
from clinic.core.values import Role
from clinic.people.models import Patient, PatientNote
from clinic.people.operations.notes import NoteGone, add_note, remove_note, reword_note
from clinic.people.operations.records import RecordChanged, correct_patient
from clinic.people.queries.records import stands_as
from clinic.people.queries.searching import search_patients
from clinic.people.rules.patients import PatientDetails
from clinic.people.rules.searching import read_asked
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.queries.visits import Visit
from clinic.scheduling.rules.status import Action
from tests.integration.desk.test_today import sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, book, counted_queries, local, person

TEN_TWENTY = local("2026-03-03 10:20")


@pytest.fixture
def visit(clinic: Flask, set_clock: Callable[[datetime], None]) -> Visit:
    """Pat1's visit on Wednesday; it is Tuesday at 10:20."""
    with clinic.app_context():
        found = book("2026-03-04 10:00", who=1)
    set_clock(TEN_TWENTY)
    return found


def details(**changes: object) -> PatientDetails:
    one = person(1)
    values = {
        "given_name": one.given_name,
        "family_name": one.family_name,
        "birth_date": one.birth_date,
        "email": one.email,
        "phone": one.phone,
        **changes,
    }
    return PatientDetails(**values)  # type: ignore[arg-type]


def looked_at(visit: Visit) -> str:
    found = db.session.scalar(select(Patient).where(Patient.public_id == visit.patient))
    assert found is not None
    return stands_as(found)


class TestRecord:
    def test_is_led_to_from_the_search_and_the_visit(
        self, clinic: Flask, pages: PageClient, visit: Visit
    ) -> None:
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        desk.get("/desk/search")
        found = desk.submit({"q": "Pat1 Example"}, action="/desk/search")
        assert f"/desk/patients/{visit.patient}" in found.html
        assert f"/desk/patients/{visit.patient}" in desk.get(f"/desk/visits/{visit.public_id}").html

    def test_shows_what_comes_and_what_was(
        self, clinic: Flask, pages: PageClient, visit: Visit
    ) -> None:
        with clinic.app_context():
            other = book("2026-03-05 10:00", who=1)
            take_step(
                public_id=visit.public_id,
                action=Action.CANCEL,
                reason="called, has a cold",
                actor=KIM,
                now=TEN_TWENTY,
            )
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        page = desk.get(f"/desk/patients/{visit.patient}")
        assert page.h1 == "Pat1 Example"
        assert "0 visits kept, 1 cancelled late, 0 no-shows" in page.text
        assert other.public_id in page.html
        assert "pat1@example.com" in page.text
        with clinic.app_context():
            wanted = select(AuditEntry.subject).where(AuditEntry.action == "patient.seen")
            assert list(db.session.scalars(wanted)) == [f"patient:{visit.patient}"]

    @pytest.mark.parametrize(
        ("role", "seen", "hidden"),
        [
            (Role.FRONT_DESK, ("Forms", "Money", "Add a document"), ("Exam report",)),
            (Role.CLINICIAN, ("Forms", "Add a document"), ("Ask for a balance",)),
            (Role.GAIT_LAB, ("To come",), ("Correct</a>", "Ask for a form", "Insurance card")),
        ],
    )
    def test_shows_each_role_its_parts(
        self,
        clinic: Flask,
        pages: PageClient,
        visit: Visit,
        role: Role,
        seen: tuple[str, ...],
        hidden: tuple[str, ...],
    ) -> None:
        html = sign_in(clinic, pages, role).get(f"/desk/patients/{visit.patient}").html
        assert [words for words in seen if words not in html] == []
        assert [words for words in hidden if words in html] == []

    def test_asks_the_same_however_long_the_history_is(
        self, clinic: Flask, pages: PageClient, visit: Visit
    ) -> None:
        desk = sign_in(clinic, pages, Role.ADMIN)
        path = f"/desk/patients/{visit.patient}"
        asked = []
        for _ in range(2):
            desk.get(path)
            with counted_queries(clinic) as statements:
                desk.get(path)
            asked.append(len(statements))
            with clinic.app_context():
                for number in range(24):
                    day = local("2026-03-02 20:00") + timedelta(days=7 * number)
                    book(f"{day:%Y-%m-%d} 20:00", who=1, reason="history")
                wanted = select(AuditEntry).limit(1)
                assert db.session.scalar(wanted) is not None
        assert asked[0] == asked[1] or asked[1] - asked[0] <= 2  # rooms and notes of the visits
        assert desk.page.html.count("<li") < 80


class TestHistory:
    def test_goes_on_where_the_page_ended(
        self, clinic: Flask, pages: PageClient, visit: Visit, set_clock: Callable[[datetime], None]
    ) -> None:
        with clinic.app_context():
            for number in range(23):
                hour, minute = divmod(number * 60, 60)
                day = 3 + hour // 8
                book(f"2026-03-{day:02d} {9 + hour % 8:02d}:{minute:02d}", who=30, reason="many")
            patient = db.session.scalar(select(Patient).where(Patient.given_name == "Pat30"))
            assert patient is not None
        set_clock(local("2026-03-20 10:00"))
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        first = desk.get(f"/desk/patients/{patient.public_id}/visits")
        assert first.html.count('class="b u"') == 20
        older = next(link for link in first.links() if "before=" in link)
        assert desk.get(older).html.count('class="b u"') == 3


class TestCorrection:
    def test_is_kept_found_and_told_in_the_trail_without_values(
        self, clinic: Flask, visit: Visit
    ) -> None:
        with clinic.app_context():
            correct_patient(
                patient=visit.patient,
                details=details(family_name="Exampleton", phone="+12125550177"),
                looked_at=looked_at(visit),
                actor=KIM,
                now=NOW,
            )
            found = search_patients(asked=read_asked("exampleton"))
            assert [one.public_id for one in found] == [visit.patient]
            wanted = select(AuditEntry).where(AuditEntry.action == "patient.corrected")
            entry = db.session.scalars(wanted).one()
            assert entry.details == {"fields": ["family_name", "phone"]}

    def test_of_what_somebody_changed_meanwhile_is_refused(
        self, clinic: Flask, visit: Visit
    ) -> None:
        with clinic.app_context():
            seen = looked_at(visit)
            change = {"looked_at": seen, "actor": KIM, "now": NOW, "patient": visit.patient}
            correct_patient(details=details(phone="+12125550177"), **change)  # type: ignore[arg-type]
            with pytest.raises(RecordChanged):
                correct_patient(details=details(phone="+12125550178"), **change)  # type: ignore[arg-type]

    def test_keeps_what_was_typed_beside_its_fault(
        self, clinic: Flask, pages: PageClient, visit: Visit
    ) -> None:
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        desk.get(f"/desk/patients/{visit.patient}/correct")
        path = f"/desk/patients/{visit.patient}/correct"
        page = desk.submit({"phone": "12"}, action=path, status=422)
        assert "Enter a phone number" in page.text
        desk.get(path)
        page = desk.submit({"phone": "212 555 0177"}, action=path)
        assert "(212) 555-0177" in page.text


class TestNotes:
    def test_stand_on_the_record_until_they_are_taken_back(
        self, clinic: Flask, pages: PageClient, visit: Visit
    ) -> None:
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        path = f"/desk/patients/{visit.patient}"
        desk.get(path)
        page = desk.submit(
            {"kind": "alert", "words": "comes in a wheelchair"}, action=f"{path}/notes"
        )
        assert "comes in a wheelchair" in page.text
        about = f"/desk/visits/{visit.public_id}"
        desk.get(about)
        page = desk.submit({"words": "brings her sister"}, action=f"{path}/notes")
        assert page.path == f"{about}?done=noted"
        assert "brings her sister" in page.text
        assert "comes in a wheelchair" not in page.text
        with clinic.app_context():
            rows = db.session.scalars(select(PatientNote).order_by(PatientNote.id)).all()
            assert [row.about for row in rows] == [None, f"appointment:{visit.public_id}"]
        page = desk.get(path)
        assert "What was noted stays on record." in page.text  # it is asked before it is taken back
        page = desk.submit({}, action=f"{path}/notes/{rows[0].public_id}/remove")
        assert "comes in a wheelchair Take back" not in " ".join(page.text.split())
        assert rows[0].public_id not in page.html

    def test_can_be_put_better(self, clinic: Flask, pages: PageClient, visit: Visit) -> None:
        """The old words stay on record; two who reword one thing at once do not lose either's."""
        with clinic.app_context():
            note = add_note(
                patient=visit.patient,
                kind="alert",
                words="wheelchar",
                about=None,
                actor=KIM,
                now=NOW,
            )
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        record = f"/desk/patients/{visit.patient}"
        path = f"{record}/notes/{note}/reword"
        assert path in desk.get(record).links()
        desk.get(path)
        assert "Enter a few words." in desk.submit({"words": " "}, action=path, status=422).text
        desk.get(path)
        page = desk.submit({"words": "Comes in a wheelchair"}, action=path)
        assert "Comes in a wheelchair" in page.text
        assert "wheelchar" not in page.text.replace("wheelchair", "")
        with clinic.app_context():
            with pytest.raises(NoteGone):
                reword_note(patient=visit.patient, note=note, words="Lift", actor=KIM, now=NOW)
            rows = db.session.scalars(select(PatientNote).order_by(PatientNote.id)).all()
            assert [(row.kind, row.words, row.removed_at is None) for row in rows] == [
                ("alert", "wheelchar", False),
                ("alert", "Comes in a wheelchair", True),
            ]

    @pytest.mark.parametrize("words", ["", "   ", "x" * 61, "a\x00b"])
    def test_of_nothing_or_too_much_are_refused(
        self, clinic: Flask, visit: Visit, words: str
    ) -> None:
        with clinic.app_context(), pytest.raises(Invalid):
            add_note(
                patient=visit.patient, kind="alert", words=words, about=None, actor=KIM, now=NOW
            )

    def test_of_somebody_else_are_not_there(self, clinic: Flask, visit: Visit) -> None:
        with clinic.app_context():
            other = book("2026-03-04 12:00", who=2)
            note = add_note(
                patient=visit.patient, kind="note", words="hello", about=None, actor=KIM, now=NOW
            )
            with pytest.raises(NotFound):
                remove_note(patient=other.patient, note=note, actor=KIM, now=NOW)
