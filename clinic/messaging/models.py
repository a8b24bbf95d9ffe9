"""The outbox."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from clinic.core.crypto import EncryptedText
from clinic.core.db import Base
from clinic.core.rows import PublicId
from clinic.core.types import Instant


class Message(PublicId, Base):
    """One message to one person, written with the deed it tells of.

    ``recipient`` and ``context`` are JSON; the context, which may hold a code or a link, is erased
    once the message is sent or dropped. ``about`` is ``kind:public id``. Whoever sends it takes it
    by a ``lease`` until ``next_try_at``; after that it is anybody's again.
    """

    __tablename__ = "messages"
    __table_args__ = (
        CheckConstraint("channel IN ('email')", name="channel"),
        CheckConstraint("state IN ('due', 'sent', 'failed', 'dropped')", name="state"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent"),
        CheckConstraint("state = 'due' OR lease IS NULL", name="lease"),
        CheckConstraint("attempts >= 0", name="attempts"),
        Index(
            "ix_messages_due",
            "next_try_at",
            sqlite_where=text("state = 'due'"),
            postgresql_where=text("state = 'due'"),
        ),
        Index(
            "ix_messages_failed",
            "id",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
        Index("ix_messages_about", "about"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(10))
    recipient_sealed: Mapped[str] = mapped_column(String)
    recipient_mac: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(35))
    context_sealed: Mapped[str | None] = mapped_column(String)
    about: Mapped[str] = mapped_column(String(80))
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
