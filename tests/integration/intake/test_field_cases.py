"""Answers as clinicians read them, in cases that other systems lost."""

import io
import json

import pytest
from flask import Flask
from pypdf import PdfReader

from clinic.core.values import Role
from clinic.intake.operations.completing import complete_response
from tests.integration.intake.ground import (
    ANA,
    NOW,
    add_patient,
    ask,
    choice,
    coding,
    group,
    only_if,
    publish,
    question,
    save,
    small_form,
)
from tests.integration.security.doors import staff_client
from tests.support.page_client import PageClient

YES, NO = [coding("yes")], [coding("no")]


def words(text: str) -> list[dict[str, str]]:
    return [{"valueString": text}]


@pytest.fixture
def clinician(clinic: Flask) -> PageClient:
    pages = PageClient(clinic)
    pages.client = staff_client(clinic, Role.CLINICIAN)
    return pages


def pdf_text(pages: PageClient, response: str) -> str:
    answer = pages.client.get(f"/desk/answers/{response}/pdf")
    assert answer.status_code == 200
    reader = PdfReader(io.BytesIO(answer.data))
    return " ".join(" ".join(page.extract_text().split()) for page in reader.pages)


class TestAnswers:
    def test_of_forms_within_the_form_stand_everywhere_and_hidden_ones_nowhere(
        self, clinic: Flask, clinician: PageClient
    ) -> None:  # F2, F6
        inner = group("inner", question("deep"), group("row", question("dose"), repeats=True))
        hurts = choice("hurts", "yes", "no")
        where = question("where", item=[question("how")], **only_if("hurts", "yes"))
        with clinic.app_context():
            form = publish(small_form(items=[group("top", hurts, where, inner)]))
            patient = add_patient()
            assignment = ask(patient)
            given = {
                "hurts": YES,
                "where": words("HiddenWord"),
                "how": words("HiddenToo"),
                "deep": words("DeepWord"),
                "row": [{"dose": words("DoseOne")}, {"dose": words("DoseTwo")}],
            }
            first = save(assignment, given, form=form)
            saved = save(assignment, {"hurts": NO}, form=form, base=first.version)
            complete_response(response=saved.response, version=saved.version, author=ANA, now=NOW)
        export = clinician.client.get(f"/desk/answers/{saved.response}/fhir").text
        for text in (
            clinician.get(f"/desk/answers/{saved.response}").text,
            pdf_text(clinician, saved.response),
            export,
            clinician.get(f"/desk/patients/{patient}/summary").html,
        ):
            assert "Hidden" not in text
        for text in (clinician.get(f"/desk/answers/{saved.response}").text, export):
            assert all(word in text for word in ("DeepWord", "DoseOne", "DoseTwo"))
        text = pdf_text(clinician, saved.response)
        assert all(word in text for word in ("No", "DeepWord", "DoseOne", "DoseTwo"))

    def test_given_to_an_older_version_are_read_with_it_for_ever(
        self, clinic: Flask, clinician: PageClient
    ) -> None:  # F5
        with clinic.app_context():
            old = publish(small_form())
            patient = add_patient()
            assignment = ask(patient)
            first = save(assignment, {"hurts": YES, "where": words("left hip")}, form=old)
            changed = [group("second", question("much", "text"), question("new", required=True))]
            publish(small_form(version="2", items=changed))
            saved = save(
                assignment,
                {"much": [{"valueInteger": 7}]},
                form=old,
                section=2,
                base=first.version,
            )
            complete_response(response=saved.response, version=saved.version, author=ANA, now=NOW)
            publish(small_form(version="3", items=[group("third", question("where", "integer"))]))
        page = clinician.get(f"/desk/answers/{saved.response}")
        text = pdf_text(clinician, saved.response)
        for words_of in (page.text, text):
            assert "What about where?" in words_of
            assert "left hip" in words_of
            assert "What about new?" not in words_of
        export = json.loads(clinician.client.get(f"/desk/answers/{saved.response}/fhir").data)
        assert export["questionnaire"].endswith("|1")
        assert {"valueInteger": 7} in export["item"][1]["item"][0]["answer"]
        clinician.get(f"/desk/patients/{patient}/summary")
        for path in ("/desk", "/desk/calendar", f"/desk/patients/{patient}/forms"):
            assert clinician.client.get(path).status_code == 200, path
