"""Sending: what a mail looks like, and what becomes of it when the mail server misbehaves."""

from datetime import timedelta
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select, text

from clinic.core.db import db, transaction
from clinic.core.errors import Unavailable
from clinic.messaging.delivery import deliver, prepare_with
from clinic.messaging.models import Message
from clinic.messaging.operations.sending import LEASE, Result, SentNotes, settle, take_parcels
from clinic.messaging.queries import Parcel
from clinic.messaging.rules import MOST_ATTEMPTS, SENT, Letter
from clinic.messaging.smtp import Unreachable
from config_mail import MailServer
from tests.integration.messaging.outbox import NOW, post, rows, states
from tests.support.mail_sink import DROP, HANG, Sink, running_sink
from tests.support.ports import free_port

SOON = NOW + timedelta(seconds=30)


def use(app: Flask, url: str | None) -> None:
    """Let the app send to another server, or to none."""
    app.extensions["clinic.messaging"].server = url and MailServer.from_url(url)


pytestmark = pytest.mark.usefixtures("mailing_app")


class TestMail:
    def test_says_who_writes_to_whom_and_carries_both_bodies(self, sink: Sink) -> None:
        post()
        deliver(now=NOW)
        mail = sink.mails[0]
        assert mail["From"] == "Riverside Rehab <hello@riverside.example>"
        assert mail["To"] == "Ann Lee <ann@example.com>"
        assert mail["Message-ID"] == f"<{rows()[0].public_id}@riverside.example>"
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail["Date"].datetime == NOW
        plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        assert rich is not None
        assert "482 913" in plain.get_content()
        assert "482 913" in rich.get_content()

    @pytest.mark.parametrize(
        "name",
        [
            "Ann\r\nBcc: all@example.com",
            "Ann\nSubject: other\n\nbody",
            'Ann" <all@example.com>, "Lee',
            "Ann\x00\x0b\x0c\x85\u2028Lee",
            "Ann, Lee; <>@",
            "Änn Łee 李",
            "",
            "=?utf-8?q?Bcc:?=",
        ],
    )
    def test_takes_no_header_from_a_name(self, sink: Sink, name: str) -> None:
        post(name)
        deliver(now=NOW)
        mail = sink.mails[0]
        assert [address.addr_spec for address in mail["To"].addresses] == ["ann@example.com"]
        assert sink.recipients == ["ann@example.com"]
        assert mail["Bcc"] is None
        assert mail.get_all("Subject") == ["Your sign-in code for the clinic"]

    @pytest.mark.parametrize(
        "email",
        ["ann@example.com\r\nRCPT TO:<all@example.com>", "ann", "a b@c", "a@b,c@d", "@", ""],
    )
    def test_goes_to_no_address_that_is_none(self, sink: Sink, email: str) -> None:
        post(email=email)
        post()
        deliver(now=NOW)
        assert sink.recipients == ["ann@example.com"]
        assert [(row.state, row.last_error) for row in rows()] == [
            ("failed", "the address cannot be one"),
            ("sent", None),
        ]

    def test_goes_to_addresses_of_every_script(self, sink: Sink) -> None:
        post(email="änn@bücher.example")
        deliver(now=NOW)
        assert sink.recipients == ["änn@xn--bcher-kva.example"]

    def test_is_written_in_english_for_a_language_we_have_no_words_in(self, sink: Sink) -> None:
        post(language="tlh-Piqd")
        post(language="pt-BR")
        deliver(now=NOW)
        assert [mail["Content-Language"] for mail in sink.mails] == ["en", "en"]


class TestDeliver:
    def test_sends_what_is_due_and_forgets_its_content(self, sink: Sink) -> None:
        post()
        post(due_at=NOW + timedelta(seconds=20))
        deliver(now=NOW)
        assert states() == ["sent", "due"]
        sent = rows()[0]
        assert sent.context is None
        assert (sent.attempts, sent.lease) == (1, None)
        assert sent.sent_at is not None
        assert timedelta(0) <= sent.sent_at - NOW < timedelta(seconds=60)
        deliver(now=NOW + timedelta(seconds=20))
        assert states() == ["sent", "sent"]
        assert len(sink.mails) == 2

    def test_drops_what_is_no_longer_worth_sending(self, sink: Sink) -> None:
        post(valid_until=NOW + timedelta(minutes=10))
        deliver(now=NOW + timedelta(minutes=10))
        assert [(row.state, row.last_error, row.context) for row in rows()] == [
            ("dropped", "not sent in time", None)
        ]
        assert sink.mails == []

    def test_asks_whether_it_is_still_true(self, mailing_app: Flask, sink: Sink) -> None:
        asked: list[Parcel] = []

        def prepare(*, parcel: Parcel, now: object) -> Letter | None:
            asked.append(parcel)
            return Letter() if len(asked) > 1 else None

        prepare_with(mailing_app, prepare, kinds=("sign-in-code",))
        post("Ann")
        post("Bea")
        deliver(now=NOW)
        assert [(row.state, row.last_error) for row in rows()] == [
            ("dropped", "no longer true"),
            ("sent", None),
        ]
        assert [mail["To"] for mail in sink.mails] == ["Bea <ann@example.com>"]

    def test_asks_for_each_anew_while_a_round_goes_on(self, mailing_app: Flask, sink: Sink) -> None:
        seen: list[int] = []

        def prepare(*, parcel: Parcel, now: object) -> Letter:
            sent = text("SELECT count(*) FROM messages WHERE state = 'sent'")
            seen.append(db.session.scalar(sent) or 0)
            return Letter()

        prepare_with(mailing_app, prepare, kinds=("sign-in-code",))
        for number in range(16):
            post(code=str(number), about=f"patient:{number}")
        deliver(now=NOW)
        assert seen[0] == 0
        assert seen[-1] > 0, "what was noted meanwhile is seen"

    def test_lets_no_message_stop_the_others(
        self, mailing_app: Flask, sink: Sink, caplog: pytest.LogCaptureFixture
    ) -> None:
        def prepare(*, parcel: Parcel, now: object) -> Letter | None:
            if parcel.recipient.name == "Ann Lee":
                raise LookupError(parcel.recipient.name)
            return Letter()

        prepare_with(mailing_app, prepare, kinds=("sign-in-code",))
        post()
        post("Bea")
        deliver(now=NOW)
        assert states() == ["due", "sent"]
        assert rows()[0].last_error == "it could not be written"
        assert "LookupError" in caplog.text
        assert "Ann" not in caplog.text

    def test_gives_up_what_our_keys_do_not_open(self, sink: Sink) -> None:
        post()
        post()

        @transaction
        def swap() -> None:
            first, second = rows()
            db.session.execute(
                text("UPDATE messages SET context_sealed = :other WHERE id = :id"),
                {"other": second.context_sealed, "id": first.id},
            )

        swap()
        deliver(now=NOW)
        assert states() == ["failed", "sent"]

    def test_sends_many_on_one_line(self, sink: Sink) -> None:
        for number in range(25):
            post(code=str(number))
        deliver(now=NOW)
        assert states() == ["sent"] * 25
        assert len({mail["Message-ID"] for mail in sink.mails}) == 25


class TestTrouble:
    def test_puts_off_what_is_put_off(self, sink: Sink) -> None:
        sink.on_rcpt = lambda to: "451 4.7.1 greylisted, come back" if to[0] == "a" else None
        post()
        post(email="bea@example.com")
        deliver(now=NOW)
        assert states() == ["due", "sent"]
        put_off = rows()[0]
        assert (put_off.attempts, put_off.last_error) == (1, "451 4.7.1")
        assert timedelta(seconds=4) <= put_off.next_try_at - NOW <= timedelta(seconds=8)
        sink.on_rcpt = lambda _to: None
        deliver(now=SOON)
        assert states() == ["sent", "sent"]

    def test_gives_up_in_the_end(self, sink: Sink) -> None:
        sink.on_data = lambda _mail: "452 full"
        post()
        for attempt in range(MOST_ATTEMPTS):
            assert states() == ["due"]
            deliver(now=NOW + timedelta(hours=2 * attempt))
        assert [(row.state, row.attempts, row.last_error) for row in rows()] == [
            ("failed", MOST_ATTEMPTS, "452")
        ]

    @pytest.mark.parametrize("step", ["rcpt", "data"])
    def test_gives_up_at_once_what_is_refused_for_good(self, sink: Sink, step: str) -> None:
        refusal = "550 5.1.1 <ann@example.com>: no such user"
        if step == "rcpt":
            sink.on_rcpt = lambda _to: refusal
        else:
            sink.on_data = lambda _mail: refusal
        post()
        deliver(now=NOW)
        assert [(row.state, row.last_error) for row in rows()] == [("failed", "550 5.1.1")]
        assert rows()[0].context is not None, "it can be sent again"

    def test_sends_twice_at_most_when_the_line_breaks_after_the_content(self, sink: Sink) -> None:
        answers = [DROP, None]
        sink.on_data = lambda _mail: answers.pop(0)
        post()
        deliver(now=NOW)
        assert [(row.state, row.last_error) for row in rows()] == [
            ("due", "the line broke (SMTPServerDisconnected)")
        ]
        deliver(now=SOON)
        deliver(now=SOON)
        assert states() == ["sent"]
        assert len(sink.mails) == 2
        assert len({mail["Message-ID"] for mail in sink.mails}) == 1

    def test_waits_for_a_hanging_server_no_longer_than_it_says(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        use(mailing_app, sink.impatient_url)
        sink.on_data = lambda _mail: HANG
        post()
        post(email="bea@example.com")
        deliver(now=NOW)
        first, second = rows()
        assert (first.state, first.attempts) == ("due", 1)
        assert (second.state, second.attempts, second.lease) == ("due", 0, None)

    def test_takes_no_attempt_from_a_message_while_the_server_is_away(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        port = free_port()
        use(mailing_app, f"smtp://127.0.0.1:{port}")
        post()
        for _ in range(3):
            with pytest.raises(Unreachable):
                deliver(now=NOW)
        assert [(row.state, row.attempts, row.lease) for row in rows()] == [("due", 0, None)]
        with running_sink(port=port) as back:
            deliver(now=NOW)
            assert len(back.mails) == 1

    def test_never_sends_in_the_open_where_it_should_not(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        use(mailing_app, f"{sink.url}&starttls")
        post()
        with pytest.raises(Unreachable):
            deliver(now=NOW)
        assert sink.mails == []

    def test_keeps_messages_where_there_is_no_server(self, mailing_app: Flask) -> None:
        use(mailing_app, None)
        post()
        deliver(now=NOW)
        assert states() == ["due"]


class TestLease:
    def test_keeps_others_away_until_it_ends(self) -> None:
        post()
        lease, parcels = take_parcels(limit=10, now=NOW)
        assert take_parcels(limit=10, now=NOW + LEASE / 2)[1] == ()
        other, again = take_parcels(limit=10, now=NOW + LEASE)
        assert [one.id for one in again] == [one.id for one in parcels]
        sent = [Result(parcels[0].id, SENT, NOW)]
        settle(lease=lease, results=sent)
        assert states() == ["due"]
        settle(lease=other, results=sent)
        assert states() == ["sent"]
        assert timedelta(seconds=60) >= LEASE

    def test_is_noted_as_sent_only_by_who_holds_it(self) -> None:
        post()
        post()
        lease, parcels = take_parcels(limit=10, now=NOW)
        first, second = (parcel.id for parcel in parcels)
        with SentNotes(db.engine) as notes:
            notes.add(message_id=first, lease="another", at=NOW, is_flushed=False)
            assert states() == ["due", "due"]
            notes.add(message_id=first, lease=lease, at=NOW, is_flushed=False)
            notes.add(message_id=second, lease=lease, at=NOW, is_flushed=True)
            assert states() == ["sent", "sent"], "others see it at once"
        rows = select(Message.sent_at, Message.attempts, Message.lease, Message.context_sealed)
        assert list(db.session.execute(rows)) == [(NOW, 1, None, None)] * 2

    def test_is_noted_while_other_things_are_done(self) -> None:
        """Also where the answer was lost: a note that was written already changes nothing."""
        for number in range(3):
            post(code=str(number))
        lease, parcels = take_parcels(limit=10, now=NOW)
        with SentNotes(db.engine) as notes:
            for number, parcel in enumerate(parcels):
                notes.add_soon(message_id=parcel.id, lease=lease, at=NOW)
                if number == 1 and db.engine.dialect.name == "postgresql":
                    db.session.rollback()
                    break_connections()
                notes.end()
                assert states().count("sent") == number + 1
        told = select(Message.sent_at, Message.attempts, Message.lease, Message.context_sealed)
        assert list(db.session.execute(told)) == [(NOW, 1, None, None)] * 3

    def test_does_not_let_others_commit_before_the_disk_has_it(self) -> None:
        """A note of what went out may; every other commit waits as before."""
        post()
        lease, parcels = take_parcels(limit=10, now=NOW)
        with SentNotes(db.engine) as notes:
            notes.add_soon(message_id=parcels[0].id, lease="another", at=NOW)
            notes.add(message_id=parcels[0].id, lease=lease, at=NOW, is_flushed=False)
        is_sqlite = db.engine.dialect.name == "sqlite"
        asked = "PRAGMA synchronous" if is_sqlite else "SHOW synchronous_commit"
        db.session.rollback()
        with db.engine.connect() as connection:
            before = connection.exec_driver_sql(asked).scalar()
            driver = connection.connection.driver_connection
            assert is_sqlite or not driver.autocommit  # type: ignore[union-attr]
        assert before == (2 if is_sqlite else "on")

    def test_is_refused_as_unavailable_where_nothing_can_be_written(self) -> None:
        """And the next note, on another connection, is written."""
        post()
        lease, parcels = take_parcels(limit=10, now=NOW)
        with SentNotes(db.engine) as notes:
            write = partial(notes.add, message_id=parcels[0].id, at=NOW, is_flushed=False)
            write(lease="another")
            if db.engine.dialect.name == "postgresql":
                break_connections()
                with pytest.raises(Unavailable):
                    write(lease=lease)
            write(lease=lease)
        assert states() == ["sent"]


@transaction
def break_connections() -> None:
    """What a restart of PostgreSQL does."""
    own = "pid <> pg_backend_pid() AND datname = current_database()"
    ended = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE {own}"  # noqa: S608 - our own words
    db.session.execute(text(ended))
