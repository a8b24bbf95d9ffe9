"""Papers are handed in at the desk and beside a form; what cannot be kept is told at its field."""

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from clinic.core.values import Role
from clinic.documents.queries import list_patient_documents
from tests.integration.intake.conftest import clinic, come_in
from tests.integration.intake.ground import add_patient, ask, publish, small_form
from tests.integration.security.doors import csrf, staff_client
from tests.support.pages import Page, check_page
from tests.unit.documents import files

__all__ = ["clinic"]


@pytest.fixture
def ana(clinic: Flask) -> tuple[str, str]:
    with clinic.app_context():
        publish(small_form())
        patient = add_patient()
        return patient, ask(patient)


def hand_in(client: FlaskClient, path: str, content: bytes, **more: str) -> Any:
    data = {"csrf_token": csrf(client), "file": (io.BytesIO(content), "my card.jpg"), **more}
    return client.post(path, data=data, content_type="multipart/form-data")


def kept(app: Flask, patient: str) -> list[tuple[str, str, bool]]:
    with app.app_context():
        found = list_patient_documents(patient=patient)
        return [(one.kind.value, one.name, one.by_patient) for one in found]


class TestAtTheDesk:
    def test_a_card_is_kept_listed_and_removed(self, clinic: Flask, ana: tuple[str, str]) -> None:
        desk = staff_client(clinic, Role.FRONT_DESK)
        path = f"/desk/patients/{ana[0]}/papers"
        assert "No paper yet" in desk.get(path).text
        answer = hand_in(desk, path, files.photo(), kind="card-front")
        assert answer.status_code == 303
        page = desk.get(path).text
        assert "my card.jpg" in page
        assert kept(clinic, ana[0]) == [("card-front", "my card.jpg", False)]
        document = page.split("/desk/documents/")[1].split('"')[0]
        desk.post(f"/desk/documents/{document}/remove", data={"csrf_token": csrf(desk)})
        assert kept(clinic, ana[0]) == []

    def test_a_file_is_not_chosen_twice_where_nobody_said_what_it_is(
        self, clinic: Flask, ana: tuple[str, str]
    ) -> None:
        desk = staff_client(clinic, Role.FRONT_DESK)
        path = f"/desk/patients/{ana[0]}/papers"
        for rest in ([], [("card-front", "my card.jpg", False)]):  # the second time it is there
            answer = hand_in(desk, path, files.photo())
            assert answer.status_code == 422
            assert "The file is kept" in answer.text
            assert sorted(kept(clinic, ana[0])) == [*rest, ("other", "my card.jpg", False)]
            document = answer.text.split('name="kept" value="')[1].split('"')[0]
            sent = {"csrf_token": csrf(desk), "kept": document, "kind": "card-front"}
            again = {**sent, "kind": ""}
            assert "The file is kept" in desk.post(path, data=again).text
            assert desk.post(path, data=sent).status_code == 303
            assert kept(clinic, ana[0]) == [("card-front", "my card.jpg", False)]
            assert desk.post(path, data=sent).status_code == 404

    def test_only_kinds_that_a_role_reads_are_taken_from_it(
        self, clinic: Flask, ana: tuple[str, str]
    ) -> None:
        desk = staff_client(clinic, Role.FRONT_DESK)
        path = f"/desk/patients/{ana[0]}/papers"
        assert hand_in(desk, path, files.report(), kind="imaging-report").status_code == 422
        sam = staff_client(clinic, Role.CLINICIAN)
        about = f"{path}?about=visit:v1"
        assert hand_in(sam, about, files.report(), kind="imaging-report").status_code == 303
        assert "my card.pdf" not in desk.get(path).text
        assert "my card.pdf" in sam.get(path).text

    @pytest.mark.parametrize("content", [b"", b"<svg></svg>", files.bomb()])
    def test_what_cannot_be_kept_is_told_at_its_field(
        self, clinic: Flask, ana: tuple[str, str], content: bytes
    ) -> None:
        desk = staff_client(clinic, Role.FRONT_DESK)
        path = f"/desk/patients/{ana[0]}/papers"
        answer = hand_in(desk, path, content, kind="card-back")
        assert answer.status_code == 422
        page = Page(path=path, status=422, html=answer.text)
        check_page(page)
        assert page.title.startswith("Error: ")
        assert 'href="#file"' in page.html
        assert kept(clinic, ana[0]) == []


class TestBesideAForm:
    def test_a_photo_is_handed_in_by_the_patient(self, clinic: Flask, ana: tuple[str, str]) -> None:
        pages = come_in(clinic, ana[0])
        path = f"/intake/forms/{ana[1]}/papers"
        pages.get(path)
        answer = hand_in(pages.client, path, files.photo(), kind="card-front")
        assert answer.status_code == 303
        assert "my card.jpg" in pages.get(path).text
        assert kept(clinic, ana[0]) == [("card-front", "my card.jpg", True)]
        assert hand_in(pages.client, path, b"MZ", kind="other").status_code == 422
        answer = hand_in(pages.client, path, files.report())
        assert (answer.status_code, "Your file is kept" in answer.text) == (422, True)
        document = answer.text.split('name="kept" value="')[1].split('"')[0]
        named = {"csrf_token": csrf(pages.client), "kept": document, "kind": "referral"}
        assert pages.client.post(path, data=named).status_code == 303
        assert ("referral", "my card.pdf", True) in kept(clinic, ana[0])

    def test_nobody_else_hands_in_or_looks(self, clinic: Flask, ana: tuple[str, str]) -> None:
        with clinic.app_context():
            other = add_patient(given="Bo")
            ask(other)
        path = f"/intake/forms/{ana[1]}/papers"
        stranger = come_in(clinic, other).client
        assert stranger.get(path).status_code == 404
        assert hand_in(stranger, path, files.photo(), kind="other").status_code == 404
        assert kept(clinic, ana[0]) == []
