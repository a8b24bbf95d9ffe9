"""The desk's page of messages."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.audit import AuditEntry, AuditSight
from clinic.core.db import db
from clinic.core.values import SYSTEM, Role
from clinic.messaging.delivery import LATE, deliver
from clinic.messaging.lines import subject_words
from clinic.messaging.operations.resending import NeverTwice, resend_message
from clinic.messaging.operations.sending import Result, settle, take_parcels
from clinic.messaging.presenters import present_outbox
from clinic.messaging.queries import is_any_untried
from clinic.messaging.rules import KINDS, SENT, Outcome, refused
from clinic.messaging.views import PAGE
from tests.integration.messaging.outbox import post, post_notice, rows, states
from tests.support.mail_sink import Sink
from tests.support.page_client import PageClient
from tests.support.page_clinic import NOW, PASSWORD, hire, load


@pytest.fixture
def clinic(app: Flask, set_clock: Callable[[datetime], None]) -> Flask:
    with app.app_context():
        load()
    set_clock(NOW)
    return app


def sign_in(app: Flask, pages: PageClient, role: Role) -> PageClient:
    with app.app_context():
        email = hire(role)
    pages.get("/sign-in")
    pages.submit({"email": email, "password": PASSWORD}, follow=False, status=303)
    return pages


@pytest.fixture
def desk(clinic: Flask, pages: PageClient) -> PageClient:
    """The front desk, signed in."""
    return sign_in(clinic, pages, Role.FRONT_DESK)


def end_all(outcome: Outcome, *, at: datetime = NOW) -> None:
    """Let everything that is due end so."""
    lease, parcels = take_parcels(limit=100, now=at)
    settle(lease=lease, results=[Result(parcel.id, outcome, at) for parcel in parcels])


def give_up(app: Flask) -> str:
    """A message that was refused for good; the address that sends it again."""
    with app.app_context():
        post_notice(now=NOW)
        end_all(refused("550 5.1.1"))
        return f"/desk/messages/{rows()[0].public_id}/resend"


class TestOutbox:
    def test_shows_to_whom_and_how_it_stands_but_never_the_words(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        with clinic.app_context():
            post(now=NOW)
            end_all(SENT)
            post("Bea <b>Bold</b>", "bea@example.com", now=NOW, due_at=NOW + timedelta(minutes=1))
            post("Cy Planned", now=NOW, due_at=NOW + timedelta(days=1))
        page = desk.get("/desk/messages")
        assert page.h1 == "Messages"
        assert "ann@example.com" in page.text
        assert "Bea <b>Bold</b>" in page.text
        assert "Cy Planned" not in page.text
        assert "Sent" in page.text
        assert "482" not in page.text
        assert "482 913" not in page.html

    def test_says_that_nothing_was_sent_yet(self, desk: PageClient) -> None:
        assert "Nothing was sent yet" in desk.get("/desk/messages").text

    def test_says_honestly_that_there_is_no_mail_server(
        self, clinic: Flask, desk: PageClient
    ) -> None:
        with clinic.app_context():
            post(now=NOW - timedelta(hours=1))
        text = desk.get("/desk/messages").text
        assert "Nothing is sent" in text
        assert "1 message is waiting. No mail server is set" in text

    def test_tells_a_server_that_puts_some_off_from_one_that_does_not_answer(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        def title() -> str:
            waits = is_any_untried(since=NOW + LATE)
            with mailing_app.test_request_context():
                page = present_outbox(
                    failed=(),
                    recent=(),
                    waiting=1,
                    is_put_off=not waits,
                    can_send=True,
                    done="",
                    page_size=PAGE,
                    zone="UTC",
                )
            assert page.trouble is not None
            return page.trouble[0]

        post(now=NOW)
        assert title() == "Mail is late"
        sink.on_rcpt = lambda _to: "451 4.2.0 come back later"
        deliver(now=NOW)
        assert states() == ["due"]
        assert title() == "Some mail is put off"

    def test_sends_again_what_was_not_delivered(self, clinic: Flask, desk: PageClient) -> None:
        resend = give_up(clinic)
        assert "550 5.1.1" in desk.get("/desk/messages").text
        page = desk.submit(action=resend)
        assert "It is sent again." in page.text
        with clinic.app_context():
            assert [(row.state, row.attempts) for row in rows()] == [("due", 0)]
            resent = select(AuditEntry).where(AuditEntry.action == "message.resent")
            entry = db.session.scalars(resent).one()
            assert entry.subject == f"message:{rows()[0].public_id}"

    def test_sends_nothing_twice(self, clinic: Flask, desk: PageClient) -> None:
        resend = give_up(clinic)
        old = desk.get("/desk/messages")
        desk.submit(action=resend)
        for said in (
            "A message about this is on its way",
            "has changed since this page was opened",
        ):
            desk.page = old
            assert said in desk.submit(action=resend, status=409).text
            with clinic.app_context():
                end_all(SENT)
        with clinic.app_context():
            assert states() == ["sent"]
        page = desk.get(resend.removesuffix("/resend"))
        assert "Send again" not in page.text

    def test_lets_go_of_what_somebody_has_settled(self, clinic: Flask, desk: PageClient) -> None:
        settle = give_up(clinic).replace("/resend", "/settle")
        desk.get("/desk/messages")
        page = desk.submit(action=settle)
        assert "It is off the list." in page.text
        assert "Please look at the address" not in page.text
        assert "There is no such address (550 5.1.1; settled at the desk)" in page.text
        with clinic.app_context():
            assert states() == ["dropped"]
            entry = select(AuditEntry).where(AuditEntry.action == "message.settled")
            assert db.session.scalars(entry).one().subject == f"message:{rows()[0].public_id}"

    def test_says_why_a_code_is_never_sent_again(self, clinic: Flask, desk: PageClient) -> None:
        with clinic.app_context():
            post(now=NOW)
            end_all(refused("550 5.1.1"))
            path = f"/desk/messages/{rows()[0].public_id}"
        assert "/resend" not in desk.get("/desk/messages").html
        assert "A code is never sent twice" in desk.get(path).text
        with clinic.app_context():
            with pytest.raises(NeverTwice):
                resend_message(public_id=rows()[0].public_id, actor=SYSTEM, now=NOW)
            assert states() == ["failed"]

    def test_leads_on_to_older_ones(self, clinic: Flask, desk: PageClient) -> None:
        with clinic.app_context():
            for number in range(PAGE + 3):
                post(f"Person {number}.", now=NOW)
        first = desk.get("/desk/messages")
        assert f"Person {PAGE + 2}." in first.text
        assert "Person 2." not in first.text
        older = desk.get(next(link for link in first.links() if "before=" in link))
        assert "Person 2." in older.text
        assert "Person 3." not in older.text

    def test_is_put_on_record(self, clinic: Flask, desk: PageClient) -> None:
        with clinic.app_context():
            post(now=NOW)
        desk.get("/desk/messages")
        with clinic.app_context():
            seen = select(AuditSight.subject).where(AuditSight.subject == "patient:abc")
            assert db.session.scalars(seen).all() == ["patient:abc"]

    @pytest.mark.parametrize("role", [Role.CLINICIAN, Role.GAIT_LAB, Role.AUDITOR])
    def test_is_for_the_desk_only(self, clinic: Flask, pages: PageClient, role: Role) -> None:
        sign_in(clinic, pages, role).get("/desk/messages", status=403)


class TestSubjectWords:
    @pytest.mark.parametrize("engine_kind", ["sqlite"], indirect=True)
    def test_name_every_kind(self, in_app: Flask) -> None:
        assert [kind for kind in KINDS if subject_words(kind) == kind] == []
