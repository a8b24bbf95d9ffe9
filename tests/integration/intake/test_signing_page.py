"""The box that signs a form when it is handed in, as a patient and as a child's parent meet it."""

from datetime import date

from flask import Flask

from clinic.intake.queries.responses import get_assigned
from clinic.intake.queries.signatures import verify_signatures
from tests.integration.intake.conftest import come_in
from tests.integration.intake.ground import add_patient, ask, publish
from tests.integration.intake.signing import signed_form
from tests.support.page_client import PageClient


def given_consents(clinic: Flask, *, born: date) -> tuple[str, PageClient]:
    """A patient with a form that is signed, and the browser that opened its link."""
    with clinic.app_context():
        publish(signed_form("small"))
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
        answer_pages(browser, path)
        page = browser.submit({"signer": "Ana Ruiz"}, action=f"{path}/check", status=422)
        assert page.title.startswith("Error: ")
        assert 'href="#intent"' in page.html
        assert 'value="Ana Ruiz"' in page.html
        page = browser.submit({"signer": "Ana Ruiz", "intent": "y"}, action=f"{path}/check")
        assert page.path == f"{path}/sent"
        with clinic.app_context():
            assert (verify_signatures().signatures, verify_signatures().fault) == (1, None)

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
