"""Who may call what, written out: every route against every kind of caller (ASVS 5.0, 8.2.1).

A route without a line in access_table.txt fails here, and so does a line without a route. `public`
is anybody, `patient` a signed-in patient, `staff` every role, `desk` every role but the auditor;
`+proof` asks for the password once more.
"""

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.values import Role
from clinic.web.access import access_rule
from tests.integration.security.doors import (
    SAFE,
    bearer,
    csrf,
    patient_client,
    read_table,
    routes,
    some_path,
    staff_client,
)

TABLE = read_table()
SIGN_INS = ("/sign-in?", "/sign-in", "/portal/sign-in")


class TestTable:
    def test_has_a_line_for_every_route_and_no_other(self, app: Flask) -> None:
        listed = {(row.method, row.rule) for row in TABLE}
        assert listed == {(method, rule.rule) for method, rule in routes(app)}
        assert len(listed) == len(TABLE)

    def test_says_what_the_views_say(self, app: Flask) -> None:
        rows = {(row.method, row.rule): row for row in TABLE}
        for method, rule in routes(app):
            asked, row = access_rule(app.view_functions[rule.endpoint]), rows[method, rule.rule]
            assert asked is not None
            assert asked.is_public == (row.callers == "public"), rule
            assert asked.for_patients == (row.callers == "patient"), rule
            assert asked.roles == (row.roles or frozenset()), rule
            assert asked.proved_lately == row.needs_proof, rule

    def test_keeps_the_auditor_from_patients_and_the_desk_from_the_trail(self) -> None:
        for row in TABLE:
            if row.roles is None or row.callers == "staff":
                continue
            is_trail = row.rule.startswith("/desk/audit")
            assert (Role.AUDITOR in row.roles) == is_trail, row
            assert not (is_trail and row.roles & {Role.FRONT_DESK, Role.CLINICIAN, Role.GAIT_LAB})


class TestStrangers:
    def test_are_sent_to_sign_in_or_refused(self, clinic: Flask) -> None:
        client = clinic.test_client()
        proof = csrf(client)
        for row in TABLE:
            if row.callers == "public":
                continue
            data = None if row.method in SAFE or row.is_api else {"csrf_token": proof}
            answer = client.open(some_path(row.rule), method=row.method, data=data, buffered=True)
            if row.is_api:
                assert answer.status_code == 401, row
            else:
                assert answer.status_code == 303, row
                assert answer.headers["Location"].startswith(SIGN_INS), row

    def test_may_call_what_is_public(self, clinic: Flask) -> None:
        client = clinic.test_client()
        for row in TABLE:
            if row.callers == "public" and row.method == "GET":
                answer = client.get(some_path(row.rule), buffered=True)
                assert answer.status_code not in {401, 403, 405, 500}, row
                assert not answer.headers.get("Location", "").startswith(SIGN_INS) or (
                    "sign-in" in row.rule
                ), row


class TestStaff:
    @pytest.mark.parametrize("role", Role)
    def test_reach_the_pages_of_their_role_and_no_other(self, clinic: Flask, role: Role) -> None:
        client = staff_client(clinic, role)
        proof = csrf(client)
        for row in TABLE:
            if row.roles is None or row.is_api:
                continue
            if role in row.roles:
                if row.method == "GET":
                    assert client.get(some_path(row.rule), buffered=True).status_code in {
                        200,
                        303,
                        404,
                    }, row
                continue
            data = None if row.method in SAFE else {"csrf_token": proof}
            answer = client.open(some_path(row.rule), method=row.method, data=data, buffered=True)
            assert answer.status_code == 403, row

    @pytest.mark.parametrize("role", Role)
    def test_programs_reach_the_calls_of_their_role_and_no_other(
        self, clinic: Flask, role: Role
    ) -> None:
        client, proof = clinic.test_client(), bearer(clinic, role)
        for row in TABLE:
            if row.roles is None or not row.is_api:
                continue
            answer = client.open(some_path(row.rule), method=row.method, headers=proof, json={})
            assert (answer.status_code == 403) == (role not in row.roles), row
            assert answer.status_code != 401, row

    def test_are_nobody_on_patients_pages(self, clinic: Flask) -> None:
        client = staff_client(clinic, Role.ADMIN)
        for row in TABLE:
            if row.callers == "patient" and row.method == "GET":
                answer = client.get(some_path(row.rule), buffered=True)
                assert answer.headers["Location"].startswith("/portal/sign-in"), row


class TestPatients:
    def test_are_nobody_on_staff_pages(self, clinic: Flask) -> None:
        client = patient_client(clinic)
        proof = csrf(client)
        for row in TABLE:
            if row.roles is None or row.is_api:
                continue
            data = None if row.method in SAFE else {"csrf_token": proof}
            answer = client.open(some_path(row.rule), method=row.method, data=data, buffered=True)
            assert (answer.status_code, answer.headers["Location"][:8]) == (303, "/sign-in"), row


class TestRefusals:
    """ASVS 5.0, 16.3.1 and 16.3.2: failures to prove who one is, or that one may, are on record."""

    def test_of_staff_are_in_the_trail(self, clinic: Flask) -> None:
        client = staff_client(clinic, Role.GAIT_LAB)
        client.get("/desk/audit?patient=secret")
        with clinic.app_context():
            wanted = select(AuditEntry).where(AuditEntry.action == "page.refused")
            (entry,) = db.session.scalars(wanted)
        assert entry.actor_role == "gait_lab"
        assert entry.details == {"page": "GET /desk/audit", "why": "not for this role"}

    def test_of_others_are_in_the_log_without_what_was_asked(
        self, clinic: Flask, caplog: pytest.LogCaptureFixture
    ) -> None:
        client = clinic.test_client()
        client.get("/api/v1/appointments?name=Secret", headers={"Authorization": "Bearer made-up"})
        client.post("/request/visit?name=Secret", data={"reason": "Secret"})
        said = [record.getMessage() for record in caplog.records if "refusals" in record.name]
        assert [line.split(": ")[1] for line in said] == [
            "unknown token, nobody",
            "no proof that the form is ours, nobody",
        ]
        assert "Secret" not in caplog.text
        assert "made-up" not in caplog.text
