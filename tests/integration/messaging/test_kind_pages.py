"""How messages read, and the manager's own words in them."""

import pytest
from flask import Flask

from clinic.core.values import Role
from clinic.messaging.delivery import deliver
from clinic.messaging.operations.wording import save_words
from clinic.messaging.rules import KINDS
from clinic.messaging.wording import OwnWords
from tests.integration.messaging.outbox import NOW, post
from tests.integration.messaging.test_outbox_page import clinic, sign_in
from tests.support.mail_sink import Sink
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM

__all__ = ["clinic"]
KIND = "/desk/messages/kinds/sign-in-code"


@pytest.fixture
def manager(clinic: Flask, pages: PageClient) -> PageClient:
    return sign_in(clinic, pages, Role.ADMIN)


class TestKinds:
    def test_are_all_there_with_made_up_data(self, manager: PageClient) -> None:
        links = manager.get("/desk/messages/kinds").links()
        for kind in KINDS:
            assert f"/desk/messages/kinds/{kind}" in links
            page = manager.get(f"/desk/messages/kinds/{kind}")
            assert "Test Rehab" in page.text
        manager.get("/desk/messages/kinds/none", status=404)

    def test_are_to_be_read_at_the_desk_and_changed_by_a_manager(
        self, clinic: Flask, pages: PageClient
    ) -> None:
        desk = sign_in(clinic, pages, Role.FRONT_DESK)
        assert "<textarea" not in desk.get(KIND).html


class TestOwnWords:
    def test_are_kept_shown_and_taken_back(self, manager: PageClient) -> None:
        manager.get(KIND)
        page = manager.submit(
            {"subject": "Code from {clinic}", "words": "Bye,\n\n{name}"}, action=KIND
        )
        assert "Code from Test Rehab" in page.text
        assert "1. own words" in page.text
        page = manager.submit({"subject": "X", "words": "", "do": "reset"}, action=KIND)
        assert "Your sign-in code for Test Rehab" in page.text
        assert "2. back to what ships" in page.text

    def test_are_refused_with_the_place_of_a_wrong_placeholder(self, manager: PageClient) -> None:
        manager.get(KIND)
        page = manager.submit({"subject": "", "words": "a\nb {shoe}"}, action=KIND, status=422)
        assert "Line 2, character 3: there is no {shoe} here." in page.text
        assert "b {shoe}" in page.html

    def test_are_seen_as_mail_before_they_are_kept(
        self, clinic: Flask, manager: PageClient
    ) -> None:
        page = manager.get(KIND)
        assert f'src="{KIND}/html"' in page.html
        manager.submit({"words": "Yours, <b>{name}</b>"}, action=KIND)
        kept = manager.client.get(f"{KIND}/html")
        assert "<p>Yours, &lt;b&gt;" in kept.text
        policy = kept.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox; default-src 'none'")
        assert "frame-ancestors 'self'" in policy
        typed = {**manager.get(KIND).form(KIND).values, "words": ["Bye, {name}"]}
        shown = manager.client.post(f"{KIND}/html", data=typed)
        assert (shown.status_code, "<p>Bye, " in shown.text) == (200, True)
        refused = manager.client.post(f"{KIND}/html", data={**typed, "words": ["{shoe}"]})
        assert refused.status_code == 422
        assert "Own words, below the message: Line 1, character 1" in refused.text
        assert "Bye" not in manager.client.get(f"{KIND}/html").text, "showing keeps nothing"
        assert manager.client.get("/desk/messages/kinds/none/html").status_code == 404

    def test_are_written_for_each_language_by_itself(
        self, clinic: Flask, manager: PageClient
    ) -> None:
        spanish = f"{KIND}?language=es"
        page = manager.get(spanish)
        assert "There are no words of yours in Spanish yet" in page.text
        assert "Your sign-in code for Test Rehab" in page.text
        page = manager.submit({"subject": "Código de {shoe}"}, action=KIND, status=422)
        assert "there is no {shoe} here" in page.text
        page = manager.submit({"subject": "Su código de {clinic}"}, action=KIND)
        assert "Su código de Test Rehab" in page.text
        assert "1. own words" in page.text
        assert 'lang="es"' in manager.client.get(f"{KIND}/html?language=es").text
        assert "Su código" not in manager.get(KIND).text
        assert "Own words: Spanish" in manager.get("/desk/messages/kinds").text
        manager.get(spanish)
        page = manager.submit({"do": "reset"}, action=KIND)
        assert "Your sign-in code for Test Rehab" in page.text
        manager.get(f"{KIND}?language=tlh", status=404)
        moved = "/desk/messages/kinds/visit-moved"
        manager.get(f"{moved}?language=es")
        page = manager.submit({"subject": "Su visita: {day}", "do": "preview"}, action=moved)
        assert "Su visita: mar, 3 mar" in page.text

    def test_run_from_right_to_left_where_they_are_written_so(self, manager: PageClient) -> None:
        page = manager.get(f"{KIND}?language=ar")
        assert page.html.count('dir="rtl"') == 1, "the words that are empty; ours stand in English"
        page = manager.submit({"subject": "رمز {clinic}", "do": "preview"}, action=KIND)
        assert page.html.count('dir="rtl"') == 2, "the subject too"
        assert 'dir="rtl"' not in manager.get(KIND).html

    def test_replace_nobodys_words_unseen(self, clinic: Flask, manager: PageClient) -> None:
        manager.get(KIND)
        with clinic.app_context():
            save_words(kind="sign-in-code", own=OwnWords("Other"), looked_at=0, actor=KIM, now=NOW)
        page = manager.submit({"subject": "Mine", "words": ""}, action=KIND, status=409)
        assert "Somebody changed these words" in page.text


class TestSending:
    def test_says_the_managers_words(self, mailing_app: Flask, sink: Sink) -> None:
        own = OwnWords("A code, {clinic}", "Yours,\n\n{name}")
        save_words(kind="sign-in-code", own=own, looked_at=0, actor=KIM, now=NOW)
        post("Ann\r\nBcc: x@example.com")
        deliver(now=NOW)
        [mail] = sink.mails
        assert mail["Subject"] == "A code, the clinic"
        assert mail["Bcc"] is None
        assert mail["Content-Language"] == "en"
        body = mail.get_body(("plain",))
        assert body is not None
        assert "Yours,\n\nAnn Bcc: x@example.com\n" in body.get_content().replace("\r\n", "\n")

    def test_says_them_in_the_language_of_whom_it_is_for(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        english, spanish = OwnWords("A code, {clinic}"), OwnWords("Un código, {clinic}")
        save_words(kind="sign-in-code", own=english, looked_at=0, actor=KIM, now=NOW)
        save_words(kind="sign-in-code", language="es", own=spanish, looked_at=0, actor=KIM, now=NOW)
        for language in ("en", "es-MX", "fr"):
            post(language=language)
        deliver(now=NOW)
        assert [(mail["Subject"], mail["Content-Language"]) for mail in sink.mails] == [
            ("A code, the clinic", "en"),
            ("Un código, the clinic", "es-MX"),
            ("A code, the clinic", "en"),
        ]
