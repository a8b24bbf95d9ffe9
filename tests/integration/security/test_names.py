"""What stands in an address for an id, a token, a slug or a number, and can be none.

Every view answers it as it answers one that is not there, on both engines: nothing a database could
stumble over gets that far, and nothing tells the two apart (OWASP ASVS 5.0, 2.2.1 and 8.2.2).
"""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from clinic.core.values import Role
from tests.integration.security.doors import (
    Row,
    bearer,
    csrf,
    patient_client,
    read_table,
    some_path,
    staff_client,
)

NAMED = [row for row in read_table() if re.search(r"<(?!any|path)", row.rule)]
ODD = {
    "a NUL": "a%00",
    "control characters": "%07%1b%7f",
    "a line's end": "none%0a",
    "a lone surrogate": "%ED%A0%80",
    "half a character": "%ff%fe",
    "another alphabet": "%D0%BD%D0%B5%D1%82",
    "fullwidth digits": "%EF%BC%91%EF%BC%92",
    "an emoji": "%F0%9F%98%80",
    "ten thousand letters": "a" * 10_000,
    "ten thousand digits": "9" * 10_000,
    "more than a database counts to": "9" * 30,
    "markup": "%3Cscript%3E",
    "a quote": "'--",
    "a template": "%7B%7B7*7%7D%7D",
}


class Caller:
    """Somebody who may call the routes of one kind, and how they call."""

    def __init__(self, app: Flask, client: FlaskClient, role: Role | None = None) -> None:
        self.client = client
        self.proof = csrf(client)
        self.bearer = bearer(app, role) if role else {}

    def call(self, row: Row, path: str) -> TestResponse:
        """Send what the route asks for, and nothing else."""
        if row.is_api:
            return self.client.open(path, method=row.method, headers=self.bearer, json={})
        data = {"csrf_token": self.proof} if row.method == "POST" else None
        return self.client.open(path, method=row.method, data=data, buffered=True)

    def answer(self, row: Row, path: str) -> tuple[int, str, str]:
        """Status, where to, and the body without what differs from answer to answer."""
        told = self.call(row, path)
        place = path.removeprefix(row.rule.partition("<")[0])
        location = told.headers.get("Location", "").replace(place.partition("/")[0], "NAME")
        return told.status_code, location, re.sub(r'value="[^"]{60,}"', "", told.text)


@pytest.fixture
def admin(clinic: Flask) -> Caller:
    """Who may open nearly everything."""
    return Caller(clinic, staff_client(clinic, Role.ADMIN), Role.ADMIN)


@pytest.fixture
def sam(clinic: Flask) -> Caller:
    """Who may read what patients told."""
    return Caller(clinic, staff_client(clinic, Role.CLINICIAN), Role.CLINICIAN)


@pytest.fixture
def ana(clinic: Flask) -> Caller:
    """A patient."""
    return Caller(clinic, patient_client(clinic))


def oddly(row: Row, odd: str) -> Iterator[str]:
    """Addresses of the rule, each with the odd text in one of its places."""
    for place in re.findall(r"<(?!any)[^>]+>", row.rule):
        yield some_path(row.rule.replace(place, odd))


def caller_of(row: Row, admin: Caller, sam: Caller, ana: Caller) -> Caller:
    """Somebody whom the route lets in."""
    if row.callers == "patient":
        return ana
    return admin if row.roles is None or Role.ADMIN in row.roles else sam


def expected(rule: str) -> int:
    """What a page answers that is not there."""
    if rule.startswith("/intake/forms/"):
        return 303
    return 410 if rule == "/set-up/<token>" else 404


class TestNames:
    def test_that_can_be_none_are_answered_like_missing_ones(
        self, admin: Caller, sam: Caller, ana: Caller
    ) -> None:
        for row in NAMED:
            caller = caller_of(row, admin, sam, ana)
            missing = caller.answer(row, some_path(row.rule))
            for odd, text in ODD.items():
                for path in oddly(row, text):
                    told = caller.answer(row, path)
                    assert told[0] < 500, (row.rule, odd)
                    assert told == missing or told[0] == 404, (row.rule, odd, told, missing)

    def test_that_are_missing_are_not_found(self, admin: Caller, sam: Caller, ana: Caller) -> None:
        """But for the link of an invitation: it says so. Forms ask who one is first."""
        for row in NAMED:
            if row.method == "GET":
                caller = caller_of(row, admin, sam, ana)
                status = caller.answer(row, some_path(row.rule))[0]
                assert status == expected(row.rule), row
