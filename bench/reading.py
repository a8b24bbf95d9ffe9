"""How long clinicians wait for what a patient told: the summary, and all answers as a PDF.

`python -m bench.reading` measures SQLite alone and prints the figures; the targets are those of
the issue "Intake": 300 ms for the PDF of a full intake, ten queries for the summary.
"""

import sys
from datetime import date
from functools import partial

from sqlalchemy import select

from bench.alone import run_alone
from bench.availability import counted
from bench.client import alternate
from bench.figures import Figure
from bench.fullest import fill_everything
from bench.houses import Houses
from clinic.core.clock import now
from clinic.core.db import db
from clinic.core.values import Role
from clinic.intake.models import FormAssignment
from clinic.people.models import Patient
from clinic.people.operations import sign_in
from clinic.setup.demo.people import PASSWORD, STAFF
from tests.support.apps import running_app

ROUNDS = 60
LONGEST = ("symptoms", "health-history", "about-you", "consents")
"""Our longest forms: one with the drawing, one with uploads, one that is signed."""


def measure(*, houses: Houses, demo: str, rounds: int) -> list[Figure]:
    """The figures of one engine, with a patient who answered every question six times."""
    with running_app(database_url=demo, data_dir=houses.root / "data") as app:
        with app.app_context():
            engine = db.engine
            patient, name = _idle()
            fullest = fill_everything(patient=patient, name=name, now=now())
            clinician = next(one for one in STAFF if one.role is Role.CLINICIAN)
            admitted = sign_in(email=clinician.email, password=PASSWORD, now=now())
        client = app.test_client()
        client.set_cookie("staff", admitted.token)

        def read(path: str) -> None:
            answer = client.get(path)
            if answer.status_code != 200:
                raise RuntimeError(f"{path} was answered {answer.status_code}")

        summary = f"/desk/patients/{patient}/summary"
        files = {slug: f"/desk/answers/{fullest.responses[slug]}/pdf" for slug in LONGEST}
        files["whole"] = f"/desk/patients/{patient}/intake/pdf"
        for path in (summary, *files.values()):
            read(path)
        with counted(engine) as sent:
            read(summary)
        calls = {slug: partial(read, path) for slug, path in files.items()}
        took = alternate({"summary": partial(read, summary), **calls}, rounds=rounds)
    return [
        Figure("reading.answers", fullest.answers, "answers"),
        Figure("reading.pdf", max(took[slug] for slug in LONGEST), "ms", at_most=300),
        Figure("reading.intake_pdf", took["whole"], "ms", at_most=300),
        Figure("reading.summary", took["summary"], "ms"),
        Figure("reading.summary.queries", len(_own(sent)), "queries", at_most=10),
    ]


def _own(sent: list[str]) -> list[str]:
    """Without the counts that stand beside the links of every page of the desk, and the marks of
    transactions."""
    found = [one for one in sent if "count(" not in one.lower()]
    return [one for one in found if not one.startswith(("BEGIN", "COMMIT"))]


def _idle() -> tuple[str, str]:
    """A grown-up whom no form waits for: public id and name."""
    waiting = select(FormAssignment.patient_id).where(FormAssignment.done_at.is_(None))
    person = db.session.scalars(
        select(Patient)
        .where(Patient.id.not_in(waiting), Patient.birth_date < date(1990, 1, 1))
        .order_by(Patient.id)
    ).first()
    if person is None:
        raise RuntimeError("a form waits for every patient of the demo")
    return person.public_id, f"{person.given_name} {person.family_name}"


def main() -> int:
    """Measure; exit status 1 when a target is missed."""
    return run_alone(
        lambda houses: measure(houses=houses, demo=houses.database("sqlite", "demo"), rounds=ROUNDS)
    )


if __name__ == "__main__":
    sys.exit(main())
