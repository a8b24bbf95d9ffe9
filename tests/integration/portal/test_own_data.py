"""One's own data, to read and as a file, for its owner alone."""

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from tests.integration.portal.family import ZOE, patient, sign_in
from tests.support.page_client import PageClient


def path(app: Flask, given: str) -> str:
    return f"/portal/people/{patient(app, given).public_id}"


def actions(app: Flask) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(select(AuditEntry.action)))


class TestOwnData:
    def test_is_a_page_to_read(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        page = pages.get(f"{path(clinic, 'Leo')}/data")
        assert page.h1 == "Everything we keep of Leo Beltran"
        for words in ("March 10, 2008", "Ana Beltran, parent", "March 3, 2026, 11:00 AM"):
            assert words in page.text
        assert "portal.data-read" in actions(clinic)

    def test_is_a_file(self, clinic: Flask, pages: PageClient) -> None:
        sign_in(clinic, pages)
        answer = pages.client.get(f"{path(clinic, 'Ana')}/data.json")
        assert answer.headers["Content-Disposition"] == 'attachment; filename="my-record.json"'
        assert answer.headers["Cache-Control"] == "no-store"
        found = answer.get_json()
        assert (found["format"], found["version"]) == ("clinic-own-data", 1)
        assert found["made_at"] == "2026-03-02T15:00:00Z"
        assert found["patient"]["birth_date"] == "1984-03-14"
        assert [visit["local"] for visit in found["visits"]] == ["2026-03-03T09:00:00-05:00"]
        assert "portal.data-downloaded" in actions(clinic)

    @pytest.mark.parametrize("page", ["", "/data", "/data.json"])
    def test_is_nobody_elses(self, clinic: Flask, pages: PageClient, page: str) -> None:
        sign_in(clinic, pages, ZOE)
        foreign = pages.client.get(f"{path(clinic, 'Ana')}{page}")
        missing = pages.client.get(f"/portal/people/{'A' * 22}{page}")
        assert (foreign.status_code, foreign.text) == (404, missing.text)
        assert "portal.refused" in actions(clinic)
