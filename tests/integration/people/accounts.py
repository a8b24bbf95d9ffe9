"""Accounts for tests: people who have chosen their password, tokens, signed-in browsers."""

from datetime import UTC, datetime

from flask import Flask

from clinic.core.clock import now
from clinic.core.values import SYSTEM, Role
from clinic.people.operations import choose_password, create_staff, create_token
from tests.support.page_client import PageClient

EMAIL = "amara.osei@example.com"
PASSWORD = "four quiet words here"
NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def make_staff(app: Flask, *, email: str = EMAIL, role: Role = Role.FRONT_DESK) -> None:
    """A member of staff who can sign in with PASSWORD."""
    with app.app_context():
        at = now()
        link = create_staff(email=email, name="Amara Osei", role=role, actor=SYSTEM, now=at)
        choose_password(token=link, password=PASSWORD, clinic_name="", now=at)


def make_token(app: Flask, *, name: str = "program", role: Role = Role.FRONT_DESK) -> str:
    """A live API token."""
    with app.app_context():
        return create_token(name=name, role=role, actor=SYSTEM, now=now())


def sign_in(pages: PageClient, *, email: str = EMAIL, password: str = PASSWORD) -> None:
    """Sign the browser in; it stands before the redirect."""
    pages.get("/sign-in")
    pages.submit({"email": email, "password": password}, status=303, follow=False)
