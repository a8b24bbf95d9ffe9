"""The box that signs a form when it is handed in, as a patient and as a child's parent meet it."""

from copy import deepcopy
from datetime import date
from typing import Any

from flask import Flask

from clinic.intake.models import ResponseVersion
from clinic.intake.queries.responses import get_assigned
from clinic.intake.queries.signatures import verify_signatures
from clinic.intake.rules.translation import TRANSLATION
from tests.integration.intake.conftest import come_in
from tests.integration.intake.ground import add_patient, ask, publish, stored
from tests.integration.intake.signing import signed_form
from tests.support.page_client import PageClient


def spanish(text: str) -> dict[str, Any]:
    parts = [{"url": "lang", "valueCode": "es"}, {"url": "content", "valueString": text}]
    return {"extension": [{"url": TRANSLATION, "extension": parts}]}


def in_two_languages(holder: dict[str, Any]) -> dict[str, Any]:
    """The form with every word of it in Spanish too: "¿...?" around the English."""
    for item in holder.get("item", ()):
        item["_text"] = spanish(f"¿{item['text']}?")
        for option in item.get("answerOption", ()):
            coding = option["valueCoding"]
            coding["_display"] = spanish(f"¡{coding['display']}!")
        in_two_languages(item)
    return holder


def given_consents(clinic: Flask, *, born: date) -> tuple[str, PageClient]:
    """A patient with a form that is signed, and the browser that opened its link."""
    with clinic.app_context():
        publish(in_two_languages(deepcopy(signed_form("small"))))
        patient = add_patient(born=born)
        assignment = ask(patient)
    return f"/intake/forms/{assignment}", come_in(
        clinic, patient, born=(born.month, born.day, born.year)
    )


def answer_pages(browser: PageClient, path: str) -> None:
    browser.get(f"{path}/1")
    browser.submit({"q1": "yes", "do": "next"}, action=f"{path}/1")
    browser.submit({"do": "next"}, action=f"{path}/2")


class TestTheSignatureBox:
    def test_is_asked_for_at_its_fields_and_then_signs(self, clinic: Flask) -> None:
        path, browser = given_consents(clinic, born=date(1985, 5, 4))
        assert "Español" in browser.get(path).text
        page = browser.submit({"language": "es"}, action=f"{path}/language")
        assert "¿Part treatment?" in page.text
        answer_pages(browser, path)
        assert "¿What about treatment-agree?" in browser.page.text
        page = browser.submit({"signer": "Ana Ruiz"}, action=f"{path}/check", status=422)
        assert page.title.startswith("Error: ")
        assert 'href="#intent"' in page.html
        assert 'value="Ana Ruiz"' in page.html
        page = browser.submit({"signer": "Ana Ruiz", "intent": "y"}, action=f"{path}/check")
        assert page.path == f"{path}/sent"
        with clinic.app_context():
            assert (verify_signatures().signatures, verify_signatures().fault) == (1, None)
            response, made = stored(), stored(ResponseVersion)
            assert (response.language, made.language) == ("es", "es")
            assert "\\u00bfWhat about treatment-agree?" in (made.answers or "")

    def test_signs_nothing_that_was_shown_in_another_language(self, clinic: Flask) -> None:
        path, browser = given_consents(clinic, born=date(1985, 5, 4))
        answer_pages(browser, path)
        shown = browser.get(f"{path}/check").form(f"{path}/check").values
        browser.get(path)
        browser.submit({"language": "es"}, action=f"{path}/language")
        browser.post(f"{path}/check", {**shown, "signer": "Ana Ruiz", "intent": "y"}, status=409)

    def test_is_signed_for_a_child_by_whoever_acts_for_it(self, clinic: Flask) -> None:
        path, browser = given_consents(clinic, born=date(2015, 6, 1))
        assert browser.get(path).path == "/intake/who"
        browser.submit({"name": "Eva Ruiz", "relation": "parent"}, action="/intake/who")
        answer_pages(browser, path)
        page = browser.submit({"signer": "Eva Ruiz", "intent": "y"}, action=f"{path}/check")
        assert page.path == f"{path}/sent"
        with clinic.app_context():
            assert not get_assigned(public_id=path.rpartition("/")[2]).is_open
            assert verify_signatures().signatures == 1
