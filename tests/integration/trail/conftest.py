"""A clinic with some visits, and an auditor at its desk."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from clinic.core.values import Role
from clinic.scheduling.queries.visits import Visit
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, PASSWORD, book, hire, load


@pytest.fixture
def clinic(app: Flask, set_clock: Callable[[datetime], None]) -> Flask:
    """The app with the clinic of these tests, on Monday, March 2, 2026, 10:00 in New York."""
    with app.app_context():
        load()
        for role in (Role.FRONT_DESK, Role.AUDITOR):
            hire(role)
    set_clock(NOW)
    return app


@pytest.fixture
def visits(clinic: Flask) -> list[Visit]:
    """Visits of three patients on Tuesday, March 3."""
    with clinic.app_context():
        return [book(f"2026-03-03 {9 + who}:00", who=who) for who in (1, 2, 3)]


def signed_in(app: Flask, role: Role) -> PageClient:
    """A browser of somebody with that role."""
    pages = PageClient(app)
    pages.get("/sign-in")
    values = {"email": f"{role.value}@example.com", "password": PASSWORD}
    pages.submit(values, follow=False, status=303)
    return pages


@pytest.fixture
def auditor(clinic: Flask) -> PageClient:
    """The auditor, signed in."""
    return signed_in(clinic, Role.AUDITOR)
