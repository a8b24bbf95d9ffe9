"""A clinic that stands at one moment, with a template for its meetings."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests.support.page_clinic import CLINIC, NOW, load

MEETINGS = "https://meet.example/{visit}"


@pytest.fixture
def clinic(app: Flask, set_clock: Callable[[datetime], None]) -> Flask:
    """The app on Monday, March 2, 2026, 10:00 in New York; its video visits are in New York."""
    text = CLINIC.replace("[policy]\n", f'[policy]\nmeeting_address = "{MEETINGS}"\n')
    with app.app_context():
        load(text)
    set_clock(NOW)
    return app
