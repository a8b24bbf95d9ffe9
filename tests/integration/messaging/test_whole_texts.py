"""The whole text of a message in the manager's words."""

import pytest
from flask import Flask

from clinic.core.values import Role
from clinic.messaging.delivery import deliver
from clinic.messaging.operations.wording import save_words
from clinic.messaging.previews import sample, sample_sms, shipped
from clinic.messaging.rules import KINDS
from clinic.messaging.wording import OwnWords, faults_in
from tests.integration.messaging.outbox import NOW, post
from tests.integration.messaging.test_outbox_page import clinic, sign_in
from tests.support.mail_sink import Sink
from tests.support.page_client import PageClient
from tests.support.page_clinic import KIM

__all__ = ["clinic"]
KIND = "/desk/messages/kinds/sign-in-code"
BODY = "Dear {name},\n\nyour code:\n{code}\n\nIt works for {minutes} minutes."


class TestShippedText:
    def test_may_be_taken_over_as_it_is(self, mailing_app: Flask) -> None:
        for kind in KINDS:
            ships = shipped(kind=kind)
            assert faults_in(kind=kind, own=ships) == {}, kind
            alike = [sample(kind=kind, own=own) for own in (OwnWords(), ships)]
            plain = ["".join(one.text.split()) for one in alike]
            assert plain[0] == plain[1], kind
            assert alike[0].subject == alike[1].subject
            assert sample_sms(kind=kind, own=ships) == sample_sms(kind=kind, own=OwnWords())


class TestWholeText:
    def test_is_refused_without_what_it_must_say(self) -> None:
        faults = faults_in(kind="sign-in-code", own=OwnWords(body="Hello {name}"))
        assert [one.what for one in faults["body"]] == ["code"]
        faults = faults_in(kind="visit-booked", own=OwnWords(body="See\n- {visits}"))
        assert [(one.what, one.line, one.place) for one in faults["body"]] == [("visits", 2, 3)]
        faults = faults_in(kind="waitlist-offer", own=OwnWords(sms="Look: {link}"))
        assert len(faults["sms"]) == 1

    def test_goes_out_in_both_bodies(self, mailing_app: Flask, sink: Sink) -> None:
        save_words(kind="sign-in-code", own=OwnWords(body=BODY), looked_at=0, actor=KIM, now=NOW)
        post("Ann <b>Lee</b>")
        deliver(now=NOW)
        plain, rich = (sink.mails[0].get_body((one,)) for one in ("plain", "html"))
        assert plain is not None
        assert rich is not None
        assert "Dear Ann <b>Lee</b>,\n" in plain.get_content().replace("\r\n", "\n")
        assert "482 913" in plain.get_content()
        assert "Dear Ann &lt;b&gt;Lee&lt;/b&gt;," in rich.get_content()
        assert '<p class="code">482 913</p>' in rich.get_content()


class TestPage:
    @pytest.fixture
    def manager(self, clinic: Flask, pages: PageClient) -> PageClient:
        return sign_in(clinic, pages, Role.ADMIN)

    def test_begins_with_what_ships_previews_keeps_and_restores(
        self, clinic: Flask, manager: PageClient
    ) -> None:
        page = manager.get(KIND)
        assert "Here is the code you asked for:" in page.html.partition("</textarea>")[0]
        page = manager.submit({"body": BODY, "do": "preview"}, action=KIND)
        assert "Dear Sample Person," in page.text
        assert "1. own words" not in page.text
        page = manager.submit({"body": BODY, "do": "save"}, action=KIND)
        assert "1. own words" in page.text
        manager.submit({"body": "", "do": "reset"}, action=KIND)
        page = manager.submit({"do": "restore-1"}, action=KIND)
        assert "3. own words" in page.text
        assert "Dear Sample Person," in page.text
