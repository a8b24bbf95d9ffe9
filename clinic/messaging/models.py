"""The outbox."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.rows import PublicId
from clinic.core.schema import Base
from clinic.core.triggers import append_only
from clinic.core.types import Instant
from clinic.messaging.rules import URGENT

# The index knows the kinds by name: another urgent kind needs a migration.
URGENT_DUE = f"state = 'due' AND kind IN ({', '.join(f'{kind!r}' for kind in sorted(URGENT))})"


class Message(PublicId, Base):
    """One message to one person, written with the deed it tells of.

    ``recipient`` and ``context`` are JSON; the context, which may hold a code or a link, is erased
    once the message is sent or dropped, the recipient when the message is old. ``about`` is
    ``kind:public id``, ``patient`` the public id of the record whose message it is. No two messages
    have one ``once_key``. Whoever sends it takes it by a ``lease`` until ``next_try_at``; after
    that it is anybody's again.
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("channel IN ('email', 'sms')", name="channel"),
        CheckConstraint("state IN ('due', 'sent', 'failed', 'dropped')", name="state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("state = 'due' OR lease IS NULL", name="lease"),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("recipient_sealed IS NOT NULL OR state <> 'due'", name="recipient"),
        UniqueConstraint("once_key", name="uq_messages_once_key"),
        Index(
            "ix_messages_due",
            "channel",
            "next_try_at",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
        Index(
            "ix_messages_urgent",
            "channel",
            "next_try_at",
            sqlite_where=text(URGENT_DUE),
            postgresql_where=text(URGENT_DUE),
        ),
        Index(
            "ix_messages_failed",
            "id",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
        Index(
            "ix_messages_kept",
            "created_at",
            sqlite_where=text("recipient_sealed IS NOT NULL"),
            postgresql_where=text("recipient_sealed IS NOT NULL"),
        ),
        Index("ix_messages_about", "about"),
        Index(
            "ix_messages_patient",
            "patient",
            "id",
            sqlite_where=text("patient IS NOT NULL"),
            postgresql_where=text("patient IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(10))
    recipient_sealed: Mapped[str | None] = mapped_column(String)
    recipient_mac: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(35))
    context_sealed: Mapped[str | None] = mapped_column(String)
    about: Mapped[str] = mapped_column(String(80))
    patient: Mapped[str | None] = mapped_column(String(22))
    once_key: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(10))
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    valid_until: Mapped[datetime | None] = mapped_column(Instant)
    next_try_at: Mapped[datetime] = mapped_column(Instant)
    lease: Mapped[str | None] = mapped_column(String(22))
    attempts: Mapped[int]
    last_error: Mapped[str | None] = mapped_column(String(120))
    sent_at: Mapped[datetime | None] = mapped_column(Instant)

    recipient = EncryptedText("recipient_sealed")
    context = EncryptedText("context_sealed")


class AddressChoice(Base):
    """Somebody told a carrier to stop, or to start again; the newest one about an address counts.

    ``address_mac`` is a keyed hash; ``source`` names what told us, so that it is told once.
    """

    __tablename__ = "address_choices"
    __table_args__ = (
        CheckConstraint("channel IN ('email', 'sms')", name="channel"),
        CheckConstraint("choice IN ('stop', 'start')", name="choice"),
        UniqueConstraint("source", name="uq_address_choices_source"),
        Index("ix_address_choices_address_mac", "address_mac", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))
    address_mac: Mapped[str] = mapped_column(String(32))
    choice: Mapped[str] = mapped_column(String(5))
    source: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime] = mapped_column(Instant)


append_only(AddressChoice.__table__)


class MessageText(Base):
    """One version of the manager's own words in a kind of message; the highest number counts.

    Empty words are what ships with the product.
    """

    __tablename__ = "message_texts"
    __table_args__ = (
        CheckConstraint("number > 0", name="number"),
        UniqueConstraint("kind", "language", "number", name="uq_message_texts_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    subject: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(String)
    body: Mapped[str] = mapped_column(String, server_default="")
    sms: Mapped[str] = mapped_column(String, server_default="")
    saved_at: Mapped[datetime] = mapped_column(Instant)
    saved_by: Mapped[str] = mapped_column(String(200))


append_only(MessageText.__table__)
