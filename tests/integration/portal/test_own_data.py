"""One's own data, to read and as a file, for its owner alone."""

from datetime import date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry
from clinic.core.db import db
from clinic.core.values import PUBLIC
from clinic.scheduling.operations.requests import Step, decline_request, request_visit
from clinic.scheduling.operations.requests.wishes import RequestWish
from clinic.scheduling.operations.waitlist import join_waitlist
from clinic.scheduling.rules.requests import BodyArea, Modality
from clinic.scheduling.rules.waitlist import WaitWish
from tests.integration.portal.family import ANA, ZOE, grown, patient, sign_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, local


def path(app: Flask, given: str) -> str:
    return f"/portal/people/{patient(app, given).public_id}"


def actions(app: Flask) -> set[str]:
    with app.app_context():
        return set(db.session.scalars(select(AuditEntry.action)))


def decline_a_request(app: Flask, *, asked_at: datetime) -> None:
    wish = RequestWish(
        modality=Modality.IN_PERSON, reason="My hip hurts when I run.", area=BodyArea.HIP
    )
    with app.app_context():
        asked = request_visit(
            wish=wish, patient=grown("Ana", "Beltran", ANA), actor=PUBLIC, now=asked_at
        )
        step = Step(public_id=asked.public_id, actor=KIM, now=NOW)
        decline_request(step=step, reason="We treat no hips.")


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

    def test_tells_a_request_whole_with_the_clinics_day(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        decline_a_request(clinic, asked_at=local("2026-03-01 21:00"))
        sign_in(clinic, pages)
        (request,) = pages.client.get(f"{path(clinic, 'Ana')}/data.json").get_json()["requests"]
        assert request["asked_at"] == "2026-03-02T02:00:00Z"
        assert (request["area"], request["decline_reason"]) == ("hip", "We treat no hips.")
        page = pages.get(f"{path(clinic, 'Ana')}/data").text
        assert "We treat no hips." in page
        for text in (page, pages.get("/portal").text):
            assert "March 1, 2026" in text

    def test_tells_of_the_waitlist(self, clinic: Flask, pages: PageClient) -> None:
        wish = WaitWish(service="eval", from_date=date(2026, 3, 9), to_date=date(2026, 3, 13))
        with clinic.app_context():
            who = grown("Ana", "Beltran", ANA)
            join_waitlist(wish=wish, patient=who, actor=PUBLIC, now=NOW)
        sign_in(clinic, pages)
        (entry,) = pages.client.get(f"{path(clinic, 'Ana')}/data.json").get_json()["waitlist"]
        assert (entry["status"], entry["from"]) == ("waiting", "2026-03-09")
        page = pages.get(f"{path(clinic, 'Ana')}/data")
        assert "from March 9, 2026 to March 13, 2026" in page.text

    @pytest.mark.parametrize("page", ["", "/data", "/data.json"])
    def test_is_nobody_elses(self, clinic: Flask, pages: PageClient, page: str) -> None:
        sign_in(clinic, pages, ZOE)
        foreign = pages.client.get(f"{path(clinic, 'Ana')}{page}")
        missing = pages.client.get(f"/portal/people/{'A' * 22}{page}")
        assert (foreign.status_code, foreign.text) == (404, missing.text)
        assert "portal.refused" in actions(clinic)
