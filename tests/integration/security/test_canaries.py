"""Words planted in every protected field, then looked for in a dump of the database and in the log.

OWASP ASVS 5.0, 14.1 and 16.2.5. The words go in as people give them; nothing below looks at models.
"""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core import rotation
from clinic.core.db import Base, db
from clinic.core.values import Role
from clinic.scheduling.operations.steps import take_step
from clinic.scheduling.rules.status import Action
from tests.integration.security.doors import bearer, csrf, staff_client
from tests.support.page_clinic import KIM, NOW, PASSWORD, book

CANARY = "CanaryZq7"


def dump(app: Flask) -> str:
    """Everything the database holds, as text."""
    with app.app_context(), db.engine.connect() as connection:
        rows = (
            f"{table.name}: {tuple(row)!r}"
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table))
        )
        return "\n".join(rows)


def plant(app: Flask) -> None:
    """A reason for an override, one for a cancellation, an answer kept for a program."""
    with app.app_context():
        visit = book("2026-03-03 20:00", who=9, reason=f"{CANARY} override")
        take_step(
            public_id=visit.public_id,
            action=Action.CANCEL,
            actor=KIM,
            now=NOW,
            reason=f"{CANARY} cancellation",
        )
    wish = {
        "service": "eval",
        "starts_at": "2026-03-03T23:00:00Z",
        "practitioner": "okafor",
        "override": {"reason": f"{CANARY} of a program"},
        "patient": {
            "given_name": "Ida",
            "family_name": "Noor",
            "birth_date": "1980-02-01",
            "email": "ida@example.com",
        },
    }
    headers = {**bearer(app, Role.FRONT_DESK), "Idempotency-Key": "canary"}
    answer = app.test_client().post("/api/v1/appointments", json=wish, headers=headers)
    assert answer.status_code == 201, answer.text


class TestCanaries:
    def test_stand_neither_in_the_database_nor_in_the_log(
        self, clinic: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG", logger="clinic")
        plant(clinic)
        stored = dump(clinic)
        assert len(re.findall(r"'v1\.test\.", stored)) >= 4
        assert CANARY not in stored
        assert CANARY not in caplog.text

    def test_of_a_wrong_form_stay_out_of_the_log(
        self, clinic: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG", logger="clinic")
        client = staff_client(clinic, Role.FRONT_DESK)
        proof = csrf(client)
        for path in ("/request/visit", "/sign-in", "/portal/sign-in", "/desk/steps"):
            values = {"csrf_token": proof, "reason": CANARY, "name": CANARY, "email": CANARY}
            client.post(f"{path}?q={CANARY}", data={**values, "password": CANARY, "step": CANARY})
        assert CANARY not in caplog.text
        assert CANARY not in dump(clinic)

    def test_of_passwords_and_tokens_are_hashes(self, clinic: Flask) -> None:
        client = staff_client(clinic, Role.FRONT_DESK)
        cookie = client.get_cookie("staff")
        token = bearer(clinic, Role.ADMIN)["Authorization"].split()[1]
        assert cookie is not None
        stored = dump(clinic)
        for secret in (PASSWORD, cookie.value, token):
            assert secret not in stored

    def test_would_be_found_were_a_field_not_sealed(self, clinic: Flask) -> None:
        with clinic.app_context():
            book("2026-03-03 20:00", who=9, reason="a test")
        assert "Pat9" in dump(clinic)  # names are kept as they are: the search does search

    def test_are_looked_for_in_every_kind_of_field(self, app: Flask) -> None:
        """A new encrypted field wants its canary: name it here when it is planted somewhere."""
        named = {one.label for one in rotation.list_sealed_columns()}
        assert {"appointments.override_reason_sealed", "appointment_changes.reason_sealed"} <= named
