"""Words planted in every protected field, then looked for in a dump of the database and in the log.

OWASP ASVS 5.0, 14.1 and 16.2.5. The words go in as people give them; nothing below looks at models.
"""

import pytest
from flask import Flask
from sqlalchemy import func, select

from clinic.core import rotation
from clinic.core.db import db
from clinic.core.schema import Base
from clinic.core.values import Role
from tests.integration.security.doors import bearer, csrf, staff_client
from tests.integration.security.planted import CANARY, plant
from tests.support.page_clinic import PASSWORD, book


def dump(app: Flask) -> str:
    """Everything the database holds, as text."""
    with app.app_context(), db.engine.connect() as connection:
        rows = (
            f"{table.name}: {tuple(row)!r}"
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table))
        )
        return "\n".join(rows)


def planted_columns(app: Flask) -> set[str]:
    """The protected columns that hold something."""
    with app.app_context():
        return {
            one.label
            for one in rotation.list_sealed_columns()
            if db.session.scalar(select(func.count(one.table.c[one.name])))
        }


class TestCanaries:
    def test_stand_neither_in_the_database_nor_in_the_log(
        self, clinic: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level("DEBUG", logger="clinic")
        secret = plant(clinic)
        stored = dump(clinic).casefold()
        for word in (CANARY, secret):
            assert word.casefold() not in stored
            assert word.casefold() not in caplog.text.casefold()

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

    def test_are_looked_for_in_every_protected_field(self, clinic: Flask) -> None:
        """A new encrypted field wants its canary: let `plant` put one there."""
        plant(clinic)
        assert planted_columns(clinic) == {one.label for one in rotation.list_sealed_columns()}
