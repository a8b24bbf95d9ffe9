"""How long a page of a form takes to save through HTTP, beside one row that bare Flask inserts.

`python -m bench.forms` measures SQLite alone and prints the figures; the target is a third of the
rate of the bare row (issue "Intake").
"""

import itertools
import re
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import requests
from sqlalchemy import text

from bench.alone import run_alone
from bench.booking import booking_body
from bench.client import Client, alternate
from bench.figures import Figure
from bench.houses import FloorFiles, Houses, floor, product
from bench.the_clinic import Filling
from clinic.core.clock import now
from clinic.core.db import db, transaction
from clinic.core.values import SYSTEM
from clinic.intake.library import definition
from clinic.intake.operations.assigning import Occasion, ask_for_form
from clinic.intake.operations.links import add_link
from clinic.intake.operations.questionnaires import import_questionnaire
from clinic.people.models import Patient
from tests.support.apps import running_app

ROUNDS = 200
FORM = "about-you"
HIDDEN = re.compile(r'<input type="hidden" name="(form|base|shown)" value="([^"]*)"')
CSRF = re.compile(r'name="csrf_token" value="([^"]+)"')
TYPED = "application/x-www-form-urlencoded"


@transaction
def _link(patient_id: int) -> str:
    return add_link(patient_id=patient_id, now=now())


def _prepare(url: str, data_dir: Path) -> tuple[str, str, date]:
    """A form asked of somebody, a link to it, and the birth date."""
    with running_app(database_url=url, data_dir=data_dir) as app, app.app_context():
        import_questionnaire(raw=definition(name=FORM), actor=SYSTEM, now=now(), is_activated=True)
        patient = db.session.query(Patient).order_by(Patient.id).first()
        if patient is None:
            raise RuntimeError("the database has no patient")
        ident, public_id, born = patient.id, patient.public_id, patient.birth_date
        occasion = Occasion(None, None, datetime.now(UTC).date() + timedelta(days=1))
        with db.engine.begin() as connection:
            connection.execute(text("CREATE TABLE bench_rows (name TEXT NOT NULL, at TEXT)"))
        asked = ask_for_form(
            patient=public_id, slug=FORM, occasion=occasion, actor=SYSTEM, now=now()
        )
        return asked, _link(ident), born


def _come_in(base_url: str, link: str, born: date) -> requests.Session:
    browser = requests.Session()
    address = f"{base_url}/intake/{link}"
    page = browser.get(address, timeout=30)
    parts = {"month": born.month, "day": born.day, "year": born.year}
    proof = {f"birth_date-{name}": str(part) for name, part in parts.items()}
    browser.post(address, data={"csrf_token": CSRF.findall(page.text)[0], **proof}, timeout=30)
    return browser


def measure(*, houses: Houses, subject: str, rounds: int) -> list[Figure]:
    """The figures of saving on one engine."""
    assignment, link, born = _prepare(subject, houses.root / "data")
    files = FloorFiles(houses.root / "nothing.json", houses.root / "nothing.pickle")
    files.body.write_bytes(b"{}")
    with (
        product(houses.settings(subject), log_dir=houses.root) as server,
        floor(houses.settings(subject), files, log_dir=houses.root) as bare,
    ):
        browser = _come_in(server.base_url, link, born)
        path = f"/intake/forms/{assignment}/1"
        page = browser.get(f"{server.base_url}{path}", timeout=30).text
        kept = dict(HIDDEN.findall(page)) | {"csrf_token": CSRF.findall(page)[0]}
        cookie = "; ".join(f"{one.name}={one.value}" for one in browser.cookies)
        client = Client(server.base_url, headers={"Cookie": cookie})
        script = Client(server.base_url, headers={"Cookie": cookie, "X-Saving": "saving"})
        row, number = Client(bare.base_url), itertools.count(1)
        made = booking_body(wish=("abel", "2030-01-01T10:00:00Z"), number="0000001")

        def save(by: Client, expected: int) -> None:
            base = next(number)
            values = {**kept, "base": str(base - 1), "q1": f"Robin{base}", "q3": "Example"}
            sent = urlencode({**values, "do": "later"}).encode()
            answer = by.ask("POST", path, sent, headers={"Content-Type": TYPED})
            if answer.status != expected:
                raise RuntimeError(f"a save was answered {answer.status}: {answer.body[:500]!r}")

        took = alternate(
            {
                "page": lambda: save(client, 303),
                "typing": lambda: save(script, 200),
                "row": lambda: _insert(row, made),
            },
            rounds=rounds,
        )
    return [
        Figure("forms.one_row", took["row"], "ms"),
        Figure("forms.page_saved", took["page"], "ms"),
        Figure("forms.saved_while_typing", took["typing"], "ms"),
        Figure("forms.rate_to_one_row", took["row"] / took["page"], "x", at_least=1 / 3),
    ]


def _insert(client: Client, body: bytes) -> None:
    answer = client.ask("POST", "/row", body)
    if answer.status != 201:
        raise RuntimeError(f"the floor answered {answer.status}")


def main() -> int:
    """Measure; exit status 1 when the target is missed."""
    return run_alone(
        lambda houses: measure(
            houses=houses, subject=houses.database("sqlite", "small"), rounds=ROUNDS
        ),
        small=Filling(past=200, coming=50),
    )


if __name__ == "__main__":
    sys.exit(main())
