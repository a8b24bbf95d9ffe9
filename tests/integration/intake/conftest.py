"""A clinic that stands at one moment; a patient who was asked for a form; a browser of theirs."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from clinic.core.db import db, transaction
from clinic.intake.operations.links import add_link
from clinic.people.models import Patient
from tests.integration.intake.ground import BORN, NOW
from tests.support.page_client import PageClient
from tests.support.page_clinic import load


@pytest.fixture
def clinic(app: Flask, set_clock: Callable[[datetime], None]) -> Flask:
    """The app with a loaded clinic, on Monday, March 2, 2026, 10:00 New York."""
    with app.app_context():
        load()
    set_clock(NOW)
    return app


@transaction
def new_link(patient: str) -> str:
    """The token of a link to this patient's forms."""
    person = db.session.query(Patient).filter_by(public_id=patient).one()
    return add_link(patient_id=person.id, now=NOW)


def come_in(
    app: Flask,
    patient: str,
    *,
    born: tuple[int, int, int] = BORN,
    browser: PageClient | None = None,
) -> PageClient:
    """A browser (a new one) that opened a link and proved the birth date."""
    with app.app_context():
        token = new_link(patient)
    browser = browser or PageClient(app)
    browser.get(f"/intake/{token}")
    month, day, year = born
    browser.submit(
        {
            "birth_date-month": str(month),
            "birth_date-day": str(day),
            "birth_date-year": str(year),
        }
    )
    return browser
