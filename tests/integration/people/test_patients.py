"""Who is the same patient (contract.md), on both engines."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core.audit import AuditEntry
from clinic.core.db import db, transaction
from clinic.core.errors import NotFound
from clinic.core.values import PUBLIC
from clinic.people.models import Patient, PatientSuggestion
from clinic.people.operations import find_or_add_patient
from clinic.people.operations.patients import MOST_SUGGESTIONS
from clinic.people.queries import get_patient
from clinic.people.rules.guardians import GuardianDetails
from clinic.people.rules.patients import patient_details

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
ANN = {
    "given_name": "Ann",
    "family_name": "Lee",
    "birth_date": "1980-02-29",
    "email": "ann@example.com",
    "phone": "212 555 0100",
}


@transaction
def come(**changes: str | None) -> str:
    details = patient_details({**ANN, **changes}, contact_required=False, today=NOW.date())
    return find_or_add_patient(details=details, actor=PUBLIC, now=NOW).public_id


@transaction
def bring_child(*, given_name: str, birth_date: str) -> str:
    """A child booked by Ann, with her own contact as the child's."""
    child = {**ANN, "given_name": given_name, "birth_date": birth_date}
    details = patient_details(child, contact_required=True, today=NOW.date())
    guardian = GuardianDetails(
        name="Ann Lee",
        birth_date=date(1980, 2, 29),
        relation="parent",
        email=details.email,
        phone=details.phone,
    )
    with_guardian = replace(details, guardian=guardian)
    return find_or_add_patient(details=with_guardian, actor=PUBLIC, now=NOW).public_id


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def reasons() -> list[str]:
    return sorted(db.session.scalars(select(PatientSuggestion.reason)))


@pytest.mark.usefixtures("in_app")
class TestFindOrAddPatient:
    @pytest.mark.parametrize(
        "changes",
        [
            {},
            {"given_name": " ANN "},
            {"given_name": "\uff21nn", "family_name": "LEE"},
            {"email": "ANN@EXAMPLE.COM", "phone": None},
            {"email": None, "phone": "+1 (212) 555-0100"},
            {"email": "other@example.com"},
            {"phone": "212 555 0199"},
        ],
    )
    def test_reuses_the_record_of_the_same_person(
        self, changes: dict[str, str | None]
    ) -> None:  # F10
        first = come()
        assert come(**changes) == first
        assert count(Patient) == 1
        assert count(PatientSuggestion) == 0

    def test_leaves_the_stored_contact_as_it_is(self) -> None:
        found = get_patient(public_id=come(email=None))
        come(email="new@example.com", given_name="ANN")
        db.session.expire_all()
        found = get_patient(public_id=found.public_id)
        assert (found.given_name, found.email, found.phone) == ("Ann", None, "+12125550100")

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"given_name": "Anne"}, "birth-date-and-name"),
            ({"email": "x@example.com", "phone": "212 555 0199"}, "birth-date-and-name"),
            ({"email": None, "phone": None}, "birth-date-and-name"),
            ({"family_name": "Li"}, "contact"),
            ({"birth_date": "1980-03-01"}, "contact"),
            ({"given_name": "Bo", "birth_date": "2010-03-01", "email": None}, "contact"),
            ({"given_name": "Bo", "birth_date": "2010-03-01", "phone": None}, "contact"),
        ],
    )
    def test_adds_and_suggests_what_may_be_the_same(
        self, changes: dict[str, str | None], reason: str
    ) -> None:  # F10
        first, second = come(), come(**changes)
        assert first != second
        assert reasons() == [reason]
        suggestion = db.session.scalars(select(PatientSuggestion)).one()
        older, newer = get_patient(public_id=first), get_patient(public_id=second)
        assert (suggestion.patient_id, suggestion.other_id) == (older.id, newer.id)

    def test_suggests_nobody_of_a_family_for_another(self) -> None:
        """Who acts for a child gives the child their own contact; so they do for its sister."""
        child = {"given_name": "Bo", "birth_date": "2018-03-01"}
        come()
        bring_child(**child)
        bring_child(given_name="Cy", birth_date="2020-05-01")
        assert reasons() == []
        come(given_name="Dee", family_name="Marsh", birth_date="1982-01-02")
        assert reasons() == ["contact"]  # with Ann; the children have a guardian of that contact
        come(given_name="Bo", family_name="Marsh", birth_date="2018-03-02")
        assert reasons() == ["contact"] * 4  # with Ann, Dee, and the child mistyped

    def test_suggests_nothing_between_strangers(self) -> None:
        come()
        come(given_name="Bo", family_name="Diaz", email="bo@example.com", phone=None)
        assert count(Patient) == 2
        assert reasons() == []

    def test_never_matches_two_without_contact(self) -> None:
        """Nothing but a name and a birth date is less than the rule asks for."""
        assert come(email=None, phone=None) != come(email=None, phone=None)

    def test_takes_the_oldest_of_two_that_fit(self) -> None:
        by_mail, _by_phone = come(phone=None), come(email=None)
        assert come() == by_mail

    def test_is_on_record_once(self) -> None:
        patient = come()
        come()
        [entry] = db.session.scalars(select(AuditEntry))
        assert (entry.action, entry.subject) == ("patient.created", f"patient:{patient}")
        assert "Lee" not in str(entry.details)

    def test_bounds_the_suggestions_for_a_shared_number(self) -> None:
        for number in range(MOST_SUGGESTIONS + 3):
            come(given_name="Guest", family_name=f"No {number}", email=None)
        before = count(PatientSuggestion)
        come(given_name="Last", family_name="Guest", email=None)
        assert count(PatientSuggestion) - before == MOST_SUGGESTIONS

    def test_belongs_into_an_operation(self) -> None:
        details = patient_details(ANN, contact_required=True, today=date(2026, 11, 22))
        with pytest.raises(RuntimeError):
            find_or_add_patient(details=details, actor=PUBLIC, now=NOW)


@pytest.mark.usefixtures("unhurried")
class TestAtTheSameMoment:
    @pytest.mark.parametrize("differing", [False, True])
    def test_one_person_gets_one_record(self, app: Flask, differing: bool) -> None:
        """Eight first bookings at once; with ``differing`` each has a phone of its own."""
        start, found = threading.Barrier(8), []

        def book(number: int) -> None:
            with app.app_context():
                db.session.connection()
                start.wait()
                phone = f"212 555 01{number:02d}" if differing else "212 555 0100"
                found.append(come(phone=phone))

        threads = [threading.Thread(target=book, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 8
        assert len(set(found)) == 1

    def test_relatives_with_one_phone_are_suggested(self, app: Flask) -> None:
        """People who share contact data and nothing else, crosswise: nobody waits for ever."""
        start, found = threading.Barrier(6), []

        def book(number: int) -> None:
            with app.app_context():
                start.wait()
                found.append(
                    come(
                        given_name=f"Child {number}",
                        birth_date=f"201{number}-01-01",
                        email=f"{'ab'[number % 2]}@example.com",
                        phone=f"212 555 010{number % 3}",
                    )
                )

        threads = [threading.Thread(target=book, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(found)) == 6
        with app.app_context():
            # Every pair that shares the e-mail (6) or the phone (3); number and number + 6 k none.
            assert reasons() == ["contact"] * 9


@pytest.mark.usefixtures("in_app")
class TestGetPatient:
    @pytest.mark.parametrize("public_id", ["", "nobody", "x" * 500])
    def test_finds_nobody(self, public_id: str) -> None:
        with pytest.raises(NotFound):
            get_patient(public_id=public_id)
