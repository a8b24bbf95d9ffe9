"""Answers as clinicians read them, in cases that other systems lost."""

import io
import json

import pytest
from flask import Flask
from pypdf import PdfReader

from clinic.core.values import SYSTEM, Role
from clinic.intake.operations.completing import complete_response
from clinic.intake.operations.questionnaires import retire_version
from clinic.intake.queries.responses import answers_of, get_assigned
from tests.integration.intake.conftest import come_in
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

    def test_of_a_page_that_was_open_while_the_form_changed_are_read_as_they_were_shown(
        self, clinic: Flask
    ) -> None:  # F5
        with clinic.app_context():
            publish(small_form())
            patient, bob = add_patient(), add_patient(given="Bob")
            assignment, other = ask(patient), ask(bob)
        browser, path = come_in(clinic, patient), f"/intake/forms/{assignment}/1"
        browser.get(path)
        turned = choice("hurts", "no", "yes", required=True)
        with clinic.app_context():
            where = question("where", **only_if("hurts", "yes"))
            items = [group("first", question("new"), turned, where)]
            newest = publish(small_form(version="2", items=items))
        sent = {"q1": "0", "q2": "left hip", "shown": "q1,q2", "do": "next"}  # 0 was "yes"
        browser.submit(sent, action=path)
        with clinic.app_context():
            response = get_assigned(public_id=assignment).response
            assert response is not None
            assert response.canonical.endswith("|1")
            assert answers_of(response) == {"hurts": YES, "where": words("left hip")}
        # nor does a form that nobody is given any more lose what somebody has begun on it
        with clinic.app_context():
            retire_version(public_id=newest, actor=SYSTEM, now=NOW)
            assert get_assigned(public_id=other).assignment.withdrawn_at == NOW
        page = browser.submit({"q4": "3", "do": "next"}, action=f"/intake/forms/{assignment}/2")
        assert page.h1 == "Check your answers"
        browser = come_in(clinic, bob)
        assert "Small form" not in browser.page.text
        assert browser.get(f"/intake/forms/{other}/1").h1 == "This form is not needed any more"

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
