"""Putting something into the outbox, and looking what became of it."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from clinic.core.db import db, transaction
from clinic.messaging.models import Message
from clinic.messaging.operations import post_message
from clinic.messaging.rules import Recipient

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)


@transaction
def post(
    name: str = "Ann Lee",
    email: str = "ann@example.com",
    *,
    language: str = "en",
    code: str = "482 913",
    now: datetime = NOW,
    about: str = "patient:abc",
    **when: Any,
) -> None:
    """A sign-in code for somebody."""
    post_message(
        kind="sign-in-code",
        recipient=Recipient(name, email, language),
        context={"code": code, "minutes": "10"},
        about=about,
        now=now,
        **when,
    )


@transaction
def post_notice(*, now: datetime = NOW, **when: Any) -> None:
    """That somebody's address was changed: told once, of use at any time."""
    post_message(
        kind="contact-changed",
        recipient=Recipient("Ann Lee", "ann@example.com"),
        context={},
        about="patient:abc",
        now=now,
        **when,
    )


def rows() -> list[Message]:
    """The outbox as it stands, oldest first."""
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Message).order_by(Message.id)))


def states() -> list[str]:
    """Their states."""
    return [message.state for message in rows()]
