"""The audit trail's pages: who saw or did what, by each filter, and what leaves as files."""

import csv
import io
import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core import audit
from clinic.core.audit import AuditEntry, AuditSight, record_look, seal_entries
from clinic.core.db import db
from clinic.core.values import SYSTEM, Actor, Role
from clinic.scheduling.queries.visits import Visit
from tests.integration.trail.conftest import signed_in
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM, NOW, book, counted_queries, hire


def entries(app: Flask, action: str) -> list[AuditEntry]:
    with app.app_context():
        wanted = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)
        return list(db.session.scalars(wanted))


def lines(pages: PageClient) -> list[str]:
    """The words of each entry on the present page."""
    rows = [row for row in pages.page.tree.iter("tr") if not row.attrib.get("class")]
    return [" ".join(" ".join(row.itertext()).split()) for row in rows if list(row.iter("td"))]


def look(number: int, *, actor: Actor = KIM, action: str = "desk.looked") -> None:
    at = NOW + timedelta(seconds=number)
    record_look(action=action, actor=actor, now=at, subject=f"day:2026-03-{number % 28 + 1:02}")


class TestTrail:
    @pytest.mark.parametrize("role", [Role.FRONT_DESK, Role.CLINICIAN, Role.GAIT_LAB])
    def test_is_for_auditors_and_managers(self, clinic: Flask, role: Role) -> None:
        if role is not Role.FRONT_DESK:
            with clinic.app_context():
                hire(role)
        pages = signed_in(clinic, role)
        for path in ("", "/export.csv", "/export.jsonl", f"/sessions/{'x' * 22}"):
            pages.get(f"/desk/audit{path}", status=403)

    def test_names_who_did_what_with_whom(self, auditor: PageClient, visits: list[Visit]) -> None:
        auditor.get("/desk/audit")
        booked = [line for line in lines(auditor) if "Booked a visit" in line]
        assert len(booked) == 3
        assert "Kim Torres front desk" in booked[0]
        assert "Pat3 Example, Tue, Mar 3, 12:00 PM" in booked[0]

    def test_finds_all_about_a_patient_lists_too(
        self, clinic: Flask, auditor: PageClient, visits: list[Visit]
    ) -> None:
        desk = signed_in(clinic, Role.FRONT_DESK)
        desk.get("/desk?date=2026-03-03")
        desk.get(f"/desk/visits/{visits[0].public_id}/cancel")
        auditor.get(f"/desk/audit?patient={visits[0].patient}")
        assert auditor.page.h1 == "Audit trail: Pat1 Example"
        said = [re.sub(r"^\d+:\d+ [AP]M Kim Torres front desk ", "", one) for one in lines(auditor)]
        assert said == [
            "Looked at the desk Pat1 Example, Tue, Mar 3, 10:00 AM Session Kim Torres 10:00 AM",
            "Looked at the desk March 3, 2026, 3 patients Session Kim Torres 10:00 AM",
            *(one for one in said if "Booked a visit" in one or "Made a patient" in one),
        ]
        assert len(said) == 4
        assert all("Pat2" not in one for one in said)

    @pytest.mark.parametrize(
        ("query", "there", "gone"),
        [
            ("action=appointment.booked", "Booked a visit", "Signed in"),
            ("from=2026-03-05&to=2026-03-05", "March 5, 2026", "March 2, 2026"),
            ("to=2026-03-02", "March 2, 2026", "March 5, 2026"),
            ("from=yesterday&actor=nobody&after=x", "Signed in", "nobody"),
        ],
    )
    def test_is_sieved(
        self,
        clinic: Flask,
        auditor: PageClient,
        visits: list[Visit],
        query: str,
        there: str,
        gone: str,
    ) -> None:
        with clinic.app_context():
            later = NOW + timedelta(days=3)
            record_look(action="desk.looked", actor=KIM, now=later, subject="day:2026-01-01")
        table = " ".join(auditor.get(f"/desk/audit?{query}").tree.find(".//table").itertext())  # type: ignore[union-attr]
        assert there in table
        assert gone not in table

    def test_is_sieved_by_who(self, clinic: Flask, auditor: PageClient) -> None:
        (in_,) = entries(clinic, "staff.signed-in")
        auditor.get(f"/desk/audit?actor={in_.actor_id}")
        assert lines(auditor)
        assert all("auditor" in line for line in lines(auditor))

    def test_says_when_nothing_fits(self, auditor: PageClient) -> None:
        assert "No entry" in auditor.get("/desk/audit?to=2001-01-01").text

    def test_goes_on_page_by_page_without_gap_or_repeat(
        self, clinic: Flask, auditor: PageClient
    ) -> None:
        with clinic.app_context():
            for number in range(120):
                look(number // 3)  # three at the same instant: the id decides
        page = auditor.get("/desk/audit?action=desk.looked")
        seen = list(lines(auditor))
        while older := [link for link in page.links() if "after=" in link]:
            page = auditor.get(older[0])
            seen += lines(auditor)
        assert len(seen) == 120

    def test_costs_as_many_queries_whatever_it_holds(
        self, clinic: Flask, auditor: PageClient, visits: list[Visit]
    ) -> None:
        auditor.get("/desk/audit")
        with counted_queries(clinic) as few:
            auditor.get("/desk/audit")
        with clinic.app_context():
            for number in range(30):
                look(number)
            for who in range(10, 20):
                book("2026-03-04 13:00", who=who, reason="a test")
        with counted_queries(clinic) as many:
            auditor.get("/desk/audit")
        assert len(few) == len(many) <= 22, many

    def test_is_itself_looked_at_on_record(
        self, clinic: Flask, auditor: PageClient, visits: list[Visit]
    ) -> None:
        auditor.get(f"/desk/audit?patient={visits[0].patient}&to=2026-12-31")
        (entry,) = entries(clinic, "audit.looked")
        assert entry.subject == f"patient:{visits[0].patient}"
        assert entry.details["to"] == "2026-12-31"
        assert entry.session is not None

    def test_knows_a_missing_patient_from_none(self, auditor: PageClient) -> None:
        auditor.get(f"/desk/audit?patient={'x' * 22}", status=404)

    def test_says_how_far_it_is_sealed_and_verified(
        self, clinic: Flask, auditor: PageClient
    ) -> None:
        assert "Nothing is sealed yet" in auditor.get("/desk/audit").text
        with clinic.app_context():
            while seal_entries():
                pass
        clinic.test_cli_runner().invoke(args=["audit", "verify"])
        text = auditor.get("/desk/audit").text
        assert "entries are sealed, the last of March 2, 2026" in text
        assert "Verified whole" in text

    def test_shouts_when_the_chain_was_found_broken(
        self, clinic: Flask, auditor: PageClient
    ) -> None:
        with clinic.app_context():
            broken = {"entries": 3, "whole": False}
            record_look(action="audit.verified", actor=SYSTEM, now=NOW, details=broken)
        assert "The trail was changed" in auditor.get("/desk/audit").text


class TestSession:
    def test_tells_whose_when_and_whom_it_showed(
        self, clinic: Flask, auditor: PageClient, visits: list[Visit]
    ) -> None:
        desk = signed_in(clinic, Role.FRONT_DESK)
        desk.get("/desk?date=2026-03-03")
        (looked,) = entries(clinic, "desk.looked")
        page = auditor.get(f"/desk/audit/sessions/{looked.session}")
        assert page.h1 == "A session of Kim Torres"
        assert [f"Pat{n} Example" in page.text for n in (1, 2, 3)] == [True] * 3
        assert {line.split(" front desk ")[1].split(" ")[0] for line in lines(auditor)} == {
            "Looked",
            "Signed",
        }

    def test_is_known_after_it_ended(
        self, clinic: Flask, auditor: PageClient, visits: list[Visit]
    ) -> None:
        desk = signed_in(clinic, Role.FRONT_DESK)
        desk.get("/desk?date=2026-03-03")
        desk.submit(action="/sign-out")
        (looked,) = entries(clinic, "desk.looked")
        assert "Signed out" in auditor.get(f"/desk/audit/sessions/{looked.session}").text

    @pytest.mark.parametrize("session", ["x" * 22, "x", "%00", "..%2f.."])
    def test_is_missing_when_nothing_went_through(self, auditor: PageClient, session: str) -> None:
        auditor.get(f"/desk/audit/sessions/{session}", status=404)


class TestFindPatient:
    def test_finds_by_the_beginning_of_each_word(
        self, clinic: Flask, auditor: PageClient, visits: list[Visit]
    ) -> None:
        auditor.get("/desk/audit")
        page = auditor.submit({"name": "exam PAT2"}, action="/desk/audit/patients")
        assert f"/desk/audit?patient={visits[1].patient}" in page.links()
        assert "Pat1" not in page.text
        with clinic.app_context():
            (entry,) = db.session.scalars(
                select(AuditEntry).where(AuditEntry.action == "audit.searched")
            )
            seen = db.session.scalars(
                select(AuditSight.subject).where(AuditSight.entry_id == entry.id)
            )
            assert list(seen) == [f"patient:{visits[1].patient}"]

    @pytest.mark.parametrize("name", ["", " ", "x" * 200, "\x00"])
    def test_asks_for_a_name(self, auditor: PageClient, name: str) -> None:
        auditor.get("/desk/audit")
        auditor.submit({"name": name}, action="/desk/audit/patients", status=422)

    @pytest.mark.parametrize("name", ["%", "_", "zzz"])
    def test_says_that_nobody_has_it(
        self, auditor: PageClient, visits: list[Visit], name: str
    ) -> None:
        auditor.get("/desk/audit")
        page = auditor.submit({"name": name}, action="/desk/audit/patients")
        assert "Nobody found" in page.text


class TestFiles:
    def test_hold_what_was_asked_for_and_name_no_patient(
        self, clinic: Flask, auditor: PageClient, visits: list[Visit]
    ) -> None:
        query = "action=appointment.booked"
        answer = auditor.client.get(f"/desk/audit/export.csv?{query}")
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert [row["action"] for row in rows] == ["appointment.booked"] * 3
        assert "Pat1" not in answer.text
        objects = [
            json.loads(line)
            for line in auditor.client.get(f"/desk/audit/export.jsonl?{query}").text.splitlines()
        ]
        assert [one["subject"] for one in objects] == [row["subject"] for row in rows]
        assert rows[0]["at"] == "2026-03-02T15:00:00.000000Z"

    @pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "＝"])
    def test_run_no_formula_in_a_spreadsheet(
        self, clinic: Flask, auditor: PageClient, sign: str
    ) -> None:
        """OWASP ASVS 5.0, 1.2.10."""
        with clinic.app_context():
            mallory = Actor(kind="staff", name=f"{sign}cmd|' /C calc'!A0", id="m", role=Role.ADMIN)
            look(1, actor=mallory, action="test.formula")
        answer = auditor.client.get("/desk/audit/export.csv?action=test.formula")
        rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
        assert rows[0]["actor_name"] == f"'{sign}cmd|' /C calc'!A0"

    def test_hold_more_than_one_step_reads(
        self, clinic: Flask, auditor: PageClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("clinic.trail.queries.entries.EXPORT_STEP", 7)
        with clinic.app_context():
            for number in range(30):
                look(number)
        answer = auditor.client.get("/desk/audit/export.jsonl?action=desk.looked")
        ids = [json.loads(line)["id"] for line in answer.text.splitlines()]
        assert len(ids) == len(set(ids)) == 30

    def test_are_put_on_record(self, clinic: Flask, auditor: PageClient) -> None:
        auditor.client.get("/desk/audit/export.csv?action=staff.signed-in")
        (entry,) = entries(clinic, "audit.exported")
        assert entry.details == {"action": "staff.signed-in"}


class TestVerifyCommand:
    def test_leaves_its_verdict_in_the_trail(self, clinic: Flask) -> None:
        with clinic.app_context():
            while seal_entries():
                pass
        clinic.test_cli_runner().invoke(args=["audit", "verify"])
        (entry,) = entries(clinic, "audit.verified")
        assert entry.details["whole"] is True
        with clinic.app_context():
            assert audit.verify(now=entry.at).fault is None
