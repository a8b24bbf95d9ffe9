"""What clinicians read: the summary, every answer, the PDF and the FHIR file."""

import io
import json
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from clinic.core.values import SYSTEM, Role
from clinic.intake.library import definition, form
from clinic.intake.operations.completing import amend_response, complete_response
from clinic.intake.operations.questionnaires import import_questionnaire
from clinic.intake.rules.checking import check_response
from clinic.intake.rules.policy import ClinicalPolicy
from clinic.intake.rules.working import from_response
from tests.integration.intake.dangers import CALF, Telling, answers, let_hold, publish_symptoms
from tests.integration.intake.ground import ANA, NOW, add_patient, ask, save
from tests.integration.security.doors import staff_client
from tests.support.page_client import PageClient
from tests.support.page_clinic import counted_queries
from tests.support.timing import assert_takes, taken

WHERE = {
    "regions": ["low-back", "buttock-mid", "thigh-back"],
    "worst-region": ["buttock-mid"],
    "side": ["right"],
    "start-region": ["buttock-mid"],
    "spread": ["thigh-back"],
}


def rate(patient: str, number: int, *, days: int = 0) -> str:
    """The patient rates the pain and sends it."""
    raw = definition(name="nprs")
    version = import_questionnaire(raw=raw, actor=SYSTEM, now=NOW, is_activated=True).public_id
    assignment = ask(patient, slug="nprs")
    names = ("nprs-now", "nprs-best", "nprs-worst", "nprs-week")
    given = {name: [{"valueInteger": number}] for name in names}
    at = NOW + timedelta(days=days)
    saved = save(assignment, given, form=version, now=at)
    complete_response(response=saved.response, version=saved.version, author=ANA, now=at)
    return saved.response


@pytest.fixture
def told(clinic: Flask) -> tuple[str, str]:
    """Ana told of a swollen calf, where it hurts and how much, twice; then she corrected it."""
    with clinic.app_context():
        telling = Telling(add_patient(), publish_symptoms())
        telling.say(CALF)
        where = answers_of_form(WHERE)
        said = save(telling.assignment, where, form=telling.form, section=2, base=telling.version)
        began = {"onset-date": [{"valueDate": "2026-09"}]}
        save(telling.assignment, began, form=telling.form, section=4, base=said.version)
        rate(telling.patient, 8)
        response = rate(telling.patient, 3, days=7)
        changed = {name: [{"valueInteger": 4}] for name in ("nprs-now", "nprs-best")}
        rest = {name: [{"valueInteger": 3}] for name in ("nprs-worst", "nprs-week")}
        amend_response(
            response=response,
            answers={**changed, **rest},
            reason="I meant four.",
            author=ANA,
            now=NOW + timedelta(days=8),
        )
        return telling.patient, response


def answers_of_form(codes: dict[str, list[str]]) -> dict[str, list[object]]:
    return answers(codes)


@pytest.fixture
def clinician(clinic: Flask) -> FlaskClient:
    return staff_client(clinic, Role.CLINICIAN)


class TestTheSummary:
    def test_puts_danger_first_then_the_story(
        self, clinic: Flask, told: tuple[str, str], clinician: FlaskClient
    ) -> None:
        pages = PageClient(clinic)
        pages.client = clinician
        page = pages.get(f"/desk/patients/{told[0]}/summary")
        assert page.h1 == "Ana Ruiz"
        assert page.text.index("needs a clinician") < page.text.index("In their words")
        assert "New swelling of one calf or leg" in page.text
        assert "RF-DVT-1" in page.text
        assert "Worst: Middle of the buttock." in page.text
        assert page.html.count('class="zone on"') == 3  # one side each
        assert "Pain from 8 to 4" in page.html
        assert "4 of 10" in page.text
        assert "Asked, and nothing speaks for: Possible cauda equina syndrome" in page.text
        assert "not sent yet" in page.text

    def test_says_what_changed_since_last_time(
        self, told: tuple[str, str], clinician: FlaskClient
    ) -> None:
        page = clinician.get(f"/desk/patients/{told[0]}/summary").text
        assert "<s>3</s> 4" in page

    def test_asks_the_database_ten_times_at_most(
        self, clinic: Flask, told: tuple[str, str], clinician: FlaskClient
    ) -> None:
        path = f"/desk/patients/{told[0]}/summary"
        clinician.get(path)
        with counted_queries(clinic) as asked:
            clinician.get(path)
        questions = [one for one in asked if not one.startswith(("BEGIN", "COMMIT"))]
        assert len(questions) <= 12, questions  # two of them count what waits beside the links
        ours = [one for one in questions if "count(" not in one.lower()]
        assert len(ours) <= 10, ours

    def test_of_a_patient_who_told_nothing_says_so(
        self, clinic: Flask, clinician: FlaskClient
    ) -> None:
        with clinic.app_context():
            patient = add_patient(given="Bo")
        assert "Nothing was told yet" in clinician.get(f"/desk/patients/{patient}/summary").text
        assert clinician.get("/desk/patients/none/summary").status_code == 404

    def test_is_for_clinicians_only(self, clinic: Flask, told: tuple[str, str]) -> None:
        about = f"/desk/patients/{told[0]}"
        paths = [f"{about}/summary", f"/desk/answers/{told[1]}", f"{about}/intake"]
        for role in (Role.FRONT_DESK, Role.ADMIN, Role.GAIT_LAB, Role.AUDITOR):
            client = staff_client(clinic, role)
            for path in [*paths, f"{paths[1]}/pdf", f"{paths[1]}/fhir"]:
                assert client.get(path).status_code == 403, f"{role} {path}"


class TestAllAnswers:
    def test_show_each_version_and_what_it_changed(
        self, told: tuple[str, str], clinician: FlaskClient
    ) -> None:
        newest = clinician.get(f"/desk/answers/{told[1]}").text
        assert "I meant four." in newest
        assert "<s>3</s> 4" in newest
        first = clinician.get(f"/desk/answers/{told[1]}?version=1").text
        assert "I meant four." not in first
        assert "Version 2 of" in first

    def test_stand_in_the_pdf_too(self, told: tuple[str, str], clinician: FlaskClient) -> None:
        path = f"/desk/answers/{told[1]}/pdf"
        clinician.get(path)  # loads what makes files
        answer = clinician.get(path)
        assert answer.mimetype == "application/pdf"
        reader = PdfReader(io.BytesIO(answer.data))
        text = " ".join(page.extract_text() for page in reader.pages)
        for words in ("Ana Ruiz", "Your pain right now", "I meant four."):
            assert words in text
        assert b"/MarkInfo" in answer.data
        assert reader.root_object.get("/StructTreeRoot") is not None
        # 0.3 s on a quiet machine; see docs/performance.md
        assert_takes(lambda: taken(lambda: clinician.get(path)), less_than=3)

    def test_are_a_sound_fhir_response(self, told: tuple[str, str], clinician: FlaskClient) -> None:
        answer = clinician.get(f"/desk/answers/{told[1]}/fhir")
        assert answer.mimetype == "application/fhir+json"
        body = json.loads(answer.data)
        assert body["resourceType"] == "QuestionnaireResponse"
        assert body["status"] == "amended"
        assert body["subject"]["reference"] == f"Patient/{told[0]}"
        _state, issues = check_response(form=form(name="nprs"), raw=body)
        assert not issues.refused, list(issues)
        found = from_response(form=form(name="nprs"), raw=body)
        assert found["nprs-now"] == [{"valueInteger": 4}]

    def test_of_nobody_are_not_found(self, clinician: FlaskClient) -> None:
        for end in ("", "/pdf", "/fhir"):
            assert clinician.get(f"/desk/answers/none{end}").status_code == 404


class TestTheWholeIntake:
    def test_holds_every_answer_of_every_form(
        self, clinic: Flask, told: tuple[str, str], clinician: FlaskClient
    ) -> None:
        pages = PageClient(clinic)
        pages.client = clinician
        path = f"/desk/patients/{told[0]}/intake"
        assert {path, f"{path}/pdf"} <= set(pages.get(f"/desk/patients/{told[0]}/summary").links())
        page = pages.get(path)
        reader = PdfReader(io.BytesIO(clinician.get(f"{path}/pdf").data))
        printed = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
        told_of = (
            "Your pain right now",
            "I meant four.",
            "Middle of the buttock",
            "September 2026",
        )
        for words in told_of:
            assert words in page.text, words
            assert words in printed, words
        assert page.text.count("Filled in by") == printed.count("Filled in by") == 1
        assert page.html.count('class="zone on"') == 3
        assert reader.root_object.get("/StructTreeRoot") is not None
        assert reader.metadata is not None
        assert reader.metadata.title == "Whole intake of Ana Ruiz"
        body = next(entry for entry in reader.outline if not isinstance(entry, list))
        assert "Whole intake" in str(body["/Title"])

    def test_of_somebody_who_told_nothing_is_no_file(
        self, clinic: Flask, clinician: FlaskClient
    ) -> None:
        with clinic.app_context():
            patient = add_patient(given="Bo")
        path = f"/desk/patients/{patient}/intake"
        assert "Nothing was told yet" in clinician.get(path).text
        assert clinician.get(f"{path}/pdf").status_code == 404


class TestPatterns:
    def test_are_not_listed_where_the_clinic_switched_them_off(
        self, clinic: Flask, told: tuple[str, str], clinician: FlaskClient
    ) -> None:
        path = f"/desk/patients/{told[0]}/summary"
        assert "Patterns to consider" in clinician.get(path).text
        with clinic.app_context():
            let_hold(ClinicalPolicy(patterns_to_consider=False))
        assert "Patterns to consider" not in clinician.get(path).text
