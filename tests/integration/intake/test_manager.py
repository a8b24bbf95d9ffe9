"""Managers take forms in, look at them, give them to patients, change and retire them."""

import io
import json
from typing import Any

import pytest
from flask import Flask

from clinic.core.values import Role
from tests.integration.intake.ground import publish, small_form
from tests.integration.security.doors import staff_client
from tests.support.page_client import PageClient
from tests.support.pages import Page

PATH = "/desk/questionnaires"


@pytest.fixture
def pages(clinic: Flask) -> PageClient:
    made = PageClient(clinic)
    made.client = staff_client(clinic, Role.ADMIN)
    return made


def send(pages: PageClient, raw: Any, *, status: int) -> Page:
    token = pages.get(PATH).form(PATH).values["csrf_token"]
    data = raw if isinstance(raw, bytes) else json.dumps(raw).encode()
    answer = pages.client.post(
        PATH,
        data={"csrf_token": token, "definition": (io.BytesIO(data), "form.json"), "reason": "New"},
        content_type="multipart/form-data",
    )
    assert answer.status_code == status, answer.text
    path = answer.headers.get("Location", PATH)
    return Page(path=path, status=status, html=answer.text if status != 303 else "")


class TestAForm:
    def test_comes_in_as_a_draft_is_looked_at_and_given_to_patients(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        made = send(pages, small_form(), status=303).path
        path = made.partition("?")[0]
        page = pages.get(made)
        assert "It is taken in as a draft." in page.text
        assert "What about hurts?" in page.text
        assert "What about much?" in pages.get(f"{path}?page=2").text
        page = pages.submit(action=f"{path}/activate")
        assert "It is given to patients from now on." in page.text
        pages.get(path)
        page = pages.submit(action=f"{path}/retire")
        assert "It is retired: nobody is given it any more." in page.text
        assert json.loads(pages.client.get(f"{path}/file").data)["title"] == "Small form"

    def test_with_errors_is_told_of_and_changes_nothing(self, pages: PageClient) -> None:
        broken = small_form()
        broken["item"][0]["item"][0]["type"] = "dream"
        page = send(pages, broken, status=422)
        assert page.title.startswith("Error: ")
        assert "This questionnaire has errors" in page.text
        assert "dream" in page.text
        assert "No form yet" in page.text
        assert send(pages, b"{", status=422).title.startswith("Error: ")

    def test_is_changed_as_another_version_under_the_same_checks(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        with clinic.app_context():
            path = f"{PATH}/{publish(small_form())}"
        text = str(pages.get(f"{path}/change").form(f"{path}/change").values["definition"][0])
        changed = {
            "version": "2",
            "reason": "Clearer words",
            "definition": text.replace("What about hurts?", "Where does it hurt?"),
        }
        page = pages.submit({**changed, "version": "1"}, action=f"{path}/change", status=409)
        assert "Give the changed form a new version" in page.text
        page = pages.submit(
            {**changed, "definition": text.replace('"choice"', '"dream"')},
            action=f"{path}/change",
            status=422,
        )
        assert "was not taken in" in page.text
        page = pages.submit(changed, action=f"{path}/change")
        assert "Where does it hurt?" in page.text
        assert "Version 2" in page.text
        assert "Clearer words" in pages.get(PATH).text

    def test_is_copied_and_changed_field_by_field(self, clinic: Flask, pages: PageClient) -> None:
        with clinic.app_context():
            path = f"{PATH}/{publish(small_form())}"
        pages.get(f"{path}/copy")
        page = pages.submit({"version": "1", "reason": "x"}, action=f"{path}/copy", status=409)
        assert 'href="#version"' in page.html
        page = pages.submit({"version": "2", "reason": "Clearer"}, action=f"{path}/copy")
        edit = page.path.partition("?")[0]
        draft = edit.removesuffix("/edit/1")
        # items are numbered through the form: 0 the first group, 1 hurts, 2 where
        page = pages.submit({"text-1": ""}, action=edit, status=422)
        assert 'href="#text-1"' in page.html
        page = pages.submit({"at-1": "first", "text-1": "Hurts?"}, action=edit, status=422)
        assert 'href="#at-1"' in page.html
        assert 'value="first"' in page.html
        page = pages.submit({"drop-1": "y", "text-1": ""}, action=edit, status=422)
        assert "Asked only after this: What about where?" in page.text
        pages.get(edit)
        page = pages.submit({"option-1-0": ""}, action=edit, status=422)
        assert "“What about where?” is asked only after this answer" in page.text
        page = pages.submit({"option-1-0": "", "option-1-1": ""}, action=edit, status=422)
        assert "Keep an option" in page.text
        typed = {
            "text-1": "Does it hurt?",
            "text-2": "Where, in your words?",
            "at-2": "0",
            "option-1-0": "It does",
            "option-at-1-1": "0",
            "more-1": "Only at night\n\nA bit",
        }
        pages.get(edit)
        page = pages.submit(typed, action=edit)
        assert page.path == f"{draft}?page=1&done=saved"
        assert "Where, in your words?" in page.text
        found = json.loads(pages.client.get(f"{draft}/file").data)
        where, hurts = found["item"][0]["item"]
        assert (where["linkId"], hurts["text"]) == ("where", "Does it hurt?")
        options = [one["valueCoding"] for one in hurts["answerOption"]]
        assert [(one["code"], one["display"]) for one in options] == [
            ("no", "No"),
            ("yes", "It does"),
            ("only-at-night", "Only at night"),
            ("a-bit", "A bit"),
        ]
        # what patients were given is not changed any more
        pages.submit(action=f"{draft}/activate")
        assert pages.get(edit).path == draft
