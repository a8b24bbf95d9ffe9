"""Text messages: to whom they go, what becomes of them, and what people answer."""

import base64
import hashlib
import hmac
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.messaging.delivery import deliver, deliver_texts, prepare_with
from clinic.messaging.models import AddressChoice
from clinic.messaging.operations import post_message
from clinic.messaging.operations.retention import forget_recipients
from clinic.messaging.queries import Parcel, list_posted
from clinic.messaging.rules import Channel, Letter, Recipient
from clinic.messaging.smtp import Unreachable
from clinic.people.operations import find_or_add_patient
from clinic.people.operations.contact import NoPhone, choose_contact
from tests.integration.messaging.outbox import NOW, rows, states
from tests.integration.scheduling.a_clinic import FRONT_DESK, load, person
from tests.support.mail_sink import Sink
from tests.support.text_double import ACCOUNT, NUMBER, TOKEN, TextDouble

HOOK = "/messages/sms/webhook"


@transaction
def somebody(number: int = 1) -> tuple[str, str]:
    """A patient's public id and phone."""
    details = replace(person(number), phone=f"+1212555014{number}")
    found = find_or_add_patient(details=details, actor=FRONT_DESK, now=NOW)
    return found.public_id, found.phone or ""


@pytest.fixture
def pat(mailing_app: Flask) -> tuple[str, str]:
    """Somebody who is texted about a waitlist that nobody asks: these tests are of the way."""
    load()
    prepare_with(mailing_app, as_it_is, kinds=("waitlist-offer",))
    return somebody()


def as_it_is(*, parcel: Parcel, now: datetime) -> Letter | None:
    del parcel, now
    return Letter()


@transaction
def post_text(pat: tuple[str, str], *, patient: str | None = "", **more: Any) -> None:
    public_id, phone = pat
    post_message(
        kind="waitlist-offer",
        recipient=Recipient("Pat", "", phone=phone, patient=public_id if patient == "" else None),
        context={"link": "/visits/abc"},
        about=f"patient:{public_id}",
        now=NOW,
        channel=Channel.SMS,
        **more,
    )


def opt_in(pat: tuple[str, str], *, is_wanted: bool = True) -> None:
    choose_contact(patient=pat[0], channel="sms", is_wanted=is_wanted, actor=FRONT_DESK, now=NOW)


class TestText:
    def test_goes_to_who_asked_for_it_and_says_nothing_of_health(
        self, pat: tuple[str, str], texts: TextDouble
    ) -> None:
        opt_in(pat)
        post_text(pat)
        deliver_texts(now=NOW)
        assert states() == ["sent"]
        assert texts.texts == [
            {
                "To": pat[1],
                "From": NUMBER,
                "Body": "Test Rehab: a time has become free, and we hold it for you for a while:"
                " https://riverside.example/visits/abc To get no more texts, answer STOP.",
            }
        ]
        assert texts.authorizations == [
            "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        ]

    def test_goes_to_nobody_who_did_not_ask(self, pat: tuple[str, str], texts: TextDouble) -> None:
        post_text(pat)
        opt_in(somebody(2))
        deliver_texts(now=NOW)
        opt_in(pat)
        opt_in(pat, is_wanted=False)
        post_text(pat)
        deliver_texts(now=NOW)
        assert [(row.state, row.last_error) for row in rows()] == [
            ("dropped", "not wanted by this channel")
        ] * 2
        assert texts.texts == []

    def test_is_not_tied_to_the_mail_server(self, pat: tuple[str, str], sink: Sink) -> None:
        opt_in(pat)
        post_text(pat)
        deliver(now=NOW)
        assert states() == ["due"]
        assert sink.mails == []

    @pytest.mark.parametrize(
        ("answer", "state", "error", "attempts"),
        [
            ((400, {"code": 21211}), "failed", "400 21211", 1),
            ((400, {"code": 21610}), "failed", "400 21610", 1),
            ((429, {"code": 20429}), "due", "429 20429", 1),
            ((500, {}), "due", "500", 1),
            ((401, {"code": 20003}), "due", None, 0),
        ],
    )
    def test_is_put_off_or_given_up_as_the_service_says(
        self,
        pat: tuple[str, str],
        texts: TextDouble,
        answer: tuple[int, dict[str, object]],
        state: str,
        error: str | None,
        attempts: int,
    ) -> None:
        texts.on_text = lambda _fields: answer
        opt_in(pat)
        post_text(pat)
        if answer[0] == 401:
            with pytest.raises(Unreachable):
                deliver_texts(now=NOW)
        else:
            deliver_texts(now=NOW)
        row = rows()[0]
        assert (row.state, row.last_error, row.attempts, row.lease) == (
            state,
            error,
            attempts,
            None,
        )

    def test_goes_no_more_where_the_carrier_says_that_somebody_stopped(
        self, pat: tuple[str, str], texts: TextDouble
    ) -> None:
        texts.on_text = lambda _fields: (400, {"code": 21610})
        opt_in(pat)
        post_text(pat)
        deliver_texts(now=NOW)
        post_text(pat)
        deliver_texts(now=NOW)
        assert states() == ["failed", "dropped"]

    def test_is_posted_once(self, pat: tuple[str, str]) -> None:
        post_text(pat, once_key="a")
        post_text(pat, once_key="a")
        post_text(pat, once_key="b")
        post_text(pat)
        assert len(rows()) == 3


def signed(app: Flask, fields: dict[str, str], *, token: str = TOKEN) -> int:
    """The status that an answer with a signature by this token gets."""
    text = f"https://riverside.example{HOOK}" + "".join(
        name + value for name, value in sorted(fields.items())
    )
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    answer = app.test_client().post(
        HOOK, data=fields, headers={"X-Twilio-Signature": base64.b64encode(digest).decode()}
    )
    if answer.status_code == 200:
        assert answer.content_type == "text/xml; charset=utf-8"
        said = "(212) 555-0100" if fields["Body"] not in {"Stop", "START", "quit."} else ""
        assert said in answer.text
        assert ("<Message>" in answer.text) == bool(said)
    return answer.status_code


def answer_of(pat: tuple[str, str], body: str, sid: str = "SM1") -> dict[str, str]:
    return {"From": pat[1], "Body": body, "MessageSid": sid, "To": NUMBER}


class TestAnswer:
    def test_stop_and_start_count_from_then_on(
        self, mailing_app: Flask, pat: tuple[str, str], texts: TextDouble
    ) -> None:
        opt_in(pat)
        assert signed(mailing_app, answer_of(pat, "Stop")) == 200
        post_text(pat)
        deliver_texts(now=NOW)
        assert signed(mailing_app, answer_of(pat, "START", "SM2")) == 200
        assert signed(mailing_app, answer_of(pat, "Stop")) == 200, "told twice, counted once"
        post_text(pat)
        deliver_texts(now=NOW)
        assert states() == ["dropped", "sent"]
        assert len(db.session.scalars(select(AddressChoice)).all()) == 2

    def test_of_another_kind_is_told_where_we_are(
        self, mailing_app: Flask, pat: tuple[str, str]
    ) -> None:
        assert signed(mailing_app, answer_of(pat, "My knee hurts, please stop")) == 200
        assert db.session.scalars(select(AddressChoice)).all() == []

    @pytest.mark.parametrize("token", ["", "another"])
    def test_is_believed_from_the_service_only(
        self, mailing_app: Flask, pat: tuple[str, str], token: str
    ) -> None:
        assert signed(mailing_app, answer_of(pat, "quit."), token=token) == 403
        assert mailing_app.test_client().post(HOOK, data=answer_of(pat, "quit.")).status_code == 403
        assert db.session.scalars(select(AddressChoice)).all() == []


class TestChooseContact:
    def test_holds_mail_back_too(self, pat: tuple[str, str], sink: Sink) -> None:
        def post_mail() -> None:
            post_message(
                kind="report-released",
                recipient=Recipient("Pat", "pat@example.com", patient=pat[0]),
                context={"link": "/portal"},
                about=f"patient:{pat[0]}",
                now=NOW,
            )

        transaction(post_mail)()
        choose_contact(patient=pat[0], channel="email", is_wanted=False, actor=FRONT_DESK, now=NOW)
        deliver(now=NOW)
        choose_contact(patient=pat[0], channel="email", is_wanted=True, actor=FRONT_DESK, now=NOW)
        transaction(post_mail)()
        deliver(now=NOW)
        assert states() == ["dropped", "sent"]

    def test_needs_a_number_for_texts(self, pat: tuple[str, str]) -> None:
        @transaction
        def forget() -> None:
            found = find_or_add_patient(details=person(1), actor=FRONT_DESK, now=NOW)
            found.phone = None

        forget()
        with pytest.raises(NoPhone):
            opt_in(pat)


class TestForgetRecipients:
    def test_leaves_that_there_was_a_message(self, pat: tuple[str, str]) -> None:
        opt_in(pat)
        post_text(pat)
        deliver_texts(now=NOW)
        post_text(pat)
        forget_recipients(before=NOW)
        assert all(row.recipient is not None for row in rows())
        forget_recipients(before=NOW + timedelta(days=1))
        sent, due = rows()
        assert (sent.recipient, sent.kind, sent.patient) == (None, "waitlist-offer", pat[0])
        assert due.recipient is not None, "it is still to be sent"
        assert [one.recipient is None for one in list_posted(limit=5)] == [False, True]
