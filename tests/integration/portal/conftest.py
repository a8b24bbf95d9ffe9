"""A clinic that stands at one moment, with a family in it."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests.integration.portal.family import settle
from tests.support.page_clinic import NOW, load


@pytest.fixture
def clinic(app: Flask, set_clock: Callable[[datetime], None]) -> Flask:
    """The app with Ana, her children, and strangers, on Monday, March 2, 2026, 10:00 New York."""
    with app.app_context():
        load()
        settle()
    set_clock(NOW)
    return app
