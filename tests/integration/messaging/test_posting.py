"""Posting: with the deed or not at all, and nothing of it to be read in the database."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from clinic.core.db import db, transaction
from clinic.messaging.models import Message
from clinic.messaging.operations import address_mac, post_message
from clinic.messaging.rules import Recipient

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
ANN = Recipient("Ann Lee", "ann@example.com")


def post(*, code: str = "482 913", due_at: datetime | None = None) -> None:
    post_message(
        kind="sign-in-code",
        recipient=ANN,
        context={"code": code, "minutes": "10"},
        about="patient:abc",
        now=NOW,
        due_at=due_at,
    )


class TestPostMessage:
    def test_is_committed_with_the_deed(self, in_app: Flask) -> None:
        transaction(post)(due_at=NOW + timedelta(seconds=20))
        message = db.session.scalars(select(Message)).one()
        assert (message.state, message.attempts, message.created_at) == ("due", 0, NOW)
        assert message.due_at == message.next_try_at == NOW + timedelta(seconds=20)
        assert message.recipient == '{"email":"ann@example.com","name":"Ann Lee"}'
        assert message.context == '{"code":"482 913","minutes":"10"}'

    def test_is_undone_with_the_deed(self, in_app: Flask) -> None:
        @transaction
        def deed() -> None:
            post()
            raise LookupError

        with pytest.raises(LookupError):
            deed()
        assert db.session.scalars(select(Message)).all() == []

    def test_needs_a_deed(self, in_app: Flask) -> None:
        with pytest.raises(RuntimeError, match="transaction"):
            post()

    def test_leaves_no_address_and_no_code_in_the_open(self, in_app: Flask) -> None:
        transaction(post)()
        row = db.session.execute(text("SELECT * FROM messages")).one()
        stored = " ".join(str(value) for value in row).lower()
        assert not {word for word in ("ann@", "ann lee", "example", "482 913") if word in stored}

    def test_knows_an_address_again_however_it_is_written(self, in_app: Flask) -> None:
        transaction(post)()
        message = db.session.scalars(select(Message)).one()
        assert message.recipient_mac == address_mac(" ANN@example.com")
        assert message.recipient_mac != address_mac("anne@example.com")
