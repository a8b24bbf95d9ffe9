"""Today's other parts: how visits stand, what waits, a walk-in, the sheet on paper, few bytes."""

import gzip
import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import insert

from clinic.core.db import db, transaction
from clinic.core.types import new_public_id
from clinic.core.values import Role
from clinic.desk.keeping import keep_day_sheet
from clinic.payments.models import Order
from clinic.people.models import Patient
from clinic.people.operations.notes import add_note
from clinic.people.queries import get_patient
from clinic.scheduling.queries.visits import Visit, list_visits
from tests.integration.desk.test_today import TEN_TWENTY, press, row, sign_in
from tests.integration.intake.ground import ask, publish, small_form
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, book, counted_queries, local

MANY = 300
MOST_BYTES = 60 * 1024
MOST_QUERIES = 8
FLAGS = ("Wheelchair", "Interpreter", "Owes one", "Owes $40")


@pytest.fixture
def desk(clinic: Flask, pages: PageClient, set_clock: Callable[[datetime], None]) -> PageClient:
    """The front desk, signed in, on Tuesday at 10:20."""
    set_clock(TEN_TWENTY)
    return sign_in(clinic, pages, Role.FRONT_DESK)


@transaction
def order(visit: Visit, **more: object) -> None:
    patient = get_patient(public_id=visit.patient)
    values = {
        "kind": "balance",
        "title": "Evaluation",
        "about": f"appointment:{visit.public_id}",
        "patient_id": patient.id,
        "status": "awaiting-payment",
        "payment": "unpaid",
        "total_cents": 20000,
        "currency": "usd",
        "created_at": TEN_TWENTY,
        "public_id": new_public_id(),
        **more,
    }
    db.session.execute(insert(Order.__table__), [values])  # type: ignore[arg-type]


def waiting(desk: PageClient) -> str:
    nav = next(e for e in desk.page.tree.iter("nav") if e.get("class") == "queue")
    return " ".join(" ".join(nav.itertext()).split())


class TestStanding:
    def test_tells_what_is_due_and_paid(self, clinic: Flask, desk: PageClient) -> None:
        with clinic.app_context():
            due, paid, none = (
                book(f"2026-03-03 {hour}:00", who=who) for who, hour in ((1, 11), (2, 13), (3, 15))
            )
            order(due)
            order(paid, status="paid", payment="paid", paid_cents=20000)
        desk.get("/desk")
        assert "Due $200" in row(desk, due)
        assert "Paid" in row(desk, paid)
        assert "Paid" not in row(desk, none)

    def test_flags_what_must_not_be_overlooked(self, clinic: Flask, desk: PageClient) -> None:
        """Alerts, forms and money that are not about these visits, all from one question."""
        with clinic.app_context():
            flagged, plain = book("2026-03-03 11:00", who=1), book("2026-03-03 13:00", who=2)
            earlier = book("2026-03-04 15:00", who=1)
            for kind, words in (
                ("alert", "Wheelchair"),
                ("alert", "Interpreter"),
                ("note", "Tall"),
            ):
                add_note(
                    patient=flagged.patient,
                    kind=kind,
                    words=words,
                    about=None,
                    actor=KIM,
                    now=TEN_TWENTY,
                )
            order(earlier, total_cents=4000)
            publish(small_form())
            ask(flagged.patient)
        desk.get("/desk")
        line = row(desk, flagged)
        assert [word for word in FLAGS if word not in line] == []
        assert "Tall" not in line
        assert [word for word in FLAGS if word in row(desk, plain)] == []

    def test_counts_what_waits(self, clinic: Flask, desk: PageClient) -> None:
        with clinic.app_context():
            book("2026-03-03 11:00", who=1)
            book("2026-03-03 13:00", who=29)  # born on the same day as the first, same family name
        desk.get("/desk")
        assert "2 unconfirmed" in waiting(desk)
        assert "1 may be doubles" in waiting(desk)


class TestWalkIn:
    def test_is_booked_at_the_next_free_time_and_is_here(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        desk.get("/desk")
        values = {"name": "Nora de Vries", "born": "3/14/1984", "service": "eval"}
        desk.submit(values, action="/desk/walk-in")
        (visit,) = visits(clinic)
        assert (visit.given_name, visit.family_name) == ("Nora de", "Vries")
        assert "10:30 AM" in row(desk, visit)
        assert "Arrived" in row(desk, visit)
        assert "Nora de Vries: Arrived." in desk.page.text

    @pytest.mark.parametrize(
        ("values", "words"),
        [
            ({"name": "Nora"}, "Enter the given name."),
            ({"born": "14.3.84"}, "Type the date of birth like 3/14/1984."),
            ({"service": "video"}, "Choose what they come for."),
            ({"born": "3/14/2084"}, "The date of birth is in the future."),
        ],
    )
    def test_says_what_is_missing_and_keeps_the_rest(
        self, clinic: Flask, desk: PageClient, values: dict[str, str], words: str
    ) -> None:
        desk.get("/desk")
        typed = {"name": "Nora Vries", "born": "3/14/1984", "service": "eval", **values}
        desk.submit(typed, action="/desk/walk-in", status=422)
        assert words in desk.page.text
        (field,) = [e for e in desk.page.tree.iter("input") if e.get("id") == "w-name"]
        assert field.get("value") == typed["name"]
        assert visits(clinic) == []

    def test_looks_for_another_day_when_today_is_full(
        self, clinic: Flask, desk: PageClient, set_clock: Callable[[datetime], None]
    ) -> None:
        set_clock(local("2026-03-03 16:40"))
        desk.get("/desk")
        values = {"name": "Nora Vries", "born": "3/14/1984", "service": "eval"}
        desk.submit(values, action="/desk/walk-in")
        assert desk.page.h1 == "Book for Nora Vries"


class TestNextVisit:
    def test_is_one_step_away_when_a_visit_is_finished(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        with clinic.app_context():
            visit = book("2026-03-03 10:00", who=1)
        desk.get("/desk")
        press(desk, visit, "fulfil")
        address = f"/desk/book?patient={visit.patient}&after={visit.public_id}"
        assert address in desk.page.links()
        desk.get(address)
        assert "Same time, a week later" not in desk.page.text  # the clinic is closed on the 10th
        assert "Mar 11" in desk.page.text


class TestSheet:
    def test_is_printed(self, clinic: Flask, desk: PageClient) -> None:
        with clinic.app_context():
            book("2026-03-03 11:00", who=1)
        text = desk.get("/desk/day-sheet").text
        assert desk.page.h1 == "Day sheet, Tuesday, March 3"
        for words in ("Pat1 Example", "January 2, 1980", "pat1@example.com", "Evaluation, 60 min"):
            assert words in text

    def test_is_kept_each_morning_for_its_owner_alone(self, clinic: Flask) -> None:
        with clinic.app_context():
            book("2026-03-03 11:00", who=1)
            assert keep_day_sheet(now=local("2026-03-03 04:30")) is None
            path = keep_day_sheet(now=local("2026-03-03 05:30"))
            assert path is not None
            assert "Pat1 Example" in path.read_text()
            assert path.stat().st_mode & 0o077 == 0
            assert keep_day_sheet(now=local("2026-03-03 06:30")) is None
            keep_day_sheet(now=local("2026-03-05 05:30"))
            assert not path.exists()
            assert [one.name for one in Path(path.parent).iterdir()] == ["2026-03-05.html"]


def visits(app: Flask) -> list[Visit]:
    with app.app_context():
        return list(list_visits(starts_at=TEN_TWENTY, ends_at=local("2026-03-04 00:00")).visits)


class TestThreeHundredVisits:
    def test_are_few_bytes_and_few_questions(self, clinic: Flask, desk: PageClient) -> None:
        with clinic.app_context():
            first = book("2026-03-03 11:00", who=1)
            copy_visit(first, MANY - 1)
        headers = {"Accept-Encoding": "gzip"}
        answer = desk.client.get("/desk", headers=headers)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert len(answer.data) <= MOST_BYTES
        page = gzip.decompress(answer.data).decode()
        assert len(re.findall(r'<tr id="v-', page)) == MANY
        with counted_queries(clinic) as asked:
            desk.client.get("/desk", headers=headers)
        reads = [one for one in asked if one.startswith(("SELECT", "WITH"))]
        assert len(reads) <= MOST_QUERIES, reads


@transaction
def copy_visit(visit: Visit, times: int) -> None:
    """More visits of other people at that time, past the operation: three hundred take a while."""
    from clinic.scheduling.models import Appointment

    people = [
        {
            "public_id": new_public_id(),
            "given_name": f"Given{number * 7919 % 9973}",
            "family_name": f"Family{number * 104729 % 99991}",
            "given_key": "x",
            "family_key": "x",
            "birth_date": datetime(1980, 1, 1).date(),  # noqa: DTZ001
            "created_at": TEN_TWENTY,
        }
        for number in range(times)
    ]
    patients = db.session.execute(
        insert(Patient.__table__).returning(Patient.__table__.c.id),  # type: ignore[arg-type]
        people,
    ).scalars()
    rows = [
        {
            "public_id": new_public_id(),
            "occurrence_id": visit.occurrence_id,
            "patient_id": patient,
            "status": "booked",
            "created_at": TEN_TWENTY,
        }
        for patient in patients
    ]
    db.session.execute(insert(Appointment.__table__), rows)  # type: ignore[arg-type]
