"""A clinic that stands at one moment."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests.support.page_clinic import CLINIC, NOW, load


@pytest.fixture
def clinic(app: Flask, set_clock: Callable[[datetime], None]) -> Flask:
    """The app with the clinic of these tests, on Monday, March 2, 2026, 10:00 in New York."""
    with app.app_context():
        load()
    set_clock(NOW)
    return app


@pytest.fixture
def load_named(app: Flask, set_clock: Callable[[datetime], None]) -> Callable[[str], None]:
    """Loads the clinic of these tests under another name."""

    def load_as(name: str) -> None:
        with app.app_context():
            load(CLINIC.replace('"Test Rehab"', f"'{name}'"))
        set_clock(NOW)

    return load_as
