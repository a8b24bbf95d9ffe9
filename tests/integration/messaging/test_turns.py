"""In which order mails are asked about, written, handed over and noted."""

import threading

import pytest
from flask import Flask
from sqlalchemy import text

from clinic.core.db import db
from clinic.messaging import rounds
from clinic.messaging.delivery import deliver, prepare_with
from clinic.messaging.queries import Parcel
from clinic.messaging.rules import Letter
from tests.integration.messaging.outbox import NOW, post, rows, states
from tests.support.mail_sink import Sink


class TestTurns:
    def test_writes_the_next_while_the_server_thinks(self, mailing_app: Flask, sink: Sink) -> None:
        asked, noted = [threading.Event() for _ in range(4)], list[int]()

        def prepare(*, parcel: Parcel, now: object) -> Letter:
            asked[int(parcel.about[-1])].set()
            return Letter()

        def in_the_app(_mail: object) -> str | None:
            with mailing_app.app_context(), db.engine.connect() as connection:
                sent = text("SELECT count(*) FROM messages WHERE state = 'sent'")
                noted.append(connection.scalar(sent) or 0)
            is_written = len(noted) == len(asked) or asked[len(noted)].wait(8)
            return None if is_written else "451 nobody wrote meanwhile"

        sink.on_data = in_the_app
        prepare_with(mailing_app, prepare, kinds=("sign-in-code",))
        for number in range(4):
            post(code=str(number), about=f"patient:{number}")
        deliver(now=NOW)
        assert states() == ["sent"] * 4
        assert noted == [0, 1, 2, 3]

    def test_hands_nothing_over_before_the_one_before_is_noted(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        """Somebody else holds up the note for a while."""
        is_sqlite = db.engine.dialect.name == "sqlite"
        hold = "BEGIN IMMEDIATE" if is_sqlite else "SELECT id FROM messages FOR UPDATE"
        came: list[int] = []

        def prepare(*, parcel: Parcel, now: object) -> Letter:
            if parcel.about == "patient:2":
                sink.wait_for(1)
                held = db.engine.raw_connection()
                held.driver_connection.execute(hold)  # type: ignore[union-attr]

                def let_go() -> None:
                    came.append(len(sink.mails))
                    held.rollback()
                    held.close()

                threading.Timer(0.5, let_go).start()
            return Letter()

        prepare_with(mailing_app, prepare, kinds=("sign-in-code",))
        for number in (1, 2, 3):
            post(code=str(number), about=f"patient:{number}")
        deliver(now=NOW)
        assert states() == ["sent"] * 3
        assert came == [1]

    def test_asks_again_about_what_was_written_long_before_its_turn(
        self, mailing_app: Flask, sink: Sink, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[int] = []

        def prepare(*, parcel: Parcel, now: object) -> Letter | None:
            asked.append(parcel.id)
            return Letter() if asked.count(parcel.id) == 1 else None

        monkeypatch.setattr(rounds, "STALE_SECONDS", -1.0)
        prepare_with(mailing_app, prepare, kinds=("sign-in-code",))
        post()
        deliver(now=NOW)
        assert [(row.state, row.last_error) for row in rows()] == [("dropped", "no longer true")]
        assert sink.mails == []
