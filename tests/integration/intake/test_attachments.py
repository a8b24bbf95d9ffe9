"""Questions that are answered by a photo or a report."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder

from clinic.core.errors import NotFound
from clinic.core.values import Role
from clinic.documents.queries import get_document, list_patient_documents
from clinic.documents.rules import Kind
from clinic.documents.vault import list_files
from clinic.intake.queries.responses import answers_of, get_assigned
from tests.integration.intake.conftest import come_in
from tests.integration.intake.ground import (
    NOW,
    add_patient,
    ask,
    group,
    publish,
    question,
    small_form,
)
from tests.integration.security.doors import staff_client
from tests.support.page_client import PageClient
from tests.unit.documents.files import photo

FORM = [
    group("top", question("name", required=True), question("card-front", "attachment")),
    group(
        "tests", group("test", question("kind"), question("test-file", "attachment"), repeats=True)
    ),
]


def answered(clinic: Flask, assignment: str) -> tuple[str, dict[str, list[Any]]]:
    """The response's public id and its answers."""
    with clinic.app_context():
        response = get_assigned(public_id=assignment).response
        assert response is not None
        return response.public_id, answers_of(response)


def kept_names(clinic: Flask, patient: str) -> list[str]:
    with clinic.app_context():
        return sorted(one.name for one in list_patient_documents(patient=patient))


def chosen(content: bytes, name: str) -> Any:
    return (io.BytesIO(content), name)


class TestAFileAsAnAnswer:
    def test_is_kept_at_once_and_opened_by_the_care_team(self, clinic: Flask) -> None:
        with clinic.app_context():
            publish(small_form(items=FORM))
            patient = add_patient()
            assignment = ask(patient)
        browser, form = come_in(clinic, patient), f"/intake/forms/{assignment}"
        browser.get(f"{form}/1")
        page = browser.submit(
            {"q1": "Ana", "q2-file": chosen(b"<html>hi", "card.jpg"), "do": "next"},
            action=f"{form}/1",
            status=422,
        )
        assert 'href="#q2"' in page.html
        # It is not lost where another question of the page still has no answer.
        page = browser.submit(
            {"q1": "", "q2-file": chosen(photo(), "card.jpg"), "do": "next"},
            action=f"{form}/1",
            status=422,
        )
        assert "card.jpg" in page.text
        browser.submit({"q1": "Ana", "do": "next"}, action=f"{form}/1")
        browser.submit(
            {"q5-0": "MRI", "q6-0-file": chosen(photo(), "mri.jpg"), "do": "next"},
            action=f"{form}/2",
        )
        response, answers = answered(clinic, assignment)
        with clinic.app_context():
            kept = {one.name: one for one in list_patient_documents(patient=patient)}
        card, report = kept["card.jpg"], kept["mri.jpg"]
        assert (card.kind, report.kind) == (Kind.CARD_FRONT, Kind.IMAGING_REPORT)
        assert card.about == f"response:{response}"
        told = answers["card-front"][0]["valueAttachment"]
        assert (told["url"], told["size"]) == (f"/desk/documents/{card.public_id}", card.size)
        assert "mri.jpg" in browser.page.text
        browser.submit(action=f"{form}/check")
        desk = PageClient(clinic)
        desk.client = staff_client(clinic, Role.CLINICIAN)
        page = desk.get(f"/desk/answers/{response}")
        assert f'href="/desk/documents/{report.public_id}">mri.jpg' in page.html

    def test_is_forgotten_when_the_patient_takes_it_out(self, clinic: Flask) -> None:
        with clinic.app_context():
            publish(small_form(items=FORM))
            patient = add_patient()
            assignment = ask(patient)
        browser, path = come_in(clinic, patient), f"/intake/forms/{assignment}/1"
        browser.get(path)
        browser.submit({"q2-file": chosen(photo(), "card.jpg"), "do": "file:q2"}, action=path)
        assert "card.jpg" in browser.page.text
        with clinic.app_context():
            (kept,) = list_patient_documents(patient=patient)
        browser.submit({"do": f"drop:q2:{kept.public_id}"}, action=path)
        assert "card.jpg" not in browser.page.text
        assert "card-front" not in answered(clinic, assignment)[1]
        with clinic.app_context(), pytest.raises(NotFound):
            get_document(public_id=kept.public_id)

    def test_gives_way_to_the_next_one_where_one_is_asked_for(self, clinic: Flask) -> None:
        with clinic.app_context():
            publish(small_form(items=FORM))
            patient = add_patient()
            assignment = ask(patient)
        browser, form = come_in(clinic, patient), f"/intake/forms/{assignment}"
        browser.get(f"{form}/1")
        for color in ("red", "red", "blue"):
            sent = {"q2-file": chosen(photo(color=color), f"{color}.jpg"), "do": "file:q2"}
            browser.submit(sent, action=f"{form}/1")
        assert "blue.jpg" in browser.page.text
        assert "red.jpg" not in browser.page.text
        for number, color in enumerate(("green", "white")):
            browser.get(f"{form}/2?more=q4")
            sent = {
                f"q5-{number}": color,
                f"q6-{number}-file": chosen(photo(color=color), f"{color}.jpg"),
            }
            browser.submit({**sent, "do": "add:q4"}, action=f"{form}/2")
        assert kept_names(clinic, patient) == ["blue.jpg", "green.jpg", "white.jpg"]
        browser.get(f"{form}/2")
        browser.submit({"do": "remove:q4-0"}, action=f"{form}/2")
        assert kept_names(clinic, patient) == ["blue.jpg", "white.jpg"]

    def test_that_broke_off_on_its_way_leaves_nothing(self, clinic: Flask) -> None:  # F8
        with clinic.app_context():
            publish(small_form(items=FORM))
            patient = add_patient()
            assignment = ask(patient)
        browser, path = come_in(clinic, patient), f"/intake/forms/{assignment}/1"
        values = browser.get(path).form(path).values
        sent = {**values, "q2-file": chosen(photo(), "card.jpg"), "q1": "Ana", "do": "next"}
        whole = EnvironBuilder(path=path, method="POST", data=sent).get_environ()
        body = whole["wsgi.input"].read()
        in_the_closing_mark = body.rindex(b"--") - 1
        for arrived in (len(body) // 10, len(body) // 2, in_the_closing_mark):
            answer = browser.client.post(
                path,
                input_stream=io.BytesIO(body[:arrived]),
                content_length=len(body),
                content_type=whole["CONTENT_TYPE"],
            )
            assert answer.status_code == 400, f"{arrived} of {len(body)}"
        with clinic.app_context():
            assert list_patient_documents(patient=patient) == []
            assert get_assigned(public_id=assignment).response is None
            assert list_files(before=NOW + timedelta(days=9999)) == []
        file = {"q2-file": chosen(photo(), "card.jpg"), "q1": "Ana", "do": "next"}
        assert browser.submit(file, action=path).path == f"/intake/forms/{assignment}/2"
        assert kept_names(clinic, patient) == ["card.jpg"]

    def test_of_somebody_else_is_none(self, clinic: Flask) -> None:  # X1
        with clinic.app_context():
            publish(small_form(items=FORM))
            bob, ana = add_patient(given="Bob"), add_patient()
            theirs, assignment = ask(bob), ask(ana)
        path = f"/intake/forms/{theirs}/1"
        browser = come_in(clinic, bob)
        browser.get(path)
        browser.submit({"q2-file": chosen(photo(), "card.jpg"), "do": "file:q2"}, action=path)
        with clinic.app_context():
            (kept,) = list_patient_documents(patient=bob)
        browser, path = come_in(clinic, ana), f"/intake/forms/{assignment}/1"
        browser.get(path)
        browser.submit({"q1": "Ana", "q2": kept.public_id, "do": "next"}, action=path)
        assert "card-front" not in answered(clinic, assignment)[1]
        browser.get(path)
        browser.submit({"do": f"drop:q2:{kept.public_id}"}, action=path)
        with clinic.app_context():
            assert get_document(public_id=kept.public_id).public_id == kept.public_id
