"""What somebody waits for at this moment, before a backlog of all else."""

from datetime import timedelta
from itertools import count

import pytest
from flask import Flask
from sqlalchemy import text

from clinic.core.db import db, transaction
from clinic.messaging.delivery import deliver, prepare_with
from clinic.messaging.models import URGENT_DUE
from clinic.messaging.operations import post_message
from clinic.messaging.rounds import GATHER
from clinic.messaging.rules import Letter, Recipient
from tests.integration.messaging.outbox import NOW, post, states
from tests.support.mail_sink import Sink

BACKLOG = 60
pytestmark = pytest.mark.usefixtures("mailing_app")


@transaction
def pile_up() -> None:
    """Messages for which nobody waits, all due for an hour."""
    for number in range(BACKLOG):
        post_message(
            kind="contact-changed",
            recipient=Recipient("Ann Lee", f"ann-{number}@example.com"),
            context={},
            about=f"patient:{number}",
            now=NOW - timedelta(hours=1),
        )


class TestUrgentMessage:
    def test_goes_before_what_waits_longer(self, sink: Sink) -> None:
        pile_up()
        post(email="waits@example.com")
        deliver(now=NOW)
        assert sink.recipients[0] == "waits@example.com"
        assert states() == ["sent"] * (BACKLOG + 1)

    def test_goes_before_the_rest_of_a_backlog_that_is_on_its_way(
        self, mailing_app: Flask, sink: Sink
    ) -> None:
        pile_up()
        written = count(1)

        def write(**_asked: object) -> Letter:
            if next(written) == GATHER:
                post(email="waits@example.com")
            return Letter()

        prepare_with(mailing_app, write, kinds=("contact-changed",))
        deliver(now=NOW)
        assert sink.recipients.index("waits@example.com") == GATHER
        assert states() == ["sent"] * (BACKLOG + 1)


@transaction
def plan_of(question: str) -> str:
    """How the database would answer a question about a table too large to be read whole."""
    if db.engine.dialect.name == "sqlite":
        return str(db.session.execute(text(f"EXPLAIN QUERY PLAN {question}")).all())
    db.session.execute(text("SET LOCAL enable_seqscan = off"))
    return str(db.session.execute(text(f"EXPLAIN {question}")).all())


class TestIndex:
    def test_finds_the_urgent_ones_on_their_own(self) -> None:
        question = (
            "SELECT id FROM messages WHERE channel = 'email' "  # noqa: S608 - our own words
            f"AND next_try_at <= '2026-03-02' AND {URGENT_DUE}"
        )
        assert "ix_messages_urgent" in plan_of(question)
