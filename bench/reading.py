"""How long clinicians wait for what a patient told: the summary, and all answers as a PDF.

`python -m bench.reading` measures SQLite alone and prints the figures; the targets are those of
the issue "Intake": 300 ms for the PDF of a full intake, ten queries for the summary.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from sqlalchemy import select

from bench.availability import counted
from bench.client import alternate
from bench.figures import Figure
from bench.houses import Houses
from bench.the_clinic import Filling
from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.values import Role
from clinic.intake.models import FormAssignment, Questionnaire, Response
from clinic.intake.queries.responses import get_response_state
from clinic.people.models import Patient
from clinic.people.operations import sign_in
from clinic.setup.demo.people import PASSWORD, STAFF
from tests.support.apps import running_app

ROUNDS = 60
FULLEST = "symptoms"
"""Our longest form; the demo's patients answered all of its pages."""


def measure(*, houses: Houses, demo: str, rounds: int) -> list[Figure]:
    """The figures of one engine, with what the demo's patients told."""
    with running_app(database_url=demo, data_dir=houses.root / "data") as app:
        with app.app_context():
            engine = db.engine
            patient, response, answered = _fullest()
            clinician = next(one for one in STAFF if one.role is Role.CLINICIAN)
            admitted = sign_in(email=clinician.email, password=PASSWORD, now=now())
        client = app.test_client()
        client.set_cookie("staff", admitted.token)

        def read(path: str) -> None:
            answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} was answered {answer.status_code}")

        summary, pdf = f"/desk/patients/{patient}/summary", f"/desk/answers/{response}/pdf"
        for path in (summary, pdf):
            read(path)
        with counted(engine) as sent:
            read(summary)
        took = alternate(
            {"summary": lambda: read(summary), "pdf": lambda: read(pdf)}, rounds=rounds
        )
    return [
        Figure("reading.answers", answered, "answers"),
        Figure("reading.pdf", took["pdf"], "ms", at_most=300),
        Figure("reading.summary", took["summary"], "ms"),
        Figure("reading.summary.queries", len(_own(sent)), "queries", at_most=10),
    ]


def _own(sent: list[str]) -> list[str]:
    """Without the counts that stand beside the links of every page of the desk."""
    return [one for one in sent if "count(" not in one.lower()]


def _fullest() -> tuple[str, str, int]:
    """Who answered most of the longest form, that response, and how many answers it has."""
    rows = db.session.execute(
        select(Patient.public_id, Response)
        .join(Response, Response.patient_id == Patient.id)
        .join(FormAssignment, FormAssignment.id == Response.assignment_id)
        .join(Questionnaire, Questionnaire.id == FormAssignment.questionnaire_id)
        .where(Questionnaire.slug == FULLEST)
    )
    patient, found = max(rows, key=lambda row: (len(row[1].answers or ""), row[1].id))
    answered = len(get_response_state(public_id=found.public_id).answers)
    return patient, found.public_id, answered


def main() -> int:
    """Measure; exit status 1 when a target is missed."""
    root = Path(tempfile.mkdtemp(prefix="clinic-bench-"))
    (root / "data").mkdir()
    houses = Houses(root, small=Filling(past=1, coming=1), large=Filling(past=1, coming=1))
    try:
        figures = measure(houses=houses, demo=houses.database("sqlite", "demo"), rounds=ROUNDS)
    finally:
        houses.close()
        shutil.rmtree(root, ignore_errors=True)
    for figure in figures:
        print(figure.as_line())
    return 1 if any(figure.holds is False for figure in figures) else 0


if __name__ == "__main__":
    sys.exit(main())
