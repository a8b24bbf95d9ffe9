"""Somebody of every kind at the door: each role signed in, a patient, a program, a stranger."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from clinic.core.values import SYSTEM, Role
from clinic.people.operations import create_token
from tests.integration.portal.family import sign_in as sign_in_patient
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, PASSWORD, hire

TABLE = Path(__file__).with_name("access_table.txt")
STAFF = frozenset(Role)
DESK = STAFF - {Role.AUDITOR}
GROUPS = {"staff": STAFF, "desk": DESK}
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Row(NamedTuple):
    """A line of the table: who may call a route. ``roles`` is None for public and patients."""

    method: str
    rule: str
    callers: str
    roles: frozenset[Role] | None
    needs_proof: bool

    @property
    def is_api(self) -> bool:
        """Whether programs call it, by token."""
        return self.rule.startswith("/api/")


def read_table() -> list[Row]:
    """Every line of access_table.txt."""
    return [_row(line) for line in TABLE.read_text("utf-8").splitlines() if line.strip()]


def _row(line: str) -> Row:
    method, rest = line.split(maxsplit=1)
    rule, callers = re.split(r"\s{1,}(?=[a-z_ +]+$)", rest.strip(), maxsplit=1)
    words = callers.split()
    needs_proof = "+proof" in words
    names = [word for word in words if word != "+proof"]
    if names in (["public"], ["patient"]):
        return Row(method, rule, names[0], None, needs_proof)
    roles = GROUPS.get(names[0]) or frozenset(Role(name) for name in names)
    return Row(method, rule, " ".join(names), roles, needs_proof)


def routes(app: Flask) -> Iterator[tuple[str, Rule]]:
    """Method and rule of every route."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield method, rule


def some_path(rule: str) -> str:
    """An address of the rule; what stands for a thing names one that does not exist."""
    rule = re.sub(r"<any\(([a-z]+)[^>]*>", r"\1", rule)
    return re.sub(r"<[^>]+>", "none", re.sub(r"<(?:int|float)[:(][^>]*>", "1", rule))


def staff_client(app: Flask, role: Role) -> FlaskClient:
    """A browser of somebody new with that role, signed in."""
    with app.app_context():
        email = hire(role)
    pages = PageClient(app)
    pages.get("/sign-in")
    pages.submit({"email": email, "password": PASSWORD}, follow=False, status=303)
    return pages.client


def patient_client(app: Flask) -> FlaskClient:
    """Ana's browser, signed in."""
    pages = PageClient(app)
    sign_in_patient(app, pages)
    return pages.client


def bearer(app: Flask, role: Role) -> dict[str, str]:
    """The header of a program with that role."""
    with app.app_context():
        token = create_token(name=f"program {role}", role=role, actor=SYSTEM, now=NOW)
    return {"Authorization": f"Bearer {token}"}


def csrf(client: FlaskClient) -> str:
    """The proof that a form is ours, as any page of this browser has it."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/request/visit").text)
    assert found is not None
    return found[1]
