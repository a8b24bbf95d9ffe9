"""A document on its way to staff: who gets it, with which headers, and what stays on record."""

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.values import Role
from clinic.documents import vault
from clinic.documents.rules import READERS, Kind
from tests.integration.documents.papers import keep
from tests.integration.security.doors import staff_client
from tests.support.page_clinic import book, load
from tests.unit.documents import files


@pytest.fixture
def papers(app: Flask) -> dict[Kind, str]:
    with app.app_context():
        load()
        book("2026-03-03 10:00")
        made = {
            kind: keep(kind=kind, name="Überweisung.jpg")
            for kind in list(Kind)
            if kind != Kind.GAIT_DATA.value
        }
        made[Kind.GAIT_DATA] = keep(kind=Kind.GAIT_DATA, name="a.csv", content=b"Time\n")
        return made


class TestADocument:
    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
    def test_reaches_the_roles_that_read_its_kind(
        self, app: Flask, papers: dict[Kind, str], role: Role
    ) -> None:
        client = staff_client(app, role)
        missing = client.get("/desk/documents/none")
        for kind, public_id in papers.items():
            answer = client.get(f"/desk/documents/{public_id}")
            if role in READERS[kind]:
                assert answer.status_code == 200, kind
                assert answer.data.startswith((b"\xff\xd8", b"Time"))
            else:
                assert (answer.status_code, answer.data) == (404, missing.data), kind

    def test_is_neither_stored_nor_run_by_a_browser(
        self, app: Flask, papers: dict[Kind, str]
    ) -> None:
        with app.app_context():
            report = keep(kind=Kind.OTHER, content=files.report(), name='a".pdf')
        client = staff_client(app, Role.CLINICIAN)
        picture = client.get(f"/desk/documents/{papers[Kind.OTHER]}")
        assert picture.headers["Content-Disposition"] == (
            "inline; filename=\"_berweisung.jpg\"; filename*=UTF-8''%C3%9Cberweisung.jpg"
        )
        answer = client.get(f"/desk/documents/{report}")
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="a.pdf"')
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        for one in (picture, answer):
            assert one.headers["Cache-Control"] == "no-store"
            assert one.headers["X-Content-Type-Options"] == "nosniff"
            assert one.headers["Content-Length"] == str(len(one.data))
            assert one.headers["Content-Security-Policy"].startswith("default-src 'none'")

    def test_leaves_a_record_of_who_read_it(self, app: Flask, papers: dict[Kind, str]) -> None:
        staff_client(app, Role.CLINICIAN).get(f"/desk/documents/{papers[Kind.OTHER]}")
        with app.app_context():
            wanted = select(AuditEntry).where(AuditEntry.action == "document.read")
            entry = db.session.scalars(wanted).one()
            assert entry.details["document"] == papers[Kind.OTHER]

    def test_whose_file_is_gone_says_what_to_do_and_is_on_record(
        self, app: Flask, papers: dict[Kind, str]
    ) -> None:
        with app.app_context():
            vault.remove_file(public_id=papers[Kind.OTHER])
        app.testing = False
        answer = staff_client(app, Role.CLINICIAN).get(f"/desk/documents/{papers[Kind.OTHER]}")
        assert answer.status_code == 503
        assert "can bring it back from a backup" in answer.text
        assert "berweisung" not in answer.text
        with app.app_context():
            told = select(AuditEntry).where(AuditEntry.action.like("document.%read%"))
            (entry,) = db.session.scalars(told)
            assert (entry.action, entry.details["document"]) == (
                *("document.unreadable", papers[Kind.OTHER]),
            )
